/**
 * Lock what will change, and match the versions callers believe in: https://hl7.org/fhir/R4/http.html#concurrency
 */
import { rowFilter } from '../access/filter.ts';
import type { Principal } from '../access/principal.ts';
import { copyExactNumbers, parseJson, stringifyJson } from '../fhir/json.ts';
import { FhirError, error, forbidden, gone, notFound, preconditionFailed } from '../fhir/outcome.ts';
import type { JsonObject, Resource } from '../fhir/types.ts';
import { patientOf } from '../search/hot.ts';
import { typeName } from '../fhir/resource-types.ts';
import type { Labels, Row } from '../storage/store.ts';
import { NO_LABELS, type WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';
import { refuseNumberAsId, revealRows } from './protect.ts';
import { requireId } from './require-id.ts';
import { visibleSql } from './rows.ts';

/** Attach the current version to each update and delete; refuse stale, hidden and foreign ones. */
export async function matchVersions(batch: WriteBatch): Promise<void> {
  const { tx, principal } = batch.context;
  const targets = batch.pending().filter(changesExisting);
  const matched = batch.pending().filter(({ effect }) => effect === 'matched');
  if (targets.length + matched.length === 0) {
    return;
  }
  const locked = await revealRows(targets.length === 0 ? [] : await tx.lockMany(targets), tx);
  const read = matched.length === 0 ? [] : await tx.readMany(matched);
  const rows = new Map([...locked, ...read].map((row) => [`${row.type}/${row.id}`, row]));
  const visible = await visibleKeys(batch, [...locked, ...read]);
  batch.set(
    batch.pending().map((entry) => {
      const row = rows.get(`${entry.type}/${entry.id}`);
      if (entry.effect === 'matched') {
        refuseOtherBirthDate(entry, row);
        return row === undefined || isHidden(row, visible) ? entry : { ...entry, previous: row };
      }
      return changesExisting(entry) ? withPrevious(entry, row, visible, principal) : entry;
    }),
  );
}

const changesExisting = ({ effect, derived }: Pending): boolean =>
  derived !== true && (effect === 'updated' || effect === 'deleted');

/** A known number with another birth date is somebody's typing error: better refused than filed under the wrong person. */
function refuseOtherBirthDate({ operation, resource, type }: Pending, row: Row | undefined): void {
  if (operation.kind !== 'create' || operation.matchPerson !== true || row?.content == null) {
    return;
  }
  const known = (parseJson(row.content) as JsonObject)['birthDate'];
  const sent = resource?.['birthDate'];
  if (typeof known === 'string' && typeof sent === 'string' && known !== sent) {
    throw new FhirError(
      409,
      error(
        'conflict',
        'The person known by this national identity number has another birth date. Check number and birth date.',
        `${operation.at ?? type}.birthDate`,
        'person-conflict',
      ),
    );
  }
}

/** A person may be matched by number whom another organisation has sent: its record of the person is not shown. */
const isHidden = ({ type, id }: Row, visible: ReadonlySet<string> | undefined): boolean =>
  visible !== undefined && !visible.has(`${type}/${id}`);

/** Which of the rows the caller may see; undefined = all. Deleted ones count: they are not to be told from unknown ids. */
async function visibleKeys(
  batch: WriteBatch,
  rows: readonly Row[],
): Promise<ReadonlySet<string> | undefined> {
  if (rowFilter(batch.principal) === undefined || rows.length === 0) {
    return undefined;
  }
  const kinds = batch.principal.limits === undefined ? (['s'] as const) : (['s', 'u', 'd'] as const);
  const visible: string[] = [];
  for (const kind of kinds) {
    const own = kinds.length === 1 ? rows : rows.filter((row) => kindOf(batch, row) === kind);
    const filter = rowFilter(batch.principal, kind);
    if (own.length > 0 && filter !== undefined) {
      const keys = await batch.own.query<{ type: number; id: string }>(visibleSql(own, filter));
      visible.push(...keys.map(({ type, id }) => `${typeName(type)}/${id}`));
    }
  }
  return new Set(visible);
}

/** What is done with a row, by the letter of the scope that it takes. */
function kindOf(batch: WriteBatch, { type, id }: Row): 's' | 'u' | 'd' {
  const effect = batch.pending().find((entry) => entry.type === type && entry.id === id)?.effect;
  if (effect === 'matched') {
    return 's';
  }
  return effect === 'deleted' ? 'd' : 'u';
}

function withPrevious(
  entry: Pending,
  row: Row | undefined,
  visible: ReadonlySet<string> | undefined,
  principal: Principal,
): Pending {
  const { operation } = entry;
  const ifMatch = operation.kind === 'create' ? undefined : operation.ifMatch;
  if (row === undefined) {
    return onUnknown(entry, ifMatch);
  }
  if (isHidden(row, visible)) {
    throw notFound(entry.type, entry.id);
  }
  if (!mayChange(principal, entry, row.labels)) {
    throw forbidden(
      `${entry.type}/${entry.id} belongs to another unit, or follows from the register's forms; it is not changed directly.`,
      'unit',
    );
  }
  if (ifMatch !== undefined && ifMatch !== String(row.versionId)) {
    throw preconditionFailed(
      `${entry.type}/${entry.id} is at version ${row.versionId}, not ${ifMatch}. Read it again and repeat the change.`,
    );
  }
  if (operation.kind === 'patch') {
    return patchable(entry, row);
  }
  if (row.content === null) {
    return entry.effect === 'deleted'
      ? { ...entry, effect: 'absent' }
      : { ...entry, effect: 'created', previous: row };
  }
  refuseOtherPerson(entry, row.content);
  return entry.effect === 'updated' && isSameContent(entry.resource, row)
    ? { ...entry, effect: 'unchanged', previous: row }
    : {
        ...entry,
        previous: row,
        labels: operation.kind === 'update' ? (operation.labels ?? row.labels) : row.labels,
      };
}

/** What a patch is applied to: https://hl7.org/fhir/R4/http.html#patch — it makes nothing that is not there. */
function patchable(entry: Pending, row: Row): Pending {
  if (row.content === null) {
    throw gone(entry.type, entry.id);
  }
  return { ...entry, previous: row, labels: row.labels };
}

/** A resource stays with its person: its earlier versions would follow it into another one's record. */
export function refuseOtherPerson({ type, resource, operation }: Pending, before: string): void {
  if (resource === undefined) {
    return;
  }
  const earlier = patientOf(parseJson(before) as unknown as Resource);
  const later = patientOf(resource as unknown as Resource);
  if (type !== 'Patient' && earlier !== null && earlier !== later) {
    throw new FhirError(
      422,
      error(
        'business-rule',
        'A resource cannot be moved to another person. Mark it entered-in-error, and send a new one.',
        operation.at ?? type,
        'other-person',
      ),
    );
  }
}

function onUnknown(entry: Pending, ifMatch: string | undefined): Pending {
  if (ifMatch !== undefined) {
    throw preconditionFailed(`${entry.type}/${entry.id} is not known here, so it has no version ${ifMatch}.`);
  }
  if (entry.effect === 'deleted' || entry.operation.kind === 'patch') {
    throw notFound(entry.type, entry.id);
  }
  requireId(entry.type, entry.id);
  refuseNumberAsId(entry.id, `${entry.type}.id`);
  return { ...entry, effect: 'created' };
}

/** The file archive of a register is its national coordinator's: registry/publication/register-files.ts. */
const isFileOfRegister = (principal: Principal, type: string, register: string | null): boolean =>
  principal.kind === 'staff' &&
  principal.role === 'SC' &&
  type === 'DocumentReference' &&
  register === principal.register;

/** Wards and sites are what their coordinator keeps: registry/unit/places.ts. */
const isPlaceOfStaff = ({ kind }: Principal, type: string): boolean =>
  kind === 'staff' && type === 'Location';

/** Own rows may be changed; shared rows (no unit) only by the server. */
function mayChange(principal: Principal, { operation, type }: Pending, { unit, register }: Labels): boolean {
  if (type === 'Subscription' && principal.kind !== 'system') {
    return unit === principal.subject;
  }
  switch (principal.kind) {
    case 'system':
      return true;
    case 'analytics':
      return false;
    default:
      return (
        isWithdrawal(principal, type, register) ||
        isFileOfRegister(principal, type, register) ||
        (unit !== null &&
          principal.units.includes(unit) &&
          (register === null ||
            isForm(operation, type) ||
            isTaskOfStaff(principal, operation, type) ||
            isPathwayOfStaff(principal, operation, type) ||
            isPlaceOfStaff(principal, type)))
      );
  }
}

/** A national coordinator withdraws consents of the register; that nothing else is changed is the register's rule. */
const isWithdrawal = (principal: Principal, type: string, register: string | null): boolean =>
  principal.kind === 'staff' &&
  principal.role === 'SC' &&
  type === 'Consent' &&
  register === principal.register;

/** Of what a register has made, callers change the forms; tasks, consents and facts follow from them. */
const isForm = ({ kind }: Pending['operation'], type: string): boolean =>
  (kind === 'update' || kind === 'patch') && type === 'QuestionnaireResponse';

/** Staff comment on tasks; that they change nothing else of them is the register's rule. */
const isTaskOfStaff = ({ kind: who }: Principal, { kind }: Pending['operation'], type: string): boolean =>
  who === 'staff' && (kind === 'update' || kind === 'patch') && type === 'Task';

/** Staff delete pathways; who of them, and until when, is the access rules' and the register's. */
const isPathwayOfStaff = ({ kind: who }: Principal, { kind }: Pending['operation'], type: string): boolean =>
  who === 'staff' && kind === 'delete' && type === 'EpisodeOfCare';

/** Equal but for version and time: storing it again would add nothing but noise (IR-03). */
export function isSameContent(resource: JsonObject | undefined, row: Row): boolean {
  if (resource === undefined || row.content === null) {
    return false;
  }
  return canonicalText(resource) === canonicalText(parseJson(row.content) as JsonObject);
}

function canonicalText(resource: JsonObject): string {
  const { meta, id: _target, ...rest } = resource; // a conditional update has no id, and is about this row
  const {
    versionId: _version,
    lastUpdated: _time,
    source: _source,
    ...metaRest
  } = (meta ?? {}) as JsonObject;
  return stringifyJson(sorted({ ...rest, meta: metaRest }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const result = Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
  copyExactNumbers(value, result);
  return result;
}

/** Labels of a new row by who writes it; register rules refine them. */
export function labelsFor(principal: Principal): Labels {
  switch (principal.kind) {
    case 'ehr':
      return { ...NO_LABELS, unit: principal.units[0] ?? null };
    case 'staff':
      return { ...NO_LABELS, unit: principal.units[0] ?? null };
    default:
      return NO_LABELS;
  }
}
