/** The environment, read once and checked. */
import { resolve } from 'node:path';
import { applicationRoot, ConfigError, readConfig } from '../../src/config.ts';
import { repositoryRoot } from '../support/source-files.ts';

type Env = Readonly<Record<string, string>>;

function faultOf(env: Env): string | undefined {
  try {
    readConfig(env);
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
  return undefined;
}

const production: Env = { RYGGRAD_MODE: 'production', PUBLIC_URL: 'https://register.example.no' };

describe('The configuration', () => {
  it('of an empty environment is the demo on a laptop.', () => {
    expect(readConfig({})).toEqual({
      mode: 'demo',
      port: 8080,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      keysFile: resolve('data/keys/identifiers.json'),
      databaseUrl: undefined,
      databaseOwnerUrl: undefined,
      issuersFile: undefined,
      ehrsFile: undefined,
      publicUrl: 'http://127.0.0.1:8080',
      fhirBase: 'http://127.0.0.1:8080/fhir',
      contentRoot: resolve(repositoryRoot),
      contentPacksDir: resolve(repositoryRoot, 'demo/packs'),
      webRoot: resolve(repositoryRoot, 'dist/web'),
      refusePersonNumbersInUrls: true,
      maxBundleEntries: 5000,
      maxBundleBytes: 16 * 1024 * 1024,
      auditHeadsDir: resolve('data/audit-heads'),
      auditMonths: 60,
      notifiedHosts: ['*'],
      secondFactor: 'optional',
      keyFile: resolve('data/keys/account.key'),
      smtp: undefined,
      sms: undefined,
      rates: undefined,
      logLevel: 'info',
    });
  });

  it('of production listens to the world at its public address.', () => {
    expect(readConfig({ ...production, PORT: '443', DATABASE_URL: ' postgres://db/x ' })).toMatchObject({
      mode: 'production',
      port: 443,
      host: '0.0.0.0',
      databaseUrl: 'postgres://db/x',
      publicUrl: 'https://register.example.no',
      fhirBase: 'https://register.example.no/fhir',
    });
  });

  it.each<[Env, Readonly<Record<string, unknown>>]>([
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ PORT: '9090' }, { publicUrl: 'http://127.0.0.1:9090' }],
    [{ PUBLIC_URL: 'https://r.no//' }, { publicUrl: 'https://r.no', fhirBase: 'https://r.no/fhir' }],
    [{ PUBLIC_URL: 'https://r.no/under' }, { fhirBase: 'https://r.no/under/fhir' }],
    [{ HOST: '0.0.0.0' }, { host: '127.0.0.1' }],
    [{ ...production, HOST: '10.0.0.1' }, { host: '10.0.0.1' }],
    [{ ...production, HOST: ' ' }, { host: '0.0.0.0' }],
    [{ ...production, PUBLIC_URL: 'http://localhost:8080' }, { publicUrl: 'http://localhost:8080' }],
    [
      { DATA_DIR: '/srv/x', CONTENT_DIR: '/srv/y' },
      { dataDir: '/srv/x', contentRoot: '/srv/y' },
    ],
    [{ DATABASE_URL: '  ' }, { databaseUrl: undefined }],
    [
      { MAX_BUNDLE_ENTRIES: '20000', MAX_BUNDLE_BYTES: '67108864' },
      { maxBundleEntries: 20_000, maxBundleBytes: 67_108_864 },
    ],
    [{ PERSON_NUMBERS_IN_URLS: 'allow' }, { refusePersonNumbersInUrls: false }],
    [{ LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
  ])('reads %j.', (env, expected) => {
    expect(readConfig(env)).toMatchObject(expected);
  });

  it.each<[Env, string]>([
    [{ PORT: '' }, 'PORT'],
    [{ PORT: 'http' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '8080.5' }, 'PORT'],
    [{ PORT: '0x50' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ PORT: ' 80' }, 'PORT'],
    [{ RYGGRAD_MODE: 'prod' }, 'RYGGRAD_MODE'],
    [{ RYGGRAD_MODE: '' }, 'RYGGRAD_MODE'],
    [{ PUBLIC_URL: 'register.example.no' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'ftp://register.example.no' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'localhost:8080' }, 'PUBLIC_URL'],
    [{ RYGGRAD_MODE: 'production' }, 'PUBLIC_URL'],
    [{ RYGGRAD_MODE: 'production', PUBLIC_URL: ' ' }, 'PUBLIC_URL'],
    [{ RYGGRAD_MODE: 'production', PUBLIC_URL: 'http://register.example.no' }, 'PUBLIC_URL'],
    [{ PERSON_NUMBERS_IN_URLS: 'yes' }, 'PERSON_NUMBERS_IN_URLS'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ MAX_BUNDLE_ENTRIES: '0' }, 'MAX_BUNDLE_ENTRIES'],
    [{ MAX_BUNDLE_BYTES: '16 MB' }, 'MAX_BUNDLE_BYTES'],
  ])('refuses %j, naming the setting.', (env, name) => {
    expect(faultOf(env)).toMatch(new RegExp(`^${name} must be `));
  });

  it('knows its folder, from the sources and from what is built.', () => {
    expect(applicationRoot()).toBe(resolve(repositoryRoot));
  });
});
