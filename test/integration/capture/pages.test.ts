/** The pages of a register that nobody fills in by hand: no new registration, and a form that its coordinator withdraws. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from '../../../demo/walk/browser.ts';
import type { Bundle } from '../../../src/fhir/types.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';

const INPUT = new URL('../../../registers/gastronet/cases/olav-silent/input.json', import.meta.url);

let server: WalkServer;
let nurse: Browser;
let coordinator: Browser;

beforeAll(async () => {
  server = await startWalkServer();
  await server.ehr.transaction(JSON.parse(await readFile(INPUT, 'utf8')) as Bundle);
  expect(await server.app.app.jobs.runOnce()).toHaveLength(0);
  nurse = await server.user('lu-gry');
  coordinator = await server.user('lc-geir');
});

afterAll(() => server[Symbol.asyncDispose]());

/** Address of the first link on the page that begins so. */
function linkOf({ html, text }: Page, start: string): string {
  const href = new RegExp(`href="(${start}[^"?#]+)"`).exec(html)?.[1];
  if (href === undefined) {
    throw new Error(`No link to ${start} in: ${text}`);
  }
  return href;
}

/** Nothing waits for anybody, so the person is found by a search. */
async function personOf(reader: Browser): Promise<Page> {
  const hits = await reader.submit(await reader.open('/pasientsok'), '/pasientsok', { tekst: 'Olav' });
  return reader.open(linkOf(hits, '/pasient/'));
}

const formOf = async (reader: Browser): Promise<Page> =>
  reader.open(linkOf(await personOf(reader), '/skjema/'));

const WITHDRAW = 'Trekk skjemaet tilbake';

describe('The pages of a register that nobody fills in by hand', () => {
  it('offer no new registration, and make none.', async () => {
    const list = await nurse.open('/arbeidsliste');
    const patient = await personOf(nurse);
    const nobody = await nurse.submit(await nurse.open('/pasientsok'), '/pasientsok', {
      tekst: 'Finnesikke',
    });
    for (const page of [list, patient, nobody]) {
      expect(page.status).toBe(200);
      expect(page.html).not.toContain('ny-registrering');
    }

    const asked = await nurse.open('/ny-registrering');
    expect([asked.status, asked.text]).toEqual([
      422,
      expect.stringContaining('fylles av det journalen sender'),
    ]);
    const body = new URLSearchParams({
      type: 'annet',
      nummer: 'PASS-77',
      fornavn: 'Ny',
      etternavn: 'Registrert',
      fodselsdato: '01.01.1980',
    });
    const addresses = [
      '/ny-registrering',
      '/ny-registrering/opprett',
      `${new URL(patient.url).pathname}/ny-registrering`,
    ];
    const made = await Promise.all(
      addresses.map((address) => nurse.request(address, { method: 'POST', body })),
    );
    expect(made.map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(await server.ehr.search('Patient?family=Registrert')).toEqual([]);
  });

  it('still offer it where people register.', async () => {
    const other = await server.user('lu-nina');
    expect((await other.open('/arbeidsliste')).html).toContain('href="/ny-registrering"');
  });

  it('show a user the form without a way to withdraw it, and take none from them.', async () => {
    const form = await formOf(nurse);
    expect(form.text).toContain('Skjemaet er ferdigstilt og låst');
    expect(form.text).not.toContain(WITHDRAW);

    const address = `${new URL(form.url).pathname}/trekk`;
    const body = new URLSearchParams({ _reason: 'Feil', _version: '1' });
    const { status } = await nurse.request(address, { method: 'POST', body });
    expect(status).toBe(403);
    expect((await formOf(nurse)).text).not.toContain('trukket tilbake');
  });

  it('let the coordinator withdraw it, with a reason, seen by both and in the history.', async () => {
    const form = await formOf(coordinator);
    const action = `${new URL(form.url).pathname}/trekk`;
    expect(form.text).toContain(WITHDRAW);

    const without = await coordinator.submit(form, action, {});
    expect([without.status, without.text]).toEqual([
      422,
      expect.stringContaining('Ingenting er endret ennå'),
    ]);

    const done = await coordinator.submit(without, action, { _reason: 'Undersøkelsen gjaldt en annen' });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Skjemaet er trukket tilbake.')]);
    expect(done.text).not.toContain(WITHDRAW);

    const again = await nurse.open(form.url);
    expect(again.text).toContain(
      'trukket tilbake og telles ikke lenger. Årsak: Undersøkelsen gjaldt en annen.',
    );
    const history = await coordinator.open(`${new URL(form.url).pathname}/historikk`);
    expect(history.text).toContain('Trukket tilbake');
  });
});
