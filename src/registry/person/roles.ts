/**
 * PractitionerRoles as roles in a register: LU, LC or SC, in one department. https://hl7.org/fhir/R4/practitionerrole.html
 */
import { compareInstants, parseDate, periodRange } from '../../fhir/date.ts';
import { hash32, hash64 } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Period, PractitionerRole } from '../../fhir/types.ts';
import type { Sql, StoreSession } from '../../storage/store.ts';
import type { StaffRole } from '../../access/principal.ts';

const ROLE_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/register-role';
const REGISTER_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/register';
const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';
const ROLES: readonly string[] = ['LU', 'LC', 'SC'];

export interface RegisterRole {
  readonly id: string;
  readonly role: StaffRole;
  readonly register: string;
  /** Department; absent for national roles. */
  readonly unit?: string;
  readonly display: string;
  readonly practitioner?: string;
  /** Last day, where one is set. */
  readonly until?: string;
}

/** The roles with these ids, also those that have ended since `day`; unknown and inactive ones are left out. */
export async function findRolesSince(
  session: StoreSession,
  ids: readonly string[],
  day: string,
): Promise<readonly RegisterRole[]> {
  const rows = await session.readMany(ids.map((id) => ({ type: 'PractitionerRole', id })));
  return rows.flatMap(({ content }) => {
    const role = content === null ? undefined : (parseJson(content) as unknown as PractitionerRole);
    const end = role?.period?.end;
    return role === undefined ? [] : toRoles(role, end !== undefined && end > day ? end.slice(0, 10) : day);
  });
}

/** The active roles with these ids; unknown and ended ones are left out. */
export async function findRoles(
  session: StoreSession,
  ids: readonly string[],
  day: string,
): Promise<readonly RegisterRole[]> {
  const rows = await session.readMany(ids.map((id) => ({ type: 'PractitionerRole', id })));
  const roles = rows.flatMap(({ content }) =>
    content === null ? [] : toRoles(parseJson(content) as unknown as PractitionerRole, day),
  );
  return ids.flatMap((id) => roles.filter((role) => role.id === id));
}

/** Roles of the practitioner with this HPR number. */
export async function findRolesOfHpr(
  session: StoreSession,
  hpr: string,
  day: string,
): Promise<readonly RegisterRole[]> {
  const people = await session.query<{ id: string }>(
    byToken('Practitioner', 'identifier', [`${HPR}|${hpr}`]),
  );
  const names = people.map(({ id }) => `Practitioner/${id}`);
  const rows = await session.query<{ content: string }>(byToken('PractitionerRole', 'practitioner', names));
  return rows.flatMap(({ content }) => toRoles(parseJson(content) as unknown as PractitionerRole, day));
}

/** Shared rows of a type with one of these values of a token or reference parameter. */
function byToken(type: string, parameter: string, values: readonly string[]): Sql {
  return {
    text: `select r.id, r.content
      from idx_token t
      join resource r on r.cmp = t.cmp and r.type = t.type and r.rid = t.rid
      where t.type = $1
        and t.param = $2
        and t.h = any($3::bigint[])
        and r.unit is null
        and r.content is not null`,
    values: [typeCode(type), hash32(parameter), values.map(hash64)],
  };
}

function toRoles(resource: PractitionerRole, day: string): readonly RegisterRole[] {
  const { id, active, period, code, organization, practitioner } = resource;
  const codings = (code ?? []).flatMap(({ coding }) => coding ?? []);
  const role = codings.find(
    ({ system, code: value }) => system === ROLE_SYSTEM && ROLES.includes(value ?? ''),
  )?.code;
  const register = codings.find(({ system }) => system === REGISTER_SYSTEM)?.code;
  const isCurrent = active !== false && (period === undefined || isWithin(day, period));
  if (id === undefined || role === undefined || register === undefined || !isCurrent) {
    return [];
  }
  const unit = idOfReference(organization, 'Organization');
  const person = idOfReference(practitioner, 'Practitioner');
  return [
    {
      id,
      role: role as StaffRole,
      register,
      display: [role, organization?.display].filter((text) => text !== undefined).join(', '),
      ...(unit !== undefined && role !== 'SC' && { unit }),
      ...(person !== undefined && { practitioner: person }),
      ...(period?.end !== undefined && { until: period.end }),
    },
  ];
}

/** Is any part of the day in the period? Its ends count whole: `2026` ends with the year. */
function isWithin(day: string, period: Period): boolean {
  const range = periodRange(period);
  const today = parseDate(day);
  return (
    range !== undefined &&
    today !== undefined &&
    compareInstants(range.lo, today.hi) < 0 &&
    compareInstants(today.lo, range.hi) < 0
  );
}
