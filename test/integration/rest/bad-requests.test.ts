/** Requests that are refused, how, and that they leave nothing behind: https://hl7.org/fhir/R4/http.html#Status-Codes */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { creating, expectRefusal, GOOD, putPatients, type Refusals } from '../../support/refusals.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';

let server: TestApp;
let ehr: HttpClient;
let analytics: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  analytics = await server.client('analytics');
  await putPatients(ehr);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const post = (type: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ehr.post(`fhir/${type}`, body, headers);
const observation = (members: JsonObject) =>
  post('Observation', { resourceType: 'Observation', status: 'final', code: { text: 'Vekt' }, ...members });
const transaction = (...entry: readonly JsonObject[]) =>
  ehr.post('fhir', { resourceType: 'Bundle', type: 'transaction', entry });

const REFERENCES: Refusals = {
  'a reference to nothing': {
    call: () => observation({ subject: { reference: 'Patient/nobody' } }),
    status: 422,
    rule: 'dangling-reference',
    at: 'Observation.subject',
  },
  'a reference to nothing in a transaction': {
    call: () =>
      transaction(
        creating(GOOD),
        creating({
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'Patient/nobody' },
        }),
      ),
    status: 422,
    rule: 'dangling-reference',
    at: 'Bundle.entry[1].resource.subject',
  },
  'a urn:uuid that no entry has': {
    call: () =>
      transaction(
        creating({
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'urn:uuid:5a7f1c9e-0f0c-4f7e-9d3c-0a1b2c3d4e5f' },
        }),
      ),
    status: 422,
    rule: 'dangling-reference',
    at: 'Bundle.entry[0].resource.subject',
  },
  'a reference to the wrong type': {
    call: () => observation({ subject: { reference: 'Practitioner/x' } }),
    status: 422,
    rule: 'reference-type',
    at: 'Observation.subject',
  },
  'a conditional reference that matches nothing': {
    call: () =>
      transaction(
        creating({
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'Patient?identifier=urn:test:twins|nobody' },
        }),
      ),
    status: 412,
    rule: 'conditional-reference',
    at: 'Bundle.entry[0].resource',
  },
  'a unit that nobody knows': {
    call: () =>
      post('ServiceRequest', {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/known' },
        performer: [{ identifier: { system: RESH, value: '1' } }],
      }),
    status: 422,
    rule: 'unknown-unit',
    at: 'ServiceRequest.performer[0].identifier',
  },
};

const BUNDLES: Refusals = {
  'one bad entry among good ones': {
    call: () =>
      transaction(creating(GOOD), creating({ resourceType: 'Patient', gender: 'x' }), creating(GOOD)),
    status: 422,
    at: 'Bundle.entry[1].resource.gender',
  },
  'no type': {
    call: () => ehr.post('fhir', { resourceType: 'Bundle', entry: [] }),
    status: 400,
    rule: 'bundle-type',
  },
  'a type that is not carried out': {
    call: () => ehr.post('fhir', { resourceType: 'Bundle', type: 'collection' }),
    status: 400,
    rule: 'bundle-type',
  },
  'another resource than a Bundle': {
    call: () => ehr.post('fhir', GOOD),
    status: 400,
    rule: 'resource-type',
  },
  'an entry without a request': {
    call: () => transaction({ resource: GOOD }),
    status: 400,
    at: 'Bundle.entry[0].request',
  },
  'an entry with PATCH and no patch': {
    call: () => transaction({ request: { method: 'PATCH', url: 'Patient/known' } }),
    status: 400,
    rule: 'json-shape',
    at: 'Bundle.entry[0].resource',
  },
  'an entry with PATCH and another resource': {
    call: () => transaction({ request: { method: 'PATCH', url: 'Patient/known' }, resource: GOOD }),
    status: 400,
    rule: 'resource-type',
    at: 'Bundle.entry[0].resource',
  },
  'an entry with a method that is none': {
    call: () => transaction({ request: { method: 'TRACE', url: 'Patient/known' } }),
    status: 400,
    rule: 'bundle-method',
    at: 'Bundle.entry[0].request.method',
  },
  'an entry that calls an operation': {
    call: () => transaction({ request: { method: 'POST', url: 'Patient/$validate' }, resource: GOOD }),
    status: 400,
    rule: 'bundle-url',
    at: 'Bundle.entry[0].request.url',
  },
  'an entry without a resource': {
    call: () => transaction({ request: { method: 'POST', url: 'Patient' } }),
    status: 400,
    at: 'Bundle.entry[0].resource',
  },
  'an entry for another server': {
    call: () => transaction({ request: { method: 'DELETE', url: 'https://example.org/fhir/Patient/known' } }),
    status: 400,
    rule: 'bundle-url',
  },
  'the same target twice': {
    call: () =>
      transaction(
        ...['male', 'female'].map((gender) => ({
          resource: { resourceType: 'Patient', id: 'known', gender },
          request: { method: 'PUT', url: 'Patient/known' },
        })),
      ),
    status: 400,
    rule: 'same-target',
  },
  'entries that are no objects': {
    call: () => ehr.post('fhir', { resourceType: 'Bundle', type: 'transaction', entry: [1] }),
    status: 400,
    at: 'Bundle.entry[0]',
  },
  'entry that is no list': {
    call: () => ehr.post('fhir', { resourceType: 'Bundle', type: 'batch', entry: {} }),
    status: 400,
    at: 'Bundle.entry',
  },
  'a null character in a condition': {
    call: () => transaction(creating(GOOD, { ifNoneExist: 'family=x%00y' })),
    status: 400,
  },
};

const CONDITIONS: Refusals = {
  'PUT with another id': {
    call: () => ehr.put('fhir/Patient/known', { resourceType: 'Patient', id: 'other' }),
    status: 400,
    rule: 'id-mismatch',
    at: 'Patient.id',
  },
  'PUT with no id': {
    call: () => ehr.put('fhir/Patient/known', { resourceType: 'Patient' }),
    status: 400,
    rule: 'id-mismatch',
  },
  'PUT to what can be no id': {
    call: () => ehr.put('fhir/Patient/a_b', { resourceType: 'Patient', id: 'a_b' }),
    status: 400,
    rule: 'id-format',
  },
  'PUT to an id of 65 characters': {
    call: () => ehr.put(`fhir/Patient/${'a'.repeat(65)}`, { resourceType: 'Patient', id: 'a'.repeat(65) }),
    status: 400,
    rule: 'id-format',
  },
  'a stale If-Match': {
    call: () =>
      ehr.put('fhir/Patient/known', { resourceType: 'Patient', id: 'known' }, { 'if-match': 'W/"7"' }),
    status: 412,
  },
  'a malformed If-Match': {
    call: () => ehr.put('fhir/Patient/known', { resourceType: 'Patient', id: 'known' }, { 'if-match': '1' }),
    status: 400,
    rule: 'if-match',
  },
  'If-None-Exist with two matches': {
    call: () => post('Patient', GOOD, { 'if-none-exist': 'identifier=urn:test:twins|twin' }),
    status: 412,
  },
  'If-None-Exist that is not understood': {
    call: () => post('Patient', GOOD, { 'if-none-exist': 'colour=red' }),
    status: 400,
  },
  'If-None-Exist that says nothing': {
    call: () => post('Patient', GOOD, { 'if-none-exist': '' }),
    status: 400,
  },
  'PUT by a condition that matches two': {
    call: () => ehr.put('fhir/Patient?identifier=urn:test:twins|twin', { resourceType: 'Patient' }),
    status: 412,
  },
  'PUT without id and condition': {
    call: () => ehr.put('fhir/Patient', { resourceType: 'Patient' }),
    status: 400,
    rule: 'condition',
  },
  'DELETE by a condition that matches two': {
    call: () => ehr.delete('fhir/Patient?identifier=urn:test:twins|twin'),
    status: 412,
  },
  'DELETE without id and condition': {
    call: () => ehr.delete('fhir/Patient'),
    status: 400,
    rule: 'condition',
  },
  'DELETE by a condition that selects nothing in particular': {
    call: () => ehr.delete('fhir/Patient?_count=1'),
    status: 400,
    rule: 'condition',
  },
  'an empty ifNoneExist in a Bundle': {
    call: () => transaction(creating(GOOD, { ifNoneExist: '' })),
    status: 400,
    at: 'Bundle.entry[0].request.ifNoneExist',
  },
  'a condition in a Bundle that says nothing': {
    call: () => transaction(creating(GOOD, { ifNoneExist: 'Patient?' })),
    status: 400,
    rule: 'condition',
  },
  'DELETE of what is not there': { call: () => ehr.delete('fhir/Patient/never-was'), status: 404 },
};

const URLS: Refusals = {
  'an unknown search parameter': { call: () => ehr.get('fhir/Patient?colour=red'), status: 400 },
  'an unknown modifier': { call: () => ehr.get('fhir/Patient?gender:wild=male'), status: 400 },
  'a search value that is none': { call: () => ehr.get('fhir/Patient?birthdate=yesterday'), status: 400 },
  'a search parameter without a value': { call: () => ehr.get('fhir/Patient?gender='), status: 400 },
  'a page position of another search': { call: () => ehr.get('fhir/Patient?_cursor=xyz'), status: 400 },
  'a page position of another history': {
    call: () => ehr.get('fhir/Patient/_history?_cursor=xyz'),
    status: 400,
  },
  '_count that is no number': { call: () => ehr.get('fhir/Patient?_count=many'), status: 400 },
  'a fødselsnummer in the query': {
    call: () => ehr.get(`fhir/Patient?identifier=${FNR}|15838510156`),
    status: 400,
    rule: 'person-number-in-url',
  },
  'a fødselsnummer in the path': {
    call: () => ehr.get('fhir/Patient/15838510156'),
    status: 400,
    rule: 'person-number-in-url',
  },
  'an unknown type': { call: () => ehr.get('fhir/Pasient'), status: 404 },
  'an unknown type with an id': { call: () => ehr.get('fhir/Pasient/1'), status: 404 },
  'an unknown operation': { call: () => ehr.get('fhir/Patient/$frobnicate'), status: 404 },
  'a path that leads nowhere': { call: () => ehr.get('fhir/Patient/known/here/and/there'), status: 404 },
  'what can be no id': { call: () => ehr.get('fhir/Patient/a_b'), status: 404 },
  'a version that can be none': { call: () => ehr.get('fhir/Patient/known/_history/x'), status: 404 },
  'a version beyond all': { call: () => ehr.get('fhir/Patient/known/_history/999999999'), status: 404 },
  'half a percent sign in the path': { call: () => ehr.get('fhir/Patient/%zz'), status: 400 },
  'percent signs that are no UTF-8': { call: () => ehr.get('fhir/Patient/%c3%28'), status: 400 },
  'a null character in the path': { call: () => ehr.get('fhir/Patient/a%00b'), status: 404 },
  'a null character in the query': { call: () => ehr.get('fhir/Patient?name=a%00b'), status: 400 },
  'a null character in a page position': { call: () => ehr.get('fhir/Patient?_cursor=%00'), status: 400 },
  'PATCH of the base': {
    call: () => ehr.patch('fhir', {}),
    status: 405,
    header: ['allow', /GET.*POST/],
  },
  'PATCH of a history': {
    call: () => ehr.patch('fhir/Patient/known/_history', []),
    status: 405,
    header: ['allow', /GET/],
  },
  'a history with a parameter that is none': {
    call: () => ehr.get('fhir/Patient/known/_history?_sort=date'),
    status: 400,
    rule: 'history-parameter',
  },
  'POST to a resource': {
    call: () => ehr.post('fhir/Patient/known', GOOD),
    status: 405,
    header: ['allow', /PUT/],
  },
  'DELETE of the base': { call: () => ehr.delete('fhir'), status: 405, header: ['allow', /POST/] },
  'PUT of the CapabilityStatement': {
    call: () => ehr.put('fhir/metadata', GOOD),
    status: 405,
    header: ['allow', /GET/],
  },
  'Parameters, which are not stored': {
    call: () => post('Parameters', { resourceType: 'Parameters' }),
    status: 404,
    rule: 'resource-type',
  },
};

/** A well-formed JWT signed by nobody here. */
const FOREIGN_TOKEN = [
  { alg: 'ES384', kid: 'elsewhere', typ: 'at+jwt' },
  { iss: 'https://elsewhere.example', sub: 'ehr-demo', client_id: 'ehr-demo', exp: 4_102_444_800 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat(Buffer.alloc(96, 7).toString('base64url'))
  .join('.');

const CALLERS: Refusals = {
  'no token': {
    call: async () => {
      const response = await fetch(`${server.url}/fhir/Patient`);
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    status: 401,
    header: ['www-authenticate', 'Bearer'],
  },
  'a token that is none': {
    call: () => ehr.withToken('abc').get('fhir/Patient'),
    status: 401,
    header: ['www-authenticate', /invalid_token/],
  },
  "another server's token": {
    call: () => ehr.withToken(FOREIGN_TOKEN).get('fhir/Patient'),
    status: 401,
    header: ['www-authenticate', /invalid_token/],
  },
  'an analytics client that writes': {
    call: () => analytics.post('fhir/Patient', GOOD),
    status: 403,
  },
  'a client that writes more than its scopes': {
    call: async () =>
      ehr.withToken(await server.token('ehr', 'system/Patient.rs')).post('fhir/Patient', GOOD),
    status: 403,
    rule: 'scope',
  },
  'a client that reads more than its scopes': {
    call: async () => ehr.withToken(await server.token('ehr', 'system/Patient.rs')).get('fhir/Observation'),
    status: 403,
    rule: 'scope',
  },
};

describe.each([
  ['a reference', REFERENCES],
  ['a Bundle', BUNDLES],
  ['a condition', CONDITIONS],
  ['a URL', URLS],
  ['a caller', CALLERS],
])('Refused as %s:', (_, cases) => {
  it.each(Object.entries(cases))('%s.', (_name, refusal) => expectRefusal(server, refusal));
});
