/** What goes on beside what is refused: warnings, POST _search, batches, HEAD, OPTIONS. https://hl7.org/fhir/R4/http.html */
import type { OperationOutcome } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { creating, GOOD, putPatients } from '../../support/refusals.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  await putPatients(ehr);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('Beside what is refused', () => {
  it('lenient handling ignores an unknown parameter and says so.', async () => {
    const answer = await ehr.get('fhir/Patient?colour=red&_id=known', { prefer: 'handling=lenient' });
    const { entry, link } = answer.body as {
      entry: { search: { mode: string }; resource: OperationOutcome }[];
      link: { url: string }[];
    };
    const warning = entry.find(({ search }) => search.mode === 'outcome')?.resource;

    expect(answer.status).toBe(200);
    expect(warning?.issue[0]).toMatchObject({ severity: 'warning' });
    expect(warning?.issue[0]?.diagnostics).toContain('colour');
    expect(link[0]?.url).toBe(`${server.url}/fhir/Patient?_id=known`);
  });

  it('a fødselsnummer is searched by POST.', async () => {
    const answer = await ehr.postForm('fhir/Patient/_search', { identifier: `${FNR}|15838510156` });

    expect(answer.status).toBe(200);
  });

  it('each entry of a batch stands alone.', async () => {
    const answer = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        creating(GOOD),
        creating({ resourceType: 'Patient', gender: 'x' }),
        { request: { method: 'GET', url: 'Patient/never-was' } },
        { request: { method: 'GET', url: 'Patient?_id=known' } },
        { request: { method: 'DELETE', url: 'AuditEvent/1' } },
        { request: { method: 'GET', url: 'Patient/known/$everything' } },
        { request: { method: 'GET', url: 'Patient/a\u0000b' } },
        1,
      ],
    });
    const { entry } = answer.body as {
      entry: { response: { status: string; outcome?: OperationOutcome } }[];
    };

    expect(answer.status).toBe(200);
    expect(entry.map(({ response }) => response.status)).toEqual([
      '201 Created',
      '422 Unprocessable Entity',
      '404 Not Found',
      '200 OK',
      '405 Method Not Allowed',
      '404 Not Found',
      '400 Bad Request',
      '400 Bad Request',
    ]);
    expect(entry[1]?.response.outcome?.issue[0]?.expression).toEqual(['Patient.gender']);
  });

  it('HEAD answers like GET without the body.', async () => {
    const get = await ehr.get('fhir/Patient/known');
    const head = await ehr.send('HEAD', 'fhir/Patient/known');

    expect([head.status, head.body]).toEqual([200, undefined]);
    for (const name of ['etag', 'last-modified', 'content-type']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    expect((await ehr.send('HEAD', 'fhir/Patient/never-was')).status).toBe(404);
  });

  it('no other site may read with a browser: OPTIONS grants nothing.', async () => {
    const answer = await fetch(`${server.url}/fhir/Patient`, {
      method: 'OPTIONS',
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' },
    });

    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
