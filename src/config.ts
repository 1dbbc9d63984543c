/**
 * The environment, read once, checked, typed. Nobody else touches `process.env`. docs/operations.md explains each.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Config {
  readonly mode: 'demo' | 'production';
  readonly port: number;
  /** Address to bind: loopback in demo mode. */
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  /** Address that clients and browsers use, without a trailing slash. */
  readonly publicUrl: string;
  readonly fhirBase: string;
  /** Folder with fhir-profiles, questionnaires, valuesets and registers. */
  readonly contentRoot: string;
  /** Folder of the built client bundle. */
  readonly webRoot: string;
  /** Refuse national identity numbers in URLs (ASVS 14.2.1). */
  readonly refusePersonNumbersInUrls: boolean;
  /** Most entries of a transaction or batch. */
  readonly maxBundleEntries: number;
  /** Largest transaction or batch in bytes, unpacked. */
  readonly maxBundleBytes: number;
  readonly logLevel: string;
  /** Hosts that notifications may be sent to over http and on private addresses; `*` = any. */
  readonly notifiedHosts: readonly string[];
}

const MEGABYTE = 1024 * 1024;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A setting that cannot be used; the message names it and says what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Read the configuration from environment variables. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const mode = oneOf('RYGGRAD_MODE', env['RYGGRAD_MODE'] ?? 'demo', ['demo', 'production'] as const);
  const port = portOf(env['PORT'] ?? '8080');
  const databaseUrl = nonEmpty(env['DATABASE_URL']);
  const publicUrl = (nonEmpty(env['PUBLIC_URL']) ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? '')) {
    throw new ConfigError(
      'PUBLIC_URL must be an absolute http or https URL, such as https://register.example.no',
    );
  }
  if (mode === 'production' && nonEmpty(env['PUBLIC_URL']) === undefined) {
    throw new ConfigError(
      'PUBLIC_URL must be set in production: the address that clients use, such as https://register.example.no',
    );
  }
  const root = applicationRoot();
  return {
    mode,
    port,
    host: mode === 'demo' ? '127.0.0.1' : (nonEmpty(env['HOST']) ?? '0.0.0.0'),
    dataDir: resolve(nonEmpty(env['DATA_DIR']) ?? './data'),
    databaseUrl,
    publicUrl,
    fhirBase: `${publicUrl}/fhir`,
    contentRoot: resolve(nonEmpty(env['CONTENT_DIR']) ?? root),
    webRoot: resolve(root, 'dist/web'),
    refusePersonNumbersInUrls:
      oneOf('PERSON_NUMBERS_IN_URLS', env['PERSON_NUMBERS_IN_URLS'] ?? 'refuse', [
        'refuse',
        'allow',
      ] as const) === 'refuse',
    maxBundleEntries: countOf('MAX_BUNDLE_ENTRIES', env['MAX_BUNDLE_ENTRIES'] ?? '5000', 100_000),
    maxBundleBytes: countOf(
      'MAX_BUNDLE_BYTES',
      env['MAX_BUNDLE_BYTES'] ?? String(16 * MEGABYTE),
      1024 * MEGABYTE,
    ),
    notifiedHosts: (env['SUBSCRIPTION_HOSTS'] ?? (mode === 'demo' ? '*' : ''))
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
    logLevel: oneOf('LOG_LEVEL', nonEmpty(env['LOG_LEVEL']) ?? 'info', LOG_LEVELS),
  };
}

/** The checkout's folder, from src/ or from dist/src/. */
export function applicationRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return resolve(here, here.endsWith('/dist/src/') ? '../..' : '..');
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) {
    throw new ConfigError(`PORT must be a number from 0 to 65535, not "${text}"`);
  }
  return port;
}

function countOf(name: string, text: string, most: number): number {
  const count = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || count < 1 || count > most) {
    throw new ConfigError(`${name} must be a whole number from 1 to ${most}, not "${text}"`);
  }
  return count;
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new ConfigError(
      `${name} must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed)}, not "${value}"`,
    );
  }
  return found;
}

const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value.trim();
