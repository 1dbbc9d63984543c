/**
 * Who is not in a register because they do not want to be: by a reservation, and, in a register that runs by reservation, by an
 * earlier consent that was withdrawn (registers.md section 3).
 */
import { reservationUnit } from '../../access/filter.ts';
import { isImport } from '../../access/principal.ts';
import type { AccessRules, Register } from '../../content/register.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { hash64 } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { patientOf } from '../../search/hot.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import type { Row, Sql } from '../../storage/store.ts';
import { modeOn } from '../form/national.ts';
import { provisionOf, typeOf } from './withdrawal.ts';

export const RESERVED = {
  system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type',
  code: 'reserved',
  display: 'Reservert',
};

/** What a register says of consent and sharing. */
export type RegisterRules = Pick<Register, 'id' | 'access'>;

/** Does the register run by reservation at this time? */
export const runsByReservation = (rules: AccessRules | undefined, now: Date): boolean =>
  rules !== undefined && modeOn(rules, dayInOslo(now)) === 'reservation';

/**
 * Nothing is taken in about somebody of whom nothing but the reservation is left; and nobody who has reserved against a register
 * gets a pathway in it. After the rule that opens pathways.
 */
export function refuseReserved(registers: readonly RegisterRules[]): WriteRule {
  return {
    name: 'refuse-reserved',
    async apply(scope) {
      const byReservation = new Set(
        registers.filter(({ access }) => runsByReservation(access, scope.now)).map(({ id }) => id),
      );
      if (byReservation.size === 0 || isOwnRoad(scope)) {
        return [];
      }
      const issues: Issue[] = [];
      const entries = scope.pending().filter(isIntake);
      for (const [patient, about] of Map.groupBy(entries, patientOfEntry)) {
        if (patient !== undefined && !isNewHere(scope, patient)) {
          issues.push(...refusals(about, await reservationsOf(scope, patient, byReservation)));
        }
      }
      return issues;
    },
  };
}

/** The server's own work, but not what it reads in from elsewhere; and what coordinators state: reservation.ts. */
const isOwnRoad = ({ principal }: WriteScope): boolean =>
  (principal.kind === 'system' && !isImport(principal)) ||
  (principal.kind === 'staff' && principal.role === 'SC');

/** Of somebody who comes with this very write nothing is known. */
const isNewHere = (scope: WriteScope, patient: string): boolean =>
  scope
    .pending()
    .some(
      ({ type, id, effect, operation }) =>
        type === 'Patient' && id === patient && effect === 'created' && operation.kind === 'create',
    );

const isIntake = ({ effect }: Pending): boolean =>
  effect === 'matched' || (storesVersion(effect) && effect !== 'deleted');

function patientOfEntry({ type, id, resource }: Pending): string | undefined {
  if (type === 'Patient') {
    return id;
  }
  return resource === undefined ? undefined : (patientOf(resource as unknown as Resource) ?? undefined);
}

export interface Reservations {
  /** Nothing but the reservation is left of the person. */
  readonly isBare: boolean;
  readonly registers: ReadonlySet<string>;
}

async function reservationsOf(
  scope: Pick<WriteScope, 'query'>,
  patient: string,
  byReservation: ReadonlySet<string>,
): Promise<Reservations> {
  await scope.query(lockSql('pg_advisory_xact_lock_shared', patient));
  const records = await scope.query<RowRecord>(rowsOfPatientSql(patient, ['Patient', 'Consent']));
  const rows = records.map(toRow);
  const saysNo = (row: Row): boolean => {
    const consent = parseJson(row.content ?? '{}') as JsonObject;
    const isWithdrawn = typeOf(consent) === 'withdrawn' && byReservation.has(row.labels.register ?? '');
    return isActiveNo(consent) && (isWithdrawn || typeOf(consent) === RESERVED.code);
  };
  return {
    isBare: rows.some((row) => row.type === 'Patient' && isMarker(row)),
    registers: new Set(
      rows.filter((row) => row.type === 'Consent' && saysNo(row)).map(({ labels }) => labels.register ?? ''),
    ),
  };
}

/** Who takes something in about a person, and who deletes what there is, wait for each other. */
export const lockSql = (
  lock: 'pg_advisory_xact_lock_shared' | 'pg_advisory_xact_lock',
  patient: string,
): Sql => ({ text: `select ${lock}($1)`, values: [hash64(`reservation|${patient}`)] });

const isActiveNo = (consent: JsonObject): boolean =>
  consent['status'] === 'active' && provisionOf(consent) === 'deny';

/** A row that is left of somebody who has reserved. */
export const isMarker = ({ labels: { unit } }: Pick<Row, 'labels'>): boolean =>
  unit?.startsWith(reservationUnit('')) === true;

/** One refusal for each person, at the first thing that is about them. */
function refusals(about: readonly Pending[], { isBare, registers }: Reservations): readonly Issue[] {
  const refused = about.find(
    ({ type, labels, effect }) =>
      isBare || (type === 'EpisodeOfCare' && effect === 'created' && registers.has(labels?.register ?? '')),
  );
  return refused === undefined
    ? []
    : [
        error(
          'business-rule',
          'The person has reserved against being registered here: nothing about them is taken in.',
          refused.operation.at ?? refused.type,
          'person-reserved',
        ),
      ];
}

/** Id of the person that a Consent is about. */
export const personOf = (consent: JsonObject): string =>
  idOfReference(consent['patient'] as Reference | undefined, 'Patient') ?? '';
