/**
 * A form that ends while somebody is invited to it: consent withdrawn, or answered by another road (PA-05, CO-03).
 */
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { Consent, QuestionnaireResponse, Task } from '../../../src/fhir/types.ts';
import { asWithdrawn } from '../../../src/registry/consent/withdrawal.ts';
import { asSender, responseTo, type Sender, to } from '../walk/walk-server.ts';
import { asTyped, type PatientServer, startPatientServer, type Waiting } from './patient-server.ts';

let server: PatientServer;
let national: Sender;

beforeAll(async () => {
  server = await startPatientServer();
  national = asSender(await server.user('sc-siri'));
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.app.database.db.pool.query('delete from login_attempt');
});

const ENTRY = '/pasientskjema';
const LINK = '/skjema-til-deg';
const json = { 'content-type': 'application/fhir+json' };

/** Consent given in a locked form of staff: the pathway is in the national store. */
async function consenting(): Promise<Waiting> {
  const person = await server.withMobile();
  const response = responseTo(
    { patient: person.patient.id, episode: person.episode },
    'to',
    to.consenting,
    { status: 'completed' },
    undefined,
  );
  const saved = await server.coordinator.request('QuestionnaireResponse', {
    method: 'POST',
    body: JSON.stringify(response),
    headers: json,
  });
  expect(saved.status).toBe(201);
  return person;
}

async function withdraw({ patient }: Waiting): Promise<number> {
  const [consent] = await server.coordinator.search<Consent>(`Consent?patient=${patient.id}`);
  const stated = asWithdrawn(consent as never, server.clock.now().toISOString());
  const answer = await national(`Consent/${consent?.id ?? ''}`, {
    method: 'PUT',
    body: JSON.stringify(stated),
    headers: json,
  });
  return answer.status;
}

const invite = async ({ task }: Waiting, way: 'engangskode' | 'lenke'): Promise<string> => {
  server.clock.advance({ seconds: 1 });
  return (await server.nurse.request(`/skjema/${task}/${way}`, { method: 'POST' })).text();
};
const codeIn = (page: string): string => /one-time-code">([^<]+)</.exec(page)?.[1] ?? 'none';
const linkKey = async (): Promise<string> =>
  /skjema-til-deg#([\w-]{43}) /.exec((await server.texts())[0] ?? '')?.[1] ?? 'none';

async function enter({ patient }: Waiting, code: string) {
  const browser = server.browser();
  const fields = { fodt: asTyped(patient.birthDate), kode: code };
  return { browser, page: await browser.submit(await browser.open(ENTRY), ENTRY, fields) };
}

interface MessageRow {
  readonly id: string;
  readonly sealed: string | null;
  readonly sent: string | null;
  readonly failed: string | null;
}

async function messagesAbout({ task }: Waiting): Promise<readonly MessageRow[]> {
  const { rows } = await server.app.database.db.pool.query<MessageRow>(
    'select id, sealed, sent, failed from message where about = $1 order by created',
    [`Task/${task}`],
  );
  return rows;
}

/** The job that sends a message, as the queue runs it. */
const deliver = (id: string): Promise<void> =>
  server.app.app.accounts.messages.deliver({ id }, { attempt: 1, maxAttempts: 5 });

describe('A withdrawal of consent', () => {
  it('takes back the text message that has not left yet: it is not sent, and its text is gone (CO-03).', async () => {
    const person = await consenting();
    await invite(person, 'lenke');
    const [before] = await messagesAbout(person);

    expect(await withdraw(person)).toBe(200);
    await deliver(before?.id ?? '');

    expect([before?.sealed !== null, before?.failed]).toEqual([true, null]);
    expect(await messagesAbout(person)).toEqual([
      { id: before?.id, sealed: null, sent: null, failed: expect.any(String) },
    ]);
    expect((await server.texts()).filter((text) => text.includes(LINK))).toEqual([]);
  });

  it('shuts a code, a link, and the session of who is in, at once (PA-05).', async () => {
    const [person, other] = [await consenting(), await consenting()];
    const { browser, page } = await enter(person, codeIn(await invite(person, 'engangskode')));
    const code = codeIn(await invite(other, 'engangskode'));
    await invite(other, 'lenke');
    const key = await linkKey();

    await withdraw(person);
    await withdraw(other);

    expect(page.text).toContain('Hvordan har du det?');
    expect((await browser.open(`${ENTRY}/skjema`)).text).toContain('Du er ute av skjemaet');
    const late = await browser.request(`${ENTRY}/skjema/kladd`, {
      method: 'PUT',
      body: JSON.stringify({ response: { resourceType: 'QuestionnaireResponse' } }),
      headers: { 'content-type': 'application/json' },
    });
    expect(late.status).toBe(401);
    expect((await enter(other, code)).page.status).toBe(403);
    const before = await server.texts();
    const phone = server.browser();
    await phone.submit(await phone.open(LINK), LINK, { nokkel: key });
    await phone.submit(await phone.open(`${LINK}/kode`), `${LINK}/send`, {});
    expect(await server.texts()).toEqual(before);
  });

  it('leaves nobody to invite: the form does not wait for answers any more.', async () => {
    const person = await consenting();
    await withdraw(person);

    const answer = await server.nurse.request(`/skjema/${person.task}/lenke`, { method: 'POST' });

    expect(answer.status).toBe(422);
    expect(await messagesAbout(person)).toEqual([]);
  });
});

describe('A form that is answered', () => {
  it('on the ward takes the link back that was on its way (PA-05).', async () => {
    const person = await server.withMobile();
    await invite(person, 'lenke');
    const key = await linkKey();
    const { browser, page } = await enter(person, codeIn(await invite(person, 'engangskode')));

    await browser.submit(page, `${ENTRY}/skjema`, {
      'q/slept': /name="q\/slept"[^>]*value="([^"]+)"/.exec(page.html)?.[1] ?? '',
      _complete: '1',
    });

    const task = await server.coordinator.read<Task>(`Task/${person.task}`);
    const reference = task.output?.[0]?.valueReference?.reference ?? '';
    const stored = await server.coordinator.read<QuestionnaireResponse>(reference);
    expect(stored.status).toBe('completed');
    expect(await messagesAbout(person)).toMatchObject([{ sent: null, sealed: null }]);
    const { rows } = await server.app.database.db.pool.query<{ open: string }>(
      'select count(*) as open from patient_access where task = $1 and revoked_at is null',
      [person.task],
    );
    expect([key.length, rows[0]?.open]).toEqual([43, '0']);
  });
});

describe('A form that is past its due date', () => {
  it('lets nobody in any more, nor lets in stay who is there (PA-05).', async () => {
    const [person, other] = [await server.person(), await server.person()];
    const { browser, page } = await enter(person, codeIn(await invite(person, 'engangskode')));
    const code = codeIn(await invite(other, 'engangskode'));
    const end = new Date(server.clock.now().getTime() + 60_000).toISOString();
    await server.app.database.db.pool.query(
      `update resource
          set content = jsonb_set(content::jsonb, '{restriction}', $3::jsonb)::text
        where type = $1 and id = any ($2)`,
      [typeCode('Task'), [person.task, other.task], JSON.stringify({ period: { end } })],
    );
    const inTime = await browser.open(`${ENTRY}/skjema`);

    server.clock.advance({ minutes: 2 });

    expect([page.text, inTime.text].every((text) => text.includes('Hvordan har du det?'))).toBe(true);
    expect((await browser.open(`${ENTRY}/skjema`)).text).toContain('Du er ute av skjemaet');
    expect((await enter(other, code)).page.status).toBe(403);
  });
});

describe('What a patient does', () => {
  it('is in the trail, under the person and the register, and on the person’s own list (AU-01, PA-05).', async () => {
    const person = await server.withMobile();
    const { browser } = await enter(person, codeIn(await invite(person, 'engangskode')));
    await browser.open(`${ENTRY}/skjema`);
    const { rows } = await server.app.database.db.pool.query<{ kind: string; registers: readonly string[] }>(
      `select kind, registers from audit where $1 = any (patients) and kind like 'patient-%' order by seq`,
      [person.patient.id],
    );
    const coordinator = await server.user('lc-bjorn');

    const list = await coordinator.open(`/pasient/${person.patient.id}/innsyn`);

    expect(rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['patient-invited', 'patient-entered', 'patient-opened']),
    );
    expect(rows.every(({ registers }) => registers.includes('smertereg'))).toBe(true);
    expect(list.text).toContain('Deg selv');
    expect(list.text).toContain('Logget inn med kode');
    expect(list.text).toContain('Laget en kode eller lenke til skjemaet ditt');
    expect(list.text).not.toContain('patient-access:');
  });

  it('opens no audit trail: neither by the API nor by its pages (PA-03).', async () => {
    const person = await server.withMobile();
    const { browser } = await enter(person, codeIn(await invite(person, 'engangskode')));

    const api = await browser.request('/fhir/AuditEvent');
    const pages = await Promise.all(
      ['/tilgangslogg', `/pasient/${person.patient.id}/innsyn`].map((path) => browser.open(path)),
    );

    expect(api.status).toBe(401);
    expect(pages.map(({ url }) => new URL(url).pathname)).toEqual(['/logg-inn', '/logg-inn']);
  });
});
