/**
 * The file of EHRs (EHRS_FILE): JSON `{"ehrs": […]}`, one entry for each EHR that may launch us. docs/operations.md shows one.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseScope } from '../access/scopes.ts';
import {
  choice,
  type Entry,
  isObject,
  list,
  object,
  optionalList,
  optionalText,
  readJson,
  SettingsError,
  text,
  url,
} from '../adapters/settings-file.ts';
import type { Ehr } from './ehr.ts';
import { pullSettings } from './pull-settings.ts';

/** What an entry may have: a misspelt name is an error, not a setting that silently does nothing. */
const KNOWN = new Set([
  ...['id', 'name', 'fhirBase', 'clientId', 'method', 'secretFile', 'registers', 'unit', 'scopes'],
  ...['queries', 'frameOrigins', 'staffMapping', 'writeBack', 'pull'],
]);
const METHODS = ['private_key_jwt', 'client_secret'] as const;
const MAPPINGS = ['agreed', 'none'] as const;
const WRITE_BACKS = ['none', 'DocumentReference', 'QuestionnaireResponse'] as const;

/**
 * Read the file; no file, no EHRs. `registers`: ids of those that the server has. Throws SettingsError, which names the entry
 * and what it should be.
 */
export async function readEhrs(
  path: string | undefined,
  registers: readonly string[],
): Promise<readonly Ehr[]> {
  if (path === undefined) {
    return [];
  }
  const content = await readJson(path);
  if (!isObject(content)) {
    throw new SettingsError(`${path} must hold an object with a list "ehrs"`);
  }
  const entries = list(content, 'ehrs', path);
  const ehrs = await Promise.all(
    entries.map((entry, i) => toEhr(entry, `ehrs[${i}]`, { folder: dirname(path), registers })),
  );
  refuseDoubles(ehrs);
  return ehrs;
}

interface Around {
  readonly folder: string;
  readonly registers: readonly string[];
}

async function toEhr(entry: unknown, at: string, around: Around): Promise<Ehr> {
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object`);
  }
  const unknown = Object.keys(entry).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    throw new SettingsError(`${at}.${unknown} is not known; an entry may have ${[...KNOWN].join(', ')}`);
  }
  const id = text(entry, 'id', at);
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(id)) {
    throw new SettingsError(`${at}.id must be a short name of lower-case letters, digits and hyphens`);
  }
  const fhirBase = url(entry, 'fhirBase', at);
  const scopes = scopesIn(entry, at);
  const queries = queriesIn(entry, at);
  const pull = await pullSettings(entry, at, around.folder);
  const writeBack = choice(entry, 'writeBack', at, WRITE_BACKS, 'none');
  return {
    ...{ id, fhirBase, name: nameIn(entry, at), clientId: text(entry, 'clientId', at) },
    authentication: await authenticationIn(entry, at, around.folder),
    registers: registersIn(entry, at, around.registers),
    ...mappingIn(entry, at),
    frameOrigins: originsIn(entry, at),
    ...(scopes !== undefined && { scopes }),
    ...(queries !== undefined && { queries }),
    ...(writeBack !== 'none' && { writeBack }),
    ...(pull !== undefined && { pull }),
    ...(fhirBase.startsWith('http:') && { transport: 'http' as const }),
  };
}

function nameIn(entry: Entry, at: string): Ehr['name'] {
  const name = object(entry, 'name', at);
  return {
    nb: text(name, 'nb', `${at}.name`),
    nn: text(name, 'nn', `${at}.name`),
    en: text(name, 'en', `${at}.name`),
  };
}

async function authenticationIn(entry: Entry, at: string, folder: string): Promise<Ehr['authentication']> {
  const method = choice(entry, 'method', at, METHODS, 'private_key_jwt');
  if (method === 'private_key_jwt') {
    return { method };
  }
  const path = resolve(folder, text(entry, 'secretFile', at));
  const secret = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SettingsError(`${at}.secretFile cannot be read: ${path}`, { cause });
  });
  if (secret.trim() === '') {
    throw new SettingsError(`${at}.secretFile is empty: ${path}`);
  }
  return { method, secret: secret.trim() };
}

function registersIn(entry: Entry, at: string, known: readonly string[]): readonly string[] {
  const named = optionalList(entry, 'registers', at) ?? [];
  const unknown = named.find((register) => !known.includes(register));
  if (named.length === 0 || unknown !== undefined) {
    const wrong = unknown === undefined ? '' : `, not "${unknown}"`;
    throw new SettingsError(
      `${at}.registers must name registers of this server: ${known.join(', ')}${wrong}`,
    );
  }
  return named;
}

/** Whose word is taken for whom must be said: an EHR speaks for people of its own organisation alone. */
function mappingIn(entry: Entry, at: string): Pick<Ehr, 'staffMapping' | 'unit'> {
  const staffMapping = choice(entry, 'staffMapping', at, MAPPINGS, 'none');
  const unit = optionalText(entry, 'unit', at);
  if (staffMapping === 'agreed' && unit === undefined) {
    throw new SettingsError(
      `${at}.unit is missing: the RESH id or organisation number of those whom the EHR may vouch for`,
    );
  }
  return { staffMapping, ...(unit !== undefined && { unit }) };
}

function originsIn(entry: Entry, at: string): readonly string[] {
  const origins = optionalList(entry, 'frameOrigins', at) ?? [];
  const wrong = origins.find((origin) => {
    const { protocol, origin: exact, hostname } = URL.parse(origin) ?? {};
    const isLocal = protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost');
    return exact !== origin || (protocol !== 'https:' && !isLocal);
  });
  if (wrong !== undefined) {
    throw new SettingsError(
      `${at}.frameOrigins must be origins without a path, such as https://journal.example.no, not "${wrong}"`,
    );
  }
  return origins;
}

/** Only to read, and only about the patient of the launch. */
function scopesIn(entry: Entry, at: string): readonly string[] | undefined {
  const scopes = optionalList(entry, 'scopes', at);
  const wrong = scopes?.find((scope) => {
    const parsed = parseScope(scope);
    return parsed?.level !== 'patient' || !/^patient\/[A-Za-z*]+\.(?:rs?|s|read)(?:\?|$)/.test(scope);
  });
  if (wrong !== undefined) {
    throw new SettingsError(
      `${at}.scopes must be scopes to read of the patient, such as patient/Condition.rs, not "${wrong}"`,
    );
  }
  return scopes;
}

function queriesIn(entry: Entry, at: string): readonly string[] | undefined {
  const queries = optionalList(entry, 'queries', at);
  const wrong = queries?.find((query) => !/^[A-Z][A-Za-z]+(?:\?|\/\{)\S+$/.test(query));
  if (wrong !== undefined) {
    throw new SettingsError(
      `${at}.queries must be searches such as Condition?patient={patient}, not "${wrong}"`,
    );
  }
  return queries;
}

function refuseDoubles(ehrs: readonly Ehr[]): void {
  for (const name of ['id', 'fhirBase'] as const) {
    const values = ehrs.map((ehr) => ehr[name]);
    const double = values.find((value, i) => values.indexOf(value) !== i);
    if (double !== undefined) {
      throw new SettingsError(`Two EHRs have the same ${name}, ${double}`);
    }
  }
}
