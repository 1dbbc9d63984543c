/**
 * What makes a folder a register: `registers/<id>/manifest.json` (ImplementationGuide) and `access/rules.json`.
 */
import type { GraphDefinition, ImplementationGuide, JsonObject, PlanDefinition } from '../fhir/types.ts';

/** `access/rules.json`: consent and sharing of a register, as data. */
export interface AccessRules {
  /** How people are in the register, per dated period; the last period whose `from` is not after the day counts. */
  readonly basis: readonly { readonly from: string; readonly mode: 'consent' | 'reservation' }[];
  /**
   * FHIRPath over the EpisodeOfCare with `%responses` (QuestionnaireResponses of the episode), `%consent` (the newest
   * Consent of the person in this register, or empty) and `%mode`: true when locked forms belong to the national store.
   */
  readonly national: string;
  /** Address of the regulation by which the register may be used; in every event of the audit trail. */
  readonly legalBasis?: string;
}

/** `texts/<language>.json`: what pages call the register and its forms. */
export interface RegisterTexts {
  /** Short name, e.g. for a menu. */
  readonly name: string;
  /** Full name. */
  readonly title: string;
  /** By questionnaire id: the form's short name (a column head) and its title (a tooltip). */
  readonly forms?: Readonly<Record<string, { readonly short: string; readonly title: string }>>;
}

/** `dump/dump.json`: how a data dump of the register is laid out, and which old names and codes it has. */
export interface DumpRules {
  /** Code systems of the variable names that questions carry in `item.code`. */
  readonly variables: readonly string[];
  /** What the target systems of the ConceptMaps to old codes begin with; the name of a variable follows. */
  readonly codes: string;
  /** Names after `codes` whose maps hold for any variable. */
  readonly common: readonly string[];
  /** Table of a form, by questionnaire id. */
  readonly tables: Readonly<Record<string, string>>;
  /** Table of a form's rows, by `questionnaire id#linkId of the group`. */
  readonly rows: Readonly<Record<string, string>>;
}

export interface Register {
  /** Folder name and value of `resource.reg`, e.g. the `x` of `registers/x/`. */
  readonly id: string;
  readonly manifest: ImplementationGuide;
  readonly plan: PlanDefinition;
  readonly access: AccessRules;
  readonly dump?: DumpRules;
  /** By language (`nb`, `nn`, `en`). */
  readonly texts?: Readonly<Record<string, RegisterTexts>>;
  /** SQL on FHIR ViewDefinitions of `views/`, as JSON: they are no R4 resources. */
  readonly views?: readonly JsonObject[];
  /** GraphDefinitions of `intake/`: what is fetched from the EHR. */
  readonly graphs?: readonly GraphDefinition[];
}
