/** The file of EHRs: what it may say, and that every mistake is told by its place. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEhrs } from '../../../src/smart/ehr-settings.ts';
import { scopesOf } from '../../../src/smart/ehr.ts';

const NAME = { nb: 'Journalen', nn: 'Journalen', en: 'The record' };
const LEAST = {
  id: 'nord',
  name: NAME,
  fhirBase: 'https://fhir.example.no/r4',
  clientId: 'ryggrad',
  registers: ['r1'],
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-ehrs-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(...ehrs: readonly object[]) {
  const path = join(folder, 'ehrs.json');
  await writeFile(path, JSON.stringify({ ehrs }));
  return readEhrs(path, ['r1', 'r2']);
}

describe('The file of EHRs', () => {
  it('may be left out.', async () => {
    expect(await readEhrs(undefined, ['r1'])).toEqual([]);
  });

  it('says little of an EHR that is given little: no mapping, no frame, nothing written back.', async () => {
    expect(await read(LEAST)).toEqual([
      { ...LEAST, authentication: { method: 'private_key_jwt' }, staffMapping: 'none', frameOrigins: [] },
    ]);
  });

  it('has several EHRs, each with its own scopes, queries, secret, frame and write-back (AP-02).', async () => {
    await writeFile(join(folder, 'secret'), 's3cret\n');

    const [first, second] = await read(LEAST, {
      ...{ ...LEAST, id: 'sor', fhirBase: 'http://127.0.0.1:9000/fhir', registers: ['r1', 'r2'] },
      ...{ method: 'client_secret', secretFile: 'secret', unit: '310000019', staffMapping: 'agreed' },
      ...{ scopes: ['patient/Condition.rs'], queries: ['Condition?patient={patient}'] },
      ...{ frameOrigins: ['https://journal.example.no'], writeBack: 'QuestionnaireResponse' },
    });

    expect(second).toMatchObject({
      authentication: { method: 'client_secret', secret: 's3cret' },
      unit: '310000019',
      transport: 'http',
      writeBack: 'QuestionnaireResponse',
    });
    expect(scopesOf(second!, 'launch')).toEqual([
      ...['launch', 'openid', 'fhirUser', 'patient/Patient.r', 'patient/Condition.rs'],
      ...['online_access', 'patient/QuestionnaireResponse.c'],
    ]);
    expect(scopesOf(first!, 'launch/patient')).toContain('launch/patient');
    expect(scopesOf(first!, 'launch/patient').some((scope) => /\.\w*[cud]/.test(scope))).toBe(false);
  });

  it.each([
    ['ehrs[0].id', { id: 'Nord 1' }],
    ['ehrs[0].name.nn', { name: { nb: 'x', en: 'x' } }],
    ['ehrs[0].fhirBase must be an https address', { fhirBase: 'http://fhir.example.no' }],
    ['ehrs[0].clientId is missing', { clientId: undefined }],
    ['not "r9"', { registers: ['r9'] }],
    ['ehrs[0].registers', { registers: [] }],
    ['ehrs[0].unit is missing', { staffMapping: 'agreed' }],
    ['ehrs[0].staffMapping must be agreed or none', { staffMapping: 'yes' }],
    ['ehrs[0].frameOrigins', { frameOrigins: ['https://journal.example.no/'] }],
    ['ehrs[0].frameOrigins', { frameOrigins: ['*'] }],
    ['ehrs[0].frameOrigins', { frameOrigins: ['https://*.example.no; script-src *'] }],
    ['ehrs[0].scopes', { scopes: ['system/Condition.rs'] }],
    ['ehrs[0].scopes', { scopes: ['patient/Condition.cruds'] }],
    ['ehrs[0].queries', { queries: ['https://elsewhere.example/Patient'] }],
    ['ehrs[0].queries', { queries: ['../admin'] }],
    ['ehrs[0].writeBack', { writeBack: 'Observation' }],
    ['ehrs[0].secretFile is missing', { method: 'client_secret' }],
    ['ehrs[0].secretFile cannot be read', { method: 'client_secret', secretFile: 'no-such' }],
    ['ehrs[0].frameOrigin is not known', { frameOrigin: [] }],
  ])('stops the start with a message that has %s.', async (message, change) => {
    await expect(read({ ...LEAST, ...change })).rejects.toThrow(message);
  });

  it('names no EHR twice.', async () => {
    await expect(read(LEAST, { ...LEAST, id: 'sor' })).rejects.toThrow('Two EHRs have the same fhirBase');
    await expect(read(LEAST, { ...LEAST, fhirBase: 'https://other.example' })).rejects.toThrow(
      'Two EHRs have the same id, nord',
    );
  });

  it('may say what we fetch there ourselves: with little said, every hour and five requests a second.', async () => {
    const [ehr] = await read({ ...LEAST, pull: { clientId: 'henting', sender: 'nord-journal' } });

    expect(ehr?.pull).toEqual({
      clientId: 'henting',
      source: 'client:nord-journal',
      scopes: ['system/*.rs'],
      requestsPerSecond: 5,
      schedule: '23 * * * *',
    });
  });

  it.each([
    [{ sender: 'x' }, /pull\.clientId is missing/],
    [{ clientId: 'x' }, /pull\.sender is missing/],
    [{ clientId: 'x', sender: 'x', interval: 5 }, /pull\.interval is not known/],
    [{ clientId: 'x', sender: 'x', schedule: '* * *' }, /pull\.schedule must be a crontab line/],
    [{ clientId: 'x', sender: 'x', schedule: '0 3 * * * other' }, /pull\.schedule must be a crontab line/],
    [{ clientId: 'x', sender: 'x', scopes: ['system/*.cruds'] }, /pull\.scopes must be scopes to read/],
    [{ clientId: 'x', sender: 'x', scopes: ['patient/*.rs'] }, /pull\.scopes must be scopes to read/],
    [{ clientId: 'x', sender: 'x', requestsPerSecond: 0 }, /pull\.requestsPerSecond must be a number/],
    [{ clientId: 'x', sender: 'x', keyFile: 'no-such-key.json' }, /cannot be read as JSON/],
  ])('refuses what cannot be fetched by: %j.', async (pull, message) => {
    await expect(read({ ...LEAST, pull })).rejects.toThrow(message);
  });
});
