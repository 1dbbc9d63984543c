/**
 * Which rows a principal may see, as SQL on the resource row `r` (CO-04). Used by every read, search, history, include
 * and reference check, so that a hidden row answers exactly like an unknown one.
 */
import { typeCode } from '../fhir/resource-types.ts';
import { EVERYTHING, type RowAccess } from '../storage/row-access.ts';
import type { Sql } from '../storage/store.ts';
import { fromSql, sql, toSql } from '../search/sql.ts';
import type { LimitKind } from './scopes.ts';
import { type PatientPrincipal, type Principal, RESEARCH, type StaffPrincipal } from './principal.ts';

const SUBSCRIPTION = typeCode('Subscription');
const PATIENT = typeCode('Patient');
const EPISODE = typeCode('EpisodeOfCare');
const RESPONSE = typeCode('QuestionnaireResponse');
const STAFF_TYPES = ['Practitioner', 'PractitionerRole', 'Person'].map(typeCode);

/**
 * A condition on `r` with parameters from $1; undefined = no restriction (the server itself). `kind`: what is done with the
 * row, by the letter of the scope that it takes; `any` for references, which only point.
 */
export function rowFilter(principal: Principal, kind: LimitKind = 's'): Sql | undefined {
  return forPurpose(principal, within(visibleRows(principal), principal.limits?.[kind]));
}

/** The same for what leaves in bulk: without what is left of people who have reserved. */
export function exportFilter(principal: Principal): Sql | undefined {
  const isNational = principal.kind === 'staff' && principal.role === 'SC';
  const seen = isNational ? onlyLaunched(principal, national([principal.register])) : visibleRows(principal);
  return forPurpose(principal, within(seen, principal.limits?.s));
}

/**
 * For research, without the persons who have said no to that: all of their rows, in whatever pathway they said it. Who reads several
 * registers does not see who has said no in one of them.
 */
function forPurpose(principal: Principal, seen: Sql | undefined): Sql | undefined {
  if (principal.purpose !== RESEARCH) {
    return seen;
  }
  const { text, values } = seen ?? { text: 'true', values: [] };
  const refused = `select refuses_research($${values.length + 1})`;
  return {
    text: `(${text}
      and (r.patient is null or r.patient not in (${refused}))
      and not (r.type = ${PATIENT} and r.id in (${refused}))
      and (r.patient is not null or r.episode is null or r.episode not in (
        select e.id from resource e where e.type = ${EPISODE} and e.patient in (${refused}))))`,
    values: [...values, registersOf(principal)],
  };
}

/** Null = of any register. */
function registersOf(principal: Principal): readonly string[] | null {
  switch (principal.kind) {
    case 'analytics':
      return principal.registers;
    case 'staff':
    case 'patient':
      return [principal.register];
    default:
      return null;
  }
}

const within = (seen: Sql | undefined, limit: Sql | undefined): Sql | undefined =>
  seen === undefined || limit === undefined
    ? (seen ?? limit)
    : toSql(sql`(${fromSql(seen)} and ${fromSql(limit)})`);

/** What the principal may see, whatever its scopes are. */
function visibleRows(principal: Principal): Sql | undefined {
  switch (principal.kind) {
    case 'system':
      return undefined;
    case 'ehr':
      return ownUnits([...principal.units, ...ownName(principal)]);
    case 'analytics':
      return withOwn(principal, withoutStaff(national(principal.registers)));
    case 'staff':
      return onlyLaunched(
        principal,
        principal.role === 'SC'
          ? withReservations(national([principal.register]), principal.register)
          : ownDepartment([...principal.units, ...ownName(principal)], principal.register),
      );
    case 'patient':
      return ownForm(principal);
  }
}

/** The same rules as the database is told them, the second line behind the filter (docs/adr/0014). */
export function accessOf(principal: Principal): RowAccess {
  const none = { units: ownName(principal), registers: [], patient: '' };
  switch (principal.kind) {
    case 'system':
      return EVERYTHING;
    case 'ehr':
      return { ...none, read: 'unit', write: 'unit', units: [...principal.units, ...none.units] };
    case 'analytics':
      return { ...none, read: 'analytics', write: 'unit', registers: principal.registers };
    case 'staff':
      return { ...none, ...staffAccess(principal), patient: launchedFor(principal) };
    case 'patient': {
      const { units, register, patient } = principal;
      return { read: 'unit', write: 'unit', units, registers: [register], patient };
    }
  }
}

function staffAccess(principal: StaffPrincipal): Pick<RowAccess, 'read' | 'write' | 'units' | 'registers'> {
  const registers = [principal.register];
  const units = [...principal.units, ...ownName(principal)];
  return principal.role === 'SC'
    ? { read: 'national', write: 'register', units: [reservationUnit(principal.register)], registers }
    : { read: 'department', write: 'unit', units, registers };
}

/** No id of a resource has this form: a launched session whose person is not known yet sees nobody. */
const NOBODY = '?';

const launchedFor = ({ launch, patient }: StaffPrincipal): string =>
  launch === undefined ? '' : (patient ?? NOBODY);

/** The one response, and what it refers to: the person, the pathway, and what is shared by all (PA-03). */
function ownForm({ patient, episode, response = '' }: PatientPrincipal): Sql {
  return {
    text: `((r.patient is null and r.unit is null)
      or (r.type = ${PATIENT} and r.id = $1)
      or (r.type = ${EPISODE} and r.id = $2)
      or (r.type = ${RESPONSE} and r.id = $3))`,
    values: [patient, episode, response],
  };
}

/** A session that an EHR launched sees one person, the one it was launched for (AP-04), and what is shared by all. */
function onlyLaunched({ launch, patient }: StaffPrincipal, filter: Sql): Sql {
  if (launch === undefined) {
    return filter;
  }
  const place = filter.values.length + 1;
  return {
    text: `((${filter.text} or (r.type = ${PATIENT} and r.id = $${place}))
      and (r.patient = $${place} or (r.patient is null and r.unit is null)))`,
    values: [...filter.values, patient ?? ''],
  };
}

/** Who works where is not for analytics. */
function withoutStaff({ text, values }: Sql): Sql {
  return { text: `(${text} and not (r.type = any('{${STAFF_TYPES.join(',')}}')))`, values };
}

/** A Subscription stands under its subscriber's name where other rows have their unit: nobody else sees it. */
const ownName = ({ subject }: Principal): readonly string[] =>
  subject.startsWith('client:') ? [subject] : [];

/** People have no Subscriptions; their filter stays as short as it is. */
function withOwn(principal: Principal, filter: Sql): Sql {
  const [name] = ownName(principal);
  if (name === undefined) {
    return filter;
  }
  const place = filter.values.length + 1;
  return {
    text: `(${filter.text} or (r.type = ${SUBSCRIPTION} and r.unit = $${place}))`,
    values: [...filter.values, name],
  };
}

/**
 * What remains of people who have reserved against a register stands under this name where other rows have their unit: it is
 * nobody's but the national coordinators'.
 */
export const reservationUnit = (register: string): string => `reservation:${register}`;

function withReservations({ text, values }: Sql, register: string): Sql {
  return {
    text: `(${text} or r.unit = $${values.length + 1})`,
    values: [...values, reservationUnit(register)],
  };
}

/** Shared rows, own rows, and persons about whom the own organisation has sent something. */
function ownUnits(units: readonly string[]): Sql {
  return {
    text: `(r.unit is null or r.unit = any($1) or (r.type = ${PATIENT} and row_from_unit(r.cmp, r.id, $1)))`,
    values: [units],
  };
}

/** Own department's register rows, and what EHRs sent about persons with a pathway there. */
function ownDepartment(units: readonly string[], register: string): Sql {
  return {
    text: `(r.unit is null or (r.unit = any($1) and (r.reg is null or r.reg = $2)) or (r.reg is null and exists (
      select 1 from resource e
      where e.cmp = r.cmp and e.type = ${EPISODE} and e.patient = r.patient
        and e.unit = any($1) and e.reg = $2 and e.content is not null)))`,
    values: [units, register],
  };
}

/** The national store of the given registers: rows marked national, and the persons they are about. */
function national(registers: readonly string[]): Sql {
  return {
    text: `(r.unit is null or (r.natl and r.reg = any($1)) or (r.type = ${PATIENT} and row_in_store(r.cmp, r.id, $1)))`,
    values: [registers],
  };
}
