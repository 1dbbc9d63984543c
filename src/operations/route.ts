/**
 * An operation as the REST layer mounts it: https://hl7.org/fhir/R4/operations.html
 */
import type { Deps, FhirRequest, FhirResponse } from '../interactions/exchange.ts';

export interface OperationRoute {
  readonly method: 'get' | 'post' | 'delete';
  /** Express path below the FHIR base, e.g. `/:type/$validate`. */
  readonly path: string;
  /** Canonical of its OperationDefinition, for the CapabilityStatement; absent for auxiliary addresses. */
  readonly definition?: string;
  readonly name?: string;
  /** A body as large as a Bundle may be, from systems: what is refused of it is kept in the inbox. Else one resource. */
  readonly takes?: 'bundle';
  readonly run: (deps: Deps, request: FhirRequest) => Promise<FhirResponse>;
}
