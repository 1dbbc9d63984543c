/** Faults put into valid JSON: drawn by fast-check, so that a failing case can be made again. */
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';

/** One fault: at which member (counted through the whole value), and what stands there instead. */
interface Mutation {
  readonly place: number;
  readonly kind: 'drop' | 'replace' | 'wrap' | 'repeat' | 'rename' | 'insert';
  readonly value: JsonValue;
  readonly name: string;
}

const deep = (levels: number): JsonValue =>
  Array.from({ length: levels }).reduce<JsonValue>((inner) => ({ extension: [inner] }), { url: 'urn:x' });

/** Values that something somewhere stumbles over. */
export const awkward: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue[]>(
    null,
    true,
    '',
    ' ',
    '\u0000',
    'x\u0000y',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '#',
    '#x',
    'Patient/',
    'Patient/fuzz',
    'Patient/nobody',
    'Patient?identifier=',
    'Patient?identifier=x|y',
    'Patient?_count=1',
    'Patient?name=%00',
    'urn:uuid:00000000-0000-0000-0000-000000000000',
    '2026-02-30',
    '0000-00-00',
    '9999-12-31T23:59:60Z',
    '99999-01-01',
    '-1',
    'http://hl7.org/fhir/StructureDefinition/Patient',
    'https://ryggrad.no/fhir/Questionnaire/x|1.0.0',
    '${jndi:x}',
    "'; drop table resource; --",
    '<script>',
    0,
    -1,
    1e21,
    1e308,
    -1e308,
    5e-324,
    2 ** 53,
    [],
    {},
    [[]],
    [null],
    [{}],
    deep(8),
    deep(40),
    'x'.repeat(70_000),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double() as fc.Arbitrary<JsonValue>,
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
);

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    place: fc.nat(10_000),
    kind: fc.constantFrom<Mutation['kind'][]>(
      'drop',
      'replace',
      'replace',
      'wrap',
      'repeat',
      'rename',
      'insert',
    ),
    value: awkward,
    name: fc.oneof(
      fc.constantFrom(
        'id',
        '_id',
        'extension',
        'modifierExtension',
        'contained',
        'resourceType',
        'meta',
        'valueString',
      ),
      fc.string({ maxLength: 8 }),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Changes that mostly leave a resource valid: a member less, one item twice, another text. */
export const mildMutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    place: fc.nat(10_000),
    kind: fc.constantFrom<Mutation['kind'][]>('drop', 'drop', 'replace', 'repeat'),
    value: fc.oneof(
      fc.constantFrom<JsonValue[]>('Åse', '\u{1F469}\u200d\u{1F469}', 'x'.repeat(5000), '2026-01-01'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    ),
    name: fc.constant(''),
  }),
  { minLength: 1, maxLength: 2 },
);

/** The value with the faults in it; the value itself stays as it is. */
export function mutate<T extends JsonValue>(value: T, faults: readonly Mutation[]): JsonValue {
  return faults.reduce<JsonValue>(apply, value);
}

/** Names that would change the object itself, or the length of a list, instead of becoming a member. */
const settable = (name: string): string => (name === '__proto__' || name === 'length' ? 'proto' : name);

function apply(value: JsonValue, { place, kind, value: other, name }: Mutation): JsonValue {
  const copy = structuredClone(value);
  const members = membersOf(copy);
  const target = members[place % Math.max(members.length, 1)];
  if (target === undefined) {
    return other;
  }
  const { container, key } = target;
  const at = container as Record<string, JsonValue>;
  const current = at[key] as JsonValue;
  switch (kind) {
    case 'drop':
      remove(container, key);
      break;
    case 'replace':
      at[key] = other;
      break;
    case 'wrap':
      at[key] = Array.isArray(current) ? (current[0] as JsonValue) : [current];
      break;
    case 'repeat':
      at[key] = Array.isArray(current)
        ? [...(current as JsonValue[]), ...(current as JsonValue[])]
        : [current, current];
      break;
    case 'rename':
      remove(container, key);
      at[settable(name)] = current;
      break;
    case 'insert':
      at[settable(name)] = other;
  }
  return copy;
}

interface Member {
  readonly container: object;
  readonly key: string;
}

function membersOf(value: JsonValue): readonly Member[] {
  if (value === null || typeof value !== 'object') {
    return [];
  }
  return Object.entries(value as JsonObject).flatMap(([key, member]) => [
    { container: value, key },
    ...membersOf(member),
  ]);
}

function remove(container: object, key: string): void {
  if (Array.isArray(container)) {
    container.splice(Number(key), 1);
  } else {
    Reflect.deleteProperty(container, key);
  }
}
