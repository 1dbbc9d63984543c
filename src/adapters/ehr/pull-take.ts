/**
 * A page of what an EHR has answered, on its way into the register: what is new or changed goes through the corridor of all doors
 * (docs/adr/0030), one person at a time with the stays and units that it refers to. What has been taken already is left out.
 */
import { createHash } from 'node:crypto';
import type { EhrPrincipal } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Bundle, JsonObject, Resource } from '../../fhir/types.ts';
import type { Inbox } from '../../registry/intake/inbox.ts';
import { receive } from '../../registry/intake/receive.ts';
import { recordOperations } from '../../registry/intake/record-bundle.ts';
import type { Result } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import { collectReferences } from '../../repository/rewrite.ts';
import type { Queryable } from '../../storage/db.ts';
import { forgetKnownSql, keepKnownSql, type Known, knownSql } from '../../storage/pull.ts';
import type { Sql, StoreTransaction } from '../../storage/store.ts';
import type { EhrReader } from './reader.ts';

export interface TakeDeps {
  readonly repository: Repository;
  readonly inbox: Pick<Inbox, 'refuse'>;
  /** Asking for everything. */
  readonly db: Queryable;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** One connection during a run. */
export interface Session {
  readonly ehr: string;
  readonly reader: EhrReader;
  readonly principal: EhrPrincipal;
}

export interface Counts {
  /** Resources that were new or changed, and were taken. */
  readonly taken: number;
  readonly removed: number;
  /** Kept in the inbox. */
  readonly refused: number;
}

export const NOTHING: Counts = { taken: 0, removed: 0, refused: 0 };
export const plus = (a: Counts, b: Counts): Counts => ({
  taken: a.taken + b.taken,
  removed: a.removed + b.removed,
  refused: a.refused + b.refused,
});

export interface Page {
  readonly resources: readonly Resource[];
  /** Is it wanted, when it has not been taken before? */
  readonly isWanted: (resource: Resource) => boolean;
  /** Addresses below the base of what has been taken out: `Observation/1`. */
  readonly gone?: readonly string[];
  /** Moves the place of the query: in the transaction that stores the last of the page. */
  readonly move: Sql;
}

interface Group {
  readonly person: string;
  readonly resources: readonly Resource[];
}

const INTERACTION = 'pull';

/** Take a page. Throws EhrAway when what it refers to cannot be read now; the page is then asked for again. */
export async function takePage(deps: TakeDeps, session: Session, page: Page): Promise<Counts> {
  const changed = await changedOf(deps, session, page);
  const groups = [...Map.groupBy(changed, (resource) => personOf(resource, session.reader.base) ?? '')]
    .filter(([person]) => person !== '')
    .map(([person, resources]): Group => ({ person, resources }));
  const bundles = await withBrought(session.reader, groups);
  const work = [
    ...bundles.map((bundle) => (move: Sql | undefined) => takeGroup(deps, session, bundle, move)),
    ...(page.gone ?? []).map((address) => (move: Sql | undefined) => remove(deps, session, address, move)),
  ];
  let counts = NOTHING;
  let isMoved = false;
  for (const [at, take] of work.entries()) {
    const done = await take(at === work.length - 1 ? page.move : undefined);
    counts = plus(counts, done);
    isMoved = at === work.length - 1 && done.refused === 0;
  }
  if (!isMoved) {
    await deps.db.query(page.move);
  }
  return counts;
}

/** Without what was taken as it is. */
async function changedOf(
  { db }: TakeDeps,
  { ehr }: Session,
  { resources, isWanted }: Page,
): Promise<readonly Resource[]> {
  const changed: Resource[] = [];
  for (const [type, some] of Map.groupBy(resources, ({ resourceType }) => resourceType)) {
    const ids = some.flatMap(({ id }) => id ?? []);
    const rows = await db.query<{ id: string; hash: string }>(knownSql(ehr, type, ids));
    const known = new Map(rows.map(({ id, hash }) => [id, hash]));
    changed.push(
      ...some
        .filter(({ id }) => id !== undefined)
        .filter((resource) => known.get(resource.id ?? '') !== hashOf(resource))
        .filter((resource) => known.has(resource.id ?? '') || isWanted(resource)),
    );
  }
  return changed;
}

const hashOf = (resource: Resource): string =>
  createHash('sha256').update(stringifyJson(resource)).digest('hex');

/** Id of the Patient there that a resource is, or is about. */
export function personOf(resource: Resource, base: string): string | undefined {
  if (resource.resourceType === 'Patient') {
    return resource.id;
  }
  const { subject, patient } = resource as {
    readonly subject?: { readonly reference?: string };
    readonly patient?: { readonly reference?: string };
  };
  return idThere((subject ?? patient)?.reference ?? '', 'Patient', base);
}

function idThere(reference: string, type: string, base: string): string | undefined {
  const local = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  return new RegExp(`^${type}/([A-Za-z0-9\\-.]{1,64})(?:/_history/.+)?$`).exec(local)?.[1];
}

const idsIn = (resources: readonly Resource[], type: string, base: string): readonly string[] => [
  ...new Set(
    resources
      .flatMap((resource) => [...collectReferences(resource as unknown as JsonObject)])
      .flatMap((reference) => idThere(reference, type, base) ?? []),
  ),
];

interface PersonBundle {
  readonly person: string;
  readonly own: readonly Resource[];
  readonly brought: readonly Resource[];
  readonly units: readonly Resource[];
}

/** Each group with the person, the stays and the units that it refers to; nobody whose Patient cannot be read. */
async function withBrought(reader: EhrReader, groups: readonly Group[]): Promise<readonly PersonBundle[]> {
  const { base } = reader;
  const all = groups.flatMap(({ resources }) => resources);
  const given = new Map(all.map((resource) => [`${resource.resourceType}/${resource.id ?? ''}`, resource]));
  const fetched = async (type: string, ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> => {
    const missing = ids.filter((id) => !given.has(`${type}/${id}`));
    const found = await readMany(reader, type, missing);
    return new Map(
      ids.flatMap((id) => {
        const resource = given.get(`${type}/${id}`) ?? found.get(id);
        return resource === undefined ? [] : [[id, resource] as const];
      }),
    );
  };
  const patients = await fetched(
    'Patient',
    groups.map(({ person }) => person),
  );
  const stays = await fetched('Encounter', idsIn(all, 'Encounter', base));
  const units = await fetched('Organization', idsIn([...all, ...stays.values()], 'Organization', base));
  return groups.flatMap(({ person, resources }) => {
    const patient = patients.get(person);
    const own = resources.filter(({ resourceType }) => resourceType !== 'Patient');
    const ofPerson = idsIn(own, 'Encounter', base)
      .flatMap((id) => stays.get(id) ?? [])
      .filter((stay) => personOf(stay, base) === person && !own.includes(stay));
    const named = idsIn([...own, ...ofPerson], 'Organization', base).flatMap((id) => units.get(id) ?? []);
    return patient === undefined ? [] : [{ person, own, brought: [patient, ...ofPerson], units: named }];
  });
}

/** Resources by their ids, in one search; one by one where the EHR does not search by `_id`. What is not there is left out. */
export async function readMany(
  reader: EhrReader,
  type: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Resource>> {
  if (ids.length === 0) {
    return new Map();
  }
  const answer = await reader.get(`${type}?_id=${ids.join(',')}&_count=${ids.length}`);
  if (answer.kind === 'found' && answer.resource.resourceType === 'Bundle') {
    return byId(resourcesOf(answer.resource, type));
  }
  const found: Resource[] = [];
  for (const id of ids) {
    const one = await reader.get(`${type}/${id}`);
    found.push(...(one.kind === 'found' ? [one.resource] : []));
  }
  return byId(found.filter(({ resourceType }) => resourceType === type));
}

const byId = (resources: readonly Resource[]): ReadonlyMap<string, Resource> =>
  new Map(resources.map((resource) => [resource.id ?? '', resource]));

/** The resources of a type in a Bundle. */
export const resourcesOf = ({ entry = [] }: Bundle, type: string): readonly Resource[] =>
  entry
    .map(({ resource }) => resource)
    .filter((resource) => resource !== undefined)
    .filter(({ resourceType }) => resourceType === type);

/** One person's part of a page; when it is refused, each resource by itself, so that one fault keeps back one resource. */
async function takeGroup(
  deps: TakeDeps,
  session: Session,
  bundle: PersonBundle,
  move: Sql | undefined,
): Promise<Counts> {
  if (bundle.own.length <= 1) {
    return takeOne(deps, session, bundle, move);
  }
  try {
    return await taken({ ...deps, inbox: NOT_KEPT }, session, bundle, move);
  } catch (cause) {
    requireRefusal(cause);
  }
  let counts = NOTHING;
  for (const resource of bundle.own) {
    counts = plus(
      counts,
      await takeOne(deps, session, aloneIn(bundle, resource, session.reader.base), undefined),
    );
  }
  if (move !== undefined && counts.refused === 0) {
    await deps.db.query(move);
  }
  return counts;
}

const NOT_KEPT: TakeDeps['inbox'] = { refuse: () => Promise.resolve('') };

function aloneIn(bundle: PersonBundle, resource: Resource, base: string): PersonBundle {
  const stays = new Set(idsIn([resource], 'Encounter', base));
  const isNeeded = ({ resourceType, id }: Resource): boolean =>
    resourceType === 'Patient' || (resourceType === 'Encounter' && stays.has(id ?? ''));
  const others = bundle.own.filter((other) => other !== resource && isNeeded(other));
  return { ...bundle, own: [resource], brought: [...bundle.brought.filter(isNeeded), ...others] };
}

async function takeOne(
  deps: TakeDeps,
  session: Session,
  bundle: PersonBundle,
  move: Sql | undefined,
): Promise<Counts> {
  try {
    return await taken(deps, session, bundle, move);
  } catch (cause) {
    requireRefusal(cause);
    return { ...NOTHING, refused: 1 };
  }
}

/** Throws on what is no refusal: it is the server's own trouble, and the page comes again. */
function requireRefusal(cause: unknown): void {
  if (!(cause instanceof FhirError) || cause.status >= 500) {
    throw cause;
  }
}

async function taken(
  deps: TakeDeps,
  { ehr, reader, principal }: Session,
  { person, own, brought, units }: PersonBundle,
  move: Sql | undefined,
): Promise<Counts> {
  const records = [...brought, ...own];
  const raw = collection(reader.base, [...records, ...units]);
  const keepKnown = (results: readonly Result[]): Sql =>
    keepKnownSql(
      ehr,
      records.map((resource, at): Known => ({
        type: resource.resourceType,
        id: resource.id ?? '',
        person,
        patient: resource.resourceType === 'Patient' ? (results[at]?.id ?? null) : null,
        hash: hashOf(resource),
      })),
    );
  await receive(deps, {
    principal,
    requestId: deps.newId(deps.clock.now()),
    interaction: INTERACTION,
    sent: { door: 'pull', raw: stringifyJson(raw), contentType: 'application/fhir+json' },
    operations: () => recordOperations(raw, deps.repository.deps.shapes, deps.clock.now()),
    next: (tx, results) => moving(tx, [keepKnown(results), ...(move === undefined ? [] : [move])]),
  });
  return { ...NOTHING, taken: Math.max(own.length, 1) };
}

/** What has been taken out of the record is taken out here. */
async function remove(
  deps: TakeDeps,
  { ehr, reader, principal }: Session,
  address: string,
  move: Sql | undefined,
): Promise<Counts> {
  const [type = '', id = ''] = address.split('/');
  const raw: JsonObject = {
    resourceType: 'Bundle',
    type: 'history',
    entry: [
      {
        fullUrl: `${reader.base}/${address}`,
        request: { method: 'DELETE', url: address },
        response: { status: '410' },
      },
    ],
  };
  try {
    await receive(deps, {
      principal,
      requestId: deps.newId(deps.clock.now()),
      interaction: INTERACTION,
      sent: { door: 'pull', raw: stringifyJson(raw), contentType: 'application/fhir+json' },
      operations: () => recordOperations(raw, deps.repository.deps.shapes, deps.clock.now()),
      next: (tx) => moving(tx, [forgetKnownSql(ehr, type, id), ...(move === undefined ? [] : [move])]),
    });
  } catch (cause) {
    requireRefusal(cause);
    return { ...NOTHING, refused: 1 };
  }
  return { ...NOTHING, removed: 1 };
}

async function moving(tx: StoreTransaction, statements: readonly Sql[]): Promise<[]> {
  for (const statement of statements) {
    await tx.query(statement);
  }
  return [];
}

const collection = (base: string, resources: readonly Resource[]): JsonObject =>
  ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id ?? ''}`,
      resource,
    })),
  }) as unknown as JsonObject;
