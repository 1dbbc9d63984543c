/** The audit trail over the API: https://hl7.org/fhir/R4/auditevent.html, auth-security AU-01 to AU-05 */
import type { AuditEvent } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { nationalCoordinator } from '../../support/coordinator.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

interface Found {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: AuditEvent }[];
}

const FNR = '15838510156';
const FAMILY = 'Hemmeligsen';
const ANSWER = 'Smerter bak venstre øye';

const patient = {
  resourceType: 'Patient',
  name: [{ family: FAMILY, given: ['Frida'] }],
  birthDate: '2000-07-20',
} as const;
const observation = (subject: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Smerte' },
  subject: { reference: subject },
  valueString: ANSWER,
});

let server: TestApp;
let ehr: HttpClient;
let sc: HttpClient;
let patientId: string;
let observationId: string;
let goneId: string;

const idOf = ({ body }: HttpAnswer): string => (body as { id: string }).id;
const events = async (query: string, client = sc): Promise<readonly AuditEvent[]> => {
  const { status, body } = await client.get(`fhir/AuditEvent?${query}`);
  expect(status).toBe(200);
  return ((body as Found).entry ?? []).map(({ resource }) => resource);
};
const agentOf = (event: AuditEvent | undefined): string | undefined =>
  event?.agent[0]?.who?.identifier?.value;
const entitiesOf = (event: AuditEvent | undefined): readonly (string | undefined)[] =>
  (event?.entity ?? []).map(({ what }) => what?.reference);

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  sc = await nationalCoordinator(server);
  patientId = idOf(await ehr.post('fhir/Patient', patient));
  goneId = idOf(await ehr.post('fhir/Patient', patient));
  await ehr.delete(`fhir/Patient/${goneId}`);
  observationId = idOf(await ehr.post('fhir/Observation', observation(`Patient/${patientId}`)));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('Every interaction leaves its AuditEvent (AU-01, AU-02)', () => {
  it('a create names its agent, its patient and the version it stored.', async () => {
    const [event] = await events(`entity=Observation/${observationId}&subtype=create`);

    expect(event).toMatchObject({ action: 'C', outcome: '0' });
    expect(agentOf(event)).toBe('client:ehr-demo');
    expect(entitiesOf(event)).toEqual(
      expect.arrayContaining([`Observation/${observationId}/_history/1`, `Patient/${patientId}`]),
    );
  });

  it('a read names what was read and about whom.', async () => {
    await ehr.get(`fhir/Observation/${observationId}`);

    const [event] = await events(`entity=Observation/${observationId}&subtype=read`);

    expect(event).toMatchObject({ action: 'R', outcome: '0' });
    expect(entitiesOf(event)).toContain(`Patient/${patientId}`);
  });

  it('a search names the patients of its answer, so that each can be told who has seen the data.', async () => {
    await ehr.get(`fhir/Observation?patient=${patientId}`);

    const [event] = await events(`patient=${patientId}&subtype=search-type`);
    const query = event?.entity?.find((entity) => entity.query !== undefined)?.query;

    expect(event).toMatchObject({ action: 'E', outcome: '0' });
    expect(Buffer.from(query ?? '', 'base64').toString()).toBe('Observation?patient');
  });

  it('a transaction is one event that is found by each resource it stored.', async () => {
    const { body } = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['Observation', 'Observation'].map((url) => ({
        resource: observation(`Patient/${patientId}`),
        request: { method: 'POST', url },
      })),
    });
    const stored = (body as { entry: { response: { location: string } }[] }).entry.map(({ response }) =>
      response.location.split('/').slice(0, 2).join('/'),
    );

    const found = await Promise.all(stored.map((name) => events(`entity=${name}&subtype=transaction`)));

    expect(stored).toHaveLength(2);
    expect(found.map((list) => list.length)).toEqual([1, 1]);
    expect(found[0]?.[0]?.id).toBe(found[1]?.[0]?.id);
    expect(entitiesOf(found[0]?.[0])).toEqual(
      expect.arrayContaining([...stored.map((name) => `${name}/_history/1`), `Patient/${patientId}`]),
    );
  });

  it('an export is an event from its kick-off on.', async () => {
    const analytics = await server.client('analytics');
    const answer = await analytics.get('fhir/$export?_type=Patient', { prefer: 'respond-async' });

    const [event] = await events('subtype=$export&agent=client:analytics-demo');

    expect(answer.status).toBe(202);
    expect(event).toMatchObject({ action: 'E', outcome: '0' });
  });

  it.each([
    [
      '403',
      () => sc.post('fhir/Observation', observation(`Patient/${patientId}`)),
      'client:national',
      'create',
    ],
    ['404', () => ehr.get('fhir/Patient/never-was'), 'client:ehr-demo', 'read'],
    ['404', () => ehr.get('fhir/Patient/never-was/_history/1'), 'client:ehr-demo', 'vread'],
    ['404', () => ehr.get('fhir/Patient/never-was/_history'), 'client:ehr-demo', 'history-instance'],
    ['410', () => ehr.get(`fhir/Patient/${goneId}`), 'client:ehr-demo', 'read'],
    ['422', () => ehr.post('fhir/Observation', observation('Patient/nobody')), 'client:ehr-demo', 'create'],
  ])('a refusal with %s too: %#', async (status, request, agent, subtype) => {
    const before = await events(`agent=${agent}&subtype=${subtype}&_count=1000`);
    const answer = await request();
    const after = await events(`agent=${agent}&subtype=${subtype}&_count=1000`);

    expect(String(answer.status)).toBe(status);
    expect(after).toHaveLength(before.length + 1);
    expect(after[0]).toMatchObject({ outcome: '4' });
    expect(agentOf(after[0])).toBe(agent);
  });

  it('a request without a valid token too.', async () => {
    const answer = await ehr.withToken('forged').get('fhir/Patient');

    const [event] = await events('agent=unauthenticated');

    expect(answer.status).toBe(401);
    expect(event).toMatchObject({ outcome: '4' });
  });

  it('a login by a person too, when it succeeds and when it fails.', async () => {
    const [account] = server.hints.accounts;
    const logIn = (passord: string): Promise<Response> =>
      fetch(`${server.url}/logg-inn`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: server.url, 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ brukernavn: account?.username ?? '', passord, neste: '' }),
      });

    await logIn('feil');
    await logIn(account?.password ?? '');

    const [succeeded, failed] = await events('subtype=login');
    expect(succeeded).toMatchObject({ outcome: '0' });
    expect(agentOf(succeeded)).toBe(`user:${account?.username ?? ''}`);
    expect(failed).toMatchObject({ outcome: '4' });
    expect(agentOf(failed)).toMatch(/^user:/);
  });

  it('holds no name, no identity number and no answer (AU-03).', async () => {
    const withNumber = {
      ...patient,
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: FNR }],
    };
    await ehr.post('fhir/Patient', withNumber);
    await ehr.postForm('fhir/Patient/_search', {
      identifier: `urn:oid:2.16.578.1.12.4.1.4.1|${FNR}`,
      family: FAMILY,
    });
    await ehr.get(`fhir/Patient/${FNR}`);
    await ehr.get(`fhir/Patient?identifier=${FNR}`);

    const rows = await server.database.db.query<{ content: string }>({ text: 'select content from audit' });
    const texts = rows.map(({ content }) => {
      const queries = [...content.matchAll(/"query":"([^"]+)"/g)];
      return [content, ...queries.map(([, query]) => Buffer.from(query ?? '', 'base64').toString())].join(
        '\n',
      );
    });

    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((text) => [FNR, FAMILY, ANSWER].some((secret) => text.includes(secret)))).toEqual([]);
  });
});

describe('The audit trail', () => {
  it('is searched by date, agent, patient, entity, action and subtype, in pages.', async () => {
    const first = await sc.get('fhir/AuditEvent?action=C&date=ge2020-01-01&date=lt2100&_count=1');
    const next = (first.body as Found).link.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await sc.get(next.slice(server.url.length + 1));

    expect((first.body as Found).entry).toHaveLength(1);
    expect((second.body as Found).entry).toHaveLength(1);
    expect((second.body as Found).entry?.[0]?.resource.id).not.toBe(
      (first.body as Found).entry?.[0]?.resource.id,
    );
    expect(await events('date=lt2020')).toEqual([]);
    expect(
      await events('agent=https://ryggrad.no/fhir/NamingSystem/subject|client:ehr-demo&action=C'),
    ).not.toEqual([]);
  });

  it('refuses what it cannot be searched by, or reports it under lenient handling.', async () => {
    const strict = await sc.get('fhir/AuditEvent?colour=red');
    const lenient = await sc.get('fhir/AuditEvent?colour=red&_count=1', { prefer: 'handling=lenient' });
    const malformed = await sc.get('fhir/AuditEvent?date=yesterday');

    expect(strict.status).toBe(400);
    expect(lenient.status).toBe(200);
    expect(JSON.stringify(lenient.body)).toContain('colour');
    expect(malformed.status).toBe(400);
  });

  it('is read one by one, and has one version of each.', async () => {
    const [event] = await events('subtype=create');
    const path = `fhir/AuditEvent/${event?.id ?? ''}`;

    expect((await sc.get(path)).body).toEqual(event);
    expect((await sc.get(`${path}/_history/1`)).body).toEqual(event);
    expect((await sc.get(`${path}/_history`)).status).toBe(405);
    expect((await sc.get('fhir/AuditEvent/never-was')).status).toBe(404);
  });

  it('shows a local coordinator what was done in the own unit, and nothing else.', async () => {
    const lc = await server.client('staff');
    await lc.get(`fhir/Patient/${patientId}`);
    const [foreign] = await events('agent=client:ehr-demo');

    const own = await events('_count=1000', lc);

    expect(own.map(agentOf)).toContain('client:staff-demo');
    expect(own.map(agentOf)).not.toContain('client:ehr-demo');
    expect((await lc.get(`fhir/AuditEvent/${foreign?.id ?? ''}`)).status).toBe(404);
  });

  it('is closed to EHRs and analytics.', async () => {
    const analytics = await server.client('analytics');

    expect((await ehr.get('fhir/AuditEvent')).status).toBe(403);
    expect((await analytics.get('fhir/AuditEvent')).status).toBe(403);
  });

  it('records that it was read (AU-05).', async () => {
    await events(`patient=${patientId}&subtype=read`);

    const [event] = await events('agent=client:national&subtype=search-type');

    expect(agentOf(event)).toBe('client:national');
  });
});

describe('AuditEvents from outside', () => {
  const outside = {
    resourceType: 'AuditEvent',
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'vread' }],
    action: 'R',
    recorded: '2026-02-01T10:00:00+01:00',
    outcome: '0',
    agent: [{ requestor: true, who: { display: 'Journalsystemet' } }],
    source: { observer: { display: 'Demojournal' } },
  };

  it('are added to the trail, and found there by what they say.', async () => {
    const created = await ehr.post('fhir/AuditEvent', {
      ...outside,
      entity: [{ what: { reference: `Patient/${patientId}` } }],
    });
    const id = idOf(created);

    const found = await events(`patient=${patientId}&date=2026-02-01`);

    expect(created.status).toBe(201);
    expect(found.map((event) => event.id)).toEqual([id]);
    expect(found[0]).toMatchObject({ action: 'R', source: { observer: { display: 'Demojournal' } } });
  });

  it('are added by a transaction with the data that they are about, or not at all.', async () => {
    const bundle = (subject: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: observation(subject), request: { method: 'POST', url: 'Observation' } },
        {
          resource: { ...outside, recorded: '2026-02-02T10:00:00Z' },
          request: { method: 'POST', url: 'AuditEvent' },
        },
      ],
    });

    const refused = await ehr.post('fhir', bundle('Patient/nobody'));
    expect(refused.status).toBe(422);
    expect(await events('date=2026-02-02')).toEqual([]);

    const stored = await ehr.post('fhir', bundle(`Patient/${patientId}`));
    expect(stored.status).toBe(200);
    expect(await events('date=2026-02-02')).toHaveLength(1);
  });

  it('are never changed or deleted.', async () => {
    const [event] = await events('subtype=create');
    const id = event?.id ?? '';

    const put = await ehr.put(`fhir/AuditEvent/${id}`, { ...outside, id });
    const gone = await ehr.delete(`fhir/AuditEvent/${id}`);

    expect([put.status, gone.status]).toEqual([405, 405]);
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('are refused when they are no valid AuditEvents.', async () => {
    const { agent: _agent, ...without } = outside;

    const answer = await ehr.post('fhir/AuditEvent', without);

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('AuditEvent.agent');
  });
});
