/** Search parameters where no condition belongs: https://hl7.org/fhir/R4/http.html#ccreate says it in If-None-Exist. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { expectRefusal, GOOD, putPatients, type Refusals } from '../../support/refusals.ts';

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

const post = (type: string, body: unknown) => ehr.post(`fhir/${type}`, body);
const transaction = (...entry: readonly JsonObject[]) =>
  ehr.post('fhir', { resourceType: 'Bundle', type: 'transaction', entry });

const MISPLACED: Refusals = {
  'POST with the condition in its URL': {
    call: () => post('Patient?identifier=urn:test:twins|twin', GOOD),
    status: 400,
    rule: 'condition',
  },
  'PUT by an id with a condition': {
    call: () => ehr.put('fhir/Patient/known?active=true', { resourceType: 'Patient', id: 'known' }),
    status: 400,
    rule: 'condition',
  },
  'PATCH by an id with a condition': {
    call: () =>
      ehr.patch('fhir/Patient/known?active=true', [{ op: 'add', path: '/gender', value: 'other' }], {
        'content-type': 'application/json-patch+json',
      }),
    status: 400,
    rule: 'condition',
  },
  'DELETE by an id with a condition': {
    call: () => ehr.delete('fhir/Patient/known?active=false'),
    status: 400,
    rule: 'condition',
  },
  'an entry that creates, with its condition in the url': {
    call: () =>
      transaction({
        resource: GOOD,
        request: { method: 'POST', url: 'Patient?identifier=urn:test:twins|twin' },
      }),
    status: 400,
    rule: 'condition',
    at: 'Bundle.entry[0].request.url',
  },
};

describe('Refused as a misplaced condition:', () => {
  it.each(Object.entries(MISPLACED))('%s.', (_name, refusal) => expectRefusal(server, refusal));
});
