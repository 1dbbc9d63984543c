/** https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-kick-off-request */
import { exportFilter } from '../../access/filter.ts';
import { RESEARCH } from '../../access/principal.ts';
import { FhirError, badRequest, error, unprocessable } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { Group } from '../../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../../interactions/exchange.ts';
import { auditRead, type Caller } from '../../repository/audit.ts';
import { existingSql } from '../../repository/rows.ts';
import { searchCondition } from '../../repository/search-condition.ts';
import type { Queryable, Statement } from '../../storage/db.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import type { ExportDeps } from './deps.ts';
import { countUnfinished, type ExportRequest, insertJob } from './jobs.ts';
import { type ExportLevel, exportParameters, type ExportParameters, splitFilter } from './parameters.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Check what is asked for, put the job into the queue, and say where its status is (BK-01). */
export async function kickOff(
  exports: ExportDeps,
  deps: Deps,
  request: FhirRequest,
  level: ExportLevel,
): Promise<FhirResponse> {
  const { repository, fhirBase } = deps;
  const caller = callerOf(request, '$export');
  const parameters = exportParameters(request, level);
  const { types, typeFilters, elements, ignored } = parameters;
  refuseSinceForResearch(caller, parameters);
  for (const type of types.length === 0 ? ['*'] : types) {
    await repository.authorise(caller, 'export', { type });
  }
  requireAsync(request);
  for (const [type, query] of typeFilters.map(splitFilter)) {
    await searchCondition(exports, caller, type, query); // refused now, not in the job
  }
  const patients = await personsOf(deps, caller, request, level, parameters);
  const now = exports.clock.now();
  const id = repository.deps.newId(now);
  await enqueue(deps, {
    id,
    principal: request.principal,
    requestUrl: urlOf(request, level, fhirBase),
    types,
    since: parameters.since,
    until: parameters.until,
    settings: { level, typeFilters, elements, ignored, ...(patients !== undefined && { patients }) },
    requested: now.toISOString(),
    expires: new Date(now.getTime() + LIFETIME_MS).toISOString(),
  });
  await auditRead(repository.deps, caller, { status: 202, query: request.query.toString() });
  return { status: 202, headers: { 'Content-Location': `${fhirBase}/$export-status/${id}` } };
}

/** Who says no to research leaves what was there before as it is: only a whole export is without them. */
function refuseSinceForResearch({ principal }: Caller, { since }: ExportParameters): void {
  if (principal.purpose === RESEARCH && since !== undefined) {
    throw badRequest(
      'An export for research is whole, so that those who have said no to research since the one before are not in it. Leave _since out, and put the new export in the place of the old one.',
      '_since',
      'export-research',
    );
  }
}

function requireAsync(request: FhirRequest): void {
  if (!/(?:^|[\s,;])respond-async(?:$|[\s,;])/.test(request.header('prefer') ?? '')) {
    throw badRequest(
      'A bulk export is asynchronous: send Prefer: respond-async.',
      undefined,
      'respond-async',
    );
  }
}

async function enqueue({ repository }: Deps, job: ExportRequest): Promise<void> {
  await repository.deps.store.transaction(async (tx) => {
    const queryable = { query: <T extends object>(sql: Statement) => tx.query<T>({ values: [], ...sql }) };
    await refuseSecond(queryable, tx, job.principal.subject);
    await insertJob(queryable, job);
    await tx.enqueue('export', { id: job.id }, { jobKey: `export:${job.id}` });
  });
}

/** One export of a client at a time; two that are asked for at once wait for each other here. */
async function refuseSecond(queryable: Queryable, tx: StoreTransaction, subject: string): Promise<void> {
  await tx.lockText(`export|${subject}`);
  if ((await countUnfinished(queryable, subject)) > 0) {
    throw new FhirError(
      429,
      error('throttled', 'An export of this client is under way. Wait for it, or delete it.'),
      { headers: { 'Retry-After': '10' } },
    );
  }
}

function urlOf({ query, id }: FhirRequest, level: ExportLevel, fhirBase: string): string {
  const path = { system: '$export', patient: 'Patient/$export', group: `Group/${id}/$export` }[level];
  return `${fhirBase}/${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
}

/** The persons whose records are asked for; undefined = all whom the caller may see. Throws 403, 404, 422 (BK-05). */
async function personsOf(
  deps: Deps,
  caller: Caller,
  request: FhirRequest,
  level: ExportLevel,
  { patients }: ExportParameters,
): Promise<readonly string[] | undefined> {
  if (level === 'system') {
    return undefined;
  }
  const members = level === 'group' ? await membersOf(deps, caller, request.id) : undefined;
  const visible = new Set(await visiblePersons(deps, caller, [...(members ?? []), ...patients]));
  const population = members?.filter((id) => visible.has(id));
  const foreign = patients.find((id) => !visible.has(id) || population?.includes(id) === false);
  if (foreign !== undefined) {
    throw unprocessable(
      error(
        'not-found',
        `Patient/${foreign} is not among the persons of this export. Leave it out.`,
        'Parameters.parameter',
        'export-patient',
      ),
    );
  }
  return patients.length > 0 ? patients : population;
}

/** Persons listed in a Group; a group that is described by characteristics has no list. */
async function membersOf({ repository }: Deps, caller: Caller, id: string): Promise<readonly string[]> {
  const row = await repository.read(caller, { type: 'Group', id });
  const group = parseJson(row.content) as unknown as Group;
  if (group.type !== 'person' || group.actual !== true) {
    throw unprocessable(
      error(
        'business-rule',
        'Only a Group of persons who are listed (type person, actual true) can be exported.',
        'Group.actual',
        'export-group',
      ),
    );
  }
  const members = (group.member ?? []).filter(({ inactive }) => inactive !== true);
  return [...new Set(members.flatMap(({ entity }) => idOfReference(entity, 'Patient') ?? []))];
}

async function visiblePersons(
  { repository }: Deps,
  { principal }: Caller,
  ids: readonly string[],
): Promise<readonly string[]> {
  const keys = [...new Set(ids)].map((id) => ({ type: 'Patient', id }));
  const rows = await repository
    .readAs(principal)
    .query<{ id: string }>(existingSql(keys, exportFilter(principal)));
  return rows.map(({ id }) => id);
}
