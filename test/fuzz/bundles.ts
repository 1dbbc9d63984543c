/** Batches and transactions whose entries are faulty, refer to each other in circles, come twice, or hold Bundles. */
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';
import { headersOf } from './headers.ts';
import { mutate, mutations } from './mutations.ts';
import type { Probe } from './probe.ts';
import { anyResource, faulty } from './resources.ts';
import { IDS } from './sources.ts';

const uuid = (n: number): string => `urn:uuid:0000000${n}-0000-4000-8000-000000000000`;

const FULL_URLS = [
  uuid(0),
  uuid(1),
  uuid(2),
  uuid(3),
  '',
  'urn:uuid:x',
  'urn:oid:1.2.3',
  'Patient/fuzz',
  'http://x/fhir/Patient/fuzz',
  '#a',
];

const request: fc.Arbitrary<JsonValue> = fc.record(
  {
    method: fc.constantFrom(
      'POST',
      'POST',
      'POST',
      'PUT',
      'PUT',
      'DELETE',
      'GET',
      'HEAD',
      'PATCH',
      'post',
      '',
    ),
    url: fc.constantFrom(
      'Patient',
      'Observation',
      'Observation?code=x',
      'Patient/fuzz',
      'Patient?identifier=urn:fuzz|once',
      'Patient?identifier=a&_count=1',
      'Patient/fuzz/_history/1',
      'Patient/$validate',
      '/Patient/fuzz-1',
      'http://127.0.0.1/fhir/Patient/fuzz',
      `Observation?subject=${uuid(0)}`,
      'metadata',
      '../Patient',
      '',
      '?',
      '%',
      'Patient?%ff=%00',
      '_history',
      ...IDS.map((id) => `Observation/${id}`),
    ),
    ifNoneExist: fc.constantFrom('identifier=urn:fuzz|once', '', '_id=', '?', 'x=y'),
    ifMatch: fc.constantFrom('W/"1"', '1', '', 'W/"9"'),
    ifNoneMatch: fc.constantFrom('*', 'W/"1"'),
  },
  { requiredKeys: ['method', 'url'] },
);

/** A reference to another entry, or to itself, where an extension may be. */
const circle = fc.nat(4).map((n): JsonObject => ({
  extension: [{ url: 'urn:circle', valueReference: { reference: uuid(n) } }],
}));

const entry: fc.Arbitrary<JsonObject> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(4), anyResource, circle, fc.constantFrom('POST', 'POST', 'PUT'), fc.constantFrom(...IDS))
      .map(([n, resource, links, method, id]) => ({
        fullUrl: uuid(n),
        resource: { ...resource, ...links, ...(method === 'PUT' && { id }) },
        request: {
          method,
          url:
            method === 'PUT' ? `${String(resource['resourceType'])}/${id}` : String(resource['resourceType']),
        },
      })),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { fullUrl: fc.constantFrom(...FULL_URLS), resource: faulty as fc.Arbitrary<JsonValue>, request },
      { requiredKeys: ['request'] },
    ) as fc.Arbitrary<JsonObject>,
  },
);

const entries = fc.oneof(
  { weight: 8, arbitrary: fc.array(entry, { maxLength: 4 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(entry, fc.integer({ min: 2, max: 8 }))
      .map(([one, times]) => Array.from({ length: times }, () => one)),
  },
  { weight: 1, arbitrary: fc.array(entry, { minLength: 8, maxLength: 20 }) },
);

const bundle: fc.Arbitrary<JsonValue> = fc
  .tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('transaction', 'transaction', 'batch') },
      { weight: 1, arbitrary: fc.constantFrom('collection', 'message', 'x', '') },
    ),
    entries,
    fc.option(mutations, { nil: [], freq: 1 }),
    fc.nat(20),
  )
  .map(([type, list, faults, nest]) => {
    const plain: JsonObject = { resourceType: 'Bundle', type, entry: list };
    const inner = mutate(plain, faults);
    return nest === 0
      ? {
          resourceType: 'Bundle',
          type: 'batch',
          entry: [{ resource: inner, request: { method: 'POST', url: '' } }],
        }
      : inner;
  });

export const bundleProbes: fc.Arbitrary<Probe> = fc
  .tuple(bundle, headersOf('few'))
  .map(([body, headers]) => ({
    kind: 'bundle',
    method: 'POST',
    path: '',
    headers,
    body: JSON.stringify(body),
    sender: 'ehr',
  }));
