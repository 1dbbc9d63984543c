/**
 * Reservation [reservasjon] in a register that runs by it (registers.md section 3, CO-03): a national coordinator (SC) states it as
 * a Consent that says No, of type `reserved`. In the same transaction the register's data on the person are deleted; what an
 * EHR has sent goes with them unless another register has the person. What is left prevents that the person is registered anew:
 * the Consent, and the person's national numbers. To take it back, the coordinator deletes the Consent.
 */
import { reservationUnit } from '../../access/filter.ts';
import type { StaffPrincipal } from '../../access/principal.ts';
import { dateRange } from '../../fhir/date.ts';
import { refsIn } from '../../fhir/direct-identifiers.ts';
import { hash32, hash64 } from '../../fhir/id.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../../storage/row.ts';
import type { Labels, Row, Sql } from '../../storage/store.ts';
import { ERASE, type Erasure } from './erase.ts';
import { isMarker, lockSql, personOf, type RegisterRules, RESERVED, runsByReservation } from './reserved.ts';
import { MISSING_CONSENT, provisionOf, typeOf } from './withdrawal.ts';

const NATIONAL_NUMBERS: ReadonlySet<unknown> = new Set(NATIONAL_SYSTEMS);

/** After the rules that complete what is written, so that nothing is completed that is deleted. */
export function reservation(registers: readonly RegisterRules[]): WriteRule {
  return {
    name: 'reservation',
    async apply(scope) {
      const { principal } = scope;
      if (principal.kind !== 'staff' || principal.role !== 'SC') {
        return [];
      }
      const own = scope.pending().filter(({ derived }) => derived !== true);
      const rules = registers.find(({ id }) => id === principal.register)?.access;
      const isByReservation = runsByReservation(rules, scope.now);
      const issues: Issue[] = own.filter(isPatient).flatMap((entry) => bareNumberOf(entry, own));
      for (const entry of own.filter(({ type }) => type === 'Consent')) {
        if (entry.effect === 'created') {
          const refused = isByReservation ? refusal(entry, scope.now) : wrongMode(entry);
          issues.push(...(refused === undefined ? await reserve(scope, principal, entry) : [refused]));
        } else if (entry.effect === 'deleted') {
          issues.push(...(await takeBack(scope, entry)));
        }
      }
      return issues;
    },
  };
}

const isPatient = ({ type, effect }: Pending): boolean => type === 'Patient' && effect === 'created';

const issueAt = ({ operation, type }: Pending, text: string, element: string, rule: string): Issue =>
  error('business-rule', text, `${operation.at ?? type}.${element}`, rule);

/** A coordinator brings nobody into the register: a Patient here is the number of somebody who reserves. */
function bareNumberOf(entry: Pending, own: readonly Pending[]): readonly Issue[] {
  const isReserving = own.some(
    ({ type, resource = {} }) => type === 'Consent' && personOf(resource) === entry.id,
  );
  return isReserving
    ? []
    : [issueAt(entry, 'A person comes into a register by a department.', 'id', 'person-by-department')];
}

const wrongMode = (entry: Pending): Issue =>
  issueAt(
    entry,
    'The register asks for consent: nobody needs to reserve. A consent that was given is withdrawn by an update of it.',
    'provision.type',
    'reservation-mode',
  );

function refusal(entry: Pending, now: Date): Issue | undefined {
  const { resource = {} } = entry;
  if (provisionOf(resource) !== 'deny' || typeOf(resource) !== RESERVED.code) {
    return issueAt(
      entry,
      `A reservation is all that can be stated here: provision.type deny, and the extension ${MISSING_CONSENT} with the code ${RESERVED.code}.`,
      'provision.type',
      'consent-reservation',
    );
  }
  const day = dateRange(resource['dateTime']);
  return day === undefined || day.lo > now.toISOString()
    ? issueAt(
        entry,
        'A reservation has the day on which it was made known, not in the future.',
        'dateTime',
        'reservation-date',
      )
    : undefined;
}

async function reserve(
  scope: WriteScope,
  { register }: StaffPrincipal,
  entry: Pending,
): Promise<readonly Issue[]> {
  const { resource = {} } = entry;
  const patient = personOf(resource);
  await scope.query(lockSql('pg_advisory_xact_lock', patient));
  const named = scope.pending().find(({ type, id }) => type === 'Patient' && id === patient);
  const rows = (await scope.query<RowRecord>(rowsAboutSql(patient))).map(toRow);
  const isSeen =
    named !== undefined || rows.some(({ labels }) => labels.national && labels.register === register);
  if (!isSeen) {
    return [issueAt(entry, `Patient/${patient} is not known here.`, 'patient', 'dangling-reference')];
  }
  if (rows.some((row) => row.type === 'Consent' && isMarker(row) && row.labels.register === register)) {
    return [issueAt(entry, 'The person has reserved already.', 'patient', 'reservation-stated')];
  }
  const labels: Labels = { ...NO_LABELS, register, unit: reservationUnit(register) };
  const isElsewhere = rows.some(isOfOther(register));
  const gone = rows.filter((row) => isGone(row, register, isElsewhere));
  const messages = isElsewhere ? [] : await messagesAbout(scope, patient);
  for (const row of [...gone, ...messages]) {
    remove(scope, row);
  }
  const left = isElsewhere ? [] : bare(scope, rows, named, labels);
  scope.replace(entry, { resource: asReserved(resource, patient), labels });
  scope.enqueue(ERASE, {
    keys: [...gone, ...messages, ...left].map(({ type, id }) => ({ type: typeCode(type) ?? 0, id })),
    files: messages.flatMap(({ type, content }) => (type === 'Binary' ? refsIn(content ?? '') : [])),
  } satisfies Erasure);
  return [];
}

/** What another register has; that somebody has reserved against it, too, is no reason to keep anything. */
const isOfOther =
  (register: string) =>
  (row: Row): boolean =>
    row.type !== 'Patient' &&
    row.labels.register !== null &&
    row.labels.register !== register &&
    !isMarker(row);

/** The register's rows; and with no other register, all that was sent about the person. */
const isGone = ({ type, labels }: Row, register: string, isElsewhere: boolean): boolean =>
  type !== 'Patient' && (labels.register === register || (!isElsewhere && labels.register === null));

function remove(scope: WriteScope, row: Row): void {
  const { type, id, labels } = row;
  scope.add({ kind: 'delete', type, id, labels, previous: row });
}

/** The person with the national numbers alone, so that who sends them again is told; returns the row that was. */
function bare(
  scope: WriteScope,
  rows: readonly Row[],
  named: Pending | undefined,
  labels: Labels,
): readonly Row[] {
  if (named?.effect === 'created') {
    scope.replace(named, { resource: withNumbersAlone(named.resource ?? {}), labels });
    return [];
  }
  const person = rows.find(({ type }) => type === 'Patient');
  if (person === undefined) {
    return [];
  }
  const resource = withNumbersAlone(parseJson(person.content ?? '{}') as JsonObject);
  scope.add({ kind: 'update', type: 'Patient', id: person.id, resource, labels, previous: person });
  return [person];
}

function withNumbersAlone({ id, identifier }: JsonObject): JsonObject {
  const all = (identifier ?? []) as readonly JsonObject[];
  const numbers = all.filter(({ system }) => NATIONAL_NUMBERS.has(system));
  const kept = numbers.length > 0 ? numbers : all;
  return {
    resourceType: 'Patient',
    ...(id !== undefined && { id }),
    ...(kept.length > 0 && { identifier: kept }),
  };
}

/** What the coordinator states, and nothing else that was sent with it. */
function asReserved(
  { id, dateTime = null, scope, category, policy }: JsonObject,
  patient: string,
): JsonObject {
  return {
    resourceType: 'Consent',
    ...(id !== undefined && { id }),
    extension: [{ url: MISSING_CONSENT, valueCodeableConcept: { coding: [RESERVED] } }],
    status: 'active',
    scope: scope ?? null,
    category: category ?? null,
    patient: { reference: `Patient/${patient}` },
    dateTime,
    ...(policy !== undefined && { policy }),
    provision: { type: 'deny' },
  };
}

/** Taken back: the person may be registered again, and nothing is left of the reservation but the trail. */
async function takeBack(scope: WriteScope, entry: Pending): Promise<readonly Issue[]> {
  const { previous } = entry;
  if (previous === undefined || !isMarker(previous)) {
    return [issueAt(entry, 'A consent is not deleted; a reservation is.', 'status', 'consent-kept')];
  }
  const patient = personOf(parseJson(previous.content ?? '{}') as JsonObject);
  const rows = (await scope.query<RowRecord>(rowsAboutSql(patient))).map(toRow);
  const others = rows.filter((row) => row.type === 'Consent' && isMarker(row) && row.id !== previous.id);
  const person = rows.find((row) => row.type === 'Patient' && isMarker(row) && others.length === 0);
  if (person !== undefined) {
    remove(scope, person);
  }
  const gone = person === undefined ? [previous] : [previous, person];
  scope.enqueue(ERASE, {
    keys: gone.map(({ type, id }) => ({ type: typeCode(type) ?? 0, id })),
    files: [],
  } satisfies Erasure);
  return [];
}

const rowsAboutSql = (patient: string): Sql => ({
  text: `select ${ROW_COLUMNS} from resource r where r.patient = $1 and r.content is not null order by r.rid`,
  values: [patient],
});

/** Raw messages that told of the person, with the Provenances that say so. */
async function messagesAbout(scope: WriteScope, patient: string): Promise<readonly Row[]> {
  const provenances = (
    await scope.query<RowRecord>({
      text: `select ${ROW_COLUMNS}
        from resource r
        where r.type = $1
          and r.content is not null
          and r.rid in (select t.rid from idx_token t where t.type = $1 and t.param = $2 and t.h = $3)`,
      values: [typeCode('Provenance') ?? 0, hash32('target'), hash64(`Patient/${patient}`)],
    })
  ).map(toRow);
  const files = provenances.flatMap(({ content }) => sourcesOf(parseJson(content ?? '{}') as JsonObject));
  const binaries = await scope.query<RowRecord>({
    text: `select ${ROW_COLUMNS} from resource r where r.type = $1 and r.id = any($2) and r.content is not null`,
    values: [typeCode('Binary') ?? 0, files],
  });
  return [...provenances, ...binaries.map(toRow)];
}

const sourcesOf = ({ entity }: JsonObject): readonly string[] =>
  ((entity ?? []) as readonly { readonly what?: Reference }[]).flatMap(
    ({ what }) => idOfReference(what, 'Binary') ?? [],
  );
