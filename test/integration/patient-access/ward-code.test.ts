/** A patient answers a form on the ward's PC with a code: auth-security 2.6. */
import type { QuestionnaireResponse, Task } from '../../../src/fhir/types.ts';
import { asTyped, type PatientServer, startPatientServer, type Waiting } from './patient-server.ts';

let server: PatientServer;

beforeAll(async () => {
  server = await startPatientServer();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.app.database.db.pool.query('delete from login_attempt');
});

const ENTRY = '/pasientskjema';

async function codeFor({ task }: Waiting): Promise<string> {
  const answer = await server.nurse.request(`/skjema/${task}/engangskode`, { method: 'POST' });
  return (
    /one-time-code">([0-9A-Z]{5}-[0-9A-Z]{5})</.exec(await answer.text())?.[1] ?? `none: ${answer.status}`
  );
}

async function enter(person: Waiting, code: string, born = asTyped(person.patient.birthDate)) {
  const patient = server.browser();
  const page = await patient.submit(await patient.open(ENTRY), ENTRY, { fodt: born, kode: code });
  return { patient, page };
}

/** The road in and out; what is read and written of the response on the way has events of its own. */
const trail = async (): Promise<readonly string[]> => {
  const { rows } = await server.app.database.db.pool.query<{ kind: string }>(
    `select kind from audit where kind like 'patient-%' and kind <> 'patient-form' order by seq`,
  );
  return rows.map(({ kind }) => kind);
};

describe('A code from the ward', () => {
  it('opens the one form for the person who has it, and shows first name and title alone (PA-01, PA-02).', async () => {
    const person = await server.person();

    const { page } = await enter(person, await codeFor(person));

    expect(page.url).toBe(`${server.url}/pasientskjema/skjema`);
    expect(page.text).toContain('Hvordan har du det?');
    expect(page.text).toContain(person.patient.name?.[0]?.given?.[0] ?? 'no name');
    const family = person.patient.name?.[0]?.family ?? 'no family';
    const number =
      person.patient.identifier?.find(({ value = '' }) => /^[0-9]{11}$/.test(value))?.value ?? 'none';
    expect(page.html).not.toContain(family);
    expect(page.html).not.toContain(number);
  });

  it('is taken as people type it.', async () => {
    const person = await server.person();
    const code = (await codeFor(person)).replace('-', ' ').toLowerCase();

    const { page } = await enter(person, code);

    expect(page.url).toMatch(/\/skjema$/);
  });

  it('works once (PA-01): of four at once, one gets in.', async () => {
    const person = await server.person();
    const code = await codeFor(person);

    const pages = await Promise.all(Array.from({ length: 4 }, () => enter(person, code)));

    expect(pages.filter(({ page }) => page.status === 200)).toHaveLength(1);
  });

  it('answers the same to everything that is wrong (PA-02).', async () => {
    const [person, answered] = [await server.person(), await server.person()];
    const code = await codeFor(person);
    const spent = await codeFor(answered);
    await enter(answered, spent);

    const unknown = await enter(person, 'AAAAA-AAAAA');
    const birthDate = await enter(person, code, '01.01.1901');
    const noDate = await enter(person, code, 'i går');
    const used = await enter(answered, spent);

    const [first, ...others] = [unknown, birthDate, noDate, used].map(({ page }) => [page.status, page.html]);
    expect(first?.[0]).toBe(403);
    for (const other of others) {
      expect(other).toEqual(first);
    }
  });

  it('is no good after five wrong birth dates (PA-01).', async () => {
    const person = await server.person();
    const code = await codeFor(person);
    for (let i = 0; i < 5; i += 1) {
      await enter(person, code, '01.01.1901');
    }

    expect((await enter(person, code)).page.status).toBe(403);
  });

  it('is no good after a day, nor when a new one was made.', async () => {
    const person = await server.person();
    const old = await codeFor(person);
    const newer = await codeFor(person);
    expect((await enter(person, old)).page.status).toBe(403);

    server.clock.advance({ hours: 25 });
    expect((await enter(person, newer)).page.status).toBe(403);
    server.clock.advance({ hours: -25 });
  });

  it('stops the 21st wrong answer of a network within the hour, also with a right code (PA-01).', async () => {
    const person = await server.person();
    const code = await codeFor(person);
    for (let i = 0; i < 20; i += 1) {
      await enter(person, 'AAAAA-AAAAA');
    }

    expect((await enter(person, code)).page.status).toBe(403);
  });

  it('is not made for a form that staff fill.', async () => {
    const person = await server.person();

    const answer = await server.nurse.request(`/skjema/${person.staffTask}/engangskode`, { method: 'POST' });

    expect(answer.status).toBe(422);
  });

  it('is not made by another site, nor by nobody.', async () => {
    const person = await server.person();
    const path = `/skjema/${person.task}/engangskode`;

    const foreign = await server.nurse.request(path, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
    });
    const nobody = await server.browser().request(path, { method: 'POST' });

    expect([foreign.status, nobody.status]).toEqual([403, 303]);
  });

  it('ends the session of the staff whose browser it is.', async () => {
    const person = await server.person();
    const code = await codeFor(person);
    const shared = server.browser();
    const password = server.app.hints.accounts.find(({ username }) => username === 'lu-ane')?.password ?? '';
    await shared.submit(await shared.open('/logg-inn'), '/logg-inn', {
      brukernavn: 'lu-ane',
      passord: password,
    });

    await shared.submit(await shared.open(ENTRY), ENTRY, {
      fodt: asTyped(person.patient.birthDate),
      kode: code,
    });

    expect((await shared.open('/arbeidsliste')).url).toContain('/logg-inn');
  });
});

describe('A patient who is in', () => {
  it('saves, sends in, and sees only a receipt from then on (PA-03).', async () => {
    const person = await server.person();
    const { patient, page } = await enter(person, await codeFor(person));
    const saved = await patient.submit(page, '/pasientskjema/skjema', {
      'q/comment': 'Litt',
      _complete: null,
    });
    expect(saved.text).toContain('Svarene er lagret');

    const done = await patient.submit(saved, '/pasientskjema/skjema', {
      'q/slept': optionOf(saved.html),
      _complete: '1',
    });

    expect(done.text).toContain('Takk for svarene');
    expect((await patient.open('/pasientskjema/skjema')).text).toContain('Du er ute av skjemaet');
    const task = await server.coordinator.read<Task>(`Task/${person.task}`);
    const stored = await server.coordinator.read<QuestionnaireResponse>(
      task.output?.[0]?.valueReference?.reference ?? '',
    );
    expect([task.status, stored.status, stored.source?.reference]).toEqual([
      'completed',
      'completed',
      `Patient/${person.patient.id}`,
    ]);
    expect((await trail()).slice(-5)).toEqual([
      'patient-invited',
      'patient-entered',
      'patient-opened',
      'patient-opened',
      'patient-left',
    ]);
  });

  it('is told what is missing, and loses nothing.', async () => {
    const person = await server.person();
    const { patient, page } = await enter(person, await codeFor(person));

    const refused = await patient.submit(page, '/pasientskjema/skjema', {
      'q/comment': 'Hallo',
      _complete: '1',
    });

    expect(refused.status).toBe(422);
    expect(refused.html).toContain('Hallo');
  });

  it('reads nothing by the API, and nothing on the pages of staff (PA-03).', async () => {
    const person = await server.person();
    const { patient } = await enter(person, await codeFor(person));

    const api = await patient.request(`/fhir/Patient/${person.patient.id}`);
    const staff = await patient.open(`/pasient/${person.patient.id}`);

    expect([api.status, new URL(staff.url).pathname]).toEqual([401, '/logg-inn']);
  });

  it('is out after half an hour, however busy (PA-03).', async () => {
    const person = await server.person();
    const { patient } = await enter(person, await codeFor(person));

    server.clock.advance({ minutes: 31 });
    const late = await patient.open('/pasientskjema/skjema');
    server.clock.advance({ minutes: -31 });

    expect(late.text).toContain('Du er ute av skjemaet');
  });

  it('is out at once when the form is closed to them (PA-05).', async () => {
    const person = await server.person();
    const { patient } = await enter(person, await codeFor(person));
    await server.app.database.db.pool.query('update patient_access set revoked_at = now() where task = $1', [
      person.task,
    ]);

    expect((await patient.open('/pasientskjema/skjema')).text).toContain('Du er ute av skjemaet');
  });
});

/** The first option of the choice, as the page has it. */
const optionOf = (html: string): string =>
  /name="q\/slept"[^>]*value="([^"]+)"/.exec(html)?.[1] ?? 'no option';
