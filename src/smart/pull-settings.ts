/** The member `pull` of an EHR in EHRS_FILE: what we fetch there ourselves. docs/operations.md shows one. */
import { resolve } from 'node:path';
import { parseScope } from '../access/scopes.ts';
import type { PullConnection } from '../adapters/ehr/connection.ts';
import {
  type Entry,
  object,
  optionalList,
  optionalText,
  privateKey,
  SettingsError,
  text,
} from '../adapters/settings-file.ts';

export type PullSettings = Omit<PullConnection, 'ehr' | 'fhirBase' | 'registers' | 'transport'>;

const KNOWN = new Set(['clientId', 'keyFile', 'scopes', 'requestsPerSecond', 'schedule', 'sender']);
const DEFAULT_SCOPES: readonly string[] = ['system/*.rs'];
const DEFAULT_PER_SECOND = 5;
/** Every hour, not at its beginning, when everybody asks. */
const DEFAULT_SCHEDULE = '23 * * * *';
const FIELD = String.raw`(?:\*|\d{1,2}(?:-\d{1,2})?(?:,\d{1,2}(?:-\d{1,2})?)*)(?:\/\d{1,2})?`;
const CRONTAB = new RegExp(`^${FIELD}(?: ${FIELD}){4}$`);

/** Undefined: we fetch nothing there. Throws SettingsError. `folder`: where files are named from. */
export async function pullSettings(
  entry: Entry,
  at: string,
  folder: string,
): Promise<PullSettings | undefined> {
  if (entry['pull'] === undefined) {
    return undefined;
  }
  const pull = object(entry, 'pull', at);
  const place = `${at}.pull`;
  const unknown = Object.keys(pull).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    throw new SettingsError(`${place}.${unknown} is not known; it may have ${[...KNOWN].join(', ')}`);
  }
  const keyFile = optionalText(pull, 'keyFile', place);
  const schedule = optionalText(pull, 'schedule', place) ?? DEFAULT_SCHEDULE;
  if (!CRONTAB.test(schedule)) {
    throw new SettingsError(
      `${place}.schedule must be a crontab line of five fields (UTC), such as 23 * * * *`,
    );
  }
  return {
    clientId: text(pull, 'clientId', place),
    ...(keyFile !== undefined && { key: await privateKey(resolve(folder, keyFile), `${place}.keyFile`) }),
    scopes: scopesIn(pull, place),
    requestsPerSecond: perSecond(pull, place),
    schedule,
    source: `client:${text(pull, 'sender', place)}`,
  };
}

/** Only to read. */
function scopesIn(pull: Entry, at: string): readonly string[] {
  const scopes = optionalList(pull, 'scopes', at) ?? DEFAULT_SCOPES;
  const wrong = scopes.find(
    (scope) =>
      parseScope(scope)?.level !== 'system' || !/^system\/[A-Za-z*]+\.(?:rs?|s|read)(?:\?|$)/.test(scope),
  );
  if (wrong !== undefined || scopes.length === 0) {
    throw new SettingsError(
      `${at}.scopes must be scopes to read of a system, such as system/Condition.rs${wrong === undefined ? '' : `, not "${wrong}"`}`,
    );
  }
  return scopes;
}

function perSecond(pull: Entry, at: string): number {
  const value = pull['requestsPerSecond'] ?? DEFAULT_PER_SECOND;
  if (typeof value !== 'number' || !(value > 0 && value <= 100)) {
    throw new SettingsError(`${at}.requestsPerSecond must be a number above 0, 100 at most`);
  }
  return value;
}
