/**
 * The extensions of the Questionnaire dialect (docs/sdc-dialect.md) and how to read them.
 * https://hl7.org/fhir/uv/sdc/ and https://hl7.org/fhir/R4/questionnaire-profiles.html
 */
import { DIRECT_ANSWER } from '../fhir/direct-identifiers.ts';
import type { Extension } from '../fhir/types.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const OUR = 'https://ryggrad.no/fhir/StructureDefinition';

export const EXT = {
  hidden: `${CORE}/questionnaire-hidden`,
  itemControl: `${CORE}/questionnaire-itemControl`,
  orientation: `${CORE}/questionnaire-choiceOrientation`,
  exclusive: `${CORE}/questionnaire-optionExclusive`,
  optionPrefix: `${CORE}/questionnaire-optionPrefix`,
  minValue: `${CORE}/minValue`,
  maxValue: `${CORE}/maxValue`,
  minLength: `${CORE}/minLength`,
  regex: `${CORE}/regex`,
  decimals: `${CORE}/maxDecimalPlaces`,
  entryFormat: `${CORE}/entryFormat`,
  minOccurs: `${CORE}/questionnaire-minOccurs`,
  maxOccurs: `${CORE}/questionnaire-maxOccurs`,
  unit: `${CORE}/questionnaire-unit`,
  unitOption: `${CORE}/questionnaire-unitOption`,
  constraint: `${CORE}/questionnaire-constraint`,
  targetConstraint: `${CORE}/targetConstraint`,
  variable: `${CORE}/variable`,
  translation: `${CORE}/translation`,
  ordinalValue: `${CORE}/ordinalValue`,
  itemWeight: `${CORE}/itemWeight`,
  episode: `${CORE}/workflow-episodeOfCare`,
  calculated: `${SDC}-calculatedExpression`,
  initial: `${SDC}-initialExpression`,
  enableWhen: `${SDC}-enableWhenExpression`,
  launchContext: `${SDC}-launchContext`,
  populationContext: `${SDC}-itemPopulationContext`,
  shortText: `${SDC}-shortText`,
  templateExtract: `${SDC}-templateExtract`,
  templateContext: `${SDC}-templateExtractContext`,
  templateValue: `${SDC}-templateExtractValue`,
  observationExtract: `${SDC}-observationExtract`,
  observationCategory: `${SDC}-observation-extract-category`,
  usualRange: `${OUR}/usual-range`,
  notAfterNow: `${OUR}/not-after-now`,
  requiredAt: `${OUR}/required-at`,
  recommended: `${OUR}/recommended`,
  systemOnly: `${OUR}/option-system-only`,
  calculationMode: `${OUR}/calculation-mode`,
  calculatedAnswer: `${OUR}/calculated`,
  confirmed: `${OUR}/confirmed-unusual`,
  answerSource: `${OUR}/answer-source`,
  sourceValue: `${OUR}/source-value`,
  adoption: `${OUR}/adoption`,
  sourceMap: `${OUR}/source-map`,
  extractedFrom: `${OUR}/extracted-from`,
  directIdentifier: DIRECT_ANSWER,
  suggestions: `${OUR}/suggestions`,
  listColumn: `${OUR}/list-column`,
  bodyChart: `${OUR}/body-chart`,
  codeBookColumn: `${OUR}/code-book-column`,
} as const;

/** Anything that may carry extensions. */
export interface Extensible {
  readonly extension?: readonly Extension[] | undefined;
}

/** The first extension with this url, or undefined. */
export function extensionOf(element: Extensible | undefined, url: string): Extension | undefined {
  return extensionsOf(element, url)[0];
}

/** All extensions with this url, in order; none when the JSON has something else there. */
export function extensionsOf(element: Extensible | undefined, url: string): readonly Extension[] {
  const all: unknown = element?.extension;
  return Array.isArray(all) ? (all as readonly Extension[]).filter((entry) => entry?.url === url) : [];
}

/** True when the extension is there with valueBoolean true. */
export function hasFlag(element: Extensible | undefined, url: string): boolean {
  return extensionOf(element, url)?.valueBoolean === true;
}

/** The `value[x]` of an extension, whatever its type. */
export function extensionValue(extension: Extension | undefined): unknown {
  return Object.entries(extension ?? {}).find(([name]) => name.startsWith('value'))?.[1];
}

/** The element that holds the extensions of a primitive: `companion(item, 'text')` → `item._text`. */
export function companion(element: object | undefined, name: string): Extensible | undefined {
  return (element as Record<string, Extensible | undefined> | undefined)?.[`_${name}`];
}
