import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';

const validator = sharedValidator();

const SEEDS: readonly JsonObject[] = [
  {
    resourceType: 'Patient',
    id: 'p',
    meta: { profile: ['https://ryggrad.no/fhir/StructureDefinition/ryggrad-patient'] },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
    contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: 'a' } },
    ],
    identifier: [
      {
        system: 'urn:oid:2.16.578.1.12.4.1.4.1',
        value: '15838510156',
        period: { start: '2020', end: '2021' },
      },
    ],
    name: [{ given: ['a', null], _given: [null, { extension: [{ url: 'http://x/y', valueString: 'a' }] }] }],
    managingOrganization: { reference: '#o' },
  },
  {
    resourceType: 'Observation',
    meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] },
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    subject: { reference: 'Patient/1' },
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: 1, code: 'mm[Hg]' },
      },
    ],
  },
  {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:1',
        resource: { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'group' }] },
        request: { method: 'POST', url: 'x' },
      },
    ],
  },
];

const anyValue = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, 0, -1.5, '', ' ', '#', 'x', '2024-13-01', [], {}, [null], [[]], {
    a: 1,
  }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as JsonValue),
);

/** Replace, remove or add something at one place of the resource. */
function mutate(value: JsonValue, path: readonly number[], put: JsonValue, key: string): JsonValue {
  const [step, ...rest] = path;
  if (typeof value !== 'object' || value === null || step === undefined) {
    return put;
  }
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const at = step % (items.length + 1);
    return [...items.slice(0, at), mutate(items[at] ?? null, rest, put, key), ...items.slice(at + 1)];
  }
  const entries = Object.entries(value as JsonObject);
  const at = step % (entries.length + 1);
  const [name, child] = entries[at] ?? [key, null];
  return { ...(value as JsonObject), [name]: mutate(child as JsonValue, rest, put, key) };
}

describe('The validator, of any JSON,', () => {
  it('never throws, and every finding says where.', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEEDS),
        fc.array(
          fc.tuple(
            fc.array(fc.nat(12), { maxLength: 5 }),
            anyValue,
            fc.constantFrom('id', 'extension', '_status', 'x', 'valueString', '__a'),
          ),
          { minLength: 1, maxLength: 3 },
        ),
        (seed, changes) => {
          const resource = changes.reduce<JsonValue>(
            (value, [path, put, key]) => mutate(value, path, put, key),
            seed,
          );

          for (const { expression, rule, diagnostics } of validator.validate(resource)) {
            expect(expression).toMatch(/^[A-Z][A-Za-z]*/);
            expect(rule).toBeTruthy();
            expect(diagnostics).toBeTruthy();
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('never throws on what is no resource at all.', () => {
    fc.assert(
      fc.property(anyValue, (value) => validator.validate(value).length >= 0),
      { numRuns: 300 },
    );
  });

  it('stops at 64 levels.', () => {
    let extension: JsonObject = { url: 'http://x/y', valueString: 'a' };
    for (let depth = 0; depth < 200; depth++) {
      extension = { url: 'http://x/y', extension: [extension] };
    }

    const rules = validator
      .validate({ resourceType: 'Patient', extension: [extension] })
      .map(({ rule }) => rule);

    expect(rules).toContain('depth');
  });
});
