/**
 * The value of an operation of FHIRPath Patch: a `value[x]`, a resource, or parts that make an element without a type name.
 * https://hl7.org/fhir/R4/fhirpatch.html#concept
 */
import { memberText, parseExact, stringifyJson } from './json.ts';
import { badRequest } from './outcome.ts';
import { changeList, type Doc, isPresent, type Item, putMember } from './patch-place.ts';
import type { Member, Shape, Shapes } from './shape.ts';
import type { JsonObject } from './types.ts';

/** A patch that does not fit the resource; the message ends the sentence `add at "path": …`. */
export class PatchFault extends Error {}

export interface PatchValue {
  /** FHIR type, `Resource`, or undefined for parts. */
  readonly type: string | undefined;
  /** JSON text of the value and of its extensions. */
  readonly value: string | undefined;
  readonly extra: string | undefined;
  readonly parts: readonly { readonly name: string; readonly value: PatchValue }[];
}

/** Read `part` with name `value`. Throws 400 when it has none. */
export function readValue(part: JsonObject, shapes: Shapes): PatchValue {
  const { resource, part: parts } = part;
  if (Array.isArray(parts)) {
    const named = (parts as readonly (JsonObject | null)[]).map((inner) => ({
      name: nameOf(inner),
      value: readValue(inner ?? {}, shapes),
    }));
    return { type: undefined, value: undefined, extra: undefined, parts: named };
  }
  if (resource !== undefined) {
    return { type: 'Resource', value: stringifyJson(resource), extra: undefined, parts: [] };
  }
  const members = shapes.get('Parameters')?.byName.get('parameter')?.shape().byName;
  const key = Object.keys(part)
    .map((name) => name.replace(/^_/, ''))
    .find((name) => members?.get(name)?.stem === 'value');
  if (key === undefined) {
    throw badRequest(
      'A value of a patch is a value[x], a resource, or parts.',
      'Parameters.parameter',
      'fhirpath-patch',
    );
  }
  return {
    type: members?.get(key)?.type,
    value: memberText(part, key),
    extra: memberText(part, `_${key}`),
    parts: [],
  };
}

function nameOf(part: JsonObject | null): string {
  const name = part?.['name'];
  if (typeof name !== 'string') {
    throw badRequest('Each part of a patch has a name.', 'Parameters.parameter', 'fhirpath-patch');
  }
  return name;
}

/** The member that a name and a value mean: `value` with a Quantity is `valueQuantity`. */
export function memberFor(shape: Shape, name: string, value: PatchValue | undefined): Member {
  const named = shape.members.filter((member) => member.stem === name || member.name === name);
  if (named.length === 0) {
    throw new PatchFault(`${shape.name} has no element "${name.slice(0, 64)}"`);
  }
  const member = named.find((candidate) => value === undefined || fits(candidate, value));
  if (member === undefined) {
    const allowed = named.map(({ type }) => type).join(', ');
    throw new PatchFault(
      `"${name.slice(0, 64)}" takes ${allowed.slice(0, 300)}, not ${value?.type ?? 'parts'}`,
    );
  }
  return member;
}

const NUMERIC: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const QUANTITIES: ReadonlySet<string> = new Set([
  'Quantity',
  'SimpleQuantity',
  'MoneyQuantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
]);

/** A choice takes the type that it names; elsewhere types with the same form may stand for each other. */
function fits(member: Member, { type, parts }: PatchValue): boolean {
  if (type === member.type) {
    return true;
  }
  if (type === undefined) {
    return parts.length > 0 && member.type !== 'Resource' && !member.shape().isPrimitive;
  }
  if (member.isChoice || type === 'Resource' || member.type === 'Resource') {
    return false;
  }
  return formOf(type) !== '' && formOf(type) === formOf(member.type);
}

function formOf(type: string): string {
  if (NUMERIC.has(type) || QUANTITIES.has(type)) {
    return NUMERIC.has(type) ? 'number' : 'Quantity';
  }
  return type === 'boolean' || !/^[a-z]/.test(type) ? '' : 'string';
}

/** A fresh copy of the value as it is written at a member. */
export function toItem(value: PatchValue | undefined, member: Member): Item {
  if (value === undefined) {
    return {};
  }
  if (value.type === undefined) {
    return { value: objectOf(value, member.shape()) };
  }
  return { value: copy(value.value), extra: copy(value.extra) };
}

const copy = (text: string | undefined): unknown => (text === undefined ? undefined : parseExact(text));

function objectOf({ parts }: PatchValue, shape: Shape): Doc {
  const object: Doc = {};
  for (const { name, value } of parts) {
    const member = memberFor(shape, name, value);
    const item = toItem(value, member);
    if (member.isList) {
      changeList(object, member, (items) => items.push(item));
    } else if (isPresent({ object, shape }, member)) {
      throw new PatchFault(`"${name.slice(0, 64)}" is given twice`);
    } else {
      putMember(object, member, item);
    }
  }
  return object;
}
