/**
 * One run of a connection: persons who wait, then the round of what has changed. Each query goes on where its place is, page by
 * page; what a query finds, its place tells in the same transaction (docs/adr/0036).
 */
import type { Schedule } from '../../registry/schedule/plan.ts';
import { isFired } from '../../registry/schedule/trigger.ts';
import { openingQueries, personQueries, type PullQuery } from '../../registry/pull/queries.ts';
import { NATIONAL_SYSTEMS, normaliseIdentifierSystem } from '../../fhir/identifiers.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseStored } from '../../fhir/json.ts';
import type { JsonObject, Patient, Resource } from '../../fhir/types.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import {
  beginSql,
  endSql,
  followedKnownSql,
  followedSql,
  moveSql,
  openPositionsSql,
  personDoneSql,
  personThereSql,
  type PullPosition,
  waitingSql,
} from '../../storage/pull.ts';
import type { PullConnection } from './connection.ts';
import {
  type Counts,
  NOTHING,
  personOf,
  plus,
  readMany,
  resourcesOf,
  type Session,
  type TakeDeps,
  takePage,
} from './pull-take.ts';

export interface RunDeps extends TakeDeps {
  readonly box: SecretBox;
  readonly schedules: readonly Schedule[];
  /** Hands what has changed to its consumers: a pathway that was opened makes its person wait. */
  readonly handOn: () => Promise<unknown>;
}

export interface Run extends Session {
  readonly connection: PullConnection;
  /** Called between pages: throws when another run has taken over, or the server is stopping. */
  readonly goOn: () => Promise<void>;
}

/** Resources of a page that is asked for, persons and resources of a batch. */
const COUNT = 50;
const PERSONS = 20;
/** Clocks differ, and what is being written while it is asked for may come out of order. */
const OVERLAP_MS = 10 * 60_000;
/** How far the first round looks back. */
export const FIRST_DAYS = 30;

const keyOf = (kind: string, { type, params }: PullQuery): string => `${kind}:${type}?${params}`;

/** The queries of a round, in the order that they are asked. */
export function roundOf(
  { schedules }: Pick<RunDeps, 'schedules'>,
  { registers }: PullConnection,
): readonly string[] {
  const own = schedules.filter(({ register }) => registers.includes(register.id));
  const opening = openingQueries(own);
  const ofPersons = queriesOfPersons(own);
  const types = ['Patient', 'Encounter', ...[...opening, ...ofPersons].map(({ type }) => type)];
  return [
    ...opening.map((query) => keyOf('open', query)),
    ...ofPersons.map((query) => keyOf('follow', query)),
    ...[...new Set(types)].map((type) => `again:${type}`),
  ];
}

const queriesOfPersons = (schedules: readonly Schedule[]): readonly PullQuery[] =>
  personQueries([...new Set(schedules.map(({ register }) => register))]);

/** Begin a round of changes, unless one is under way: it is then gone on with. */
export async function beginRound(deps: RunDeps, { connection, ehr }: Run, since: Date | null): Promise<void> {
  await deps.db.query(beginSql(ehr, '', roundOf(deps, connection), deps.clock.now(), since));
}

/** Do what is under way: persons who wait, and the round. Throws EhrAway. `finished`: of a round that was under way. */
export async function goOn(
  deps: RunDeps,
  run: Run,
): Promise<{ readonly counts: Counts; readonly isRoundFinished: boolean }> {
  let counts = await waitingPersons(deps, run);
  const open = await deps.db.query<PullPosition>(openPositionsSql(run.ehr, ''));
  for (const kind of ['open', 'follow', 'again'] as const) {
    for (const position of open.filter(({ query }) => query.startsWith(`${kind}:`))) {
      counts = plus(counts, await KINDS[kind](deps, run, position));
    }
    if (kind === 'open') {
      await deps.handOn();
      counts = plus(counts, await waitingPersons(deps, run));
    }
  }
  return { counts, isRoundFinished: open.length > 0 };
}

const KINDS = { open: opening, follow: following, again: askingAgain } as const;

async function waitingPersons(deps: RunDeps, run: Run): Promise<Counts> {
  let counts = NOTHING;
  for (const { patient, begun } of await deps.db.query<{ patient: string; begun: boolean }>(
    waitingSql(run.ehr),
  )) {
    counts = plus(counts, await wholePerson(deps, run, patient, begun));
  }
  return counts;
}

/** Everything that the registers need about one person. */
async function wholePerson(deps: RunDeps, run: Run, patient: string, begun: boolean): Promise<Counts> {
  const there = await personThere(deps, run, patient);
  let counts = NOTHING;
  if (there.length > 0) {
    if (!begun) {
      const own = deps.schedules.filter(({ register }) => run.connection.registers.includes(register.id));
      const keys = queriesOfPersons(own).map((query) => keyOf('person', query));
      await deps.db.query(beginSql(run.ehr, patient, keys, deps.clock.now(), null));
    }
    for (const position of await deps.db.query<PullPosition>(openPositionsSql(run.ehr, patient))) {
      const address = `${withPersons(position.query, there)}&_count=${COUNT}`;
      counts = plus(
        counts,
        await pages(deps, run, position, {
          address,
          isWanted: isAbout(there, run),
          then: endSql(run.ehr, position, null),
        }),
      );
    }
  }
  await deps.db.query(personDoneSql(run.ehr, patient));
  return counts;
}

/** Ids of the person there: known from before, or found by the national number. */
async function personThere(deps: RunDeps, run: Run, patient: string): Promise<readonly string[]> {
  const known = await deps.db.query<{ id: string }>(personThereSql(run.ehr, patient));
  if (known.length > 0) {
    return known.map(({ id }) => id);
  }
  const numbers = await nationalNumbers(deps, run, patient);
  if (numbers.length === 0) {
    return [];
  }
  await run.goOn();
  const answer = await run.reader.search('Patient', { identifier: numbers.join(',') });
  return answer.kind === 'found' && answer.resource.resourceType === 'Bundle'
    ? resourcesOf(answer.resource, 'Patient').flatMap(({ id }) => id ?? [])
    : [];
}

/** As far as the sender may see the person. */
async function nationalNumbers(
  { repository, newId, clock }: RunDeps,
  { principal }: Run,
  patient: string,
): Promise<readonly string[]> {
  const caller = { principal, requestId: newId(clock.now()), interaction: 'pull' };
  try {
    const { content } = await repository.read(caller, { type: 'Patient', id: patient });
    const { identifier = [] } = parseStored(content) as unknown as Patient;
    return identifier
      .filter(
        ({ system, value }) =>
          value !== undefined && NATIONAL_SYSTEMS.includes(normaliseIdentifierSystem(system ?? '')),
      )
      .map(({ system, value }) => `${system ?? ''}|${value ?? ''}`);
  } catch (cause) {
    if (cause instanceof FhirError && cause.status < 500) {
      return [];
    }
    throw cause;
  }
}

/** What opens pathways: of persons who are not here only what does open one. */
function opening(deps: RunDeps, run: Run, position: PullPosition): Promise<Counts> {
  const own = deps.schedules.filter(({ register }) => run.connection.registers.includes(register.id));
  const triggers = own.flatMap(({ openedBy }) => openedBy);
  return pages(deps, run, position, {
    address: changedSince(searchOf(position.query), position),
    isWanted: (resource) => isFired(triggers, resource as unknown as JsonObject),
    then: endSql(run.ehr, position, null),
  });
}

/** What has changed about those who have a pathway under way. */
async function following(deps: RunDeps, run: Run, position: PullPosition): Promise<Counts> {
  let counts = NOTHING;
  for (let at = position; ;) {
    const persons = await followed(deps, run, at);
    const last = persons.at(-1);
    if (last === undefined) {
      await deps.db.query(endSql(run.ehr, position, null));
      return counts;
    }
    const after: PullPosition = { ...at, doneTo: last, upto: null, next: null };
    const result = await pages(
      deps,
      run,
      { ...at, upto: last },
      {
        address: changedSince(withPersons(position.query, persons), position),
        isWanted: isAbout(persons, run),
        then: moveSql(run.ehr, position, after),
      },
    );
    counts = plus(counts, result);
    if (result.isEnded) {
      return counts;
    }
    at = after;
  }
}

async function followed(
  { db }: RunDeps,
  { ehr, connection, principal }: Run,
  at: PullPosition,
): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    followedSql(ehr, at.doneTo, connection.registers, principal.units, PERSONS),
  );
  const ids = rows.map(({ id }) => id);
  const last = at.upto === null ? -1 : ids.indexOf(at.upto);
  return last < 0 ? ids : ids.slice(0, last + 1);
}

/** What was taken is asked for again: it may have come into a state that no query finds, or have been taken out. */
async function askingAgain(deps: RunDeps, run: Run, position: PullPosition): Promise<Counts> {
  const type = position.query.slice('again:'.length);
  const { ehr, connection, principal, reader } = run;
  let counts = NOTHING;
  for (let doneTo = position.doneTo; ;) {
    await run.goOn();
    const rows = await deps.db.query<{ id: string; person: string }>(
      followedKnownSql(ehr, type, doneTo, connection.registers, principal.units, COUNT),
    );
    const last = rows.at(-1);
    if (last === undefined) {
      await deps.db.query(endSql(ehr, position, null));
      return counts;
    }
    const found = await readMany(
      reader,
      type,
      rows.map(({ id }) => id),
    );
    const missing = rows.filter(({ id }) => !found.has(id));
    const { back, gone } = await lookFor(run, type, missing);
    const move = moveSql(ehr, position, { doneTo: last.id, upto: null, next: null });
    counts = plus(
      counts,
      await takePage(deps, run, {
        resources: [...found.values(), ...back],
        isWanted: () => true,
        gone,
        move,
      }),
    );
    doneTo = last.id;
  }
}

/**
 * What the search did not bring, one by one. 410 is sure; 404 is believed as long as the person can be read, so that an EHR which
 * shows us nothing any more empties nothing here. Persons stay.
 */
async function lookFor(
  { reader }: Run,
  type: string,
  missing: readonly { readonly id: string; readonly person: string }[],
): Promise<{ readonly back: readonly Resource[]; readonly gone: readonly string[] }> {
  const back: Resource[] = [];
  const gone: string[] = [];
  for (const { id, person } of type === 'Patient' ? [] : missing) {
    const answer = await reader.get(`${type}/${id}`);
    if (answer.kind === 'found' && answer.resource.resourceType === type) {
      back.push(answer.resource);
    } else if (answer.kind === 'gone') {
      const isSure = answer.status === 410 || (await reader.get(`Patient/${person}`)).kind === 'found';
      gone.push(...(isSure ? [`${type}/${id}`] : []));
    }
  }
  return { back, gone };
}

interface Paging {
  /** Of the first page. */
  readonly address: string;
  readonly isWanted: (resource: Resource) => boolean;
  /** Moves the place when the last page is stored. */
  readonly then: ReturnType<typeof endSql>;
}

/** Page by page from where the place is. A query that the EHR refuses ends, and says so: `isEnded`. */
async function pages(
  deps: RunDeps,
  run: Run,
  position: PullPosition,
  { address, isWanted, then }: Paging,
): Promise<Counts & { readonly isEnded?: true }> {
  const { ehr, reader } = run;
  const place = `pull/${ehr}/${position.query}`;
  const type = searchOf(position.query).split('?')[0] ?? '';
  let counts = NOTHING;
  let next: string | undefined = position.next === null ? address : deps.box.open(position.next, place);
  while (next !== undefined) {
    await run.goOn();
    const answer = await reader.get(next);
    if (answer.kind !== 'found' || answer.resource.resourceType !== 'Bundle') {
      await deps.db.query(endSql(ehr, position, problemOf(answer)));
      return { ...counts, isEnded: true };
    }
    const bundle = answer.resource;
    const following = bundle.link?.find(({ relation }) => relation === 'next')?.url;
    next = following === undefined ? undefined : new URL(following, `${reader.base}/`).href;
    const move =
      next === undefined
        ? then
        : moveSql(ehr, position, {
            doneTo: position.doneTo,
            upto: position.upto,
            next: deps.box.seal(next, place),
          });
    counts = plus(
      counts,
      await takePage(deps, run, { resources: resourcesOf(bundle, type), isWanted, move }),
    );
  }
  return counts;
}

const problemOf = (answer: { readonly kind: string; readonly status?: number }): string => {
  if (answer.status === 0) {
    return 'next-outside';
  }
  return answer.kind === 'found' || answer.status === 200 ? 'no-bundle' : `status ${answer.status ?? ''}`;
};

const searchOf = (key: string): string => key.slice(key.indexOf(':') + 1);

const withPersons = (key: string, persons: readonly string[]): string => {
  const search = searchOf(key);
  return `${search}${search.endsWith('?') ? '' : '&'}patient=${persons.join(',')}`;
};

function changedSince(search: string, { since, started }: PullPosition): string {
  const from =
    since === null ? Date.parse(started ?? '') - FIRST_DAYS * 86_400_000 : Date.parse(since) - OVERLAP_MS;
  return `${search}&_lastUpdated=ge${encodeURIComponent(new Date(from).toISOString())}&_count=${COUNT}`;
}

const isAbout =
  (persons: readonly string[], { reader }: Run) =>
  (resource: Resource): boolean =>
    persons.includes(personOf(resource, reader.base) ?? '');
