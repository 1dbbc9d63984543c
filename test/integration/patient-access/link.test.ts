/** A patient answers a form at home, by a link and a code by SMS: auth-security 2.6. */
import { type PatientServer, startPatientServer, type Waiting } from './patient-server.ts';

let server: PatientServer;

beforeAll(async () => {
  server = await startPatientServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const LINK = '/skjema-til-deg';

/** Time passes before each text, so that the newest is known. */
async function linkKeyFor({ task }: Waiting): Promise<string> {
  server.clock.advance({ seconds: 1 });
  const answer = await server.nurse.request(`/skjema/${task}/lenke`, { method: 'POST' });
  expect(await answer.text()).toContain('Lenken er sendt');
  return /skjema-til-deg#([\w-]{43}) /.exec((await server.texts())[0] ?? '')?.[1] ?? 'no link';
}

/** Bring a key, ask for a code, and stand before the field for it. */
async function askCode(key: string) {
  server.clock.advance({ seconds: 1 });
  const patient = server.browser();
  const asked = await patient.submit(await patient.open(LINK), LINK, { nokkel: key });
  const waiting = await patient.submit(asked, `${LINK}/send`, {});
  return { patient, waiting };
}

describe('A link', () => {
  it('opens the form with the code that was sent by SMS (PA-01).', async () => {
    const person = await server.withMobile();
    const { patient, waiting } = await askCode(await linkKeyFor(person));
    const [code = ''] = /^[0-9]{6}/.exec((await server.texts())[0] ?? '') ?? [];

    const form = await patient.submit(waiting, `${LINK}/kode`, { kode: code });

    expect([form.url, form.text.includes('Hvordan har du det?')]).toEqual([
      `${server.url}/pasientskjema/skjema`,
      true,
    ]);
  });

  it('that nobody has sent goes the same way, and no code comes (PA-02).', async () => {
    const person = await server.withMobile();
    const known = await askCode(await linkKeyFor(person));
    const before = await server.texts();

    const unknown = await askCode('A'.repeat(43));

    expect(unknown.waiting.html).toBe(known.waiting.html);
    expect(await server.texts()).toEqual(before);
    const wrong = await unknown.patient.submit(unknown.waiting, `${LINK}/kode`, { kode: '000000' });
    const alsoWrong = await known.patient.submit(known.waiting, `${LINK}/kode`, { kode: '000000x' });
    expect([wrong.status, wrong.html]).toEqual([403, alsoWrong.html]);
  });

  it('is bound by its code to the browser that asked for it (PA-01).', async () => {
    const person = await server.withMobile();
    const key = await linkKeyFor(person);
    const first = await askCode(key);
    const [code = ''] = /^[0-9]{6}/.exec((await server.texts())[0] ?? '') ?? [];
    const other = server.browser();
    const asked = await other.submit(await other.open(LINK), LINK, { nokkel: key });

    const refused = await other.request(`${LINK}/kode`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ kode: code }).toString(),
    });

    expect([asked.status, refused.status]).toEqual([200, 403]);
    expect((await first.patient.submit(first.waiting, `${LINK}/kode`, { kode: code })).status).toBe(200);
  });

  it('gives three codes in an hour and no more (PA-01).', async () => {
    const person = await server.withMobile();
    const key = await linkKeyFor(person);
    const before = (await server.texts()).length;
    for (let i = 0; i < 5; i += 1) {
      await askCode(key);
    }

    expect((await server.texts()).length - before).toBe(3);
  });

  it('has its key in the fragment alone: no address of ours holds it.', async () => {
    const person = await server.withMobile();
    const key = await linkKeyFor(person);
    const { waiting } = await askCode(key);

    expect(waiting.url).not.toContain(key);
    expect(waiting.html).not.toContain(key);
  });

  it('is not sent to somebody without a number: a code from the ward is offered instead.', async () => {
    const person = await server.person();
    await server.app.database.db.pool.query(
      `update resource set content = (content::jsonb - 'telecom')::text where type = 103 and id = $1`,
      [person.patient.id],
    );

    const answer = await server.nurse.request(`/skjema/${person.task}/lenke`, { method: 'POST' });

    expect(await answer.text()).toContain('Lag en engangskode i stedet');
  });
});
