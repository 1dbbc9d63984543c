/**
 * Withdrawal of consent (registers.md section 3, CO-03): only a national coordinator (SC) turns Yes into No. It concerns
 * the person's whole record in the register, and takes effect in the transaction that states it: the national store,
 * the forms that wait, and what may still be written.
 */
import type { Register } from '../../content/register.ts';
import { ALWAYS, dateRange } from '../../fhir/date.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import type { Row } from '../../storage/store.ts';

export const MISSING_CONSENT = 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type';
const WITHDRAWN = {
  system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type',
  code: 'withdrawn',
  display: 'Tilbaketrukket',
};
/** Status of a Task whose form nobody needs to fill any more. */
const WAITING: ReadonlySet<unknown> = new Set(['draft', 'ready', 'in-progress']);

/**
 * A Consent that a caller updates says No, with the type `withdrawn`; `dateTime` is the day of the withdrawal, today if
 * it is left as it was. Anything else is refused: a consent follows from the register's forms.
 */
export function consentWithdrawal(registers: readonly Pick<Register, 'id' | 'access'>[]): WriteRule {
  const shared = new Set(registers.filter(({ access }) => access.consent === 'register').map(({ id }) => id));
  return {
    name: 'consent-withdrawal',
    async apply(scope) {
      const issues: Issue[] = [];
      for (const entry of scope.pending().filter(isStatedByCaller)) {
        const refused = refusal(scope, entry);
        if (refused !== undefined) {
          issues.push(refused);
        } else if (shared.has(entry.labels?.register ?? '')) {
          await withdrawAll(scope, entry);
        } else {
          await withdraw(scope, entry);
        }
      }
      return issues;
    },
  };
}

const isStatedByCaller = ({ type, effect, derived, labels }: Pending): boolean =>
  type === 'Consent' && effect === 'updated' && derived !== true && labels?.register != null;

/** Has the person of a pathway withdrawn? By the Consents of the pathway. */
export const isWithdrawn = (consents: readonly JsonObject[]): boolean =>
  consents.some((consent) => consent['status'] === 'active' && typeOf(consent) === WITHDRAWN.code);

function refusal({ now }: WriteScope, { resource = {}, previous, operation }: Pending): Issue | undefined {
  const before = parseJson(previous?.content ?? '{}') as JsonObject;
  const at = operation.at ?? 'Consent';
  const refuse = (text: string, element: string, rule: string): Issue =>
    error('business-rule', text, `${at}.${element}`, rule);
  if (provisionOf(resource) !== 'deny' || typeOf(resource) !== WITHDRAWN.code) {
    return refuse(
      `A consent follows from the register's forms. Of a given one, a withdrawal is all that can be stated here: provision.type deny, and the extension ${MISSING_CONSENT} with the code withdrawn.`,
      'provision.type',
      'consent-withdrawal',
    );
  }
  if (before['status'] !== 'active' || provisionOf(before) !== 'permit') {
    return refuse(
      'No consent is given here, so there is none to withdraw.',
      'provision.type',
      'consent-given',
    );
  }
  const day = withdrawalDay(resource, before, now);
  return (dateRange(day) ?? ALWAYS).lo > now.toISOString() || startOf(day) < startOf(before['dateTime'])
    ? refuse(
        'A consent is withdrawn after it was given, and not in the future.',
        'dateTime',
        'withdrawal-date',
      )
    : undefined;
}

/** Every consent that the person has given in this register becomes a No, and everything that waits for it ends. */
async function withdraw(scope: WriteScope, entry: Pending): Promise<void> {
  const { resource = {}, previous, labels } = entry;
  const before = parseJson(previous?.content ?? '{}') as JsonObject;
  const day = withdrawalDay(resource, before, scope.now);
  const patient = idOfReference(before['patient'] as Reference | undefined, 'Patient') ?? '';
  const records = await scope.query<RowRecord>(rowsOfPatientSql(patient, ['Consent', 'Task']));
  const rows = records.map(toRow).filter((row) => row.labels.register === labels?.register);

  scope.replace(entry, { resource: asWithdrawn(before, day) });
  const withdrawnRows = rows.filter((row) => row.type === 'Consent' && isGiven(row));
  for (const row of withdrawnRows.filter(({ id }) => id !== entry.id)) {
    change(scope, row, asWithdrawn(contentOf(row), day));
  }
  end(scope, new Set(withdrawnRows.map((row) => row.labels.episode)), rows);
}

/**
 * Where one consent is for the whole register, all of the person's pathways end with it: those that have a consent of their own, given
 * or not, and those that leant on the one of another module. Each has it in writing.
 */
async function withdrawAll(scope: WriteScope, entry: Pending): Promise<void> {
  const { resource = {}, previous, labels } = entry;
  const before = parseJson(previous?.content ?? '{}') as JsonObject;
  const day = withdrawalDay(resource, before, scope.now);
  const patient = idOfReference(before['patient'] as Reference | undefined, 'Patient') ?? '';
  const records = await scope.query<RowRecord>(
    rowsOfPatientSql(patient, ['EpisodeOfCare', 'Consent', 'Task']),
  );
  const rows = records.map(toRow).filter((row) => row.labels.register === labels?.register);
  const consents = rows.filter((row) => row.type === 'Consent' && contentOf(row)['status'] === 'active');

  scope.replace(entry, { resource: asWithdrawn(before, day) });
  for (const row of consents.filter(({ id }) => id !== entry.id)) {
    change(scope, row, asWithdrawn(contentOf(row), day));
  }
  const pathways = rows.filter(({ type }) => type === 'EpisodeOfCare');
  const told = new Set(consents.map((row) => row.labels.episode));
  for (const pathway of pathways.filter(({ id }) => !told.has(id))) {
    const id = scope.newId();
    const { meta: _meta, sourceReference: _source, ...statement } = asWithdrawn(before, day);
    scope.add({
      kind: 'create',
      type: 'Consent',
      id,
      labels: pathway.labels,
      resource: { ...statement, id },
    });
  }
  end(scope, new Set(pathways.map(({ id }) => id)), rows);
}

/** Out of the national store, and what waits ends. */
function end(scope: WriteScope, episodes: ReadonlySet<string | null>, rows: readonly Row[]): void {
  for (const episode of episodes) {
    if (episode !== null) {
      scope.relabel(episode, false);
    }
  }
  for (const row of rows.filter(
    ({ type, labels: { episode } }) => type === 'Task' && episodes.has(episode),
  )) {
    const task = contentOf(row);
    if (WAITING.has(task['status'])) {
      change(scope, row, cancelled(task, scope.now));
    }
  }
}

function change(scope: WriteScope, row: Row, resource: JsonObject): void {
  const { type, id, labels } = row;
  scope.add({ kind: 'update', type, id, resource, labels, previous: row });
}

const contentOf = ({ content }: Row): JsonObject => parseJson(content ?? '{}') as JsonObject;

function isGiven(row: Row): boolean {
  const consent = contentOf(row);
  return consent['status'] === 'active' && provisionOf(consent) === 'permit';
}

/** The given consent as a withdrawn one. */
export function asWithdrawn(given: JsonObject, day: string): JsonObject {
  const others = extensionsOf(given).filter(({ url }) => url !== MISSING_CONSENT);
  return {
    ...given,
    extension: [...others, { url: MISSING_CONSENT, valueCodeableConcept: { coding: [WITHDRAWN] } }],
    dateTime: day,
    provision: { ...(given['provision'] as JsonObject), type: 'deny' },
  };
}

const cancelled = (task: JsonObject, now: Date): JsonObject => ({
  ...task,
  status: 'cancelled',
  statusReason: { text: 'Samtykket er trukket tilbake' },
  lastModified: now.toISOString(),
});

function withdrawalDay(stated: JsonObject, before: JsonObject, now: Date): string {
  const day = stated['dateTime'];
  return typeof day === 'string' && day !== before['dateTime'] ? day : now.toISOString();
}

const startOf = (dateTime: unknown): string => dateRange(dateTime)?.lo ?? ALWAYS.lo;

interface Extension {
  readonly url?: string;
  readonly valueCodeableConcept?: { readonly coding?: readonly { readonly code?: string }[] };
}

const extensionsOf = ({ extension }: JsonObject): readonly (JsonObject & Extension)[] =>
  (extension ?? []) as readonly (JsonObject & Extension)[];

/** Code of the type of missing consent. */
export const typeOf = (consent: JsonObject): string | undefined =>
  extensionsOf(consent).find(({ url }) => url === MISSING_CONSENT)?.valueCodeableConcept?.coding?.[0]?.code;

export const provisionOf = ({ provision }: JsonObject): unknown =>
  (provision as JsonObject | undefined)?.['type'];
