/** https://hl7.org/fhir/R4/http.html */
import type { HttpClient } from '../../support/http-client.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

describe('The FHIR API', () => {
  let server: TestApp;
  let ehr: HttpClient;

  beforeAll(async () => {
    server = await startTestApp();
    ehr = await server.client('ehr');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('creates, reads, updates with If-Match, and keeps every version.', async () => {
    const created = await ehr.post('fhir/Patient', { resourceType: 'Patient', birthDate: '1985-03-15' });
    const patient = created.body as { id: string };
    const updated = await ehr.put(
      `fhir/Patient/${patient.id}`,
      { ...patient, gender: 'female' },
      { 'if-match': 'W/"1"' },
    );
    const stale = await ehr.put(
      `fhir/Patient/${patient.id}`,
      { ...patient, gender: 'male' },
      { 'if-match': 'W/"1"' },
    );
    const first = await ehr.get(`fhir/Patient/${patient.id}/_history/1`);
    const history = await ehr.get(`fhir/Patient/${patient.id}/_history`);

    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`${server.url}/fhir/Patient/${patient.id}/_history/1`);
    expect(updated.status).toBe(200);
    expect(updated.headers.get('etag')).toBe('W/"2"');
    expect(stale.status).toBe(412);
    expect(first.body).not.toHaveProperty('gender');
    expect((history.body as { entry: unknown[] }).entry).toHaveLength(2);
  });

  it('answers 410 for what was deleted and 404 for what never was.', async () => {
    const created = await ehr.post('fhir/Patient', { resourceType: 'Patient' });
    const { id } = created.body as { id: string };
    const deleted = await ehr.delete(`fhir/Patient/${id}`);

    expect(deleted.status).toBe(204);
    expect((await ehr.get(`fhir/Patient/${id}`)).status).toBe(410);
    expect((await ehr.get('fhir/Patient/never-was')).status).toBe(404);
  });

  it('stores nothing of a transaction with one bad entry.', async () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
          resource: { resourceType: 'Patient', identifier: [{ system: 'urn:test', value: 'only-good' }] },
          request: { method: 'POST', url: 'Patient' },
        },
        {
          resource: { resourceType: 'Patient', gender: 'unknwon' },
          request: { method: 'POST', url: 'Patient' },
        },
      ],
    };
    const refused = await ehr.post('fhir', bundle);
    const found = await ehr.get('fhir/Patient?identifier=urn:test|only-good');

    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain('Bundle.entry[1].resource.gender');
    expect((found.body as { total: number }).total).toBe(0);
  });

  it('keeps the digits of decimals (LM-02).', async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"vekt"},"valueQuantity":{"value":68.50,"unit":"kg"}}';
    const created = await ehr.send('POST', 'fhir/Observation', {
      body: text,
      headers: { 'content-type': 'application/fhir+json' },
    });
    const { id } = created.body as { id: string };
    const raw = await fetch(`${server.url}/fhir/Observation/${id}`, {
      headers: { authorization: `Bearer ${await server.token('ehr')}` },
    });

    expect(await raw.text()).toContain('"value":68.50');
  });
});
