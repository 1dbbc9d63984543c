/**
 * Conditions of a write (If-None-Exist, conditional update and delete, conditional references), looked up under locks:
 * two senders with the same condition wait for each other, so that both cannot find nothing and create (IR-01).
 */
import { directValue, markOf, NO_MARK } from '../fhir/direct-identifiers.ts';
import { hash32, hash64 } from '../fhir/id.ts';
import { normaliseIdentifierSystem } from '../fhir/identifiers.ts';
import { typeCode, typeName } from '../fhir/resource-types.ts';
import type { Sql, StoreSession } from '../storage/store.ts';
import { prepared, shifted } from './rows.ts';
import type { RepositoryDeps } from './deps.ts';

export interface Condition {
  readonly type: string;
  /** Search parameters as in a URL, without the type. */
  readonly query: string;
}

export interface Conditions {
  /** Lock and look up all conditions: one statement for identifier conditions, one for each other distinct one. */
  load(conditions: readonly Condition[]): Promise<void>;
  /** Ids that a loaded condition matches (at most a few). */
  find(type: string, query: string): readonly string[];
}

const IDENTIFIER_PARAMETER = hash32('identifier');

export function createConditions(
  deps: RepositoryDeps,
  tx: StoreSession,
  filter: Sql | undefined,
): Conditions {
  const found = new Map<string, readonly string[]>();
  return {
    async load(conditions) {
      const distinct = new Map(conditions.map((condition) => [keyOf(condition), condition]));
      if (distinct.size === 0) {
        return;
      }
      await tx.query(lockSql([...distinct.keys()]));
      const simple = [...distinct.values()].flatMap((condition) => identifierOf(condition) ?? []);
      await findByIdentifier(simple, tx, filter, found);
      for (const condition of distinct.values()) {
        if (!found.has(keyOf(condition))) {
          found.set(keyOf(condition), await deps.findIds(tx, condition.type, condition.query, filter));
        }
      }
    },
    find: (type, query) => found.get(keyOf({ type, query })) ?? [],
  };
}

/** The same for every spelling of a condition: encoding and order of its parameters do not matter. */
function keyOf({ type, query }: Condition): string {
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return `${type}?${parameters.toString()}`;
}

/** Locks in one statement and in one order, so that writers with overlapping conditions do not deadlock. */
function lockSql(keys: readonly string[]): Sql {
  return {
    text: `select pg_advisory_xact_lock(k)
      from (select unnest($1::bigint[]) as k order by 1) as locks`,
    values: [keys.map((key) => hash64(key)).sort()],
  };
}

interface IdentifierCondition {
  readonly condition: Condition;
  readonly system: string;
  readonly text: string;
}

/** `identifier=system|value` and nothing else: answered from the token index for all conditions at once. */
function identifierOf(condition: Condition): IdentifierCondition | undefined {
  const parameters = [...new URLSearchParams(condition.query)];
  const [name, value] = parameters[0] ?? [];
  if (parameters.length !== 1 || name !== 'identifier' || value === undefined || /[,\\]/.test(value)) {
    return undefined;
  }
  const [, system, text = ''] = /^([^|]+)\|([^|]+)$/.exec(value) ?? [];
  return system === undefined ? undefined : { condition, system: normaliseIdentifierSystem(system), text };
}

/** The key of each in the index, which has references in place of direct identifiers. */
async function withHashes(
  conditions: readonly IdentifierCondition[],
  tx: StoreSession,
): Promise<readonly { readonly condition: Condition; readonly hash: string }[]> {
  const values = conditions.flatMap(({ system, text }) => directValue(system, text) ?? []);
  const refs = values.length === 0 ? new Map<string, string>() : await tx.findDirect(values);
  return conditions.map(({ condition, system, text }) => {
    const direct = directValue(system, text);
    const stored = direct === undefined ? text : markFor(refs.get(direct));
    return { condition, hash: hash64(`${system}|${stored}`) };
  });
}

const markFor = (ref: string | undefined): string => (ref === undefined ? NO_MARK : markOf(ref));

async function findByIdentifier(
  asked: readonly IdentifierCondition[],
  tx: StoreSession,
  filter: Sql | undefined,
  found: Map<string, readonly string[]>,
): Promise<void> {
  if (asked.length === 0) {
    return;
  }
  const conditions = await withHashes(asked, tx);
  const visible = shifted(filter, 3);
  const rows = await tx.query<{ type: number; h: string; id: string }>(
    prepared({
      text: `select distinct t.type, t.h::text as h, r.id
      from unnest($2::smallint[], $3::bigint[]) as k(type, h)
      join idx_token t on t.type = k.type and t.param = $1 and t.h = k.h
      join resource r on r.cmp = t.cmp and r.type = t.type and r.rid = t.rid
      where r.content is not null
        and ${visible.text}`,
      values: [
        IDENTIFIER_PARAMETER,
        conditions.map(({ condition }) => typeCode(condition.type) ?? 0),
        conditions.map(({ hash }) => hash),
        ...visible.values,
      ],
    }),
  );
  for (const { condition, hash } of conditions) {
    const ids = rows
      .filter(({ type, h }) => h === hash && typeName(type) === condition.type)
      .map(({ id }) => id);
    found.set(keyOf(condition), ids);
  }
}
