/**
 * The systems that a `code` has although it does not say so: an element of that type is bound to a value set.
 * https://hl7.org/fhir/R4/search.html#token (the system is implicit and may be given)
 */
import type { R4Definitions } from '../content/r4.ts';
import type { ElementDefinition, ValueSet } from '../fhir/types.ts';

export type ElementSource = Pick<R4Definitions, 'structureDefinitions' | 'valueSets'>;

/** Systems of the value sets that the expression's elements are bound to; empty when it selects no plain codes. */
export function bindingSystems(elements: ElementSource, expression: string): readonly string[] {
  const systems = expression.split(' | ').flatMap((branch) => {
    const path = PATH.exec(branch)?.[1];
    const element = path === undefined ? undefined : elementAt(elements, path.split('.'));
    return element === undefined || !isCode(element) ? [] : systemsOf(elements, element);
  });
  return [...new Set(systems)];
}

const PATH = /^\(*([A-Za-z]+(?:\.[A-Za-z]+)+)\)*$/;

const isCode = ({ type }: ElementDefinition): boolean =>
  type?.length === 1 && (type[0]?.code === 'code' || type[0]?.code === 'boolean');

/** Follows a path from a type through the types of its elements. */
function elementAt(
  elements: ElementSource,
  [type = '', ...names]: readonly string[],
): ElementDefinition | undefined {
  const all = elements.structureDefinitions.get(type)?.snapshot?.element ?? [];
  for (let length = names.length; length > 0; length--) {
    const found = all.find(({ path }) => path === [type, ...names.slice(0, length)].join('.'));
    if (found !== undefined) {
      const rest = names.slice(length);
      return rest.length === 0 ? found : elementAt(elements, [found.type?.[0]?.code ?? '', ...rest]);
    }
  }
  return undefined;
}

/** A boolean is asked for with the code system that R4 made for that. */
const BOOLEAN = 'http://terminology.hl7.org/CodeSystem/special-values';

function systemsOf(elements: ElementSource, { type, binding }: ElementDefinition): readonly string[] {
  if (type?.[0]?.code === 'boolean') {
    return [BOOLEAN];
  }
  return binding?.strength === 'required' && binding.valueSet !== undefined
    ? systemsIn(elements, binding.valueSet, new Set())
    : [];
}

function systemsIn(elements: ElementSource, canonical: string, seen: Set<string>): readonly string[] {
  if (seen.has(canonical)) {
    return [];
  }
  seen.add(canonical);
  const valueSet: ValueSet | undefined = elements.valueSets.get(canonical);
  return (valueSet?.compose?.include ?? []).flatMap(({ system, valueSet: imported = [] }) => [
    ...(system === undefined ? [] : [system]),
    ...imported.flatMap((other) => systemsIn(elements, other, seen)),
  ]);
}
