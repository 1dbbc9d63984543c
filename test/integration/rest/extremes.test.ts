/** Values at the ends of what FHIR allows: stored, read back as sent, and found, or refused by name. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Text that no compression makes short: what does not fit into an index page must not need to. */
const noise = (length: number): string =>
  Array.from({ length }, (_, i) =>
    String.fromCharCode(97 + ((i * i * 31 + i * 7919 + (i >> 3) * 104_729) % 26)),
  ).join('');
const quantity = (value: string): string =>
  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value},"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`;
const observation = (members: JsonObject): string =>
  JSON.stringify({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...members });
const patient = (members: JsonObject): string => JSON.stringify({ resourceType: 'Patient', ...members });

describe('At the ends of what FHIR allows, the API keeps', () => {
  it.each([
    ['the largest double', quantity('1.7976931348623157e308')],
    ['the smallest double', quantity('5e-324')],
    ['a number closer to zero than any double', quantity('1e-400')],
    ['a number with 50 digits', quantity('3.14159265358979323846264338327950288419716939937510')],
    ['minus zero', quantity('-0')],
    ['year 1', observation({ effectiveDateTime: '0001-01-01' })],
    ['the last second', observation({ effectiveDateTime: '9999-12-31T23:59:59+14:00' })],
    ['the last day', observation({ effectiveDateTime: '9999-12-31' })],
    ['a period that is turned round', observation({ effectivePeriod: { start: '9999', end: '9999' } })],
    ['a leap second', observation({ effectiveDateTime: '2016-12-31T23:59:60Z' })],
    ['a name of 70 000 letters', patient({ name: [{ family: noise(70_000) }] })],
    [
      'a name of right-to-left and combining characters',
      patient({ name: [{ family: 'שלום\u0301\u202eéé👩🏽‍⚕️' }] }),
    ],
    ['an identifier of 70 000 letters', patient({ identifier: [{ system: 'urn:x', value: noise(70_000) }] })],
    ['a URI of 70 000 letters', patient({ meta: { source: `urn:x:${noise(70_000)}` } })],
    [
      'an address of 5000 lines',
      patient({ address: [{ line: Array.from({ length: 5000 }, (_, i) => noise(10 + (i % 7))) }] }),
    ],
    [
      'a canonical of 5000 letters',
      JSON.stringify({
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: `https://x.example/${noise(5000)}`,
      }),
    ],
  ])('%s.', async (_name, text) => {
    const { resourceType } = JSON.parse(text) as { resourceType: string };
    const stored = await ehr.send('POST', `fhir/${resourceType}`, {
      body: text,
      headers: { 'content-type': 'application/fhir+json' },
    });
    const { id } = stored.body as { id: string };
    const read = await ehr.get(`fhir/${resourceType}/${id}`);
    const found = await ehr.get(`fhir/${resourceType}?_id=${id}`);

    expect([stored.status, JSON.stringify(stored.body).slice(0, 300)]).toEqual([201, expect.any(String)]);
    expect(read.body).toMatchObject({ ...(JSON.parse(text) as JsonObject), id });
    expect(found.body).toMatchObject({ total: 1 });
  });

  it.each([
    ['value-quantity=1e308||kg', 'Observation'],
    ['value-quantity=gt1e400||kg', 'Observation'],
    ['value-quantity=ap1e308', 'Observation'],
    ['date=gt9999-12-31', 'Observation'],
    ['date=ap0001', 'Observation'],
    ['date=ap9999-12-31T23:59:59Z', 'Observation'],
    [`family=${noise(3000)}`, 'Patient'],
    [`family:contains=${noise(3000)}`, 'Patient'],
  ])('its answer to a search at the ends: %#', async (query, type) => {
    const { status } = await ehr.get(`fhir/${type}?${query}`);

    expect(status).toBeLessThan(500);
  });
});
