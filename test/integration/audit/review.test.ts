/** Going through the audit trail on the pages, and a person's own list (AU-05). */
import type { Browser } from '../../../demo/walk/browser.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import type { AuditRow } from '../../../src/storage/audit-search.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';

let server: WalkServer;
let lu: Browser;
let lc: Browser;
let sc: Browser;
let person: Registered;

beforeAll(async () => {
  server = await startWalkServer();
  person = await server.person();
  lu = await server.user('lu-ane');
  lc = await server.user('lc-bjorn');
  sc = await server.user('sc-siri');
  await lu.open(`/pasient/${person.patient}`);
  await lu.open('/pasient/never-was');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const eventsOf = (response: Response): Promise<readonly AuditRow[]> =>
  server.app.app.repository.deps.audit.search({
    requestId: response.headers.get('x-request-id') ?? '',
    count: 50,
  });
const newest = async (kind: string, agent: string): Promise<AuditRow> =>
  (await server.app.app.repository.deps.audit.search({ kind, agent, count: 1 }))[0] as AuditRow;

describe('The pages of the audit trail', () => {
  it('show a coordinator what the own department has done, with marks, and a local user nothing.', async () => {
    const page = await lc.open('/tilgangslogg');
    const refused = await lu.open('/tilgangslogg');

    expect(page.status).toBe(200);
    expect(page.text).toContain('lu-ane, lokal bruker');
    expect(page.text).toContain('Åpnet pasientsiden');
    expect(page.text).toContain('Avvist');
    expect(refused.status).toBe(403);
  });

  it('leave one event that names the events that were looked at and the persons in them (log of log access).', async () => {
    const response = await lc.request('/tilgangslogg');
    const [event, ...more] = await eventsOf(response);

    expect(more).toEqual([]);
    expect(event).toMatchObject({ kind: 'trail-review', agent: 'user:lc-bjorn', role: 'LC' });
    expect(event?.patients).toContain(person.patient);
    expect(event?.content).toContain('AuditEvent/');
  });

  it('show only what is marked, or a sample that its address draws again.', async () => {
    const marked = await lc.open('/tilgangslogg?vis=marked');
    const sample = await lc.open('/tilgangslogg?utvalg=abc');
    const linksOf = (html: string): readonly string[] => html.match(/\/tilgangslogg\/[\w-]{36}/g) ?? [];
    const again = await lc.open('/tilgangslogg?utvalg=abc');

    expect(marked.text).toContain('Avvist');
    expect(linksOf(sample.html).length).toBeGreaterThan(0);
    expect(linksOf(sample.html).length).toBeLessThanOrEqual(20);
    expect(linksOf(again.html).filter((link) => linksOf(sample.html).includes(link)).length).toBeGreaterThan(
      0,
    );
    expect((await lc.open('/tilgangslogg?fra=01.01.2020&til=02.01.2020')).text).toContain('Ingen hendelser');
  });

  it('take a follow-up with its comment, in the trail and on the event; without a comment they ask for one.', async () => {
    const { id } = await newest('patient-page', 'user:lu-ane');
    const page = await lc.open(`/tilgangslogg/${id}`);
    const path = `/tilgangslogg/${id}/oppfolging`;

    const empty = await lc.submit(page, path, { vurdering: 'asked', kommentar: ' ' });
    const done = await lc.submit(page, path, {
      vurdering: 'asked',
      kommentar: 'Hadde tilsyn på sengeposten.',
    });
    const event = await newest('trail-followed-up', 'user:lc-bjorn');

    expect(empty.status).toBe(422);
    expect(empty.text).toContain('Skriv hva som er gjort.');
    expect(done.status).toBe(200);
    expect(done.text).toMatch(/Spurt den det gjelder ?: Hadde tilsyn på sengeposten\./);
    expect(event).toMatchObject({ entityType: 'AuditEvent', entityId: id, outcome: 200 });
    expect((await lc.open('/tilgangslogg')).text).toContain('Fulgt opp');
  });

  it('hide events of other departments and registers.', async () => {
    const { audit } = server.app.app.repository.deps;
    const foreign = (id: string, registers: readonly string[]) => ({
      id,
      recorded: new Date().toISOString(),
      action: 'R',
      kind: 'patient-page',
      outcome: 200,
      agent: `user:foreign-${id}`,
      role: 'LU',
      unit: 'elsewhere',
      registers,
      about: ['elsewhere'],
      patients: [person.patient],
      entityType: 'Patient',
      entityId: person.patient,
      requestId: id,
      content: '{"resourceType":"AuditEvent","agent":[]}',
    });
    await audit.append([foreign('other-unit', ['smertereg']), foreign('other-register', ['another'])]);

    const [local, national] = [await lc.open('/tilgangslogg'), await sc.open('/tilgangslogg')];
    const ofSc = await sc.request('/fhir/AuditEvent?agent=user:foreign-other-register');

    expect(local.text).not.toContain('user:foreign');
    expect(national.text).toContain('user:foreign-other-unit');
    expect(national.text).not.toContain('user:foreign-other-register');
    expect((await sc.open('/tilgangslogg/other-register')).status).toBe(404);
    expect((await ofSc.json()) as object).not.toHaveProperty('entry.0');
  });
});

describe('A person’s own list (AU-05)', () => {
  it('says in plain words who has seen what, on a page, as CSV and as JSON; making it is in the list.', async () => {
    const page = await lc.open(`/pasient/${person.patient}/innsyn`);
    const csv = await lc.request(`/pasient/${person.patient}/innsyn.csv`);
    const json = await lc.request(`/pasient/${person.patient}/innsyn.json`);
    const lines = (await json.json()) as readonly Readonly<Record<string, string>>[];

    expect(page.text).toContain('Hvem har sett på meg?');
    expect(page.text).toContain('Åpnet pasientsiden');
    expect(csv.headers.get('content-disposition')).toMatch(
      /^attachment; filename="innsyn-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(await csv.text()).toContain('Åpnet pasientsiden');
    expect(lines.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'Åpnet pasientsiden',
        'Laget listen over hvem som har sett på deg',
        'Sendte inn opplysninger',
      ]),
    );
    expect(lines.map(({ what }) => what).filter((what) => what?.includes('Behandlet'))).toEqual([]);
  });

  it('is for coordinators, about persons of their own, and one event each time.', async () => {
    const response = await lc.request(`/pasient/${person.patient}/innsyn`);
    const events = await eventsOf(response);

    expect((await lu.open(`/pasient/${person.patient}/innsyn`)).status).toBe(403);
    expect((await lc.open('/pasient/never-was/innsyn')).status).toBe(404);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: 'access-list', patients: [person.patient] });
  });
});
