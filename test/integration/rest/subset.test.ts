/** Parts and forms of answers: https://hl7.org/fhir/R4/search.html#summary, #elements and http.html#general */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';

const NARRATIVE = {
  status: 'generated',
  div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
};

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  await ehr.put('fhir/Patient/p', {
    resourceType: 'Patient',
    id: 'p',
    text: NARRATIVE,
    name: [{ family: 'Berg', given: ['Kari'] }],
    gender: 'female',
    deceasedBoolean: false,
    maritalStatus: { text: 'gift' },
    contact: [{ name: { text: 'Ola' } }],
    link: [{ other: { reference: 'Patient/p' }, type: 'seealso' }],
  });
  await ehr.send('PUT', 'fhir/Observation/o', {
    body: `{"resourceType":"Observation","id":"o","text":${JSON.stringify(NARRATIVE)},"status":"final",
      "code":{"text":"Vekt"},"subject":{"reference":"Patient/p"},"note":[{"text":"etter frokost"}],
      "valueQuantity":{"value":68.50,"unit":"kg"}}`,
    headers: { 'content-type': 'application/fhir+json' },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const keys = (resource: unknown): readonly string[] => Object.keys(resource as object).sort();
const tags = (resource: unknown): unknown => ((resource as JsonObject)['meta'] as JsonObject)['tag'];
const entries = (body: unknown): readonly { readonly resource: JsonObject; readonly search: JsonObject }[] =>
  (body as { entry?: { resource: JsonObject; search: JsonObject }[] }).entry ?? [];
const SUBSETTED = [
  { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' },
];

describe('A part of a resource', () => {
  it.each([
    ['_summary=true', ['deceasedBoolean', 'gender', 'id', 'link', 'meta', 'name', 'resourceType']],
    ['_summary=text', ['deceasedBoolean', 'id', 'link', 'meta', 'resourceType', 'text']],
    [
      '_summary=data',
      ['contact', 'deceasedBoolean', 'gender', 'id', 'link', 'maritalStatus', 'meta', 'name', 'resourceType'],
    ],
    ['_elements=gender', ['deceasedBoolean', 'gender', 'id', 'link', 'meta', 'resourceType']],
    [
      '_elements=Patient.maritalStatus,name',
      ['deceasedBoolean', 'id', 'link', 'maritalStatus', 'meta', 'name', 'resourceType'],
    ],
  ])('of a read, a version and a search is what %s asks for, and is tagged.', async (query, expected) => {
    const read = await ehr.get(`fhir/Patient/p?${query}`);
    const version = await ehr.get(`fhir/Patient/p/_history/1?${query}`);
    const found = await ehr.get(`fhir/Patient?_id=p&${query}`);
    const resources = [read.body, version.body, entries(found.body)[0]?.resource];

    expect(resources.map(keys)).toEqual([expected, expected, expected]);
    expect(resources.map(tags)).toEqual([SUBSETTED, SUBSETTED, SUBSETTED]);
  });

  it('names a choice by its base, and keeps the digits of decimals (LM-02).', async () => {
    const response = await fetch(`${server.url}/fhir/Observation/o?_elements=value`, {
      headers: { authorization: `Bearer ${await server.token('ehr')}` },
    });
    const text = await response.text();

    expect(text).toContain('"valueQuantity":{"value":68.50,');
    expect(text).not.toContain('frokost');
    expect(keys(JSON.parse(text))).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']);
  });

  it('is whole with _summary=false and untagged.', async () => {
    const whole = await ehr.get('fhir/Patient/p');

    expect((await ehr.get('fhir/Patient/p?_summary=false')).body).toEqual(whole.body);
  });

  it('leaves included resources whole under _elements.', async () => {
    const { body } = await ehr.get('fhir/Observation?_id=o&_include=Observation:subject&_elements=code');
    const included = entries(body).find(({ search }) => search['mode'] === 'include')?.resource;

    expect(included).toHaveProperty('gender');
    expect(tags(included)).toBeUndefined();
  });

  it('is a count alone with _summary=count.', async () => {
    const { body } = await ehr.get('fhir/Patient?_id=p&_summary=count');

    expect(body).toMatchObject({ total: 1 });
    expect(entries(body)).toEqual([]);
  });

  it.each([
    'fhir/Patient/p?_summary=much',
    'fhir/Patient/p?_elements=a.b',
    'fhir/Patient/p?_elements=name&_summary=true',
    'fhir/Observation?_summary=text&_include=Observation:subject',
  ])('is refused when it is not understood: %s', async (path) => {
    expect((await ehr.get(path)).status).toBe(400);
  });

  it('is not taken back: what was left out would be lost.', async () => {
    const { body } = await ehr.get('fhir/Patient/p?_summary=true');

    const answer = await ehr.put('fhir/Patient/p', body);

    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toContain('Patient.meta.tag');
  });
});

describe('The form of an answer', () => {
  const raw = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${server.url}/${path}`, {
      headers: { authorization: `Bearer ${await server.token('ehr')}`, ...headers },
    });

  it('is indented with _pretty=true, with the digits that were sent.', async () => {
    const text = await (await raw('fhir/Observation?_id=o&_pretty=true')).text();

    expect(text).toContain('\n  "resourceType": "Bundle",');
    expect(text).toContain('"value": 68.50');
  });

  it.each(['gzip', 'br'])(
    'is compressed by %s when it is wanted and long, and reads the same.',
    async (encoding) => {
      const plain = await raw('fhir/metadata', { 'accept-encoding': 'identity' });
      const packed = await raw('fhir/metadata', { 'accept-encoding': encoding });

      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(packed.headers.get('vary')).toContain('Accept-Encoding');
      expect(Number(packed.headers.get('content-length'))).toBeLessThan(
        Number(plain.headers.get('content-length')) / 4,
      );
      expect(await packed.json()).toEqual(await plain.json());
    },
  );

  it('stays as it is when it is short.', async () => {
    const answer = await raw('fhir/Patient?_summary=count', { 'accept-encoding': 'gzip' });

    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('A search of several types', () => {
  it.each([
    ['GET', () => ehr.get('fhir?_type=Patient,Observation&_id=p,o')],
    ['POST', () => ehr.postForm('fhir/_search', { _type: 'Patient,Observation', _id: 'p,o' })],
  ])('is answered by %s.', async (_method, call) => {
    const { status, body } = await call();

    expect(status).toBe(200);
    expect(
      entries(body)
        .map(({ resource }) => String(resource['resourceType']))
        .sort(),
    ).toEqual(['Observation', 'Patient']);
    expect(JSON.stringify(body)).toContain(`"url":"${server.url}/fhir?`);
  });

  it('takes a right to each of them.', async () => {
    const narrow = ehr.withToken(await server.token('ehr', 'system/Patient.rs'));

    expect((await narrow.get('fhir?_type=Patient&_id=p')).status).toBe(200);
    expect((await narrow.get('fhir?_type=Patient,Observation&_id=p')).status).toBe(403);
    expect((await narrow.get('fhir?_id=p')).status).toBe(403);
  });

  it('refuses a type that is none, and parameters that not all types have.', async () => {
    expect((await ehr.get('fhir?_type=Pasient')).status).toBe(400);
    expect((await ehr.get('fhir?_type=Patient,Observation&gender=female')).status).toBe(400);
  });

  it('has a history of its own.', async () => {
    const { status, body } = await ehr.get('fhir/_history?_count=5');

    expect(status).toBe(200);
    expect(entries(body)).toHaveLength(5);
  });
});
