/** What is advertised is answered, and what is answered is advertised: https://hl7.org/fhir/R4/capabilitystatement.html */
import type { CapabilityStatement } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { nationalCoordinator } from '../../support/coordinator.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

let server: TestApp;
let ehr: HttpClient;
let statement: CapabilityStatement;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  statement = (await ehr.get('fhir/metadata')).body as CapabilityStatement;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const resources = () => statement.rest?.[0]?.resource ?? [];
const entryOf = (type: string) => resources().find((entry) => entry.type === type);
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const NO_ID = 'fhir/$type/never-was';

/** One request for each interaction, about a resource that is not there. */
const REQUESTS: Readonly<Record<string, (type: string, client: HttpClient) => Promise<HttpAnswer>>> = {
  read: (type, client) => client.get(pathOf(type)),
  vread: (type, client) => client.get(`${pathOf(type)}/_history/1`),
  update: (type, client) => client.put(pathOf(type), { resourceType: type, id: 'never-was', colour: 'red' }),
  patch: (type, client) => client.patch(pathOf(type), [], JSON_PATCH),
  delete: (type, client) => client.delete(pathOf(type)),
  'history-instance': (type, client) => client.get(`${pathOf(type)}/_history`),
  'history-type': (type, client) => client.get(`fhir/${type}/_history?_count=1`),
  create: (type, client) => client.post(`fhir/${type}`, { resourceType: type, colour: 'red' }),
  'search-type': (type, client) => client.get(`fhir/${type}?_count=1`),
};

const pathOf = (type: string): string => NO_ID.replace('$type', type);

/** Not there, or refused for what it holds: the server knew what was asked. */
const ANSWERED: ReadonlySet<number> = new Set([200, 400, 404, 422]);

describe('Each interaction of the CapabilityStatement', () => {
  it.each([
    'Patient',
    'Observation',
    'QuestionnaireResponse',
    'Binary',
    'Bundle',
    'ValueSet',
    'VisionPrescription',
  ])('of %s is answered.', async (type) => {
    const codes = (entryOf(type)?.interaction ?? []).map(({ code }) => code);

    const statuses = await Promise.all(
      codes.map(async (code) => [code, (await REQUESTS[code]?.(type, ehr))?.status] as const),
    );

    expect([...codes].sort()).toEqual(Object.keys(REQUESTS).sort());
    expect(statuses.filter(([, status]) => !ANSWERED.has(status ?? 0))).toEqual([]);
  });

  it('of the audit trail is answered, and no other one.', async () => {
    const reader = await nationalCoordinator(server);
    const codes = (entryOf('AuditEvent')?.interaction ?? []).map(({ code }) => code as string);

    const statuses = await Promise.all(
      Object.entries(REQUESTS).map(async ([code, request]) => {
        const { status } = await request('AuditEvent', code === 'create' ? ehr : reader);
        return [code, ANSWERED.has(status)] as const;
      }),
    );

    expect(Object.fromEntries(statuses)).toEqual(
      Object.fromEntries(Object.keys(REQUESTS).map((code) => [code, codes.includes(code)])),
    );
  });

  it('names every type that is kept, and no other one.', async () => {
    const unknown = await ehr.get('fhir/Parameters');

    expect(unknown.status).toBe(404);
    expect(resources().map(({ type }) => type)).not.toContain('Parameters');
    expect(resources().length).toBeGreaterThan(140);
  });
});

describe('The formats of the CapabilityStatement', () => {
  it('are all answered in.', async () => {
    const statuses = await Promise.all(
      (statement.format ?? []).map(async (format) => {
        const { status } = await ehr.get(`fhir/metadata?_format=${encodeURIComponent(format)}`);
        return status;
      }),
    );

    expect(statement.format).toContain('xml');
    expect(statuses.every((status) => status === 200)).toBe(true);
  });

  it('of patches are all taken.', async () => {
    const { body } = await ehr.post('fhir/Patient', { resourceType: 'Patient', birthDate: '2000-01-01' });
    const path = `fhir/Patient/${(body as { id: string }).id}`;
    const bodies: Readonly<Record<string, string>> = {
      'application/json-patch+json': '[]',
      'application/fhir+json': '{"resourceType":"Parameters"}',
      'application/fhir+xml': '<Parameters xmlns="http://hl7.org/fhir"/>',
    };

    const statuses = await Promise.all(
      (statement.patchFormat ?? []).map(async (type) => {
        const { status } = await ehr.send('PATCH', path, {
          body: bodies[type],
          headers: { 'content-type': type },
        });
        return [type, status];
      }),
    );

    expect(statuses).toEqual(Object.keys(bodies).map((type) => [type, 200]));
  });
});

describe('The includes of the CapabilityStatement', () => {
  it('are understood in both directions.', async () => {
    const patient = entryOf('Patient');

    const forward = await ehr.get(`fhir/Patient?_include=${patient?.searchInclude?.[0] ?? ''}`);
    const backward = await ehr.get('fhir/Patient?_revinclude=Observation:subject');

    expect(patient?.searchRevInclude).toContain('Observation:subject');
    expect([forward.status, backward.status]).toEqual([200, 200]);
  });
});
