/** Clients are registered on the server itself, from files: systems with their keys, apps with where they live. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { listClientsOf, readClient, removeClientOf, saveClientFile } from '../../../src/cli-clients.ts';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import { addPerson, APP, CALLBACK, launchApp, whoIs } from './app-client.ts';
import { requestToken } from './client-assertions.ts';
import { type SmartServer, startSmartServer } from './smart-server.ts';

const KEY = { kty: 'EC', crv: 'P-384', kid: 'k-1', x: 'x', y: 'y' };
const system = (changes: object = {}) => ({
  client_id: 'journal',
  kind: 'ehr',
  scopes: ['system/*.rs'],
  jwks: { keys: [KEY] },
  ...changes,
});
const app = (changes: object = {}) => ({
  client_id: APP,
  kind: 'app',
  name: 'Kurveappen',
  scopes: ['patient/*.rs', 'user/Practitioner.rs', 'offline_access'],
  redirect_uris: [CALLBACK],
  public: true,
  ...changes,
});

describe('The file of a client', () => {
  it.each([
    ['a system with keys', system()],
    [
      'a system with the address of its keys',
      system({ jwks: undefined, jwks_uri: 'https://ehr.example/jwks' }),
    ],
    ['a system with a query scope', system({ scopes: ['system/Observation.rs?category=laboratory'] })],
    ['a system that reads for research', system({ kind: 'analytics', purpose: 'HRESCH' })],
    ['an app in a browser', app()],
    ['an app on a phone', app({ redirect_uris: ['com.example.app:/callback'] })],
    ['an app with a server', app({ public: false, jwks: { keys: [KEY] }, requires_par: true })],
  ])('is read: %s.', (_name, given) => {
    expect(readClient(given)).toMatchObject({ id: given.client_id, kind: given.kind });
  });

  it.each<[string, object, RegExp]>([
    ['no id', system({ client_id: undefined }), /client_id/],
    ['another kind', system({ kind: 'patient' }), /kind/],
    ['a purpose that is not known', system({ kind: 'analytics', purpose: 'TREAT' }), /HRESCH/],
    ['a purpose of an EHR', system({ purpose: 'HRESCH' }), /kind analytics/],
    ['no keys', system({ jwks: undefined }), /one of the two/],
    ['keys twice', system({ jwks_uri: 'https://ehr.example/jwks' }), /one of the two/],
    ['a private key', system({ jwks: { keys: [{ ...KEY, d: 'd' }] } }), /k-1 is private/],
    ['a shared secret', system({ jwks: { keys: [{ kty: 'oct', kid: 'k', k: 'x' }] } }), /RSA or EC/],
    ['a key without a name', system({ jwks: { keys: [{ ...KEY, kid: undefined }] } }), /kid/],
    ['no scope that there is', system({ scopes: ['system/*.sr'] }), /no scope/],
    ['a system’s scope of a person', system({ scopes: ['user/*.rs'] }), /no scope of this kind/],
    ['an app’s scope of a system', app({ scopes: ['system/*.rs'] }), /no scope of this kind/],
    ['a public system', system({ public: true, jwks: undefined }), /one of the two/],
    ['a public app with a key', app({ jwks: { keys: [KEY] } }), /public client keeps no key/],
    ['an app that lives nowhere', app({ redirect_uris: [] }), /redirect_uris/],
    ['an app behind plain http', app({ redirect_uris: ['http://app.example/callback'] }), /not "http/],
    ['an app with a fragment', app({ redirect_uris: ['https://app.example/#x'] }), /without a fragment/],
    ['an app that is a script', app({ redirect_uris: ['javascript:alert(1)'] }), /redirect_uris/],
    ['an app in a page of its own making', app({ redirect_uris: ['data:text/html,x'] }), /redirect_uris/],
    ['a word where yes or no belongs', app({ public: 'yes' }), /true or false/],
    ['one scope outside of a list', system({ scopes: 'system/*.rs' }), /list of texts/],
  ])('is refused with %s.', (_name, given, why) => {
    expect(() => readClient(given as never)).toThrow(why);
  });
});

describe('The commands for clients', () => {
  let server: SmartServer;
  let folder: string;
  let lines: string[];

  beforeAll(async () => {
    server = await startSmartServer();
    await addPerson(server);
    folder = await mkdtemp(join(tmpdir(), 'ryggrad-clients-'));
    process.env['DATABASE_URL'] = server.database.url;
  });
  beforeEach(() => {
    lines = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text).trimEnd());
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    delete process.env['DATABASE_URL'];
    await rm(folder, { recursive: true });
    await server[Symbol.asyncDispose]();
  });

  const save = async (given: object): Promise<number> => {
    const file = join(folder, 'client.json');
    await writeFile(file, JSON.stringify(given));
    return saveClientFile([file]);
  };

  it('let a system in, list it, and put it out.', async () => {
    const key = await makeKey('ES384', 'k-1');
    expect(await save(system({ jwks: { keys: [publicJwk(key)] }, units: ['dep-1'] }))).toBe(0);
    const { body } = await requestToken(server.url, 'journal', key);
    expect(await listClientsOf()).toBe(0);
    expect([await removeClientOf(['journal']), await removeClientOf(['journal'])]).toEqual([0, 1]);

    expect(body.scope).toBe('system/*.rs');
    expect(lines).toContain('journal  ehr  journal  system/*.rs');
    expect((await requestToken(server.url, 'journal', key)).body.error).toBe('invalid_client');
  });

  it('let an app in, which people then give access.', async () => {
    expect(await save(app())).toBe(0);
    const { body } = await launchApp(server);

    expect(body.scope).toContain('patient/Observation.rs');
    expect(await whoIs(server, body.access_token)).toMatchObject({ app: APP, subject: 'user:lu-ane' });
  });

  it('store nothing of a file with a fault.', async () => {
    await expect(save(system({ client_id: 'other', scopes: ['all'] }))).rejects.toThrow(/no scope/);
    await listClientsOf();

    expect(lines.filter((line) => line.startsWith('other'))).toEqual([]);
  });
});
