/**
 * Commands that let the first systems and people in: units, accounts. For operators, on the server itself.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { SYSTEM } from './access/principal.ts';
import { createApp } from './app.ts';
import { print, readText, UsageError, withStorage } from './cli-command.ts';
import { systemClock } from './fhir/id.ts';
import { parseJson } from './fhir/json.ts';
import type { JsonObject } from './fhir/types.ts';
import { NO_LABELS } from './repository/batch.ts';
import type { Operation } from './repository/operation.ts';
import { letIn } from './smart/people/let-in.ts';

/**
 * `directory load <file>`: Organizations, Locations, Practitioners and PractitionerRoles from a Bundle or a list, written
 * as shared rows under their own ids. Throws FhirError naming every fault; then nothing is stored.
 */
export async function loadDirectory([file]: readonly string[]): Promise<number> {
  const resources = resourcesOf(parseJson(await readText(file, 'directory load <file.json>')));
  const operations = resources.map((resource): Operation => {
    if (typeof resource['id'] !== 'string' || typeof resource['resourceType'] !== 'string') {
      throw new UsageError('Every resource of a directory has a resourceType and an id of its own.');
    }
    const { resourceType: type, id } = resource;
    return { kind: 'update', type, id, resource, labels: NO_LABELS };
  });
  return withStorage(async (storage, config) => {
    const { repository } = await createApp({
      config,
      storage,
      log: pino({ level: 'error' }, pino.destination(2)),
      ehrs: [],
      hints: { accounts: [], links: [] },
    });
    const caller = { principal: SYSTEM, requestId: 'cli', interaction: 'load-directory' };
    const results = await repository.commit(caller, operations);
    for (const { effect, type, id } of results) {
      print(`${effect}  ${type}/${id}`);
    }
    return 0;
  });
}

const ACCOUNT_USAGE =
  'Usage: account save <username> "<full name>" <PractitionerRole id> … [--mobile +47…] [--email …]';
const FIRST_PASSWORD_DAYS = 7;

/**
 * `account save <username> "<name>" <PractitionerRole id> … [--mobile] [--email]`: makes or renews an account. Prints a first
 * password once; it must be changed at the first login.
 */
export async function saveAccountOf(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { mobile: { type: 'string' }, email: { type: 'string' } },
  });
  const [username, name, ...practitionerRoles] = positionals;
  const { mobile, email } = values;
  if (username === undefined || name === undefined || practitionerRoles.length === 0) {
    throw new UsageError(ACCOUNT_USAGE);
  }
  if (mobile !== undefined && !/^\+\d{8,15}$/.test(mobile)) {
    throw new UsageError(`A mobile number has its country: +4740000000. ${ACCOUNT_USAGE}`);
  }
  const password = `Ry-${randomBytes(9).toString('base64url')}-1`;
  const firstPasswordUntil = new Date(Date.now() + FIRST_PASSWORD_DAYS * 86_400_000);
  return withStorage(async ({ db }) => {
    const account = { username, name, practitionerRoles, mobile, email, firstPasswordUntil };
    await letIn(db.pool, systemClock, account, password);
    print(
      `Saved account ${username}. Its first password, shown this once, to be changed at login: ${password}`,
    );
    return 0;
  });
}

function resourcesOf(value: unknown): readonly JsonObject[] {
  if (Array.isArray(value)) {
    return value as readonly JsonObject[];
  }
  const entries = ((value ?? {}) as { entry?: readonly { resource?: JsonObject }[] }).entry;
  if (entries === undefined) {
    throw new UsageError('A directory file is a Bundle, or a list of resources.');
  }
  return entries.flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
}
