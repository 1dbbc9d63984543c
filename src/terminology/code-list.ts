/**
 * A CodeSystem made ready for look-up: https://hl7.org/fhir/R4/codesystem.html
 */
import type { CodeSystem, CodeSystemConcept } from '../fhir/types.ts';
import { toConcept, type Concept } from './concept.ts';

export interface CodeList {
  readonly url: string;
  /** True when every code of the system is here, so that a missing code is a wrong code. */
  readonly isComplete: boolean;
  get(code: string): Concept | undefined;
  all(): readonly Concept[];
  /** Whether `code` is `ancestor` or below it. */
  isA(code: string, ancestor: string): boolean;
}

/** Compile a CodeSystem: its concepts with parents, from the nesting and from parent properties. */
export function createCodeList(system: CodeSystem): CodeList {
  const concepts = collect(system.concept ?? [], undefined);
  const fold = system.caseSensitive === false ? (code: string) => code.toLowerCase() : (code: string) => code;
  const byCode = new Map(concepts.map((concept) => [fold(concept.code), concept]));
  const get = (code: string): Concept | undefined => byCode.get(fold(code));
  return {
    url: system.url ?? '',
    isComplete: system.content === 'complete' && concepts.length > 0,
    get,
    all: () => concepts,
    isA: (code, ancestor) => isBelow(get, get(code)?.code, get(ancestor)?.code, new Set()),
  };
}

function collect(concepts: readonly CodeSystemConcept[], parent: string | undefined): Concept[] {
  return concepts.flatMap((concept) => [
    toConcept(concept, parent),
    ...collect(concept.concept ?? [], concept.code),
  ]);
}

function isBelow(
  get: (code: string) => Concept | undefined,
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
