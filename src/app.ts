/**
 * Everything exists once, in the order it depends on the rest. Reading this file top to bottom, and the files of app/ that
 * it names, is reading the server.
 */
import express, { type Express, type Router } from 'express';
import type { Wait } from './adapters/ehr/pace.ts';
import type { Pulling } from './adapters/ehr/pulling.ts';
import type { CsvDoor } from './adapters/csv/door.ts';
import type { Hl7Doors } from './adapters/hl7v2/doors.ts';
import { openRegistries } from './adapters/national/settings.ts';
import type { StaffPrincipal } from './access/principal.ts';
import { accountPages } from './app/accounts.ts';
import { createBackground } from './app/background.ts';
import { connectionDeps } from './app/connections.ts';
import { createEngine, type EngineOptions } from './app/engine.ts';
import { health, numbered } from './app/failures.ts';
import { openDoors } from './app/doors.ts';
import { fhirApi } from './app/fhir-api.ts';
import { patientPages } from './app/patients.ts';
import { createPeople } from './app/people.ts';
import { createSending, type PatientForms } from './app/sending.ts';
import { type DemoHints, webDeps } from './app/web-deps.ts';
import type { ReplayDeps } from './operations/inbox/replay.ts';
import { type Clock, type NewId, newUuid, systemClock } from './fhir/id.ts';
import type { FormDeps } from './registry/form/open-form.ts';
import type { TrailKeeper } from './registry/audit/keeper.ts';
import type { Subscriptions } from './registry/subscription/subscriptions.ts';
import type { Repository } from './repository/repository.ts';
import { answerHeaders } from './rest/answer-headers.ts';
import { createRateLimits, limitTokens } from './rest/rate-limits.ts';
import type { Ehr } from './smart/ehr.ts';
import { readEhrs } from './smart/ehr-settings.ts';
import type { PeopleDeps } from './smart/people/deps.ts';
import { namesOf } from './smart/accounts.ts';
import type { Smart } from './smart/smart.ts';
import type { Jobs } from './storage/jobs.ts';
import type { Outbox } from './storage/outbox.ts';
import { assetsRouter, createWebRouter, pageErrors } from './web/router.tsx';

export interface AppOptions extends Omit<EngineOptions, 'clock' | 'newId'> {
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** EHRs that may launch us, beside those of EHRS_FILE. */
  readonly ehrs: readonly Ehr[];
  /** What demo mode shows on the pages. */
  readonly hints: DemoHints;
  /** Further routes, before the pages. */
  readonly mounts?: readonly { readonly path: string; readonly router: Router }[];
  /** In [0, 1): the jitter of repeated attempts. */
  readonly random?: () => number;
  /** How requests to EHRs wait for their turn; for tests. */
  readonly wait?: Wait;
}

export interface App {
  /** The HTTP handler. */
  readonly http: Express;
  readonly repository: Repository;
  readonly jobs: Jobs;
  readonly smart: Smart;
  /** People's accounts: applications, roles, messages to them. */
  readonly accounts: PeopleDeps;
  /** What forms are opened and saved with. */
  readonly forms: FormDeps;
  /** Forms that are sent to patients: what is due is done every minute, and when a test says so. */
  readonly patientForms: PatientForms;
  /** Ids of the registers that it has. */
  readonly registers: readonly string[];
  readonly publishedArtefacts: number;
  /** Hands what has changed to its consumers. */
  readonly outbox: Outbox;
  readonly subscriptions: Subscriptions;
  /** Seals the audit trail. */
  readonly trail: TrailKeeper;
  /** What systems have sent, and how it is carried out again. */
  readonly received: ReplayDeps;
  /** What we fetch from EHRs ourselves. */
  readonly pulling: Pulling;
  /** Ports on which HL7 version 2 messages are taken; closed until they are started. */
  readonly hl7v2: Hl7Doors;
  /** Tables of rows, by the mappings of the registers. */
  readonly csv: CsvDoor;
}

/** What anybody may ask for, before it is known who asks. */
const LIMITED_BY_ADDRESS = [
  '/auth/token',
  '/auth/request',
  '/auth/auth',
  '/auth/token/revocation',
  '/auth/introspect',
];

/** Build the server on an open storage. Throws ContentError when a register's content is broken. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, storage, log, ehrs, hints, mounts = [], random = Math.random, wait } = options;
  const { clock = systemClock, newId = newUuid } = options;
  const hasEhrs = ehrs.length > 0 || config.ehrsFile !== undefined;
  const launchUrl = hasEhrs ? `${config.publicUrl}/launch` : undefined;
  const settings: EngineOptions = { config, storage, log, clock, newId, launchUrl };

  const engine = await createEngine(settings);
  const registers = engine.registry.content.registers.map(({ id }) => id);
  const partners = [...ehrs, ...(await readEhrs(config.ehrsFile, registers))];
  const people = await createPeople(settings, engine, partners);
  const national = await openRegistries(config.nationalRegistriesFile, clock);
  const patientForms = createSending(settings, engine, people, national);
  const { hl7v2, csv, again } = await openDoors(settings, engine, people);
  const around = { patientForms, national, random, wait, doors: again };
  const background = await createBackground(settings, engine, people, around);

  const { repository, search, registry, publishedArtefacts } = engine;
  const { received } = background;
  const { smart, units } = people;
  const sources = {
    ...{ repository, search, forms: registry.forms, registry, units },
    namesOf: (accounts: readonly string[]) => namesOf(storage.db.pool, accounts),
  };

  const http = express();
  http.disable('x-powered-by').set('trust proxy', 'loopback');
  http.use(answerHeaders(config.publicUrl));
  http.get('/healthz', health(storage.db));
  http.use(numbered(log));
  http.use(...smart.launchSpaces);
  const limits = createRateLimits(storage.db.pool, clock, config.rates);
  http.all(LIMITED_BY_ADDRESS, limitTokens(limits));
  http.use(smart.router);
  http.use('/fhir', fhirApi(settings, engine, people, background, sources, limits));
  for (const { path, router } of mounts) {
    http.use(path, router);
  }
  http.use(assetsRouter(config.webRoot));
  const records = {
    ...{ ehrs: partners, standings: background.standings, store: storage.store },
    async ehrOf({ carries }: StaffPrincipal) {
      const launch = carries === undefined ? undefined : await smart.launchContext(carries.launch);
      return partners.find(({ id }) => id === launch?.ehr.id);
    },
  };
  const pages = webDeps({
    ...{ config, smart, sources, hints, ehrs: partners, records },
    population: national.population,
    connections: connectionDeps(storage, received),
    review: background.review,
    onFailure: (err) => log.error({ err }, 'a national registry could not be asked'),
  });
  http.use(patientPages(settings, engine, people, pages));
  http.use(createWebRouter(pages, accountPages(settings, engine, people, pages)));
  http.use(pageErrors(pages));
  const { jobs, outbox, subscriptions, trail, pulling } = background;
  const { accounts } = people;
  const api = { http, repository, jobs, smart, accounts, forms: sources, publishedArtefacts };
  const doors = { received, hl7v2, csv, pulling };
  return { ...api, registers, patientForms, outbox, subscriptions, trail, ...doors };
}
