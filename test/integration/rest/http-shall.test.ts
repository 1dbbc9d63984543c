/**
 * The sentences of https://hl7.org/fhir/R4/http.html that say SHALL of a server, in the page's order, and that no other suite
 * here is named after.
 */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: JsonObject & { readonly meta: JsonObject };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly status: string; readonly location?: string; readonly etag?: string };
}

let server: TestApp;
let ehr: HttpClient;
beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const basic = (parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Basic',
  code: { text: 'SHALL' },
  ...parts,
});
const entriesOf = ({ body }: HttpAnswer): readonly Entry[] =>
  (body as { readonly entry?: readonly Entry[] }).entry ?? [];
const metaOf = ({ body }: HttpAnswer): JsonObject => (body as { readonly meta: JsonObject }).meta;
const idOf = ({ body }: HttpAnswer): string => (body as { readonly id: string }).id;
const outcome = expect.objectContaining({ resourceType: 'OperationOutcome' }) as unknown;

describe('create', () => {
  it('ignores id, versionId and lastUpdated of what is sent, and sets its own.', async () => {
    const sent = basic({ id: 'chosen', meta: { versionId: '7', lastUpdated: '2001-01-01T00:00:00Z' } });

    const answer = await ehr.post('fhir/Basic', sent);

    expect(answer.status).toBe(201);
    expect(idOf(answer)).not.toBe('chosen');
    expect(metaOf(answer)).toMatchObject({ versionId: '1' });
    expect(String(metaOf(answer)['lastUpdated'])).not.toMatch(/^2001/);
    expect((await ehr.get('fhir/Basic/chosen')).status).toBe(404);
  });

  it('gives the address of the version in Location, its version in ETag, its time in Last-Modified.', async () => {
    const answer = await ehr.post('fhir/Basic', basic());
    const location = answer.headers.get('location') ?? '';

    expect(location).toBe(`${server.config.fhirBase}/Basic/${idOf(answer)}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(new Date(answer.headers.get('last-modified') ?? '').getTime()).toBe(
      Math.floor(Date.parse(String(metaOf(answer)['lastUpdated'])) / 1000) * 1000,
    );
    expect((await ehr.get(location)).body).toEqual(answer.body);
  });

  it('refuses a body of another type than the address names, a type that is none, and a body that is no JSON.', async () => {
    const answers = [
      await ehr.post('fhir/Patient', basic()),
      await ehr.post('fhir/Basics', basic()),
      await ehr.post('fhir/Basic', '{"resourceType":'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 404, 400]);
    expect(answers.map(({ body }) => body)).toEqual([outcome, outcome, outcome]);
  });
});

describe('read', () => {
  it('gives the resource with the id of its address, ETag and Last-Modified.', async () => {
    const { body } = await ehr.put('fhir/Basic/to-read', basic({ id: 'to-read' }));

    const answer = await ehr.get('fhir/Basic/to-read');

    expect(answer.body).toEqual(body);
    expect([answer.status, idOf(answer), answer.headers.get('etag')]).toEqual([200, 'to-read', 'W/"1"']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json; ?charset=utf-8$/i);
  });

  it('of what is deleted is 410, of what never was 404, of a type that is none 404.', async () => {
    await ehr.put('fhir/Basic/to-delete', basic({ id: 'to-delete' }));
    await ehr.delete('fhir/Basic/to-delete');

    const answers = [
      await ehr.get('fhir/Basic/to-delete'),
      await ehr.get('fhir/Basic/never-was'),
      await ehr.get('fhir/Basics/1'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([410, 404, 404]);
    expect(answers.map(({ body }) => body)).toEqual([outcome, outcome, outcome]);
  });
});

describe('update', () => {
  it('takes a body with the id of its address alone.', async () => {
    const answers = [
      await ehr.put('fhir/Basic/mine', basic()),
      await ehr.put('fhir/Basic/mine', basic({ id: 'yours' })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    expect((await ehr.get('fhir/Basic/mine')).status).toBe(404);
  });

  it('ignores versionId and lastUpdated of what is sent, keeps the rest of meta, and says 201 when it creates.', async () => {
    const tag = [{ system: 'urn:tags', code: 'kept' }];
    const sent = basic({
      id: 'meta',
      meta: { versionId: '9', lastUpdated: '2001-01-01T00:00:00Z', tag },
    });

    const created = await ehr.put('fhir/Basic/meta', sent);
    const updated = await ehr.put('fhir/Basic/meta', { ...sent, code: { text: 'changed' } });

    expect([created.status, updated.status]).toEqual([201, 200]);
    expect(created.headers.get('location')).toMatch(/\/Basic\/meta\/_history\/1$/);
    expect([metaOf(created), metaOf(updated)]).toMatchObject([
      { versionId: '1', tag },
      { versionId: '2', tag },
    ]);
  });
});

describe('history', () => {
  it('has every version newest first, a deletion without its resource, and for each what was asked and answered.', async () => {
    await ehr.put('fhir/Basic/storied', basic({ id: 'storied' }));
    await ehr.put('fhir/Basic/storied', basic({ id: 'storied', code: { text: 'second' } }));
    await ehr.delete('fhir/Basic/storied');

    const answer = await ehr.get('fhir/Basic/storied/_history');

    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'history' });
    expect(entriesOf(answer).map(({ request }) => request)).toEqual([
      { method: 'DELETE', url: 'Basic/storied' },
      { method: 'PUT', url: 'Basic/storied' },
      { method: 'POST', url: 'Basic' }, // the first version, however it was made
    ]);
    expect(entriesOf(answer).map(({ response }) => response)).toMatchObject([
      { etag: 'W/"3"', status: expect.stringMatching(/^204/) },
      { etag: 'W/"2"', status: expect.stringMatching(/^200/) },
      { etag: 'W/"1"', status: expect.stringMatching(/^201/) },
    ]);
    expect(entriesOf(answer).map(({ resource }) => resource?.meta['versionId'])).toEqual([
      undefined,
      '2',
      '1',
    ]);
    expect((await ehr.get('fhir/Basic/storied/_history/3')).status).toBe(410);
  });
});

describe('A transaction', () => {
  it('answers its entries in the order they came in, whatever the order they are worked in.', async () => {
    await ehr.put('fhir/Basic/goes', basic({ id: 'goes' }));
    const answer = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { request: { method: 'GET', url: 'Basic/comes' } },
        { request: { method: 'PUT', url: 'Basic/comes' }, resource: basic({ id: 'comes' }) },
        { request: { method: 'POST', url: 'Basic' }, resource: basic() },
        { request: { method: 'DELETE', url: 'Basic/goes' } },
      ],
    });

    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
    expect(entriesOf(answer).map(({ response }) => response)).toMatchObject([
      { status: expect.stringMatching(/^200/) },
      {
        status: expect.stringMatching(/^201/),
        etag: 'W/"1"',
        location: expect.stringContaining('Basic/comes/'),
      },
      { status: expect.stringMatching(/^201/), etag: 'W/"1"', location: expect.stringContaining('Basic/') },
      { status: expect.stringMatching(/^204/) },
    ]);
    expect(entriesOf(answer)[0]?.resource).toMatchObject({ id: 'comes' });
  });

  it('in which one resource is written twice is refused, and changes nothing.', async () => {
    const entry = (text: string): JsonObject => ({
      request: { method: 'PUT', url: 'Basic/twice' },
      resource: basic({ id: 'twice', code: { text } }),
    });

    const answer = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry('one'), entry('two')],
    });

    expect([answer.status, answer.body]).toEqual([400, outcome]);
    expect((await ehr.get('fhir/Basic/twice')).status).toBe(404);
  });
});

describe('A batch', () => {
  it('answers as many entries as it has, in their order, with an outcome for each that fails.', async () => {
    const answer = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: 'Basic/never-was' } },
        { request: { method: 'POST', url: 'Basic' }, resource: basic() },
      ],
    });

    expect(answer.body).toMatchObject({
      type: 'batch-response',
      entry: [
        { response: { status: expect.stringMatching(/^404/), outcome } },
        { response: { status: expect.stringMatching(/^201/) } },
      ],
    });
  });
});

describe('A search', () => {
  it('gives the same by GET and by POST, as a searchset that says which search it was.', async () => {
    await ehr.post('fhir/Basic', basic({ identifier: [{ system: 'urn:shall', value: 'found' }] }));

    const get = await ehr.get('fhir/Basic?identifier=urn:shall|found');
    const post = await ehr.postForm('fhir/Basic/_search', { identifier: 'urn:shall|found' });

    expect(get.body).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      link: [{ relation: 'self', url: expect.stringContaining('Basic?identifier=') }],
    });
    expect(entriesOf(get)).toMatchObject([{ search: { mode: 'match' } }]);
    expect(entriesOf(post)).toEqual(entriesOf(get));
  });
});

describe('capabilities', () => {
  it('are given to everybody as a CapabilityStatement, also with HEAD.', async () => {
    const nobody = ehr.withToken('');
    const answer = await nobody.get('fhir/metadata');
    const head = await nobody.send('HEAD', 'fhir/metadata');

    expect(answer.body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
    expect([answer.status, head.status, head.body]).toEqual([200, 200, undefined]);
  });
});
