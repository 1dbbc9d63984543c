/**
 * Finding events of the audit trail, newest first: by patient, agent, entity, time.
 */
import { badRequest } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { AuditRecord } from './audit-record.ts';
import type { Sql } from './store.ts';

/** A part of the trail: events of a register, and of what all registers share. */
export interface AuditScope {
  readonly register: string;
  /** Only events by agents of these units, or about data of these units. */
  readonly units?: readonly string[];
}

export interface AuditFilter {
  readonly id?: string;
  /** The part of the trail that the reader may see; undefined = all. */
  readonly scope?: AuditScope;
  /** Recorded at or after. */
  readonly from?: string;
  /** Recorded before. */
  readonly to?: string;
  readonly agent?: string;
  readonly patient?: string;
  readonly entityType?: string;
  /** With `entityType`: also events that stored or saw it among others. */
  readonly entityId?: string;
  readonly action?: string;
  readonly kind?: string;
  readonly requestId?: string;
  readonly count: number;
  /** `cursor` of the last row of the page before. */
  readonly cursor?: string;
}

export interface AuditRow extends AuditRecord {
  readonly registers: readonly string[];
  readonly about: readonly string[];
  readonly cursor: string;
}

/** Columns of the filter that are compared as they are. */
const EQUAL = {
  id: 'a.id',
  agent: 'a.agent',
  action: 'a.action',
  kind: 'a.kind',
  requestId: 'a.request_id',
} as const;

/** A page of events as SQL; exported for its test. */
export function searchStatement(filter: AuditFilter): Sql {
  const values: unknown[] = [];
  const add = (value: unknown): string => `$${values.push(value)}`;
  const { patient, from, to, cursor, scope } = filter;
  // the patient's own rows carry time and order, so that they alone are walked
  const time = patient === undefined ? 'a' : 'p';
  const table =
    patient === undefined
      ? 'audit a'
      : 'audit_patient p\njoin audit a on a.seq = p.seq and a.stored = p.stored';
  const where = [
    ...(patient === undefined ? [] : [`p.patient = ${add(patient)}`]),
    ...(from === undefined ? [] : [`${time}.recorded >= ${add(from)}`]),
    ...(to === undefined ? [] : [`${time}.recorded < ${add(to)}`]),
    ...(Object.keys(EQUAL) as (keyof typeof EQUAL)[]).flatMap((name) =>
      filter[name] === undefined ? [] : [`${EQUAL[name]} = ${add(filter[name])}`],
    ),
    ...(scope === undefined ? [] : scopeConditions(scope, 'a', add)),
    ...entityConditions(filter, add),
    ...(cursor === undefined ? [] : [position(cursor, time, add)]),
  ];
  return {
    text: `select a.id, a.recorded, a.action, a.kind, a.outcome, a.agent, a.role, a.unit, a.registers, a.about, a.patients,
  a.entity_type as "entityType", a.entity_id as "entityId", a.request_id as "requestId", a.content,
  to_char(a.recorded at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || a.seq as cursor
from ${table}${where.length === 0 ? '' : `\nwhere ${where.join('\n  and ')}`}
order by ${time}.recorded desc, ${time}.seq desc
limit ${add(filter.count)}`,
    values,
  };
}

/** What a coordinator may see of the trail, as conditions on the row of that name. */
export function scopeConditions(
  { register, units }: AuditScope,
  row: string,
  add: (value: unknown) => string,
): readonly string[] {
  const own = `(${row}.registers = '{}' or ${add(register)} = any(${row}.registers))`;
  if (units === undefined) {
    return [own];
  }
  const place = add(units);
  return [own, `(${row}.unit = any(${place}) or ${row}.about && ${place}::text[])`];
}

/**
 * The columns hold an event's first entity. The others of a write are found by time: its event is recorded at the very
 * instant that the versions it stored carry. Those that were seen are found through the person that they are about.
 */
function entityConditions(
  { entityType, entityId }: AuditFilter,
  add: (value: unknown) => string,
): readonly string[] {
  if (entityType === undefined) {
    return [];
  }
  const type = add(entityType);
  if (entityId === undefined) {
    return [`a.entity_type = ${type}`];
  }
  const id = add(entityId);
  const code = add(typeCode(entityType) ?? 0);
  const version = add(`"${entityType}/${entityId}/_history/`);
  const bare = add(`"${entityType}/${entityId}"`);
  return [
    `a.seq in (
    select f.seq from audit f where f.entity_type = ${type} and f.entity_id = ${id}
    union all
    select w.seq
    from audit w
    where w.recorded in (
      select r.lu from resource r where r.type = ${code} and r.id = ${id}
      union all
      select h.lu from history h where h.type = ${code} and h.id = ${id}
    ) and position(${version} in w.content) > 0
    union all
    select s.seq
    from audit_patient q
    join audit s on s.seq = q.seq and s.stored = q.stored
    where q.patient = (select coalesce(r.patient, r.id) from resource r where r.type = ${code} and r.id = ${id})
      and (position(${version} in s.content) > 0 or position(${bare} in s.content) > 0)
  )`,
  ];
}

/** Throws 400 for what is no cursor of ours. */
function position(cursor: string, time: 'a' | 'p', add: (value: unknown) => string): string {
  const [recorded = '', seq = ''] = cursor.split('_');
  if (Number.isNaN(Date.parse(recorded)) || !/^\d{1,18}$/.test(seq)) {
    throw badRequest(
      'The page position is not one of this search. Follow the links of the Bundle.',
      undefined,
      'cursor',
    );
  }
  return `(${time}.recorded, ${time}.seq) < (${add(recorded)}::timestamptz, ${add(seq)}::bigint)`;
}
