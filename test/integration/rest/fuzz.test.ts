/**
 * Random faults over HTTP: whatever is sent, the server answers, never with 5xx; a refusal is a valid OperationOutcome and
 * leaves nothing behind; what is accepted is read back as it was sent.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { JsonObject, JsonValue, OperationOutcome } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { mutate, mutations } from '../../fuzz/mutations.ts';
import { countVersions, faultsOf } from '../../support/refusals.ts';

/** The same cases on every run; another seed explores others. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261121);
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const settings = (share: number): { seed: number; numRuns: number } => ({
  seed: SEED,
  numRuns: Math.ceil(RUNS * share),
});

const TYPES =
  'Patient Observation Questionnaire Encounter Condition Task Consent Bundle ServiceRequest PlanDefinition';

/** One valid example of each type, its references made good. */
const examples: readonly JsonObject[] = TYPES.split(' ').map((type) => {
  const path = new URL('../../conformance/data/r4-examples.ndjson.gz', import.meta.url);
  const line = gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((text) => text.includes(`"resourceType":"${type}"`) && text.length < 20_000)
    .find((text) => (JSON.parse(text) as JsonObject)['resourceType'] === type);
  return withKnownReferences(JSON.parse(line ?? '{}') as JsonObject) as JsonObject;
});

let server: TestApp;
let token: string;

beforeAll(async () => {
  server = await startTestApp();
  token = await server.token('ehr');
  await send('PUT', 'Patient/fuzz', JSON.stringify({ resourceType: 'Patient', id: 'fuzz' }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(method: string, path: string, body?: string): Promise<Answer> {
  const response = await fetch(`${server.url}/fhir${path === '' ? '' : '/'}${path}`, {
    method,
    signal: AbortSignal.timeout(10_000),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, text: await response.text() };
}

/** Sends, and checks what holds for every answer. */
async function probe(method: string, path: string, body?: string): Promise<Answer> {
  const before = await countVersions(server);
  const answer = await send(method, path, body);

  expect([answer.status < 500, answer.text.slice(0, 500)]).toEqual([true, expect.any(String)]);
  if (answer.status >= 400) {
    expect(faultsOf(JSON.parse(answer.text) as OperationOutcome)).toEqual([]);
    expect(await countVersions(server)).toBe(before);
  }
  return answer;
}

const bare = ({ id: _id, meta, ...rest }: JsonObject): JsonObject => {
  const { versionId: _version, lastUpdated: _time, source: _source, ...kept } = (meta ?? {}) as JsonObject;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
};

function withKnownReferences(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).map(withKnownReferences);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, member]) => {
      const isOther =
        key === 'reference' && typeof member === 'string' && !/^(?:#|https?:|Patient\/)/.test(member);
      const isPatient = key === 'reference' && typeof member === 'string' && member.startsWith('Patient/');
      return [isOther ? 'display' : key, isPatient ? 'Patient/fuzz' : withKnownReferences(member)] as const;
    }),
  );
}

describe('Under random faults the FHIR API', () => {
  it('stores the examples that the faults are put into.', async () => {
    const answers = await Promise.all(
      examples.map((example) => send('POST', String(example['resourceType']), JSON.stringify(example))),
    );

    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  });

  it('refuses or keeps a resource, whole.', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...examples), mutations, async (example, faults) => {
        const sent = mutate(example, faults);
        const text = JSON.stringify(sent);
        const { status, text: got } = await probe('POST', String(example['resourceType']), text);
        const isKept =
          status !== 201 ||
          isDeepStrictEqual(bare(JSON.parse(got) as JsonObject), bare(JSON.parse(text) as JsonObject));

        expect([isKept, status < 400 ? got : '']).toEqual([true, expect.any(String)]);
      }),
      settings(3),
    );
  });

  it('refuses or carries out a Bundle, whole.', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('transaction', 'batch'),
        fc.array(fc.constantFrom(...examples), { minLength: 1, maxLength: 3 }),
        mutations,
        async (type, resources, faults) => {
          const bundle: JsonObject = {
            resourceType: 'Bundle',
            type,
            entry: resources.map((resource, i) => ({
              fullUrl: `urn:uuid:0000000${i}-0000-4000-8000-000000000000`,
              resource,
              request: {
                method: i === 2 ? 'PUT' : 'POST',
                url: `${String(resource['resourceType'])}${i === 2 ? `/${String(resource['id'])}` : ''}`,
                ...(i === 1 && { ifNoneExist: 'identifier=urn:test|fuzz' }),
              },
            })),
          };
          await probe('POST', '', JSON.stringify(mutate(bundle, faults)));
        },
      ),
      settings(2),
    );
  });

  it('refuses or reads text with damaged characters.', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...examples),
        fc.array(
          fc.tuple(
            fc.nat(20_000),
            fc.constantFrom('', '"', '{', ']', ',', '\\', '\u0000', '0', 'é', '\\u0000', '\\ud800'),
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        async (example, damages) => {
          const text = damages.reduce((before, [place, character]) => {
            const at = place % before.length;
            return `${before.slice(0, at)}${character}${before.slice(at + 1)}`;
          }, JSON.stringify(example));
          await probe('POST', String(example['resourceType']), text);
        },
      ),
      settings(2),
    );
  });

  it('refuses or answers a search.', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...(
          '_id _lastUpdated _tag _profile _security _text _content _list _has:Observation:patient:code _sort _count ' +
          '_include _revinclude _summary _elements _total _cursor _type _contained _filter _query code code:not code:in ' +
          'code:text code:of-type date value-quantity value-quantity:missing subject subject:Patient subject:Patient.name ' +
          'patient.birthdate patient.organization.name identifier identifier:of-type name name:exact name:contains ' +
          'birthdate birthdate:missing gender gender:not combo-code-value-quantity component-value-quantity url status'
        ).split(' '),
      ),
      fc.string({ unit: 'binary', maxLength: 10 }),
    );
    const value = fc.oneof(
      fc.constantFrom(
        ...(
          'a |a a| | || \\ \\| a\\,b a,b, ,, $ a$b gt5 ap1e400 ne 1e999||kg 5|http://unitsofmeasure.org|kg 2026 ge2026-02-30 ' +
          'lt99999 sa0000 Patient/fuzz Patient/ http:// true false -date date,-date,status 0 -1 1e9 999999999999 ' +
          'Observation:subject Observation:* * Patient:organization:Organization eyJ'
        ).split(' '),
      ),
      fc.string({ unit: 'binary', maxLength: 15 }),
      fc.constant('x'.repeat(3000)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('Patient', 'Observation', 'Questionnaire', 'AuditEvent', ''),
        fc.array(fc.tuple(name, value), { maxLength: 4 }),
        async (type, query) => {
          const text = query
            .map(
              ([key, part]) =>
                `${encodeURIComponent(key.toWellFormed())}=${encodeURIComponent(part.toWellFormed())}`,
            )
            .join('&');
          await probe('GET', `${type}?${text}`);
        },
      ),
      settings(3),
    );
  });

  it('refuses or answers a URL.', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'Patient',
        'fuzz',
        '_history',
        '1',
        '$export',
        '$populate',
        '_search',
        '%00',
        '%zz',
        '..%2f',
        '%ff',
        '*',
        '$',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed())),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        async (method, segments) => {
          const path = segments.join('/');
          fc.pre(!(method === 'DELETE' && path.startsWith('Patient/fuzz')));
          await probe(
            method,
            path,
            method === 'GET' || method === 'OPTIONS' ? undefined : '{"resourceType":"Patient","id":"fuzz"}',
          );
        },
      ),
      settings(2),
    );
  });
});
