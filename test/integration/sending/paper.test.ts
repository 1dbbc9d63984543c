/** A form on paper for somebody who is not reached otherwise: empty, in its words, and found again when it is scanned. */
import {
  CONSENTING,
  type Person,
  reasonOf,
  type SendingServer,
  startSendingServer,
  UNASKED,
} from './sending-server.ts';

let server: SendingServer;
let person: Person;
const paper = (form: string): string => `/skjema/${person.tasks[form] ?? ''}/papir`;

beforeAll(async () => {
  server = await startSendingServer('2026-03-04T12:00:00+01:00');
  person = await server.person();
  await server.save(person, 'to', UNASKED('2026-03-02'), 'in-progress');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A form on paper for a patient', () => {
  it('is not printed before it may be sent.', async () => {
    const browser = await server.user('lu-ane');

    const page = await browser.open(paper('pasreg'));

    expect(page.status).toBe(409);
  });

  it('is empty, in its words, and carries what opens it when it is scanned; no national number is on it.', async () => {
    await server.save(person, 'to', CONSENTING('2026-03-02'), 'in-progress');
    const browser = await server.user('lu-ane');

    const page = await browser.open(paper('hads'));

    expect(page.status).toBe(200);
    expect(page.text).toContain('Oppdiktet');
    expect(page.html).toMatch(/<svg[^>]*class="qr-code"/);
    expect(page.text).toContain(person.tasks['hads']);
    expect(page.text).not.toContain(person.number);
    expect(page.text).not.toContain(`${person.number.slice(0, 6)} ${person.number.slice(6)}`);
  });

  it('is linked from the page of the patient’s forms, those alone that wait.', async () => {
    const browser = await server.user('lu-ane');

    const { html } = await browser.open(`/pasientregistreringer/${person.episode}`);

    expect(
      ['pasreg', 'hads', 'eval', 'opioid'].map((form) => html.includes(`href="${paper(form)}"`)),
    ).toEqual([true, true, false, false]);
  });

  it('is not printed when its sending was stopped.', async () => {
    expect(await server.state(person, ['pasreg'], { kind: 'stop', reason: reasonOf('unable') })).toEqual([]);
    const browser = await server.user('lu-ane');

    const page = await browser.open(paper('pasreg'));

    expect(page.status).toBe(409);
  });
});
