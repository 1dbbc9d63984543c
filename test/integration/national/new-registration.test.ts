/** A new registration asks the population registry who has the number. */
import type { Browser } from '../../../demo/walk/browser.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';
import { type NationalServer, startNationalServer } from './national-server.ts';
import { KARI, OLA } from './people.ts';

let national: NationalServer;
let server: WalkServer;
let nurse: Browser;

beforeAll(async () => {
  national = await startNationalServer();
  const file = await national.write(national.settings);
  server = await startWalkServer(undefined, { NATIONAL_REGISTRIES_FILE: file });
  nurse = await server.user('lu-ane');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await national[Symbol.asyncDispose]();
});

async function askFor(number: string): Promise<string> {
  const page = await nurse.open('/ny-registrering');
  const { status, html } = await nurse.submit(page, '/ny-registrering', { type: 'norsk', nummer: number });
  expect(status).toBe(200);
  return html;
}

describe('A new registration, with a population registry', () => {
  it('rule 4: has name and birth date filled in, and no address.', async () => {
    const text = await askFor(KARI.numbers[0] ?? '');

    expect(text).toContain('hentet fra Folkeregisteret');
    expect(text).toMatch(/value="Kari Anne"/);
    expect(text).toMatch(/value="Testnes"/);
    expect(text).toMatch(/value="15\.03\.1985"/);
    expect(text).not.toContain('Fjordgata');
  });

  it('says that the registry has the person as dead.', async () => {
    expect(await askFor(OLA.numbers[0] ?? '')).toContain('registrert som død 02.10.2026');
  });

  it('finds who is here by another number of theirs, and registers nobody twice.', async () => {
    const [number = '', earlier = ''] = OLA.numbers;
    const page = await nurse.open('/ny-registrering');
    const asked = await nurse.submit(page, '/ny-registrering', { type: 'norsk', nummer: number });
    const made = await nurse.submit(asked, '/ny-registrering/opprett', {});
    expect(made.url).toContain('/skjema/');

    const found = await nurse.submit(page, '/ny-registrering', { type: 'norsk', nummer: earlier });

    expect(new URL(found.url).pathname).toMatch(/^\/pasient\//);
    expect(found.text).toContain('Testmo');
  });

  it('goes on by hand when the registry does not answer, and says so.', async () => {
    national.standIn.faults.push({ status: 503 });

    const text = await askFor(KARI.numbers[0] ?? '');

    expect(text).toContain('Folkeregisteret svarer ikke nå');
    expect(text).not.toContain('Testnes');
  });
});
