/** Demo accounts, clients and key files. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoClientFile } from '../../../src/smart/demo-seed.ts';
import { browser } from '../launch/ehr-server.ts';
import { requestToken } from './client-assertions.ts';
import { startSmartServer, type SmartServer } from './smart-server.ts';

let server: SmartServer;
let dataDir: string;

beforeEach(async () => {
  server = await startSmartServer();
  dataDir = await mkdtemp(join(tmpdir(), 'ryggrad-demo-'));
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

const seed = (smart = server.smart) =>
  smart.seedDemo({
    dataDir,
    register: 'r1',
    department: 'dep-1',
    ehrUnit: 'hf-1',
    accounts: { 'lu-ane': { name: 'Ane Lund', practitionerRoles: ['role-lu'] } },
  });

const readClient = async (kind: string): Promise<DemoClientFile> =>
  JSON.parse(await readFile(join(dataDir, 'demo', `${kind}-client.json`), 'utf8')) as DemoClientFile;

describe('The demo seed', () => {
  it.each([
    ['ehr', { kind: 'ehr', units: ['hf-1'], scopes: ['system/*.cruds'] }],
    ['analytics', { kind: 'analytics', registers: ['r1'], scopes: ['system/*.rs'] }],
    ['staff', { kind: 'staff', role: 'LC', register: 'r1', units: ['dep-1'], scopes: ['system/*.cruds'] }],
  ])('writes a key file for %s with which a token can be had.', async (kind, principal) => {
    await seed();
    const { client_id, jwk, scope, token_endpoint } = await readClient(kind);

    const { body } = await requestToken(server.url, client_id, jwk, scope);
    const answer = await fetch(`${server.url}/whoami`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });

    expect(token_endpoint).toBe(`${server.url}/auth/token`);
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-384' });
    expect(await answer.json()).toMatchObject(principal);
  });

  it('keeps the key files to their owner.', async () => {
    const { clientFiles } = await seed();

    for (const file of clientFiles) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
  });

  it('keeps keys and passwords from start to start, and follows the port.', async () => {
    const first = await seed();
    const before = await readClient('ehr');
    await using restarted = await startSmartServer({ database: server.database });

    const second = await seed(restarted.smart);
    const after = await readClient('ehr');

    expect(second.passwords).toEqual(first.passwords);
    expect(after).toEqual({ ...before, token_endpoint: `${restarted.url}/auth/token` });
  });

  it('gives passwords that open the accounts.', async () => {
    const { passwords } = await seed();

    const answer = await browser().post(`${server.url}/logg-inn`, {
      brukernavn: 'lu-ane',
      passord: passwords['lu-ane']!,
    });

    expect(answer.location).toBe(`${server.url}/`);
  });

  it('is not to be had outside of demo mode.', async () => {
    await using production = await startSmartServer({ database: server.database, mode: 'production' });

    expect(() => seed(production.smart)).toThrow('demo mode only');
  });
});
