/** The simulated EHR itself: what it refuses, and what it pushes. */
import { demoBundle } from '../../../demo/ehr/bundle.ts';
import { PATIENT_IDS } from '../../../demo/ehr/cases.ts';
import { demoResources, FNR } from '../../../demo/ehr/patients.ts';
import { search as searchAmong } from '../../../demo/hospital/fhir/search.ts';
import { browser, launchUrl, startPair, type EhrServer } from './ehr-server.ts';
import type { SmartServer } from '../smart/smart-server.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

describe('The simulated EHR', () => {
  let registry: SmartServer;
  let ehr: EhrServer;

  beforeAll(async () => {
    ({ registry, ehr } = await startPair());
  });

  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await ehr[Symbol.asyncDispose]();
  });

  it('lists its patients in Norwegian, each with a button.', async () => {
    const { text } = await browser().get(`${ehr.url}/`);

    expect(text).toContain('<html lang="nb">');
    expect(text.match(/>Åpne registerskjema</g)).toHaveLength(3);
    expect(text).not.toMatch(/\d{11}/);
  });

  it('gives nothing without a token.', async () => {
    const answer = await browser().get(`${ehr.url}/fhir/Patient/pasient-1`);

    expect(answer.status).toBe(401);
  });

  it('sends nobody to an address that is not registered.', async () => {
    const toEhr = new URL((await browser().get(await launchUrl(ehr))).location);
    toEhr.searchParams.set('redirect_uri', 'https://evil.example/');

    const answer = await browser().get(toEhr.href);

    expect([answer.status, answer.location]).toEqual([400, '']);
  });

  it.each([
    ['aud', 'https://other.example/fhir'],
    ['launch', 'unknown'],
    ['code_challenge_method', 'plain'],
  ])('answers a wrong %s with an error and no code.', async (name, value) => {
    const toEhr = new URL((await browser().get(await launchUrl(ehr))).location);
    toEhr.searchParams.set(name, value);

    const back = new URL((await browser().get(toEhr.href)).location);

    expect(back.searchParams.get('error')).toBe('invalid_request');
    expect(back.searchParams.has('code')).toBe(false);
  });

  it('gives no token to somebody who cannot sign as us.', async () => {
    const response = await fetch(`${ehr.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x', client_id: 'ryggrad' }),
    });

    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'invalid_client' }),
    ]);
  });
});

describe('The simulated EHR’s search', () => {
  const search = (text: string) => {
    const [type, query] = text.split('?') as [string, string];
    const among = demoResources(NOW).filter(({ resourceType }) => resourceType === type);
    return searchAmong('http://ehr/fhir', type, new URLSearchParams(query), among);
  };

  it.each([
    ['Condition?patient=pasient-1', 2],
    ['Condition?patient=Patient/pasient-1&clinical-status=active&code=urn:oid:2.16.578.1.12.4.1.1.7110|', 2],
    ['Procedure?patient=pasient-1&status=completed&code=urn:oid:2.16.578.1.12.4.1.1.7210|', 1],
    ['Procedure?patient=pasient-2', 0],
    ['MedicationStatement?patient=pasient-2&status=active,completed', 3],
    [
      'ServiceRequest?patient=pasient-3&code=https://ryggrad.no/fhir/CodeSystem/smertereg-service|tilsyn-smerteteam&_sort=-authored',
      1,
    ],
    ['Observation?patient=pasient-1&category=vital-signs', 1],
  ])('%s finds %i.', (query, count) => {
    expect(search(query)).toMatchObject({ resourceType: 'Bundle', total: count });
  });

  it('pages, and refuses what it does not know.', () => {
    expect(search('MedicationStatement?patient=pasient-1&_count=2')).toMatchObject({
      link: [{}, { relation: 'next', url: expect.stringContaining('_offset=2') }],
    });
    expect(search('Condition?patient=pasient-1&severity=x')).toMatchObject({
      resourceType: 'OperationOutcome',
    });
  });
});

describe('What the simulated EHR pushes', () => {
  it.each(PATIENT_IDS)('for %s is a transaction whose references stay inside it.', (patient) => {
    const bundle = demoBundle(patient, NOW);

    const urns = bundle.entry?.map(({ fullUrl }) => fullUrl) ?? [];
    const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(
      ([, reference]) => reference,
    );
    expect(bundle.type).toBe('transaction');
    expect(new Set(urns).size).toBe(urns.length);
    expect(references.length).toBeGreaterThan(5);
    expect(references.filter((reference) => !urns.includes(reference))).toEqual([]);
  });

  it('creates the person only once.', () => {
    const bundle = demoBundle('pasient-1', NOW);

    expect(bundle.entry?.[0]?.request).toEqual({
      method: 'POST',
      url: 'Patient',
      ifNoneExist: `identifier=${FNR}|15838510237`,
    });
    expect(demoBundle('pasient-1', NOW)).toEqual(bundle);
  });

  it('is not made of an unknown patient.', () => {
    expect(() => demoBundle('pasient-x', NOW)).toThrow('pasient-x');
  });
});
