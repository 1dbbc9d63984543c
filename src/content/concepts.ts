/**
 * The concepts of a value set as forms offer them: with display, translations and weight.
 * https://hl7.org/fhir/R4/valueset.html#compositions
 */
import type { CodeSystem, CodeSystemConcept, Extension, ValueSetComposeInclude } from '../fhir/types.ts';
import type { Content } from './content.ts';

/** An option of a question; `source` holds the display with its translations, as the form engine reads them. */
export interface OfferedConcept {
  readonly system: string;
  readonly code: string;
  readonly display: string;
  readonly weight?: number;
  readonly source: object;
}

const WEIGHTS = new Set([
  'http://hl7.org/fhir/StructureDefinition/ordinalValue',
  'http://hl7.org/fhir/StructureDefinition/itemWeight',
]);
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/**
 * List a value set, in its order; undefined when it is not here, or names a system that is not here, or filters.
 * Displays, translations and weights come from the value set itself, else from the code system.
 */
export function listConcepts(
  { valueSets, codeSystems }: Pick<Content, 'valueSets' | 'codeSystems'>,
  canonical: string,
): readonly OfferedConcept[] | undefined {
  const { compose } = valueSets.get(canonical) ?? {};
  if (compose === undefined || compose.exclude !== undefined) {
    return undefined;
  }
  const lists = compose.include.map((include) => listInclude(include, codeSystems.get(include.system ?? '')));
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? []);
}

function listInclude(
  { system, concept, filter, valueSet }: ValueSetComposeInclude,
  codeSystem: CodeSystem | undefined,
): readonly OfferedConcept[] | undefined {
  if (system === undefined || filter !== undefined || valueSet !== undefined) {
    return undefined;
  }
  const known = flatten(codeSystem?.concept ?? []);
  if (concept === undefined) {
    return codeSystem === undefined ? undefined : known.map((each) => offered(system, each));
  }
  const byCode = new Map(known.map((each) => [each.code, each]));
  return concept.map((each) => offered(system, { ...byCode.get(each.code), ...each }));
}

const flatten = (concepts: readonly CodeSystemConcept[]): readonly CodeSystemConcept[] =>
  concepts.flatMap((concept) => [concept, ...flatten(concept.concept ?? [])]);

type Concept = Pick<CodeSystemConcept, 'code' | 'display' | 'designation' | 'extension'>;

function offered(
  system: string,
  { code, display = '', designation = [], extension = [] }: Concept,
): OfferedConcept {
  const weight = extension.find(({ url }) => WEIGHTS.has(url))?.valueDecimal;
  const translations = designation.flatMap(({ language, value }) =>
    language === undefined ? [] : [translation(language, value)],
  );
  return {
    system,
    code: code ?? '',
    display: display === '' ? (code ?? '') : display,
    ...(weight !== undefined && { weight }),
    source: { display, ...(translations.length > 0 && { _display: { extension: translations } }) },
  };
}

const translation = (language: string, content: string): Extension => ({
  url: TRANSLATION,
  extension: [
    { url: 'lang', valueCode: language },
    { url: 'content', valueString: content },
  ],
});
