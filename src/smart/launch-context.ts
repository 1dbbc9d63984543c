/**
 * What a launch from an EHR brought: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Ehr } from './ehr.ts';

export interface LaunchUser {
  /** `fhirUser` as the EHR named it, below its base. */
  readonly fhirUser: string | undefined;
  readonly hpr: string | undefined;
  readonly name: string | undefined;
  /** Our account with that HPR number; undefined: the user logs in here (AP-04). */
  readonly account: string | undefined;
}

/** Queries that gave nothing because of missing scopes or an error of the EHR (AP-02). */
export interface MissingQuery {
  readonly query: string;
  readonly reason: string;
}

/** The result that prefilling works from. Nothing of it is in the registry before the user confirms (AP-05). */
export interface LaunchContext {
  readonly ehr: Pick<Ehr, 'id' | 'fhirBase' | 'name' | 'registers'>;
  readonly patient: Resource;
  readonly encounter?: Resource;
  readonly user: LaunchUser;
  /** Everything fetched, patient and encounter included, as the EHR sent it. */
  readonly resources: readonly Resource[];
  readonly grantedScopes: readonly string[];
  readonly missing: readonly MissingQuery[];
  /** When the resources were read: ISO instant, for Provenance. */
  readonly fetchedAt: string;
  /** What the EHR wants to be done; ours to understand or to leave. */
  readonly intent?: string;
  /** False: the EHR shows who the patient is, around us. */
  readonly needPatientBanner: boolean;
  /** Id of the waiting form's Task that the EHR was told of, and opens (TK-01). */
  readonly task?: string;
}
