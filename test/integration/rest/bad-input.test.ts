/** Bodies that are refused, how, and that they leave nothing behind: https://hl7.org/fhir/R4/json.html */
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';
import { creating, expectRefusal, GOOD, putPatients, type Refusals } from '../../support/refusals.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2';
const MEGABYTE = 1024 * 1024;

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

const post = (type: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ehr.post(`fhir/${type}`, body, headers);
const patient = (members: JsonObject) => post('Patient', { resourceType: 'Patient', ...members });
const observation = (members: JsonObject) =>
  post('Observation', { resourceType: 'Observation', status: 'final', code: { text: 'Vekt' }, ...members });
const transaction = (...entry: readonly JsonObject[]) =>
  ehr.post('fhir', { resourceType: 'Bundle', type: 'transaction', entry });

/** Text as it stands in the body; the tests' own objects cannot hold it. */
const raw = (body: string, path = 'Patient') =>
  ehr.send('POST', `fhir/${path}`, { body, headers: { 'content-type': 'application/fhir+json' } });

async function bytes(
  path: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const response = await fetch(`${server.url}/fhir/${path}`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { authorization: `Bearer ${await server.token('ehr')}`, ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const JSON_TEXT: Refusals = {
  'malformed JSON': { call: () => raw('{"resourceType":Patient}'), status: 400, rule: 'json-syntax' },
  'truncated JSON': {
    call: () => raw('{"resourceType":"Patient","name":[{"fam'),
    status: 400,
    rule: 'json-syntax',
  },
  'an empty body': { call: () => raw(''), status: 400, rule: 'json-syntax' },
  'a list': { call: () => raw('[]'), status: 400, rule: 'json-shape' },
  'a number': { call: () => raw('1'), status: 400, rule: 'json-shape' },
  'a key twice': {
    call: () => raw('{"resourceType":"Patient","gender":"male","gender":"female"}'),
    status: 400,
    rule: 'json-duplicate-key',
  },
  'a key twice, once escaped': {
    call: () => raw('{"resourceType":"Patient","gender":"male","\\u0067ender":"female"}'),
    status: 400,
    rule: 'json-duplicate-key',
  },
  '__proto__ as a key': {
    call: () => raw('{"resourceType":"Patient","__proto__":{"gender":"male"}}'),
    status: 400,
    rule: 'json-key',
  },
  'a megabyte of "["': { call: () => raw('['.repeat(MEGABYTE)), status: 400, rule: 'json-depth' },
  'extensions nested 40 deep': {
    call: () =>
      raw(
        `{"resourceType":"Patient",${'"extension":[{"url":"urn:x",'.repeat(40)}"url":"urn:x"${'}]'.repeat(40)}}`,
      ),
    status: 400,
    rule: 'json-depth',
  },
  'a byte order mark and no more': { call: () => raw('\uFEFF'), status: 400, rule: 'json-syntax' },
};

const LIMITS: Refusals = {
  'a resource over 1 MB': {
    call: () => patient({ name: [{ text: 'x'.repeat(MEGABYTE) }] }),
    status: 413,
    rule: 'entity.too.large',
  },
  'a Bundle over 16 MB': {
    call: () => raw(`{"resourceType":"Bundle","x":"${'x'.repeat(16 * MEGABYTE)}"}`, ''),
    status: 413,
    rule: 'entity.too.large',
  },
  'a Bundle of more than 5000 entries': {
    call: () => transaction(...Array.from({ length: 5001 }, () => creating(GOOD))),
    status: 413,
    rule: 'bundle-size',
    at: 'Bundle.entry',
  },
  'a gzip bomb': {
    call: () =>
      bytes('Patient', gzipSync(`{"resourceType":"Patient","x":"${'x'.repeat(64 * MEGABYTE)}"}`), {
        'content-type': 'application/fhir+json',
        'content-encoding': 'gzip',
      }),
    status: 413,
    rule: 'entity.too.large',
  },
  'a body that says gzip and is not': {
    call: () =>
      bytes('Patient', Buffer.from('{"resourceType":"Patient"}'), {
        'content-type': 'application/fhir+json',
        'content-encoding': 'gzip',
      }),
    status: 400,
    rule: 'body',
  },
  'an unknown content encoding': {
    call: () =>
      bytes('Patient', Buffer.from('{}'), {
        'content-type': 'application/fhir+json',
        'content-encoding': 'lzma',
      }),
    status: 415,
    rule: 'encoding.unsupported',
  },
  'an unknown charset': {
    call: () =>
      bytes('Patient', Buffer.from('{}'), { 'content-type': 'application/fhir+json; charset=utf-77' }),
    status: 415,
    rule: 'charset.unsupported',
  },
  'bytes that are no UTF-8': {
    call: () =>
      bytes(
        'Patient',
        Buffer.concat([
          Buffer.from('{"resourceType":"Patient","name":[{"family":"B'),
          Buffer.from([0xe6]),
          Buffer.from('ck"}]}'),
        ]),
        { 'content-type': 'application/fhir+json' },
      ),
    status: 400,
    rule: 'utf-8',
  },
};

const NEGOTIATION: Refusals = {
  'plain text sent': {
    call: () =>
      ehr.send('POST', 'fhir/Patient', {
        body: 'Patient',
        headers: { 'content-type': 'text/plain' },
      }),
    status: 415,
    rule: 'content-type',
  },
  'FHIR of another version sent': {
    call: () =>
      ehr.send('POST', 'fhir/Patient', {
        body: { resourceType: 'Patient' },
        headers: { 'content-type': 'application/fhir+json; fhirVersion=5.0' },
      }),
    status: 415,
    rule: 'fhir-version',
  },
  'FHIR of another version wanted': {
    call: () => ehr.get('fhir/Patient/known', { accept: 'application/fhir+json; fhirVersion=3.0' }),
    status: 406,
    rule: 'accept',
  },
  'Turtle wanted': {
    call: () => ehr.get('fhir/Patient/known', { accept: 'text/turtle' }),
    status: 406,
    rule: 'accept',
  },
  'Turtle wanted by _format': {
    call: () => ehr.get('fhir/Patient/known?_format=ttl'),
    status: 406,
    rule: 'accept',
  },
  'a form sent where a resource belongs': {
    call: () => ehr.postForm('fhir/Patient', { family: 'x' }),
    status: 415,
    rule: 'content-type',
  },
};

const CONTENT: Refusals = {
  'an unknown element': {
    call: () => patient({ colour: 'red' }),
    status: 400,
    rule: 'unknown-element',
    at: 'Patient.colour',
  },
  'a text where a boolean belongs': {
    call: () => patient({ active: 'true' }),
    status: 400,
    rule: 'type',
    at: 'Patient.active',
  },
  'an object where a list belongs': {
    call: () => patient({ name: { family: 'x' } }),
    status: 400,
    rule: 'type',
    at: 'Patient.name',
  },
  'an empty list': {
    call: () => patient({ name: [] }),
    status: 400,
    rule: 'empty-array',
    at: 'Patient.name',
  },
  'an empty text': {
    call: () => patient({ name: [{ family: '' }] }),
    status: 400,
    rule: 'format',
    at: 'Patient.name[0].family',
  },
  'an empty object': {
    call: () => patient({ name: [{}] }),
    status: 400,
    rule: 'ele-1',
    at: 'Patient.name[0]',
  },
  null: { call: () => patient({ gender: null }), status: 400, at: 'Patient.gender' },
  'a code that the required value set does not have': {
    call: () => patient({ gender: 'unknwon' }),
    status: 422,
    rule: 'required-binding',
    at: 'Patient.gender',
  },
  'a missing required element': {
    call: () => post('Observation', { resourceType: 'Observation', status: 'final' }),
    status: 400,
    rule: 'cardinality',
    at: 'Observation.code',
  },
  '30 February': {
    call: () => patient({ birthDate: '2026-02-30' }),
    status: 400,
    rule: 'format',
    at: 'Patient.birthDate',
  },
  'a time without a zone': {
    call: () => observation({ effectiveDateTime: '2026-02-03T10:00:00' }),
    status: 400,
    rule: 'format',
    at: 'Observation.effective',
  },
  'a wrong check digit in a fødselsnummer': {
    call: () => patient({ identifier: [{ system: FNR, value: '15838510157' }] }),
    status: 422,
    at: 'Patient.identifier[0].value',
  },
  'a fødselsnummer as a D-number': {
    call: () => patient({ identifier: [{ system: D_NUMBER, value: '15838510156' }] }),
    status: 422,
    at: 'Patient.identifier[0].value',
  },
  'a null character': {
    call: () => patient({ name: [{ family: 'x\u0000y' }] }),
    status: 400,
    rule: 'format',
    at: 'Patient.name[0].family',
  },
  'a null character in a key': {
    call: () => patient({ 'x\u0000y': 'z' }),
    status: 400,
    rule: 'unknown-element',
  },
  'half a surrogate pair': {
    call: () => raw('{"resourceType":"Patient","name":[{"family":"x\\ud800y"}]}'),
    status: 400,
    rule: 'format',
    at: 'Patient.name[0].family',
  },
  'a number beyond all bounds': {
    call: () =>
      raw(
        '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999}}',
        'Observation',
      ),
    status: 400,
    rule: 'format',
    at: 'Observation.value.value',
  },
  'an integer with 30 digits': {
    call: () =>
      raw(
        `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":${'9'.repeat(30)}}`,
        'Observation',
      ),
    status: 400,
    rule: 'format',
    at: 'Observation.value',
  },
  'another resource than the path says': {
    call: () => post('Patient', { resourceType: 'Observation' }),
    status: 400,
    rule: 'resource-type',
  },
  'no resourceType': { call: () => post('Patient', { gender: 'male' }), status: 400, rule: 'resource-type' },
  'a resourceType that is none': {
    call: () => post('Patient', { resourceType: 'Pasient' }),
    status: 400,
    rule: 'resource-type',
  },
};

describe.each([
  ['JSON', JSON_TEXT],
  ['a body', LIMITS],
  ['a format', NEGOTIATION],
  ['content', CONTENT],
])('Refused as %s:', (_, cases) => {
  it.each(Object.entries(cases))('%s.', (_name, refusal) => expectRefusal(server, refusal));
});

describe('Beside what is refused', () => {
  it('the server lives on after a megabyte of brackets.', async () => {
    await raw('['.repeat(MEGABYTE));

    expect((await ehr.get('fhir/Patient/known')).status).toBe(200);
  });

  it('a compressed body is taken.', async () => {
    const answer = await bytes('Patient', gzipSync('{"resourceType":"Patient"}'), {
      'content-type': 'application/fhir+json',
      'content-encoding': 'gzip',
    });

    expect(answer.status).toBe(201);
  });
});
