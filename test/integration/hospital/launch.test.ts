/** From the hospital's own page into the register: who the patient is, who the clinician is, in each register that people fill. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type HospitalServer, startHospital } from '../../../demo/hospital/server.ts';
import { browser, type Browser } from '../../../demo/walk/browser.ts';
import { silent } from '../../../demo/walk/narrator.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

/** The hospital stands ten ports above the server; a server whose neighbour is taken is stopped, and another one tried. */
async function startPair(): Promise<{ app: TestApp; hospital: HospitalServer }> {
  for (;;) {
    const app = await startTestApp();
    const port = Number(new URL(app.url).port) + 10;
    if (port <= 65_535 && (await isFree(port))) {
      return { app, hospital: await startHospital({ registryUrl: app.url, port, patients: 40 }) };
    }
    await app[Symbol.asyncDispose]();
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => {
      const { port: own } = probe.address() as AddressInfo;
      probe.close(() => resolve(own === port));
    });
  });

describe('A launch from the simulated hospital', () => {
  let app: TestApp;
  let hospital: HospitalServer;

  beforeAll(async () => {
    ({ app, hospital } = await startPair());
  });

  afterAll(async () => {
    await hospital[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  /** Press the button of the first patient who is there for this. */
  async function launched(
    about: string,
  ): Promise<{ name: string; page: Awaited<ReturnType<Browser['open']>> }> {
    const html = await (await fetch(`${hospital.url}/`)).text();
    const rows = [
      ...html.matchAll(/<th scope="row">(.*?)<\/th>.*?<td>([^<]*)<br><a role="button" href="([^"]+)"/g),
    ];
    const [, name = '', , href = ''] = rows.find(([, , words]) => words === about) ?? [];
    const clinician = browser({ url: app.url, keys: '', narrator: silent });
    return { name, page: await clinician.open(href.replaceAll('&amp;', '&')) };
  }

  it.each([
    ['Smerte (tilsyn)', 'Ane Lund', 'SmerteReg'],
    ['Rygg, poliklinisk', 'Nina Berg', 'NNRR'],
    ['Rygg- og nakkekirurgi', 'Kirsten Haug', 'NKR'],
  ])('of somebody who is there for «%s» is by %s, in %s.', async (about, clinician, register) => {
    const { name, page } = await launched(about);

    expect(page.status).toBe(200);
    expect(page.text).toContain('Kontroller at dette er riktig pasient');
    expect(page.text).toContain('Fjordheim journal');
    expect(page.text).toContain(name);
    expect(page.text).toContain(clinician);
    expect(page.text).toContain(register);
  });
});
