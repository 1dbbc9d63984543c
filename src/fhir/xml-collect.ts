/**
 * Elements that were read, as the members of a JSON object: https://hl7.org/fhir/R4/json.html#primitive
 */
import type { Member } from './shape.ts';

/** One occurrence: JSON text of the value, and of the id and extensions of a primitive. */
interface Item {
  readonly value?: string | undefined;
  readonly extra?: string | undefined;
}

interface Occurrences {
  readonly isList: boolean;
  readonly items: Item[];
}

export type Members = Map<string, Occurrences>;

export interface Collected {
  readonly members: Members;
}

/** Add a finished element to its parent's members. */
export function addElement(
  members: Members | undefined,
  name: string,
  { isList, type, shape }: Member,
  element: Collected & { readonly value: string | undefined },
): void {
  if (members === undefined) {
    return;
  }
  const occurrences = members.get(name) ?? { isList, items: [] };
  members.set(name, occurrences);
  if (type === 'Resource') {
    occurrences.items.push(element.members.get('resource')?.items[0] ?? {});
    return;
  }
  const text = element.members.size === 0 ? undefined : toText(element);
  occurrences.items.push(shape().isPrimitive ? { value: element.value, extra: text } : { value: text });
}

/** JSON text of an object; a resource is given its type. */
export function toText({ members }: Collected, resourceType?: string): string {
  const parts = [...members].flatMap(([name, { isList, items }]) => [
    ...memberText(
      name,
      isList,
      items.map(({ value }) => value),
    ),
    ...memberText(
      `_${name}`,
      isList,
      items.map(({ extra }) => extra),
    ),
  ]);
  return `{${[...(resourceType === undefined ? [] : [`"resourceType":"${resourceType}"`]), ...parts].join(',')}}`;
}

function memberText(
  name: string,
  isList: boolean,
  values: readonly (string | undefined)[],
): readonly string[] {
  if (values.every((value) => value === undefined)) {
    return [];
  }
  const text = isList ? `[${values.map((value) => value ?? 'null').join(',')}]` : values[0];
  return [`"${name}":${text ?? 'null'}`];
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
const NUMERIC: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** JSON text of a primitive's value; undefined when the type cannot have it. Whether a date is one is for the validator. */
export function primitiveText(value: string, type: string): string | undefined {
  if (type === 'boolean') {
    return value === 'true' || value === 'false' ? value : undefined;
  }
  if (NUMERIC.has(type)) {
    return NUMBER.test(value) ? value : undefined;
  }
  return JSON.stringify(value);
}
