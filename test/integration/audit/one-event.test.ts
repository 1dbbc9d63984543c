/** One event for one interaction, whatever it looks at (AU-01), with who, where, why and what (AU-02). */
import type { AuditEvent } from '../../../src/fhir/types.ts';
import type { AuditRow } from '../../../src/storage/audit-search.ts';
import type { Browser } from '../../../demo/walk/browser.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';

let server: WalkServer;
let user: Browser;
let person: Registered;
let task: string;

beforeAll(async () => {
  server = await startWalkServer();
  person = await server.person();
  task = person.tasks['b11'] ?? '';
  user = await server.user('lu-ane');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Events that a request leaves behind, found by the id in its answer's header. */
const eventsOf = async (response: Response): Promise<readonly AuditRow[]> =>
  server.app.app.repository.deps.audit.search({
    requestId: response.headers.get('x-request-id') ?? '',
    count: 50,
  });

const referencesOf = ({ content }: AuditRow): readonly string[] =>
  ((JSON.parse(content) as AuditEvent).entity ?? []).flatMap(({ what }) => what?.reference ?? []);

describe('A page leaves one event (AU-01, AU-02)', () => {
  it.each([
    ['the work list', () => '/arbeidsliste', 'work-list'],
    ['a patient', () => `/pasient/${person.patient}`, 'patient-page'],
    ['received data', () => `/pasient/${person.patient}/mottatt`, 'received-data'],
    ['a form', () => `/skjema/${task}`, 'open-form'],
    ['the history of a form', () => `/skjema/${task}/historikk`, 'form-history'],
  ])('that lists what was on it: %s.', async (_what, path, kind) => {
    const response = await user.request(path());
    const [event, ...more] = await eventsOf(response);

    expect(response.status).toBe(200);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      kind,
      action: 'R',
      outcome: 200,
      agent: 'user:lu-ane',
      role: 'LU',
      registers: ['smertereg'],
      patients: [person.patient],
    });
    expect(event?.unit).toEqual(expect.any(String));
    expect(referencesOf(event as AuditRow)).toContain(`Patient/${person.patient}`);
    expect(
      referencesOf(event as AuditRow).filter((name) => name.includes('/_history/')).length,
    ).toBeGreaterThan(0);
  });

  it('with all it took to save a form, in the event of the write.', async () => {
    const response = await user.request(`/skjema/${task}/kladd`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-none-match': '*' },
      body: JSON.stringify({ response: { resourceType: 'QuestionnaireResponse', status: 'in-progress' } }),
    });
    const [event, ...more] = await eventsOf(response);

    expect(response.status).toBeLessThan(300);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ kind: 'save-form', outcome: 200, patients: [person.patient] });
    expect(referencesOf(event as AuditRow)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^QuestionnaireResponse\/.*\/_history\/\d+$/),
        expect.stringMatching(new RegExp(`^Task/${task}/_history/\\d+$`)),
      ]),
    );
  });

  it('for a refusal too, with its reason: a person who is not there.', async () => {
    const response = await user.request('/pasient/never-was');
    const [event, ...more] = await eventsOf(response);

    expect(response.status).toBe(404);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      outcome: 404,
      agent: 'user:lu-ane',
      entityType: 'Patient',
      entityId: 'never-was',
    });
  });

  it('that says by which law the register is used, and why the person is here.', async () => {
    const [event] = await eventsOf(await user.request('/arbeidsliste'));
    const content = JSON.parse(event?.content ?? '{}') as AuditEvent;

    expect(content.agent[0]?.policy).toContain('https://lovdata.no/forskrift/2019-06-21-789');
    expect(content.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('HQUALIMP');
    expect(content.agent.map(({ who }) => who?.identifier?.value ?? who?.reference)).toEqual([
      'user:lu-ane',
      'app:ryggrad',
      expect.stringMatching(/^Organization\//),
      `${server.app.url}/fhir`,
    ]);
  });

  it('is found by each thing that was on it.', async () => {
    const response = await user.request(`/skjema/${task}`);
    const { audit } = server.app.app.repository.deps;

    const found = await audit.search({
      entityType: 'Patient',
      entityId: person.patient,
      kind: 'open-form',
      count: 50,
    });

    expect(found.map(({ requestId }) => requestId)).toContain(response.headers.get('x-request-id'));
  });
});

describe('An operation leaves one event (AU-01)', () => {
  it('whatever it reads: $populate.', async () => {
    const answer = await server.coordinator.request(`Task/${task}/$populate`, {});
    const events = await server.app.app.repository.deps.audit.search({
      requestId: answer.headers.get('x-request-id') ?? '',
      count: 50,
    });

    expect(answer.status).toBe(200);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: '$populate', action: 'E', patients: [person.patient] });
  });
});
