/**
 * Scopes with a query: `system/Observation.rs?category=…` (SC-04), held to at the front door and at every side door (SC-03).
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
 */
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type HttpAnswer, type HttpClient, httpClient } from '../../support/http-client.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LAB = `category=${CATEGORY}|laboratory`;

let server: TestApp;
let ehr: HttpClient;
let patient: string;
let lab: string;
let vital: string;

const observation = (category: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code: { text: category },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

const idOf = ({ status, body }: HttpAnswer): string => {
  expect([status, body]).toEqual([201, expect.anything()]);
  return (body as { id: string }).id;
};

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  patient = idOf(await ehr.post('fhir/Patient', { resourceType: 'Patient' }));
  lab = idOf(await ehr.post('fhir/Observation', observation('laboratory')));
  vital = idOf(
    await ehr.post(
      'fhir/Observation',
      observation('vital-signs', { hasMember: [{ reference: `Observation/${lab}` }] }),
    ),
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const as = async (...scopes: readonly string[]): Promise<HttpClient> =>
  httpClient(server.url, await server.token('ehr', scopes.join(' ')));
const reader = (): Promise<HttpClient> => as(`system/Observation.rs?${LAB}`, 'system/Patient.rs');
const writer = (): Promise<HttpClient> => as(`system/Observation.cruds?${LAB}`, 'system/Patient.rs');

const idsIn = ({ body }: HttpAnswer): readonly string[] =>
  ((body as { entry?: { resource?: { id?: string } }[] }).entry ?? []).flatMap(
    ({ resource }) => resource?.id ?? [],
  );

describe('Reading with a query scope', () => {
  it('filters the row: what is outside answers as what is not there (SC-04).', async () => {
    const client = await reader();

    expect((await client.get(`fhir/Observation/${lab}`)).status).toBe(200);
    expect((await client.get(`fhir/Observation/${vital}`)).status).toBe(404);
    expect((await client.get('fhir/Observation/never-was')).status).toBe(404);
  });

  it('ANDs the filter to every search, its total, and other criteria (SC-04).', async () => {
    const client = await reader();
    const all = await client.get('fhir/Observation?_total=accurate');

    expect(idsIn(all)).toEqual([lab]);
    expect((all.body as { total: number }).total).toBe(1);
    expect(idsIn(await client.get(`fhir/Observation?_id=${vital}`))).toEqual([]);
    expect(idsIn(await client.get('fhir/Observation?category=vital-signs,laboratory'))).toEqual([lab]);
    expect(idsIn(await client.get(`fhir/Patient/${patient}/Observation`))).toEqual([lab]);
  });

  it('gives no earlier versions, which may be outside (SC-04).', async () => {
    const client = await reader();

    expect((await client.get(`fhir/Observation/${lab}/_history/1`)).status).toBe(403);
    expect((await client.get(`fhir/Observation/${lab}/_history`)).status).toBe(403);
    expect((await client.get('fhir/Observation/_history')).status).toBe(403);
  });

  it.each([
    ['_revinclude', () => `fhir/Patient?_id=${patient}&_revinclude=Observation:subject`],
    ['_include', () => `fhir/Observation?_id=${lab}&_revinclude=Observation:has-member`],
    ['$everything', () => `fhir/Patient/${patient}/$everything`],
    ['a system search', () => 'fhir/?_type=Observation,Patient'],
    ['a batch', () => undefined],
  ])('lets nothing else in by %s (SC-03).', async (_name, path) => {
    const client = await reader();
    const url = path();
    const answer =
      url === undefined
        ? await client.post('fhir/', {
            resourceType: 'Bundle',
            type: 'batch',
            entry: [lab, vital].map((id) => ({ request: { method: 'GET', url: `Observation/${id}` } })),
          })
        : await client.get(url);

    expect(answer.status).toBe(200);
    expect(idsIn(answer)).toContain(lab);
    expect(JSON.stringify(answer.body)).not.toContain('vital-signs');
  });

  it.each([
    ['_has', () => `fhir/Patient?_has:Observation:subject:category=vital-signs`],
    ['a chain', () => 'fhir/Observation?has-member.category=vital-signs'],
  ])('answers nothing about what is outside by %s (SC-03).', async (_name, path) => {
    expect(idsIn(await (await reader()).get(path()))).toEqual([]);
  });

  it('makes a view of what is within it alone (SC-03).', async () => {
    const answer = await (
      await reader()
    ).post(
      'fhir/ViewDefinition/$viewdefinition-run',
      {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'viewResource',
            resource: {
              resourceType: 'ViewDefinition',
              resource: 'Observation',
              select: [{ column: [{ name: 'id', path: 'getResourceKey()' }] }],
            },
          },
        ],
      },
      { accept: 'application/x-ndjson' },
    );

    expect([answer.status, JSON.stringify(answer.body)]).toEqual([200, expect.stringContaining(lab)]);
    expect(JSON.stringify(answer.body)).not.toContain(vital);
  });

  it('tells no label of what is outside (SC-03).', async () => {
    const tagged = (code: string) => ({ meta: { tag: [{ system: 'https://example.org/tag', code }] } });
    await ehr.post('fhir/Observation', observation('laboratory', tagged('inside')));
    await ehr.post('fhir/Observation', observation('vital-signs', tagged('outside')));
    const labels = JSON.stringify((await (await reader()).get('fhir/Observation/$meta')).body);

    expect(labels).toContain('inside');
    expect(labels).not.toContain('outside');
  });

  it('matches no person outside (SC-03).', async () => {
    const person = {
      resourceType: 'Patient',
      name: [{ family: 'Treff', given: ['Tora'] }],
      birthDate: '1970-01-02',
    };
    const inside = idOf(await ehr.post('fhir/Patient', person));
    const outside = idOf(await ehr.post('fhir/Patient', person));
    const answer = await (
      await as(`system/Patient.rs?_id=${inside}`)
    ).post('fhir/Patient/$match', {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: person }],
    });

    expect(idsIn(answer)).toEqual([inside]);
    expect(JSON.stringify(answer.body)).not.toContain(outside);
  });

  it('takes the union of scopes, each with its own constraint (SC-06).', async () => {
    const both = await as(`system/Observation.rs?${LAB}`, `system/Observation.rs?category=vital-signs`);

    expect(idsIn(await both.get(`fhir/Observation?_id=${lab},${vital}`)).toSorted()).toEqual(
      [lab, vital].toSorted(),
    );
  });
});

describe('Writing with a query scope', () => {
  it('makes what satisfies it, and nothing else (SC-04).', async () => {
    const client = await writer();

    expect((await client.post('fhir/Observation', observation('laboratory'))).status).toBe(201);
    expect((await client.post('fhir/Observation', observation('vital-signs'))).status).toBe(403);
    expect(
      (await client.put('fhir/Observation/put-vital', observation('vital-signs', { id: 'put-vital' })))
        .status,
    ).toBe(403);
    expect((await ehr.get('fhir/Observation/put-vital')).status).toBe(404);
  });

  it('moves no row out of it, and none into it (SC-04).', async () => {
    const client = await writer();
    const own = idOf(await ehr.post('fhir/Observation', observation('laboratory')));
    const other = idOf(await ehr.post('fhir/Observation', observation('vital-signs')));
    const out = await client.put(`fhir/Observation/${own}`, observation('vital-signs', { id: own }));
    const into = await client.put(`fhir/Observation/${other}`, observation('laboratory', { id: other }));
    const patched = await client.patch(
      `fhir/Observation/${own}`,
      [{ op: 'replace', path: '/category/0/coding/0/code', value: 'vital-signs' }],
      { 'content-type': 'application/json-patch+json' },
    );
    const within = await client.put(
      `fhir/Observation/${own}`,
      observation('laboratory', { id: own, code: { text: 'ny' } }),
    );

    expect([out.status, into.status, patched.status, within.status]).toEqual([403, 404, 403, 200]);
    expect(JSON.stringify((await ehr.get(`fhir/Observation/${other}`)).body)).toContain('vital-signs');
  });

  it('deletes nothing outside of it (SC-04).', async () => {
    const client = await writer();
    const other = idOf(await ehr.post('fhir/Observation', observation('vital-signs')));

    expect((await client.delete(`fhir/Observation/${other}`)).status).toBe(404);
    expect((await ehr.get(`fhir/Observation/${other}`)).status).toBe(200);
  });

  it('fails a transaction whole, and an entry of a batch alone (SC-03).', async () => {
    const client = await writer();
    const entry = (category: string, text: string) => ({
      resource: observation(category, { code: { text } }),
      request: { method: 'POST', url: 'Observation' },
    });
    const bundle = (type: string, text: string) => ({
      resourceType: 'Bundle',
      type,
      entry: [entry('laboratory', text), entry('vital-signs', text)],
    });
    const transaction = await client.post('fhir/', bundle('transaction', 'in-transaction'));
    const batch = await client.post('fhir/', bundle('batch', 'in-batch'));
    const stored = await ehr.get('fhir/Observation?_count=100');
    const textsOf = (text: string): number =>
      JSON.stringify(stored.body).split(`"text":"${text}"`).length - 1;

    expect(transaction.status).toBe(403);
    expect(
      (batch.body as { entry: { response: { status: string } }[] }).entry.map(({ response }) =>
        response.status.slice(0, 3),
      ),
    ).toEqual(['201', '403']);
    expect([textsOf('in-transaction'), textsOf('in-batch')]).toEqual([0, 1]);
  });

  it('matches no condition by what is outside (SC-03).', async () => {
    const client = await writer();
    const answer = await client.post('fhir/Observation', observation('laboratory'), {
      'if-none-exist': `_id=${vital}`,
    });

    expect(answer.status).toBe(201);
  });
});

describe('A scope that cannot be held to', () => {
  it.each(['category:not=x', 'subject.name=x', 'nonsense=x', '_count=1'])(
    'is not granted: ?%s (SC-04, SC-07).',
    async (query) => {
      await expect(server.token('ehr', `system/Observation.rs?${query}`)).rejects.toThrow(/invalid_scope/);
    },
  );
});
