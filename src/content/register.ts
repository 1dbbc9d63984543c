/**
 * What makes a folder a register: `registers/<id>/manifest.json` (ImplementationGuide) and `access/rules.json`.
 */
import type { GraphDefinition, ImplementationGuide, JsonObject, PlanDefinition } from '../fhir/types.ts';
import type { CsvMapping } from './csv-mapping.ts';

/** `access/rules.json`: consent and sharing of a register, as data. */
export interface AccessRules {
  /** How people are in the register, per dated period; the last period whose `from` is not after the day counts. */
  readonly basis: readonly { readonly from: string; readonly mode: 'consent' | 'reservation' }[];
  /**
   * FHIRPath over the EpisodeOfCare with `%responses` (QuestionnaireResponses of the episode), `%consent` (the newest
   * Consent that holds for the pathway, or empty) and `%mode`: true when locked forms belong to the national store.
   */
  readonly national: string;
  /**
   * What a consent holds for: the pathway [forløp] in which it was asked, or the person's pathways in the whole register. Of the
   * register, `%consent` is the person's newest, from whichever module; without it, of the pathway. `pathway` when left out.
   */
  readonly consent?: 'pathway' | 'register';
  /** Address of the regulation by which the register may be used; in every event of the audit trail. */
  readonly legalBasis?: string;
}

/** `texts/<language>.json`: what pages call the register and its forms. */
export interface RegisterTexts {
  /** Short name, e.g. for a menu. */
  readonly name: string;
  /** Full name. */
  readonly title: string;
  /**
   * By questionnaire id: the form's short name (a column head) and its title (a tooltip). `id@action` where the plan asks for
   * the form several times.
   */
  readonly forms?: Readonly<Record<string, { readonly short: string; readonly title: string }>>;
  /** By PlanDefinition id, of a register with several modules: what its pathways are called, in a filter and in full. */
  readonly modules?: Readonly<Record<string, { readonly short: string; readonly title: string }>>;
}

/** `dump/dump.json`: how a data dump of the register is laid out, and which old names and codes it has. */
export interface DumpRules {
  /** Code systems of the variable names that questions carry in `item.code`. */
  readonly variables: readonly string[];
  /** What the target systems of the ConceptMaps to old codes begin with; the name of a variable follows. */
  readonly codes: string;
  /** Names after `codes` whose maps hold for any variable. */
  readonly common: readonly string[];
  /**
   * Table of a form, by questionnaire id; by `id@action` where the plan asks for the form several times. A version that is not in
   * use any more has tables when it is named here, by its own id.
   */
  readonly tables: Readonly<Record<string, string>>;
  /** Table of a form's rows, by `questionnaire id#linkId of the group`. */
  readonly rows: Readonly<Record<string, string>>;
  /**
   * Name after `codes` of the map that holds for a variable, where its name does not say it; by `questionnaire id#variable` for one form
   * alone, or one version of it.
   */
  readonly maps?: Readonly<Record<string, string>>;
  /** How the files are written; that of OpenQReg when absent. */
  readonly shape?: DumpShapeRules;
}

/** `shape` of `dump/dump.json`: one of the old solutions, and where this register differs from it. */
export interface DumpShapeRules {
  readonly kind: 'openqreg' | 'mrs';
  /** Names of the columns that say whose a row is and how its form stands, where they are others. */
  readonly columns?: Readonly<Record<string, string>>;
  /** State of a form by what the column of its state has. */
  readonly states?: Readonly<Record<string, 'none' | 'in-progress' | 'completed' | 'amended'>>;
  readonly delimiter?: string;
  readonly decimal?: '.' | ',';
  /** `YYYY-MM-DD`, or `DD.MM.YYYY`, with a time where there is one. */
  readonly dates?: 'iso' | 'norwegian';
  readonly booleans?: readonly [no: string, yes: string];
  readonly encoding?: 'utf-8' | 'windows-1252';
  /** Codes that mean "not answered" in any column where they are no answer, such as 9 and 99. */
  readonly missing?: readonly string[];
  /** Is an unanswered question written with the code that its map has for that (`unmapped`), or left empty? */
  readonly unanswered?: 'coded' | 'empty';
  /** Are the columns of a question with several answers called as the codes are, or by the variable and the code? */
  readonly checkboxes?: 'named' | 'joined';
  /** What the identifiers' systems begin with that keep the numbers (GUIDs) of the old solution. */
  readonly identifiers?: string;
}

/** A text in each language; bokmål stands in for one that is missing. */
export type Worded = Readonly<Partial<Record<'nn' | 'en', string>>> & { readonly nb: string };

/** One chart of the local overview: rows of one of the register's views, counted. */
export type OverviewChart = {
  readonly id: string;
  readonly title: Worded;
  /** What is counted. */
  readonly about: Worded;
  /** Canonical of a ViewDefinition. */
  readonly view: string;
} & (
  | {
      /** Rows by month of a date, one line for each value of `series`. */
      readonly kind: 'months';
      readonly date: string;
      readonly series: string;
      /** Value set that names the values. */
      readonly names: string;
    }
  | {
      /** The share of rows that have one of `values`, of those that do not have one of `leftOut`. */
      readonly kind: 'shares';
      readonly column: string;
      readonly values: readonly string[];
      readonly leftOut?: readonly string[];
      /** One share for each value of this column: a form's canonical. */
      readonly by?: string;
      /** What the share is called when there is one. */
      readonly name?: Worded;
    }
  | {
      /** Days between two dates; `bins` are the last day of each, the rest is one more. */
      readonly kind: 'days';
      readonly from: string;
      readonly to: string;
      readonly bins: readonly number[];
    }
);

/** `pages/catalogue.json`: what catalogues of datasets are told (DCAT-AP-NO). */
export interface RegisterCatalogue {
  /** Organisation number of who answers for the register. */
  readonly organisation: string;
  /** Whom to ask about the data: an e-mail address or a page, or both. */
  readonly contact: { readonly name: Worded; readonly email?: string; readonly url?: string };
  readonly description: Worded;
  /** By language. */
  readonly keywords?: Readonly<Record<string, readonly string[]>>;
  /** Day of the first data, YYYY-MM-DD; that of the first period of `access/rules.json` when absent. */
  readonly from?: string;
  /** Page about the register. */
  readonly page?: string;
}

/** `pages/*.json`: what pages show of a register beside its forms. */
export interface RegisterPages {
  /** The charts of the local overview. */
  readonly overview?: { readonly charts: readonly OverviewChart[] };
  readonly catalogue?: RegisterCatalogue;
  /** Who answers for the register, and what its versions brought. */
  readonly about?: {
    readonly contacts: readonly { readonly role: Worded; readonly name: string; readonly email?: string }[];
    readonly versions: readonly { readonly version: string; readonly date: string; readonly text: Worded }[];
  };
}

export interface Register {
  /** Folder name and value of `resource.reg`, e.g. the `x` of `registers/x/`. */
  readonly id: string;
  readonly manifest: ImplementationGuide;
  /** One for each module, in the order of the manifest: pathways of its own type, opened by codes of its own. */
  readonly plans: readonly PlanDefinition[];
  readonly access: AccessRules;
  readonly dump?: DumpRules;
  /** Tables that are taken, by name: `intake/csv-<name>.json`. */
  readonly mappings?: Readonly<Record<string, CsvMapping>>;
  /** By language (`nb`, `nn`, `en`). */
  readonly texts?: Readonly<Record<string, RegisterTexts>>;
  readonly pages?: RegisterPages;
  /** SQL on FHIR ViewDefinitions of `views/`, as JSON: they are no R4 resources. */
  readonly views?: readonly JsonObject[];
  /** GraphDefinitions of `intake/`: what is fetched from the EHR. */
  readonly graphs?: readonly GraphDefinition[];
}
