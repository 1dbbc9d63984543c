/**
 * https://hl7.org/fhir/R4/resource-operation-meta.html, resource-operation-meta-add.html, resource-operation-meta-delete.html
 * Who may see a row is kept beside the resource, not in its meta: no label here opens or closes anything. Those that the
 * server sets by itself are still its own.
 */
import { rowFilter } from '../access/filter.ts';
import { copyExactNumbers, parseJson } from '../fhir/json.ts';
import { FhirError, error, unprocessable } from '../fhir/outcome.ts';
import { RESOURCE_TYPES, typeCode } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { hash32 } from '../fhir/id.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  versionHeaders,
} from '../interactions/exchange.ts';
import { auditRead } from '../repository/audit.ts';
import { SUBSETTED } from '../repository/check.ts';
import { fromSql, raw, sql, toSql } from '../search/sql.ts';
import { givenParameters, refuseUnknown, single } from './given-parameters.ts';
import type { OperationRoute } from './route.ts';

const DEFINITION = 'http://hl7.org/fhir/OperationDefinition/Resource-meta';

export function metaRoutes(): readonly OperationRoute[] {
  const get = (path: string, run: OperationRoute['run']): OperationRoute => ({
    method: 'get',
    path,
    name: 'meta',
    definition: DEFINITION,
    run,
  });
  const change = (name: 'meta-add' | 'meta-delete', combine: Combine): readonly OperationRoute[] => [
    {
      method: 'post',
      path: `/:type/:id/$${name}`,
      name,
      definition: `http://hl7.org/fhir/OperationDefinition/Resource-${name}`,
      run: (deps, request) => changeMeta(deps, request, name, combine),
    },
    { method: 'post', path: `/:type/:id/_history/:versionId/$${name}`, run: refuseEarlier },
  ];
  return [
    get('/$meta', usedMeta),
    get('/:type/$meta', usedMeta),
    get('/:type/:id/$meta', instanceMeta),
    get('/:type/:id/_history/:versionId/$meta', instanceMeta),
    ...change('meta-add', added),
    ...change('meta-delete', removed),
  ];
}

type Lists = Readonly<Record<'profile' | 'tag' | 'security', readonly JsonValue[]>>;
type Combine = (there: readonly JsonValue[], given: readonly JsonValue[]) => readonly JsonValue[];

const NAMES = ['profile', 'tag', 'security'] as const;

const listsOf = (meta: JsonObject): Lists => {
  const list = (name: string): readonly JsonValue[] =>
    Array.isArray(meta[name]) ? (meta[name] as readonly JsonValue[]) : [];
  return { profile: list('profile'), tag: list('tag'), security: list('security') };
};

/** Two labels are the same by system and code; two profiles by their canonical. */
const keyOf = (value: JsonValue): string => {
  const { system, code } = (typeof value === 'object' && value !== null ? value : {}) as JsonObject;
  return typeof value === 'string' ? value : JSON.stringify([system ?? null, code ?? null]);
};

const added: Combine = (there, given) => [
  ...new Map([...given, ...there].map((value) => [keyOf(value), value])).values(),
];

const removed: Combine = (there, given) => {
  const gone = new Set(given.map(keyOf));
  return there.filter((value) => !gone.has(keyOf(value)));
};

async function instanceMeta({ repository }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, id, versionId } = request;
  const caller = callerOf(request, '$meta');
  const row =
    versionId === ''
      ? await repository.read(caller, { type, id })
      : await repository.vread(caller, { type, id }, versionId);
  return answer(((parseJson(row.content) as JsonObject)['meta'] ?? {}) as JsonObject);
}

const answer = (meta: JsonObject): FhirResponse => ({
  status: 200,
  headers: {},
  body: { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] },
});

/**
 * Labels and profiles in use, of a type or of all: one visible resource for each distinct one is read, found by skipping
 * through the token index, so that the cost depends on how many there are, not on how many resources have them.
 */
async function usedMeta({ repository }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type, principal } = request;
  const caller = callerOf(request, '$meta');
  await repository.authorise(caller, 'search', { type: type === '' ? '*' : type });
  const types = (type === '' ? RESOURCE_TYPES : [type]).map((name) => typeCode(name) ?? 0);
  const filter = rowFilter(principal);
  const rows = await repository.readAs(principal).query<{ content: string }>(
    toSql(sql`select m.content
from unnest(${types}::smallint[]) t (type)
cross join unnest(${NAMES.map((name) => hash32(`_${name}`))}::int[]) p (param)
cross join lateral (
  with recursive k as (
    (select i.h from idx_token i where i.type = t.type and i.param = p.param order by i.h limit 1)
    union all
    select (select i.h from idx_token i where i.type = t.type and i.param = p.param and i.h > k.h order by i.h limit 1)
    from k
    where k.h is not null
  )
  select k.h from k where k.h is not null
) u
cross join lateral (
  select r.content
  from idx_token i
  join resource r on r.cmp = i.cmp and r.type = i.type and r.rid = i.rid
  where i.type = t.type and i.param = p.param and i.h = u.h and r.content is not null
    and ${filter === undefined ? raw('true') : sql`(${fromSql(filter)})`}
  limit 1
) m`),
  );
  await auditRead(repository.deps, caller, { status: 200, query: `${type}/$meta` });
  const contents = await repository.forReaders(
    caller,
    rows.map(({ content }) => content),
  );
  const all = contents.map((content) => {
    const { meta } = parseJson(content) as JsonObject;
    return listsOf((meta ?? {}) as JsonObject);
  });
  return answer(
    withLists({}, (name) =>
      added(
        [],
        all.flatMap((lists) => lists[name]),
      ),
    ),
  );
}

/** Meta with new lists; an empty one is left out, as FHIR has it. */
function withLists(
  meta: JsonObject,
  list: (name: (typeof NAMES)[number]) => readonly JsonValue[],
): JsonObject {
  const { profile: _profile, tag: _tag, security: _security, ...rest } = meta;
  const lists = NAMES.map((name) => [name, list(name)] as const).filter(([, values]) => values.length > 0);
  return { ...rest, ...Object.fromEntries(lists) } as JsonObject;
}

/** A new version with other labels, unless somebody has changed the resource in between. */
async function changeMeta(
  { repository, fhirBase }: Deps,
  request: FhirRequest,
  name: string,
  combine: Combine,
): Promise<FhirResponse> {
  const { type, id } = request;
  const given = listsOf(givenMeta(request, name));
  refuseOwn(given);
  const caller = callerOf(request, `$${name}`);
  const row = await repository.read(caller, { type, id });
  const resource = parseJson(row.content) as JsonObject;
  const before = (resource['meta'] ?? {}) as JsonObject;
  const there = listsOf(before);
  const meta = withLists(before, (list) => combine(there[list], given[list]));
  const changed = { ...resource, meta };
  copyExactNumbers(resource, changed);
  const [result] = await repository.commit(caller, [
    { kind: 'update', type, id, resource: changed, ifMatch: String(row.versionId) },
  ]);
  const stored = parseJson(result?.content ?? '{}') as JsonObject;
  return {
    ...answer((stored['meta'] ?? meta) as JsonObject),
    headers: result === undefined ? {} : versionHeaders(result, fhirBase),
  };
}

function givenMeta(request: FhirRequest, name: string): JsonObject {
  const given = givenParameters(request);
  refuseUnknown(given, ['meta'], `$${name}`);
  const value = single(given, 'meta')?.value;
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new FhirError(
      400,
      error(
        'required',
        `$${name} needs the parameter meta with a valueMeta.`,
        'Parameters.parameter',
        'operation-parameter',
      ),
    );
  }
  return value as JsonObject;
}

const OWN = /^https:\/\/ryggrad\.no\//;

/** Labels that the server sets: a caller who could set them would say what the server has not found. */
function refuseOwn({ tag, security }: Lists): void {
  const own = [...tag, ...security].find((value) => {
    const { system, code } = (value ?? {}) as JsonObject;
    return OWN.test(String(system)) || (system === SUBSETTED.system && code === SUBSETTED.code);
  });
  if (own !== undefined) {
    throw unprocessable(
      error(
        'business-rule',
        `The label ${keyOf(own)} is set by the server alone. Leave it out.`,
        'Parameters.parameter[0].valueMeta',
        'server-label',
      ),
    );
  }
}

function refuseEarlier(): Promise<FhirResponse> {
  throw new FhirError(
    405,
    error(
      'not-supported',
      'Earlier versions are never changed. Change the labels of the current one: [type]/[id]/$meta-add or $meta-delete.',
      undefined,
      'append-only',
    ),
    { headers: { Allow: 'GET, HEAD' } },
  );
}
