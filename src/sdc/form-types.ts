/**
 * A Questionnaire as the engine uses it: compiled once by `compileForm`, immutable, shared by all responses to it.
 * https://hl7.org/fhir/R4/questionnaire.html and docs/sdc-dialect.md
 */
import type { FormExpression } from './expression.ts';
import type { PathCompiler } from './fragment.ts';
import type { Extensible } from './extensions.ts';
import type { Adoption } from './adoption.ts';
import type { Template } from './template.ts';
import type { Coding, Questionnaire, QuestionnaireItem } from '../fhir/types.ts';

export const ITEM_TYPES = [
  'group',
  'display',
  'boolean',
  'integer',
  'decimal',
  'date',
  'dateTime',
  'string',
  'text',
  'choice',
  'open-choice',
  'quantity',
] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

export const CONTROLS = [
  'radio-button',
  'check-box',
  'drop-down',
  'autocomplete',
  'text-box',
  'help',
  'gtable',
  'page',
] as const;
export type Control = (typeof CONTROLS)[number];

/** One concept of a value set, as the resolver hands it over. */
export interface ValueSetConcept {
  readonly system: string;
  readonly code: string;
  readonly display: string;
  readonly weight?: number;
  /** The concept as JSON with `_display` translations, when there are any. */
  readonly source?: object;
}

export interface CompileOptions {
  readonly compilePath: PathCompiler;
  /** The concepts of a value set by canonical; undefined when it cannot be listed here (then membership is not checked). */
  readonly resolveValueSet: (canonical: string) => readonly ValueSetConcept[] | undefined;
  /** The register's own rule for values from sources, where the form states none; the safest when left out. */
  readonly adoption?: Adoption | undefined;
}

export interface AnswerOption {
  readonly coding: Coding;
  readonly isExclusive: boolean;
  readonly isSystemOnly: boolean;
  readonly isInitial: boolean;
  readonly weight: number | undefined;
  readonly prefix: string | undefined;
  /** Where the display's translations are. */
  readonly source: object;
}

/** The options of a choice. `byCode` by `system|code`. */
export interface OptionList {
  readonly list: readonly AnswerOption[];
  readonly byKey: ReadonlyMap<string, AnswerOption>;
}

/** A limit: a number, an ISO date or dateTime. */
export type Limit = number | string;

export interface Limits {
  readonly min: Limit | undefined;
  readonly max: Limit | undefined;
  readonly low: Limit | undefined;
  readonly high: Limit | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly regex: RegExp | undefined;
  readonly entryFormat: string | undefined;
  readonly decimals: number | undefined;
  readonly minOccurs: number;
  readonly maxOccurs: number;
  readonly notAfterNow: boolean;
}

/** `condition` of an enableWhen: the question, the operator and the value to compare with. */
export interface Condition {
  readonly question: string;
  readonly operator: 'exists' | '=' | '!=' | '>' | '<' | '>=' | '<=';
  readonly value: unknown;
}

export type CalculationMode = 'fixed' | 'suggested' | 'conditional';

export interface Constraint {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly humanSource: Extensible | undefined;
  readonly expression: FormExpression;
  /** linkIds where the message stands; empty = at the item that has the constraint. */
  readonly locations: readonly string[];
}

export type RequiredAt = 'draft' | 'final' | 'never' | 'recommended';

export interface FormItem {
  readonly linkId: string;
  readonly type: ItemType;
  /** Place in the form, counted from the top over all levels. */
  readonly order: number;
  readonly source: QuestionnaireItem;
  readonly parent: FormItem | undefined;
  /** Without the help texts. */
  readonly children: readonly FormItem[];
  readonly help: QuestionnaireItem | undefined;
  readonly control: Control | undefined;
  readonly requiredAt: RequiredAt;
  readonly isRepeating: boolean;
  readonly isReadOnly: boolean;
  readonly isHidden: boolean;
  readonly limits: Limits;
  readonly unit: Coding | undefined;
  readonly unitOptions: readonly Coding[];
  /** Undefined when the item is no choice, or its value set cannot be listed here. */
  readonly options: OptionList | undefined;
  readonly conditions: readonly Condition[];
  readonly behaviour: 'all' | 'any';
  readonly enableExpression: FormExpression | undefined;
  readonly calculation: FormExpression | undefined;
  readonly calculationMode: CalculationMode;
  /** What becomes of a value that a source has for the question. */
  readonly adoption: Adoption;
  /** ConceptMaps from codes of the sources to its options. */
  readonly sourceMaps: readonly string[];
  readonly initialExpression: FormExpression | undefined;
  readonly population: { readonly name: string; readonly expression: FormExpression } | undefined;
  readonly constraints: readonly Constraint[];
  readonly templates: readonly Template[];
}

export interface Form {
  readonly questionnaire: Questionnaire;
  /** `url|version`, what a response must name. */
  readonly canonical: string;
  readonly items: readonly FormItem[];
  readonly byLinkId: ReadonlyMap<string, FormItem>;
  /** Calculated items in the order in which they depend on each other. */
  readonly calculated: readonly FormItem[];
  readonly constraints: readonly Constraint[];
  readonly templates: readonly Template[];
  /** Names of launch contexts. */
  readonly launchNames: readonly string[];
  /** Variables to fetch: name and x-fhir-query. */
  readonly queries: readonly { readonly name: string; readonly query: string }[];
  readonly hasWeights: boolean;
  /** What the form was compiled with; population compiles the parts of its queries. */
  readonly compileOptions: CompileOptions;
}
