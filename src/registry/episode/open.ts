/**
 * Opening a pathway [forløp]: an EpisodeOfCare with its ForløpsID and one Task per form, when a referral that the
 * register's schedule waits for arrives, or when staff start one by hand.
 */
import { ALWAYS, compareInstants, dateRange } from '../../fhir/date.ts';
import { hash64 } from '../../fhir/id.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { FhirError, error, type Issue } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Labels } from '../../storage/store.ts';
import {
  FORLOPS_ID,
  identifierValue,
  nextNumber,
  PASIENT_ID,
  withIdentifier,
} from '../person/register-identifiers.ts';
import { isOfType, scheduleOfType } from '../schedule/of-pathway.ts';
import type { Schedule } from '../schedule/plan.ts';
import { newTask } from '../schedule/tasks.ts';

/** Open pathways for referrals, and complete those that staff create. */
export function openPathways(schedules: readonly Schedule[]): WriteRule {
  return {
    name: 'open-pathways',
    async apply(scope) {
      const issues: Issue[] = [];
      for (const entry of scope.pending().filter(({ effect }) => effect === 'created')) {
        if (entry.type === 'ServiceRequest') {
          await openForReferral(scope, entry, schedules);
        } else if (entry.type === 'EpisodeOfCare' && entry.derived !== true) {
          issues.push(...(await completePathway(scope, entry, schedules)));
        }
      }
      return issues;
    },
  };
}

async function openForReferral(
  scope: WriteScope,
  entry: Pending,
  schedules: readonly Schedule[],
): Promise<void> {
  const referral = entry.resource ?? {};
  const schedule = schedules.find(({ openedBy }) => openedBy.some((code) => hasCode(referral, code)));
  const patient = idOfReference(referral['subject'] as Reference | undefined, 'Patient');
  const unit = performer(referral);
  if (schedule === undefined || patient === undefined || referral['status'] !== 'active') {
    return;
  }
  if (unit === undefined && namesUnit(referral)) {
    return; // a number that nobody knows: resolve-units has said so
  }
  if (unit === undefined) {
    throw new FhirError(
      422,
      error(
        'required',
        'A referral that opens a pathway must name the receiving unit in performer, by RESH id or organisation number.',
        `${entry.operation.at ?? 'ServiceRequest'}.performer`,
        'unit-required',
      ),
    );
  }
  await lockPathway(scope, patient, unit, schedule);
  if (await hasPathway(scope, patient, unit, schedule, referral)) {
    return;
  }
  const id = scope.newId();
  await addPathway(scope, schedule, {
    resourceType: 'EpisodeOfCare',
    id,
    status: 'active',
    ...(schedule.pathwayType !== undefined && { type: schedule.pathwayType as unknown as JsonObject[] }),
    patient: { reference: `Patient/${patient}` },
    managingOrganization: { reference: `Organization/${unit}` },
    period: { start: startOf(referral, scope.now) },
    referralRequest: [{ reference: `ServiceRequest/${entry.id}` }],
  });
}

/** A pathway that staff create over the API: check it, number it, give it its tasks. */
async function completePathway(
  scope: WriteScope,
  entry: Pending,
  schedules: readonly Schedule[],
): Promise<readonly Issue[]> {
  const episode = entry.resource ?? {};
  const schedule = scheduleOfType(schedules, episode['type']);
  if (schedule === undefined) {
    return [];
  }
  const unit = idOfReference(episode['managingOrganization'] as Reference | undefined, 'Organization');
  const { principal } = scope;
  if (unit === undefined || (principal.kind !== 'system' && !ownUnits(principal).includes(unit))) {
    return [
      error(
        'business-rule',
        'A pathway is opened in one of your own departments: managingOrganization must be one of them.',
        'EpisodeOfCare.managingOrganization',
        'own-unit',
      ),
    ];
  }
  const numbered = await numberedPathway(scope, { ...episode, id: entry.id });
  scope.replace(entry, { resource: numbered, labels: pathwayLabels(schedule, unit, entry.id) });
  await addTasks(scope, schedule, numbered, unit);
  return [];
}

const ownUnits = (principal: WriteScope['principal']): readonly string[] =>
  principal.kind === 'ehr' || principal.kind === 'staff' ? principal.units : [];

async function addPathway(scope: WriteScope, schedule: Schedule, episode: JsonObject): Promise<void> {
  const numbered = await numberedPathway(scope, episode);
  const unit = idOfReference(episode['managingOrganization'] as Reference, 'Organization') ?? '';
  const id = episode['id'] as string;
  scope.add({
    kind: 'create',
    type: 'EpisodeOfCare',
    id,
    resource: numbered,
    labels: pathwayLabels(schedule, unit, id),
  });
  await addTasks(scope, schedule, numbered, unit);
}

async function addTasks(
  scope: WriteScope,
  schedule: Schedule,
  episode: JsonObject,
  unit: string,
): Promise<void> {
  const patientId = idOfReference(episode['patient'] as Reference, 'Patient') ?? '';
  const patient = await scope.get({ type: 'Patient', id: patientId });
  const labels = pathwayLabels(schedule, unit, episode['id'] as string);
  for (const form of schedule.forms) {
    const id = scope.newId();
    const state = { episode, patient, responses: [] };
    scope.add({
      kind: 'create',
      type: 'Task',
      id,
      labels,
      resource: newTask(id, form, schedule, state, scope.now.toISOString()),
    });
  }
  await numberPatient(scope, patientId, patient);
}

async function numberedPathway(scope: WriteScope, episode: JsonObject): Promise<JsonObject> {
  return identifierValue(episode, FORLOPS_ID) === undefined
    ? withIdentifier(episode, FORLOPS_ID, await nextNumber(scope, 'pathway_number'))
    : episode;
}

/** The person's first pathway gives the PasientID. */
async function numberPatient(scope: WriteScope, id: string, patient: JsonObject | undefined): Promise<void> {
  if (patient === undefined || identifierValue(patient, PASIENT_ID) !== undefined) {
    return;
  }
  const resource = withIdentifier(patient, PASIENT_ID, await nextNumber(scope, 'patient_number'));
  const pending = scope.pending().find((entry) => entry.type === 'Patient' && entry.id === id);
  if (pending !== undefined && pending.effect !== 'matched') {
    scope.replace(pending, { resource });
    return;
  }
  const [record] = await scope.query<RowRecord>(rowsOfPatientSql(id, ['Patient']));
  if (record !== undefined) {
    const row = toRow(record);
    scope.add({ kind: 'update', type: 'Patient', id, resource, labels: row.labels, previous: row });
  }
}

/** Two referrals at the same moment wait for each other, so that the second finds the pathway of the first. */
async function lockPathway(
  scope: WriteScope,
  patient: string,
  unit: string,
  { canonical }: Schedule,
): Promise<void> {
  await scope.query({
    text: 'select pg_advisory_xact_lock($1)',
    values: [hash64(`pathway|${parseCanonical(canonical).url}|${unit}|${patient}`)],
  });
}

/**
 * Has the department a pathway of this kind for the person already? Where a referral opens one for the person: is one under way,
 * or did one begin with this referral or after it? Where each referral opens its own: is there one of this very referral, or one
 * that was opened by hand while it was on its way? A referral that is sent again opens nothing new.
 */
async function hasPathway(
  scope: WriteScope,
  patient: string,
  unit: string,
  schedule: Schedule,
  referral: JsonObject,
): Promise<boolean> {
  const records = await scope.query<RowRecord>(
    rowsOfPatientSql(patient, ['EpisodeOfCare', 'ServiceRequest']),
  );
  const rows = records.map(toRow).map(({ type, id, labels, content }) => ({
    type,
    id,
    unit: labels.unit,
    resource: parseJson(content ?? '{}') as JsonObject,
  }));
  const added = scope
    .pending()
    .flatMap(({ type, id, labels, resource }) =>
      resource === undefined ? [] : [{ type, id, unit: labels?.unit, resource }],
    );
  const own = [...rows, ...added].filter(
    (row) =>
      row.type === 'EpisodeOfCare' &&
      row.unit === unit &&
      subjectIs(row.resource, patient) &&
      isOfType(row.resource['type'], schedule),
  );
  const referred = startOf(referral, scope.now);
  if (schedule.opensFor === 'person') {
    return own.some(({ resource }) => resource['status'] === 'active' || !beganBefore(resource, referred));
  }
  const referrals = new Map<string, JsonObject>(
    [...rows, ...added].flatMap(({ type, id, resource }) =>
      type === 'ServiceRequest' ? [[`ServiceRequest/${id}`, resource] as const] : [],
    ),
  );
  return own.some(({ resource }) => {
    const names = referralsOf(resource);
    return names.length === 0 // opened by hand
      ? resource['status'] === 'active' && !beganBefore(resource, referred)
      : names.some((name) => isSame(referrals.get(name), referral));
  });
}

const referralsOf = ({ referralRequest }: JsonObject): readonly string[] =>
  ((referralRequest ?? []) as readonly Reference[]).flatMap(({ reference }) => reference ?? []);

/** One referral, sent twice: by its number where both have one, else by when it was written. */
function isSame(one: JsonObject | undefined, other: JsonObject): boolean {
  if (one === undefined) {
    return false;
  }
  const [numbers, others] = [numbersOf(one), numbersOf(other)];
  if (numbers.length > 0 && others.length > 0) {
    return numbers.some((number) => others.includes(number));
  }
  const [written, again] = [dateRange(one['authoredOn'])?.lo, dateRange(other['authoredOn'])?.lo];
  return written !== undefined && again !== undefined && compareInstants(written, again) === 0;
}

const numbersOf = ({ identifier }: JsonObject): readonly string[] =>
  ((identifier ?? []) as readonly { readonly system?: string; readonly value?: string }[]).flatMap(
    ({ system = '', value }) => (value === undefined ? [] : [`${system}|${value}`]),
  );

function beganBefore({ period }: JsonObject, instant: string): boolean {
  const start = dateRange((period as JsonObject | undefined)?.['start'])?.lo ?? ALWAYS.lo;
  return compareInstants(start, dateRange(instant)?.lo ?? ALWAYS.lo) < 0;
}

const subjectIs = (resource: JsonObject | undefined, patient: string): boolean =>
  idOfReference(resource?.['patient'] as Reference | undefined, 'Patient') === patient;

export const pathwayLabels = ({ register }: Schedule, unit: string, episode: string): Labels => ({
  register: register.id,
  unit,
  episode,
  national: false,
});

type Codings = readonly { system?: string; code?: string }[];

function hasCode(resource: JsonObject, wanted: { system?: string; code?: string }): boolean {
  const codings = ((resource['code'] as JsonObject | undefined)?.['coding'] ?? []) as Codings;
  return codings.some(({ system, code }) => code === wanted.code && system === wanted.system);
}

function performer(referral: JsonObject): string | undefined {
  const performers = (referral['performer'] ?? []) as readonly Reference[];
  return performers
    .map((reference) => idOfReference(reference, 'Organization'))
    .find((id) => id !== undefined);
}

const namesUnit = (referral: JsonObject): boolean =>
  ((referral['performer'] ?? []) as readonly Reference[]).some(({ identifier }) => identifier !== undefined);

function startOf(referral: JsonObject, now: Date): string {
  const authored = referral['authoredOn'];
  return typeof authored === 'string' ? authored : now.toISOString();
}
