import fc from 'fast-check';
import { compilePath } from '../../../src/fhir/path.ts';
import type { Issue } from '../../../src/fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';
import { invariantCheck } from '../../../src/validation/invariants.ts';
import type { Run } from '../../../src/validation/run.ts';

const run = (resource: JsonObject): Run => ({
  issues: [] as Issue[],
  references: [],
  deferred: [],
  root: resource,
  resource,
  resourceAt: 'X',
  outer: undefined,
  unchecked: new Set(),
  following: new Map(),
  ids: new Map(),
  depth: 0,
});

const holds = (
  expression: string,
  basePath: string | undefined,
  value: JsonObject,
  resource = value,
): boolean => {
  const state = run(resource);
  invariantCheck({ key: 'x-1', severity: 'error', human: 'x', expression }, basePath)?.(
    value as JsonValue,
    'X',
    state,
  );
  return state.issues.length === 0;
};

const maybe = (members: Readonly<Record<string, fc.Arbitrary<JsonValue>>>): fc.Arbitrary<JsonObject> =>
  fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const text = fc.constantFrom<JsonValue>('a', 'b');
const date = fc.constantFrom<JsonValue>(
  '2024',
  '2024-02',
  '2024-02-01',
  '2024-02-01T10:00:00Z',
  '2023-12-31',
  '2025',
);

/** Expressions with a shortcut, the base they stand on, and values to compare on. */
const SHORTCUTS: readonly (readonly [string, string, fc.Arbitrary<JsonObject>])[] = [
  ['value.empty() or system.exists()', 'ContactPoint', maybe({ value: text, system: text, use: text })],
  [
    'extension.exists() != value.exists()',
    'Extension',
    maybe({ url: text, valueString: text, extension: fc.constant([{ url: 'a' }]) }),
  ],
  [
    '(answer.exists() and item.exists()).not()',
    'QuestionnaireResponse.item',
    maybe({
      linkId: text,
      answer: fc.constant([{ valueString: 'a' }]),
      item: fc.constant([{ linkId: 'a' }]),
    }),
  ],
  [
    'dataAbsentReason.empty() or value.empty()',
    'Observation.component',
    maybe({ valueInteger: fc.constant(1), dataAbsentReason: fc.constant({ text: 'a' }) }),
  ],
  [
    'name.exists() or telecom.exists() or address.exists() or organization.exists()',
    'Patient.contact',
    maybe({ name: fc.constant({ text: 'a' }), gender: text, organization: fc.constant({ display: 'a' }) }),
  ],
  ['code.empty() or system.exists()', 'Quantity', maybe({ code: text, system: text, value: fc.constant(1) })],
  [
    'duration.exists() implies duration >= 0',
    'Timing.repeat',
    maybe({ duration: fc.constantFrom<JsonValue>(-1, 0, 1), count: fc.constant(1) }),
  ],
];

describe('An invariant', () => {
  it.each(SHORTCUTS)(
    'gives the same answer with and without its shortcut: %s',
    (expression, basePath, values) => {
      fc.assert(
        fc.property(values, (value) => {
          const expected = compilePath(expression, basePath)(value)[0] !== false;

          expect(holds(expression, basePath, value)).toBe(expected);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('of a period compares what both ends say, as the expression does.', () => {
    const expression = 'start.hasValue().not() or end.hasValue().not() or (start <= end)';

    fc.assert(
      fc.property(maybe({ start: date, end: date }), (value) => {
        expect(holds(expression, 'Period', value)).toBe(
          compilePath(expression, 'Period')(value)[0] !== false,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('that fails to run is information, not an error.', () => {
    const state = run({});

    invariantCheck({ key: 'x-1', severity: 'error', human: 'x', expression: 'nosuch()' })?.({}, 'X', state);

    expect(state.issues).toEqual([expect.objectContaining({ severity: 'information', rule: 'x-1' })]);
  });

  it('tells a choice element from an element whose name begins alike.', () => {
    const expression = 'reference.exists()';

    expect(holds(expression, 'Observation', { referenceRange: [{ text: 'a' }] })).toBe(false);
    expect(holds(expression, 'Observation', { reference: 'a' })).toBe(true);
  });
});
