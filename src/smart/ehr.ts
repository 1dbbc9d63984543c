/**
 * An EHR that may launch us, as the settings have it (ehr-settings.ts).
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#register-app-with-ehr
 */
import type { Language } from '../sdc/language.ts';
import type { PullSettings } from './pull-settings.ts';

/** Nothing is ever fetched from a base that is not one of these. */
export interface Ehr {
  /** Short name, part of addresses: `fjordheim`. */
  readonly id: string;
  /** FHIR base URL, exactly as the EHR sends it in `iss`. */
  readonly fhirBase: string;
  /** Shown to people. */
  readonly name: Readonly<Record<Language, string>>;
  /** Our client id there. */
  readonly clientId: string;
  /** How we show at its token endpoint who we are: with our key, or with a secret that was agreed on. */
  readonly authentication:
    { readonly method: 'private_key_jwt' } | { readonly method: 'client_secret'; readonly secret: string };
  /** The registers whose forms it opens. */
  readonly registers: readonly string[];
  /** RESH id or organisation number of the organisation whose EHR it is; needed where staff is mapped. */
  readonly unit?: string;
  /** Asked for beside what a launch needs; default: DEFAULT_SCOPES. */
  readonly scopes?: readonly string[];
  /** Relative queries to prefill from, `{patient}` and `{encounter}` replaced; default: DEFAULT_QUERIES. */
  readonly queries?: readonly string[];
  /** Origins whose pages may frame what it has launched: `https://journal.example.no`. */
  readonly frameOrigins: readonly string[];
  /** `agreed`: who the EHR says that its user is, by HPR number, is that person here (AP-04). */
  readonly staffMapping: 'agreed' | 'none';
  /** What a locked form leaves in the EHR; absent: nothing. */
  readonly writeBack?: WriteBack;
  /** What we fetch there ourselves, as a system (docs/adr/0036); absent: nothing. */
  readonly pull?: PullSettings;
  /** May speak http: an EHR on this machine (demo, tests). */
  readonly transport?: 'https' | 'http';
}

export type WriteBack = 'DocumentReference' | 'QuestionnaireResponse';

/** What forms can be filled from, nothing more (AP-02). */
export const DEFAULT_SCOPES: readonly string[] = [
  'patient/Encounter.rs',
  'patient/Condition.rs',
  'patient/Procedure.rs',
  'patient/MedicationStatement.rs',
  'patient/Observation.rs',
  'patient/ServiceRequest.rs',
];

/** Fetched when the settings name nothing else. */
export const DEFAULT_QUERIES: readonly string[] = [
  'Condition?patient={patient}',
  'Procedure?patient={patient}',
  'MedicationStatement?patient={patient}',
  'Observation?patient={patient}',
  'ServiceRequest?patient={patient}',
];

/** What is asked for at a launch; without a launch value, the EHR lets its user choose the patient (AP-03). */
export function scopesOf(ehr: Ehr, mode: 'launch' | 'launch/patient'): readonly string[] {
  const wanted = [
    mode,
    ...['openid', 'fhirUser', 'patient/Patient.r'],
    ...(ehr.scopes ?? DEFAULT_SCOPES),
    ...(ehr.writeBack === undefined ? [] : ['online_access', `patient/${ehr.writeBack}.c`]),
  ];
  return [...new Set(wanted)];
}
