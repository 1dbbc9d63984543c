/**
 * The file of national registries (NATIONAL_REGISTRIES_FILE): which registries are asked, where they are, and who we are there.
 * docs/operations.md shows one.
 */
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../fhir/id.ts';
import { noPopulationRegistry, type PopulationRegistry } from '../../registry/person/population-registry.ts';
import { type ContactRegistry, noContacts } from '../../registry/sending/channel.ts';
import { guardedFetch } from '../guarded-fetch.ts';
import {
  choice,
  type Entry,
  isObject,
  object,
  privateKey,
  readJson,
  SettingsError,
  text,
  url,
} from '../settings-file.ts';
import { authorizedFetch, type AuthorizedFetch, type ServiceAccount } from './authorization.ts';
import { krr } from './krr.ts';
import { persontjenesten } from './persontjenesten.ts';

export interface NationalRegistries {
  readonly population: PopulationRegistry;
  readonly contacts: ContactRegistry;
  /** Is there a population registry that persons are kept up with? */
  readonly isKeptUp: boolean;
}

export const noRegistries: NationalRegistries = {
  population: noPopulationRegistry,
  contacts: noContacts,
  isKeptUp: false,
};

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const KINDS = ['helseid', 'maskinporten'] as const;
const BASES = ['legal-basis', 'no-legal-basis'] as const;

/** Read the file; without one nobody is asked. Throws SettingsError. */
export async function openRegistries(path: string | undefined, clock: Clock): Promise<NationalRegistries> {
  if (path === undefined) {
    return noRegistries;
  }
  const file = await readJson(path);
  if (!isObject(file)) {
    throw new SettingsError(`${path} must hold an object with "population", "contact" or both`);
  }
  const asked = (at: 'population' | 'contact', entry: Entry) => asker(entry, at, dirname(path), clock);
  const population = file['population'] === undefined ? undefined : object(file, 'population', '');
  const contact = file['contact'] === undefined ? undefined : object(file, 'contact', '');
  return {
    population:
      population === undefined
        ? noPopulationRegistry
        : persontjenesten({
            url: url(population, 'url', 'population'),
            basis: choice(population, 'basis', 'population', BASES, 'legal-basis'),
            ask: await asked('population', population),
          }),
    contacts:
      contact === undefined
        ? noContacts
        : krr({ url: url(contact, 'url', 'contact'), ask: await asked('contact', contact) }),
    isKeptUp: population !== undefined,
  };
}

async function asker(section: Entry, at: string, folder: string, clock: Clock): Promise<AuthorizedFetch> {
  const entry = object(section, 'account', at);
  const place = `${at}.account`;
  const account: ServiceAccount = {
    kind: choice(entry, 'kind', place, KINDS, undefined),
    issuer: url(entry, 'issuer', place),
    clientId: text(entry, 'clientId', place),
    scope: text(entry, 'scope', place),
    key: await privateKey(resolve(folder, text(entry, 'keyFile', place)), `${place}.keyFile`),
  };
  const ask = guardedFetch({ reach: 'configured', timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  return authorizedFetch(account, ask, clock);
}
