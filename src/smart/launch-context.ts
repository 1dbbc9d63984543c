/**
 * What a launch from an EHR brought: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
import type { Resource } from '../fhir/types.ts';

/** An EHR that may launch us, from configuration. Nothing is ever fetched from a base that is not in this list. */
export interface Ehr {
  /** FHIR base URL, exactly as the EHR sends it in `iss`. */
  readonly fhirBase: string;
  /** Shown to people. */
  readonly name: string;
  /** Our client id there. */
  readonly clientId: string;
  /** The register whose forms it opens. */
  readonly register: string;
  /** Relative queries to prefill from, `{patient}` and `{encounter}` replaced; from the register's GraphDefinition. */
  readonly queries?: readonly string[];
  /** May speak http: an EHR on this machine (demo, tests). */
  readonly transport?: 'https' | 'http';
}

export interface LaunchUser {
  /** `fhirUser` as the EHR named it, below its base. */
  readonly fhirUser: string | undefined;
  readonly hpr: string | undefined;
  readonly name: string | undefined;
  /** Our account with that HPR number; undefined: the user logs in here (AP-04). */
  readonly account: string | undefined;
}

/** The result that prefilling works from. Nothing of it is in the registry before the user confirms (AP-05). */
export interface LaunchContext {
  readonly ehr: { readonly fhirBase: string; readonly name: string; readonly register: string };
  readonly patient: Resource;
  readonly encounter?: Resource;
  readonly user: LaunchUser;
  /** Everything fetched, patient and encounter included, as the EHR sent it. */
  readonly resources: readonly Resource[];
  readonly grantedScopes: readonly string[];
  /** Queries that gave nothing because of missing scopes or an error of the EHR (AP-02). */
  readonly missing: readonly { readonly query: string; readonly reason: string }[];
  /** When the resources were read: ISO instant, for Provenance. */
  readonly fetchedAt: string;
  readonly intent?: string;
  readonly needPatientBanner: boolean;
}

/** What we ask an EHR for: what the forms can be filled from, nothing more (AP-02). */
export const LAUNCH_SCOPES = [
  'openid',
  'fhirUser',
  'patient/Patient.r',
  'patient/Encounter.rs',
  'patient/Condition.rs',
  'patient/Procedure.rs',
  'patient/MedicationStatement.rs',
  'patient/Observation.rs',
  'patient/ServiceRequest.rs',
] as const;

/** Fetched when a register names nothing of its own. */
export const DEFAULT_QUERIES = [
  'Condition?patient={patient}',
  'Procedure?patient={patient}',
  'MedicationStatement?patient={patient}',
  'Observation?patient={patient}',
  'ServiceRequest?patient={patient}',
] as const;
