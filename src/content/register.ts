/**
 * What makes a folder a register: `registers/<id>/manifest.json` (ImplementationGuide) and `access/rules.json`.
 */
import type { ImplementationGuide, PlanDefinition } from '../fhir/types.ts';

/** `access/rules.json`: consent and sharing of a register, as data. */
export interface AccessRules {
  /** How people are in the register, per dated period; the last period whose `from` is not after the day counts. */
  readonly basis: readonly { readonly from: string; readonly mode: 'consent' | 'reservation' }[];
  /**
   * FHIRPath over the EpisodeOfCare with `%responses` (QuestionnaireResponses of the episode), `%consent` (the newest
   * Consent of the person in this register, or empty) and `%mode`: true when locked forms belong to the national store.
   */
  readonly national: string;
}

export interface Register {
  /** Folder name and value of `resource.reg`, e.g. `smertereg`. */
  readonly id: string;
  readonly manifest: ImplementationGuide;
  readonly plan: PlanDefinition;
  readonly access: AccessRules;
}
