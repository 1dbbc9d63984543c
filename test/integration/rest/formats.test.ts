/** Content negotiation, XML and Binary over HTTP: https://hl7.org/fhir/R4/http.html#mime-type */
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';

const XML = { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' };
const PATIENT = '<Patient xmlns="http://hl7.org/fhir"><birthDate value="2000-01-01"/></Patient>';

let server: TestApp;
let ehr: HttpClient;
let token: string;

beforeAll(async () => {
  server = await startTestApp({ MAX_BUNDLE_ENTRIES: '5', MAX_BUNDLE_BYTES: '20000' });
  token = await server.token('ehr');
  ehr = await server.client('ehr');
  await ehr.put('fhir/Patient/known', { resourceType: 'Patient', id: 'known', birthDate: '2000-01-01' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const fetchRaw = (
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${server.url}/${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

describe('XML over HTTP', () => {
  it('is taken and given back for create, read, update, search and history.', async () => {
    const created = await ehr.send('POST', 'fhir/Patient', { body: PATIENT, headers: XML });
    const [, id = ''] = /<id value="([^"]+)"/.exec(String(created.body)) ?? [];
    const answers = [
      await ehr.get(`fhir/Patient/${id}`, XML),
      await ehr.get(`fhir/Patient?_id=${id}`, XML),
      await ehr.get(`fhir/Patient/${id}/_history`, XML),
      await ehr.send('PUT', `fhir/Patient/${id}`, {
        body: PATIENT.replace('<birthDate', `<id value="${id}"/><birthDate`).replace('2000', '2001'),
        headers: XML,
      }),
    ];

    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toBe('application/fhir+xml; charset=utf-8');
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.map(({ body }) => /<(\w+) xmlns/.exec(String(body))?.[1])).toEqual([
      'Patient',
      'Bundle',
      'Bundle',
      'Patient',
    ]);
    expect(String(answers[3]?.body)).toContain('2001-01-01');
  });

  it('carries transactions and their refusals.', async () => {
    const bundle = (inner: string): string =>
      `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource>${inner}</resource>` +
      '<request><method value="POST"/><url value="Patient"/></request></entry></Bundle>';
    const patient = '<Patient><birthDate value="2000-01-01"/></Patient>';

    const stored = await ehr.send('POST', 'fhir', { body: bundle(patient), headers: XML });
    const refused = await ehr.send('POST', 'fhir', {
      body: bundle(patient.replace('2000-01-01', 'x')),
      headers: XML,
    });

    expect([stored.status, refused.status]).toEqual([200, 400]);
    expect(String(stored.body)).toContain('<status value="201 Created"/>');
    expect(String(refused.body)).toContain('<expression value="Bundle.entry[0].resource.birthDate"/>');
  });

  it('is the form of errors too, also of those before anything is read.', async () => {
    const missing = await ehr.get('fhir/Patient/never-was', XML);
    const broken = await ehr.send('POST', 'fhir/Patient', { body: '<Patient>', headers: XML });
    const statement = await ehr.get('fhir/metadata', XML);

    expect(String(missing.body)).toContain('<OperationOutcome xmlns="http://hl7.org/fhir">');
    expect([broken.status, String(broken.body)]).toEqual([400, expect.stringContaining('line 1')]);
    expect(String(statement.body)).toContain('<CapabilityStatement xmlns="http://hl7.org/fhir">');
  });

  it.each([
    ['application/fhir+xml;q=0.5, application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['application/fhir+json;q=0.5, application/fhir+xml;q=0.9', 'application/fhir+xml; charset=utf-8'],
    ['text/html, application/xml;q=0.9, */*;q=0.8', 'application/fhir+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['text/xml', 'text/xml; charset=utf-8'],
    ['application/fhir+json; fhirVersion=4.0', 'application/fhir+json; charset=utf-8; fhirVersion=4.0'],
    ['application/fhir+xml; fhirVersion=5.0, application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['*/*', 'application/fhir+json; charset=utf-8'],
  ])('is chosen by weight: Accept %s.', async (accept, expected) => {
    const answer = await ehr.get('fhir/Patient/known', { accept });

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expected]);
  });

  it.each([
    ['xml', 'application/fhir+xml; charset=utf-8'],
    ['application/fhir%2Bxml', 'application/fhir+xml; charset=utf-8'],
    ['application/fhir+xml', 'application/fhir+xml; charset=utf-8'],
    ['text/json', 'application/fhir+json; charset=utf-8'],
  ])('is asked for by _format=%s before Accept.', async (format, expected) => {
    const answer = await ehr.get(`fhir/Patient/known?_format=${format}`, { accept: 'text/turtle' });

    expect(answer.headers.get('content-type')).toBe(expected);
  });
});

describe('A Binary', () => {
  it('is sent and read as what it holds, as a download that runs nothing.', async () => {
    const bytes = Buffer.from([0, 1, 2, 0xff]);

    const created = await fetchRaw('fhir/Binary', {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'image/png', accept: 'application/fhir+json' },
    });
    const { id } = (await created.json()) as { id: string };
    const native = await fetchRaw(`fhir/Binary/${id}`, { headers: { accept: 'image/*' } });
    const resource = await ehr.get(`fhir/Binary/${id}`);
    const other = await fetchRaw(`fhir/Binary/${id}`, { headers: { accept: 'application/pdf' } });

    expect(created.status).toBe(201);
    expect([native.headers.get('content-type'), Buffer.from(await native.arrayBuffer())]).toEqual([
      'image/png',
      bytes,
    ]);
    expect([
      native.headers.get('content-disposition'),
      native.headers.get('content-security-policy'),
    ]).toEqual(['attachment', "sandbox; default-src 'none'"]);
    expect(resource.body).toMatchObject({
      resourceType: 'Binary',
      contentType: 'image/png',
      data: bytes.toString('base64'),
    });
    expect(other.status).toBe(406);
  });
});

describe('Compression', () => {
  it('is undone for requests, within the limit of the unpacked body.', async () => {
    const send = (body: object): Promise<Response> =>
      fetchRaw('fhir/Patient', {
        method: 'POST',
        body: gzipSync(JSON.stringify(body)),
        headers: { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' },
      });

    const small = await send({ resourceType: 'Patient', birthDate: '2000-01-01' });
    const bomb = await send({ resourceType: 'Patient', name: [{ text: 'a'.repeat(2_000_000) }] });

    expect([small.status, bomb.status]).toEqual([201, 413]);
    expect(((await bomb.json()) as { resourceType: string }).resourceType).toBe('OperationOutcome');
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('is %s for answers where it is accepted.', async (encoding, unpack) => {
    const { request } = await import('node:http');
    const [header, bytes] = await new Promise<[string | undefined, Buffer]>((resolve, reject) => {
      request(`${server.url}/fhir/metadata`, { headers: { 'accept-encoding': encoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve([response.headers['content-encoding'], Buffer.concat(chunks)]));
      })
        .on('error', reject)
        .end();
    });

    expect(header).toBe(encoding);
    expect(unpack(bytes).toString()).toContain('CapabilityStatement');
  });
});

describe('Limits of Bundles', () => {
  it('are those of the settings.', async () => {
    const entry = { request: { method: 'GET', url: 'Patient/known' } };
    const many = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: Array(6).fill(entry),
    });
    const large = await ehr.post('fhir', { resourceType: 'Bundle', type: 'batch', id: 'x'.repeat(30_000) });

    expect([many.status, large.status]).toEqual([413, 413]);
    expect(JSON.stringify(large.body)).toContain('20000 bytes');
  });
});

describe('What is no HTTP request', () => {
  it.each([
    [
      'headers that are too large',
      `GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
      431,
    ],
    ['a line that is none', 'NONSENSE\r\n\r\n', 400],
  ])('is answered with an OperationOutcome: %s.', async (_what, text, status) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      let received = '';
      socket.on('data', (data) => (received += data.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
      socket.write(text);
    });

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('"resourceType":"OperationOutcome"');
  });
});
