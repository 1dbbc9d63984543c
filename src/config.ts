/**
 * The environment, read once, checked, typed. Nobody else touches `process.env`. docs/operations.md explains each.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rates } from './rest/rate-limits.ts';

export interface Config {
  readonly mode: 'demo' | 'production';
  readonly port: number;
  /** Address to bind: loopback in demo mode. */
  readonly host: string;
  readonly dataDir: string;
  /** Of the server's own role. */
  readonly databaseUrl: string | undefined;
  /** Of the role that owns the tables, for migrations. */
  readonly databaseOwnerUrl: string | undefined;
  /** External issuers that are trusted, such as HelseID. */
  readonly issuersFile: string | undefined;
  /** EHRs that may launch us. */
  readonly ehrsFile: string | undefined;
  /** National registries that are asked: who people are, and where they are reached. */
  readonly nationalRegistriesFile: string | undefined;
  /** Connections on which HL7 version 2 messages are taken. */
  readonly hl7v2File: string | undefined;
  /** Address that clients and browsers use, without a trailing slash. */
  readonly publicUrl: string;
  readonly fhirBase: string;
  /** Folder with fhir-profiles, questionnaires, valuesets and registers. */
  readonly contentRoot: string;
  /** Folder of content packs: licensed wording of instruments (docs/operations.md). */
  readonly contentPacksDir: string | undefined;
  /** Folder of the built client bundle. */
  readonly webRoot: string;
  /** Keys of direct identifiers: a file that is kept apart from the database's backups. */
  readonly keysFile: string;
  /** Refuse national identity numbers in URLs (ASVS 14.2.1). */
  readonly refusePersonNumbersInUrls: boolean;
  /** Most entries of a transaction or batch. */
  readonly maxBundleEntries: number;
  /** Largest transaction or batch in bytes, unpacked. */
  readonly maxBundleBytes: number;
  readonly logLevel: string;
  /** Requests per minute of a client, a user or an address, by kind; undefined = no limits. */
  readonly rates: Rates | undefined;
  /** Must staff show something beside the password at login? */
  readonly secondFactor: 'required' | 'optional';
  /** Holds the key of second factors and of messages that wait to be sent. */
  readonly keyFile: string;
  /** How e-mail leaves; undefined: none does. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  /** How text messages leave; undefined: none do. */
  readonly sms: SmsSettings | undefined;
  /** Folder that heads of the audit trail's chain are written into; to be copied to another machine. */
  readonly auditHeadsDir: string;
  /** How many months the audit trail is kept; 0 = for good. */
  readonly auditMonths: number;
  /** Hosts that notifications may be sent to over http and on private addresses; `*` = any. */
  readonly notifiedHosts: readonly string[];
}

/** The gateway of text messages, in its own words. */
export interface SmsSettings {
  readonly url: string;
  readonly format: 'json' | 'form';
  /** to, text, from, id → the gateway's name of the field. */
  readonly fields: Readonly<Record<string, string>>;
  readonly from: string;
  readonly authorization?: string;
}

const MEGABYTE = 1024 * 1024;

type Env = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A setting that cannot be used; the message names it and says what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Read the configuration from environment variables. Throws ConfigError. */
export function readConfig(env: Env = process.env): Config {
  const given = (name: string): string | undefined => nonEmpty(env[name]);
  const mode = oneOf('RYGGRAD_MODE', env['RYGGRAD_MODE'] ?? 'demo', ['demo', 'production'] as const);
  const production = mode === 'production';
  const usual = (name: string, demo: string, inProduction = demo): string =>
    env[name] ?? (production ? inProduction : demo);
  const place = (name: string, otherwise: string): string => resolve(given(name) ?? otherwise);
  const choice = <T extends string>(name: string, allowed: readonly T[], demo: T, inProduction = demo): T =>
    oneOf(name, usual(name, demo, inProduction), allowed);

  const port = portOf(usual('PORT', '8080'));
  const publicUrl = publicUrlOf(given('PUBLIC_URL'), port, production);
  const root = applicationRoot();
  const dataDir = place('DATA_DIR', './data');
  const auditMonths = usual('AUDIT_MONTHS', '60');
  const personNumbers = choice('PERSON_NUMBERS_IN_URLS', ['refuse', 'allow'], 'refuse');
  return {
    mode,
    port,
    host: production ? (given('HOST') ?? '0.0.0.0') : '127.0.0.1',
    dataDir,
    keysFile: place('IDENTIFIER_KEYS_FILE', `${dataDir}/keys/identifiers.json`),
    databaseUrl: given('DATABASE_URL'),
    databaseOwnerUrl: given('DATABASE_OWNER_URL'),
    issuersFile: pathOf(given('ISSUERS_FILE')),
    ehrsFile: pathOf(given('EHRS_FILE')),
    nationalRegistriesFile: pathOf(given('NATIONAL_REGISTRIES_FILE')),
    hl7v2File: pathOf(given('HL7V2_FILE')),
    publicUrl,
    fhirBase: `${publicUrl}/fhir`,
    contentRoot: place('CONTENT_DIR', root),
    contentPacksDir:
      pathOf(given('CONTENT_PACKS_DIR')) ?? (production ? undefined : resolve(root, 'demo/packs')),
    webRoot: resolve(root, 'dist/web'),
    refusePersonNumbersInUrls: personNumbers === 'refuse',
    maxBundleEntries: countOf('MAX_BUNDLE_ENTRIES', usual('MAX_BUNDLE_ENTRIES', '5000'), 100_000),
    maxBundleBytes: countOf(
      'MAX_BUNDLE_BYTES',
      usual('MAX_BUNDLE_BYTES', `${16 * MEGABYTE}`),
      1024 * MEGABYTE,
    ),
    auditHeadsDir: place('AUDIT_HEADS_DIR', `${dataDir}/audit-heads`),
    auditMonths: auditMonths === '0' ? 0 : countOf('AUDIT_MONTHS', auditMonths, 1200),
    notifiedHosts: listOf(usual('SUBSCRIPTION_HOSTS', '*', '')),
    secondFactor: choice('SECOND_FACTOR', ['required', 'optional'], 'optional', 'required'),
    keyFile: place('ACCOUNT_KEY_FILE', `${dataDir}/keys/account.key`),
    smtp: smtpOf(given('SMTP_URL'), given('MAIL_FROM')),
    sms: smsOf({
      url: given('SMS_URL'),
      format: choice('SMS_FORMAT', ['json', 'form'], 'json'),
      fields: usual('SMS_FIELDS', 'to=to,text=text,from=from,id=id'),
      from: usual('SMS_FROM', 'Ryggrad'),
      authorization: given('SMS_AUTHORIZATION'),
    }),
    rates: ratesOf(usual('RATE_LIMITS', 'off', '')),
    logLevel: oneOf('LOG_LEVEL', given('LOG_LEVEL') ?? 'info', LOG_LEVELS),
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The address that clients use; loopback unless given, and never guessed in production. */
function publicUrlOf(given: string | undefined, port: number, production: boolean): string {
  if (production && given === undefined) {
    throw new ConfigError(
      'PUBLIC_URL must be set in production: the address that clients use, such as https://register.example.no',
    );
  }
  const url = (given ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '');
  const { protocol = '', hostname = '' } = URL.parse(url) ?? {};
  if (!/^https?:$/.test(protocol)) {
    throw new ConfigError(
      'PUBLIC_URL must be an absolute http or https URL, such as https://register.example.no',
    );
  }
  if (production && protocol === 'http:' && !LOOPBACK.has(hostname)) {
    throw new ConfigError(
      'PUBLIC_URL must be an https address in production: passwords, tokens and health data travel to it',
    );
  }
  return url;
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');

/** The checkout's folder, from src/ or from dist/src/. */
export function applicationRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return resolve(here, here.endsWith('/dist/src/') ? '../..' : '..');
}

function smtpOf(url: string | undefined, from: string | undefined): Config['smtp'] {
  if (url === undefined) {
    return undefined;
  }
  if (!/^smtps?:$/.test(URL.parse(url)?.protocol ?? '') || from === undefined) {
    throw new ConfigError(
      'SMTP_URL must be an address such as smtps://user:password@mail.example.no, and MAIL_FROM the sender',
    );
  }
  return { url, from };
}

function smsOf({
  url,
  fields,
  authorization,
  ...rest
}: {
  readonly url: string | undefined;
  readonly format: 'json' | 'form';
  readonly fields: string;
  readonly from: string;
  readonly authorization: string | undefined;
}): SmsSettings | undefined {
  if (url === undefined) {
    return undefined;
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new ConfigError('SMS_URL must be the http or https address of the SMS gateway');
  }
  const named = new Map(
    fields.split(',').map((pair) => pair.trim().split('=') as [string, string | undefined]),
  );
  const known = [...named].every(
    ([ours, theirs]) => ['to', 'text', 'from', 'id'].includes(ours) && (theirs ?? '') !== '',
  );
  if (!known || !named.has('to') || !named.has('text')) {
    throw new ConfigError(
      `SMS_FIELDS must name the gateway's fields for to and text, and may for from and id: to=recipient,text=message`,
    );
  }
  return {
    url,
    ...rest,
    fields: Object.fromEntries(named) as Readonly<Record<string, string>>,
    ...(authorization !== undefined && { authorization }),
  };
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

const pathOf = (value: string | undefined): string | undefined => {
  const path = nonEmpty(value);
  return path === undefined ? undefined : resolve(path);
};

/** Generous: they stop what runs wild, not what is large. */
const RATES: Rates = { read: 6000, search: 3000, write: 3000, export: 60, token: 300 };

/** `off`, or kinds with their numbers over the usual ones: `read=6000,export=10`. */
function ratesOf(text: string): Rates | undefined {
  if (text === 'off') {
    return undefined;
  }
  const given = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [rate = '', count = ''] = part.split('=').map((piece) => piece.trim());
      return [
        oneOf('RATE_LIMITS', rate, Object.keys(RATES)),
        countOf('RATE_LIMITS', count, 1_000_000),
      ] as const;
    });
  return { ...RATES, ...Object.fromEntries(given) };
}

const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value.trim();
