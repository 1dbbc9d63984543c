/** The smaller promises of the RESTful API: https://hl7.org/fhir/R4/http.html */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  await ehr.put('fhir/Patient/known', {
    resourceType: 'Patient',
    id: 'known',
    birthDate: '2000-01-01',
    name: [{ family: 'Testesen' }],
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const bundle = (type: string, ...entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const entriesOf = (body: unknown): readonly JsonObject[] => (body as { entry: JsonObject[] }).entry;

describe('A conditional read', () => {
  it.each([
    ['If-None-Match with this version', { 'if-none-match': 'W/"1"' }, 304],
    ['If-None-Match with any', { 'if-none-match': '*' }, 304],
    ['If-None-Match with another', { 'if-none-match': 'W/"9"' }, 200],
    ['If-Modified-Since later', { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 304],
    ['If-Modified-Since earlier', { 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }, 200],
    [
      'If-None-Match before If-Modified-Since',
      { 'if-none-match': 'W/"9"', 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
      200,
    ],
  ])('answers %s.', async (_what, headers, status) => {
    const current = await ehr.get('fhir/Patient/known', headers);
    const version = await ehr.get('fhir/Patient/known/_history/1', headers);

    expect([current.status, version.status]).toEqual([status, status]);
    expect(current.headers.get('etag')).toBe('W/"1"');
  });

  it('stands in Bundles too.', async () => {
    const { body } = await ehr.post(
      'fhir',
      bundle(
        'batch',
        { request: { method: 'GET', url: 'Patient/known', ifNoneMatch: 'W/"1"' } },
        { request: { method: 'GET', url: 'Patient/known', ifModifiedSince: '2015-01-01T00:00:00Z' } },
        { request: { method: 'HEAD', url: 'Patient/known' } },
      ),
    );

    expect(entriesOf(body).map(({ response }) => (response as JsonObject)['status'])).toEqual([
      '304 Not Modified',
      '200 OK',
      '200 OK',
    ]);
    expect(entriesOf(body).map(({ resource }) => resource !== undefined)).toEqual([false, true, false]);
  });
});

describe('HEAD', () => {
  it.each([
    'metadata',
    'Patient',
    'Patient/known',
    'Patient/known/_history',
    'Patient/known/_history/1',
    '_history',
    'Patient/_history',
    '?_type=Patient',
  ])('of %s is GET without the body.', async (path) => {
    const head = await ehr.send('HEAD', `fhir/${path}`);
    const get = await ehr.get(`fhir/${path}`);

    expect([head.status, head.body]).toEqual([200, undefined]);
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  });
});

describe('OPTIONS', () => {
  it('says which methods an address has, and opens nothing to other origins.', async () => {
    const answer = await ehr.send('OPTIONS', 'fhir/Patient/known', {
      headers: { origin: 'https://other.example' },
    });

    expect([answer.status, answer.headers.get('allow')]).toEqual([
      204,
      'GET, HEAD, PUT, PATCH, DELETE, OPTIONS',
    ]);
    expect(answer.headers.get('accept-patch')).toContain('application/json-patch+json');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('Prefer: return', () => {
  const patient = { resourceType: 'Patient', birthDate: '2000-01-01' };

  it.each([
    ['minimal', undefined],
    ['representation', 'Patient'],
    ['OperationOutcome', 'OperationOutcome'],
  ])('%s is heeded by create, update, patch, delete and transactions.', async (preference, expected) => {
    const prefer = { prefer: `return=${preference}` };
    const created = await ehr.post('fhir/Patient', patient, prefer);
    const [, id = ''] = /Patient\/([^/]+)/.exec(created.headers.get('location') ?? '') ?? [];
    const updated = await ehr.put(`fhir/Patient/${id}`, { ...patient, id, active: true }, prefer);
    const patched = await ehr.patch(`fhir/Patient/${id}`, [{ op: 'remove', path: '/active' }], {
      ...prefer,
      'content-type': 'application/json-patch+json',
    });
    const many = await ehr.post(
      'fhir',
      bundle('transaction', { resource: patient, request: { method: 'POST', url: 'Patient' } }),
      prefer,
    );
    const deleted = await ehr.delete(`fhir/Patient/${id}`, prefer);

    const typeOf = (body: unknown): unknown => (body as JsonObject | undefined)?.['resourceType'];
    const [entry] = entriesOf(many.body);
    const inEntry = entry?.['resource'] ?? (entry?.['response'] as JsonObject)['outcome'];
    expect([created, updated, patched].map(({ body }) => typeOf(body))).toEqual([
      expected,
      expected,
      expected,
    ]);
    expect(typeOf(inEntry)).toBe(expected);
    expect(deleted.status).toBe(preference === 'OperationOutcome' ? 200 : 204);
  });
});

describe('A transaction', () => {
  it('reads and searches what it has stored.', async () => {
    const value = crypto.randomUUID();
    const { body } = await ehr.post(
      'fhir',
      bundle(
        'transaction',
        { request: { method: 'GET', url: `Patient?identifier=http://example.no/t|${value}` } },
        {
          resource: {
            resourceType: 'Patient',
            birthDate: '2000-01-01',
            identifier: [{ system: 'http://example.no/t', value }],
          },
          request: { method: 'POST', url: 'Patient' },
        },
      ),
    );

    expect(entriesOf(body)[0]?.['resource']).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
    });
  });

  it('replaces names of entries in addresses and narratives, and leaves other texts alone.', async () => {
    const binary = 'urn:uuid:5b5d51d2-9c0b-4b6f-8a8d-111111111111';
    const { body } = await ehr.post(
      'fhir',
      bundle(
        'transaction',
        {
          fullUrl: binary,
          resource: { resourceType: 'Binary', contentType: 'text/plain', data: 'SGVp' },
          request: { method: 'POST', url: 'Binary' },
        },
        {
          resource: {
            resourceType: 'DocumentReference',
            status: 'current',
            text: {
              status: 'generated',
              div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${binary}">brev</a> ${binary}</div>`,
            },
            subject: { reference: 'Patient/known' },
            identifier: [{ system: 'urn:ietf:rfc:3986', value: binary }],
            content: [{ attachment: { contentType: 'text/plain', url: binary } }],
          },
          request: { method: 'POST', url: 'DocumentReference' },
        },
      ),
    );
    const [stored, document] = entriesOf(body).map(({ response }) =>
      String((response as JsonObject)['location']).replace(/\/_history.*/, ''),
    );
    const { body: read } = await ehr.get(`fhir/${document ?? ''}`);

    expect(read).toMatchObject({
      text: {
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${stored ?? ''}">brev</a> ${binary}</div>`,
      },
      identifier: [{ value: binary }],
      content: [{ attachment: { url: stored } }],
    });
  });

  it('takes absolute addresses of this server, and keeps references to versions.', async () => {
    const { status, body } = await ehr.post(
      'fhir',
      bundle('transaction', {
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: `${server.url}/fhir/Patient/known` },
          focus: [{ reference: 'Patient/known/_history/1' }],
        },
        request: { method: 'POST', url: `${server.url}/fhir/Observation` },
      }),
      { prefer: 'return=representation' },
    );

    expect(status).toBe(200);
    expect(entriesOf(body)[0]?.['resource']).toMatchObject({
      subject: { reference: 'Patient/known' },
      focus: [{ reference: 'Patient/known/_history/1' }],
    });
  });
});

describe('A history', () => {
  it('gives parts of versions, tagged as such.', async () => {
    const { body } = await ehr.get('fhir/Patient/known/_history?_elements=birthDate');

    expect(entriesOf(body)[0]?.['resource']).toMatchObject({
      birthDate: '2000-01-01',
      meta: { tag: [{ code: 'SUBSETTED' }] },
    });
    expect(JSON.stringify(body)).not.toContain('Testesen');
  });

  it.each([
    '_since=2020',
    '_since=2020-01-01T00:00:00%2B01:00',
    '_since=2020-01-01T00:00:00+01:00',
    '_at=2100-01-01',
  ])('understands %s.', async (query) => {
    const { status, body } = await ehr.get(`fhir/Patient/known/_history?${query}`);

    expect(status).toBe(200);
    expect(entriesOf(body)).toHaveLength(1);
  });
});
