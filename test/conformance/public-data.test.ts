/** Data that nobody here wrote, posted over HTTP as an EHR would: stored whole, read back equal, found again. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isDeepStrictEqual } from 'node:util';
import { isDefinition } from '../../src/access/decide.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import type { HttpAnswer, HttpClient } from '../support/http-client.ts';
import { exportAll, linesOf } from '../integration/operations/exports.ts';
import { standIn } from './stand-ins.ts';

interface Entry {
  readonly fullUrl: string;
  readonly resource: JsonObject;
  readonly response?: { readonly status: string; readonly location: string };
}
interface BundleOf {
  readonly total?: number;
  readonly entry?: readonly Entry[];
}

const unzipped = (path: string): string =>
  gunzipSync(readFileSync(new URL(`data/${path}`, import.meta.url))).toString('utf8');
const nameOf = ({ resourceType, id }: JsonObject): string => `${String(resourceType)}/${String(id)}`;

/** The resource without what the server sets or what was rewritten on the way in. */
function bare({ id: _id, meta, ...rest }: JsonObject): JsonObject {
  const { versionId: _version, lastUpdated: _time, source: _source, ...kept } = (meta ?? {}) as JsonObject;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
}

/** `rule element` of every error, without list indexes. */
function faultsIn({ body }: HttpAnswer): readonly string[] {
  const { issue } = body as { issue: readonly JsonObject[] };
  const faults = issue.map(({ details, expression }) => {
    const { coding } = (details ?? { coding: [] }) as { coding: readonly { code: string }[] };
    const [place = ''] = (expression ?? []) as readonly string[];
    return `${coding[0]?.code ?? ''} ${place.replaceAll(/\[[0-9]+\]/g, '')}`.trim();
  });
  return [...new Set(faults)];
}

/** What was stored, by `Type/id`, as it is to be in an export. */
const storedAs = new Map<string, JsonObject>();

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('Synthetic histories from Synthea', () => {
  // hospitals and practitioners sort first: the patients refer to them by condition
  const files = readdirSync(new URL('data/synthea/', import.meta.url))
    .filter((name) => name.endsWith('.gz'))
    .sort();
  const bundles = new Map(
    files.map((name) => [name, JSON.parse(unzipped(`synthea/${name}`)) as Required<BundleOf>]),
  );

  it.each(files)('%s is stored whole and read back equal.', async (name) => {
    const sent = bundles.get(name)?.entry ?? [];
    const answer = await ehr.post('fhir', unzipped(`synthea/${name}`), { prefer: 'return=representation' });
    const got = (answer.body as BundleOf).entry ?? [];
    const idOf = new Map(
      sent.map(({ fullUrl }, i) => [
        fullUrl,
        (got[i]?.response?.location ?? '').split('/').slice(0, 2).join('/'),
      ]),
    );
    const expected = sent.map(({ resource }) => withIds(bare(resource), idOf));
    sent.forEach(({ fullUrl }, i) => storedAs.set(idOf.get(fullUrl) ?? '', expected[i] ?? {}));
    const different = got.filter(
      ({ resource }, i) => !isDeepStrictEqual(withoutConditions(bare(resource)), expected[i]),
    );

    expect(answer.status).toBe(200);
    expect([...new Set(got.map(({ response }) => response?.status))]).toEqual(['201 Created']);
    expect(got).toHaveLength(sent.length);
    expect(different).toEqual([]);
  });

  it('are found by patient and code, as many as were sent.', async () => {
    for (const [name, { entry }] of bundles) {
      const patient = entry.find(({ resource }) => resource['resourceType'] === 'Patient');
      if (patient === undefined) {
        continue;
      }
      const [identifier] = patient.resource['identifier'] as readonly JsonObject[];
      const found = await ehr.get(`fhir/Patient?identifier=${String(identifier?.['value'])}`);
      const id = (found.body as BundleOf).entry?.[0]?.resource['id'] as string;

      for (const [type, element, code] of COUNTED) {
        const count = entry.filter(
          ({ resource }) =>
            resource['resourceType'] === type &&
            (code === undefined || JSON.stringify(resource['code']).includes(`"${code}"`)),
        ).length;
        const query = `${element}=${id}${code === undefined ? '' : `&code=http://loinc.org|${code}`}`;
        const answer = await ehr.get(`fhir/${type}?${query}&_count=0`);

        expect([name, query.replace(id, '…'), (answer.body as BundleOf).total]).toEqual([
          name,
          query.replace(id, '…'),
          count,
        ]);
      }
    }
  });
});

/** Type, parameter of the patient, LOINC code. */
const COUNTED = [
  ['Observation', 'patient', undefined],
  ['Observation', 'subject', '8302-2'],
  ['Observation', 'patient', '72514-3'],
  ['Condition', 'patient', undefined],
  ['Encounter', 'patient', undefined],
  ['Claim', 'patient', undefined],
  ['Procedure', 'patient', undefined],
] as const;

/** What the server does to references on the way in: urn:uuid names become ids. */
function withIds(resource: JsonObject, idOf: ReadonlyMap<string, string>): JsonObject {
  const text = JSON.stringify(resource).replaceAll(
    /"reference":"(urn:uuid:[0-9a-f-]+)"/g,
    (whole, name: string) => `"reference":"${idOf.get(name) ?? whole}"`,
  );
  return withoutConditions(JSON.parse(text) as JsonObject);
}

/** References by condition are resolved by the server; which type they point at is compared, not the id. */
const withoutConditions = (resource: JsonObject): JsonObject =>
  JSON.parse(
    JSON.stringify(resource).replaceAll(
      /"reference":"(Practitioner|Organization|Location)[/?][^"]*"/g,
      '"reference":"$1/…"',
    ),
  ) as JsonObject;

describe('The official R4 examples over HTTP', () => {
  const examples = unzipped('r4-examples.ndjson.gz')
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  const own = new Set(examples.map(nameOf));

  /** What is refused, and why: rule and element. Reviewed by hand against the specification. */
  const REFUSED: Readonly<Record<string, readonly string[]>> = {
    // Observation.performer names an Encounter, which its definition does not allow.
    'Observation/clinical-gender': ['reference-type Observation.performer'],
    // 32 display items without the required linkId.
    'Questionnaire/qs1': [
      'cardinality Questionnaire.item.item.linkId',
      'cardinality Questionnaire.item.item.item.linkId',
      'cardinality Questionnaire.item.item.item.item.linkId',
    ],
    // The audit trail is added to by POST; nobody chooses the id of an event or writes over one.
    'AuditEvent/example-error': ['append-only'],
    'AuditEvent/example-pixQuery': ['append-only'],
    // A Subscription is asked for; the server says how sending went.
    'Subscription/example-error': ['subscription-status Subscription.status'],
  };

  const put = (resource: JsonObject): Promise<HttpAnswer> => ehr.put(`fhir/${nameOf(resource)}`, resource);

  it('are stored, or refused for a fault that is really in them.', async () => {
    const first = await Promise.all(examples.map(put));
    const missing = danglingIn(first).filter((name) => !own.has(name));
    const stand = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['Patient/example', ...missing.filter((name) => name !== 'Patient/example')].map((name) => ({
        resource: standIn(...(name.split('/') as [string, string])),
        request: { method: 'PUT', url: name },
      })),
    });

    expect(first.filter(({ status }) => status >= 500)).toEqual([]);
    expect(stand.status).toBe(200);

    const refused = await untilFixpoint(
      examples.filter((_, i) => (first[i]?.status ?? 0) >= 300),
      put,
    );
    expect(Object.fromEntries(refused)).toEqual(REFUSED);
  });

  it('read back equal but for meta.', async () => {
    const stored = examples.filter((example) => !(nameOf(example) in REFUSED));
    const different: string[] = [];
    for (const example of stored) {
      const { status, body } = await ehr.get(`fhir/${nameOf(example)}`);
      if (status !== 200 || !isDeepStrictEqual(bare(body as JsonObject), bare(example))) {
        different.push(`${status} ${nameOf(example)}`);
      }
      storedAs.set(nameOf(example), withoutConditions(bare(example)));
    }

    expect(stored).toHaveLength(172);
    expect(different).toEqual([]);
  });

  it('have a blood pressure among them, with both its components.', async () => {
    const found = await ehr.get(
      'fhir/Observation?component-code=http://loinc.org|8480-6,http://loinc.org|8462-4',
    );
    const names = ((found.body as BundleOf).entry ?? []).map(({ resource }) => nameOf(resource));

    expect(names).toContain('Observation/blood-pressure');
  });

  it('go out and in again in XML without a change: the server sees no new version.', async () => {
    const changed: string[] = [];
    for (const example of examples.filter((one) => !(nameOf(one) in REFUSED))) {
      const address = `fhir/${nameOf(example)}`;
      const { body, headers } = await ehr.get(address, { accept: 'application/fhir+xml' });
      const back = await ehr.put(address, body, {
        'content-type': 'application/fhir+xml',
        accept: 'application/fhir+json',
      });
      if (
        back.status !== 200 ||
        back.headers.get('etag') !== headers.get('etag') ||
        !isDeepStrictEqual(bare(back.body as JsonObject), bare(example))
      ) {
        changed.push(`${back.status} ${nameOf(example)}`);
      }
    }

    expect(changed).toEqual([]);
  });

  it('that refer to each other are stored in one transaction.', async () => {
    const link = (from: string, to: string): JsonObject => ({
      resourceType: 'Patient',
      id: from,
      link: [{ other: { reference: `Patient/${to}` }, type: 'seealso' }],
    });
    const alone = await put(link('circle-a', 'circle-b'));
    const together = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [link('circle-a', 'circle-b'), link('circle-b', 'circle-a')].map((resource) => ({
        resource,
        request: { method: 'PUT', url: nameOf(resource) },
      })),
    });

    expect(alone.status).toBe(422);
    expect(faultsIn(alone)).toEqual(['dangling-reference Patient.link.other']);
    expect(together.status).toBe(200);
  });

  it('of audit events are added to the trail.', async () => {
    for (const example of examples.filter(({ resourceType }) => resourceType === 'AuditEvent')) {
      const { status, headers } = await ehr.post('fhir/AuditEvent', example);

      expect(status).toBe(201);
      expect(headers.get('location')).toMatch(/\/fhir\/AuditEvent\/[^/]+\/_history\/1$/);
    }
  });
});

describe('A bulk export of all of them', () => {
  it('holds each resource as it was sent, but for meta: definitions when they are named, a Binary never.', async () => {
    const types = new Set([...storedAs.values()].map(({ resourceType }) => String(resourceType)));
    const definitions = [...types].filter(isDefinition);
    const data = await exportAll(server, ehr);
    const defined = await exportAll(server, ehr, `?_type=${definitions.join(',')}`);
    const exported = new Map(
      [data, defined]
        .flatMap(({ files }) => Object.values(files))
        .flatMap(linesOf)
        .map((line) => JSON.parse(line) as JsonObject)
        .map((resource) => [nameOf(resource), resource] as const),
    );
    const different = [...storedAs].filter(
      ([name, resource]) => !isDeepStrictEqual(withoutConditions(bare(exported.get(name) ?? {})), resource),
    );

    expect(storedAs.size).toBeGreaterThan(5000);
    expect(different.map(([name]) => name).filter((name) => !name.startsWith('Binary/'))).toEqual([]);
  });
});

/** PUT again what was refused, until a round changes nothing; the last answers' faults by name. */
async function untilFixpoint(
  resources: readonly JsonObject[],
  put: (resource: JsonObject) => Promise<HttpAnswer>,
): Promise<readonly (readonly [string, readonly string[]])[]> {
  const answers = await Promise.all(
    resources.map(async (resource) => [resource, await put(resource)] as const),
  );
  const refused = answers.filter(([, { status }]) => status >= 300);
  expect(refused.filter(([, { status }]) => status >= 500)).toEqual([]);
  return refused.length === resources.length
    ? refused.map(([resource, answer]) => [nameOf(resource), faultsIn(answer)] as const)
    : untilFixpoint(
        refused.map(([resource]) => resource),
        put,
      );
}

function danglingIn(answers: readonly HttpAnswer[]): readonly string[] {
  const names = answers
    .filter(({ status }) => status === 422)
    .flatMap(({ body }) => [
      ...JSON.stringify(body).matchAll(/The reference ([A-Za-z]+\/[A-Za-z0-9\-.]+) points at nothing/g),
    ])
    .map(([, name]) => name as string);
  return [...new Set(names)].sort();
}
