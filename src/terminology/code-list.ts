/**
 * A CodeSystem made ready for look-up: https://hl7.org/fhir/R4/codesystem.html
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '../fhir/types.ts';

export interface ListedConcept {
  readonly code: string;
  readonly display?: string;
  readonly parents: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
}

export interface CodeList {
  readonly url: string;
  /** True when every code of the system is here, so that a missing code is a wrong code. */
  readonly isComplete: boolean;
  get(code: string): ListedConcept | undefined;
  all(): readonly ListedConcept[];
  /** Whether `code` is `ancestor` or below it. */
  isA(code: string, ancestor: string): boolean;
}

/** Compile a CodeSystem: its concepts with parents, from the nesting and from parent properties. */
export function createCodeList(system: CodeSystem): CodeList {
  const concepts = collect(system.concept ?? [], undefined);
  const fold = system.caseSensitive === false ? (code: string) => code.toLowerCase() : (code: string) => code;
  const byCode = new Map(concepts.map((concept) => [fold(concept.code), concept]));
  const get = (code: string): ListedConcept | undefined => byCode.get(fold(code));
  return {
    url: system.url ?? '',
    isComplete: system.content === 'complete' && concepts.length > 0,
    get,
    all: () => concepts,
    isA: (code, ancestor) => isBelow(get, get(code)?.code, get(ancestor)?.code, new Set()),
  };
}

function collect(concepts: readonly CodeSystemConcept[], parent: string | undefined): ListedConcept[] {
  return concepts.flatMap((concept) => [
    toListed(concept, parent),
    ...collect(concept.concept ?? [], concept.code),
  ]);
}

const PARENT_PROPERTIES = new Set(['parent', 'subsumedBy']);

function toListed(
  { code, display, property = [] }: CodeSystemConcept,
  parent: string | undefined,
): ListedConcept {
  const pairs = property.map((entry) => [entry.code ?? '', propertyText(entry)] as const);
  const named = pairs.filter(([name]) => PARENT_PROPERTIES.has(name)).map(([, value]) => value);
  return {
    code: code ?? '',
    ...(display !== undefined && { display }),
    parents: parent === undefined ? named : [parent, ...named],
    properties: new Map(pairs),
  };
}

const propertyText = (property: CodeSystemConceptProperty): string =>
  String(
    property.valueCode ??
      property.valueString ??
      property.valueBoolean ??
      property.valueInteger ??
      property.valueDecimal ??
      property.valueDateTime ??
      property.valueCoding?.code ??
      '',
  );

function isBelow(
  get: (code: string) => ListedConcept | undefined,
  code: string | undefined,
  ancestor: string | undefined,
  seen: Set<string>,
): boolean {
  if (code === undefined || ancestor === undefined || seen.has(code)) {
    return false;
  }
  if (code === ancestor) {
    return true;
  }
  seen.add(code);
  return (get(code)?.parents ?? []).some((parent) => isBelow(get, parent, ancestor, seen));
}
