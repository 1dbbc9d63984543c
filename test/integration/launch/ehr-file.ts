/** An EHRS_FILE for simulated EHRs that stand beside the whole server. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_CLIENT_ID } from '../../../demo/ehr/router.ts';
import { HOSPITAL_TRUST_NUMBER } from '../../../demo/organizations.ts';
import type { EhrServer } from './ehr-server.ts';

/** Write it; `settings` over the usual ones. Returns its path. */
export async function ehrFile(
  ...ehrs: readonly (readonly [server: Pick<EhrServer, 'url'>, settings: object])[]
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-ehrs-'));
  const path = join(folder, 'ehrs.json');
  const entries = ehrs.map(([{ url }, settings], index) => ({
    id: `journal-${index + 1}`,
    name: { nb: `Journal ${index + 1}`, nn: `Journal ${index + 1}`, en: `Record ${index + 1}` },
    fhirBase: `${url}/fhir`,
    clientId: DEMO_CLIENT_ID,
    registers: ['smertereg'],
    unit: HOSPITAL_TRUST_NUMBER,
    staffMapping: 'agreed',
    ...settings,
  }));
  await writeFile(path, JSON.stringify({ ehrs: entries }));
  return path;
}
