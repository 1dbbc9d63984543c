/**
 * Opening a pathway [forløp]: an EpisodeOfCare with its ForløpsID and one Task per form, when a referral that the
 * register's schedule waits for arrives, or when staff start one by hand.
 */
import { ALWAYS, compareInstants, dateRange } from '../../fhir/date.ts';
import { hash64 } from '../../fhir/id.ts';
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
  if (await hasPathway(scope, patient, unit, schedule, startOf(referral, scope.now))) {
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
  const schedule = schedules.find(({ pathwayType }) => sharesCode(episode['type'], pathwayType));
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
  { register }: Schedule,
): Promise<void> {
  await scope.query({
    text: 'select pg_advisory_xact_lock($1)',
    values: [hash64(`pathway|${register.id}|${unit}|${patient}`)],
  });
}

/** Is one under way, or did one begin with this referral or after it? A referral that is sent again opens nothing new. */
async function hasPathway(
  scope: WriteScope,
  patient: string,
  unit: string,
  { register }: Schedule,
  referred: string,
): Promise<boolean> {
  const records = await scope.query<RowRecord>(rowsOfPatientSql(patient, ['EpisodeOfCare']));
  const stored = records
    .map(toRow)
    .filter(({ labels }) => labels.unit === unit && labels.register === register.id)
    .map(({ content }) => parseJson(content ?? '{}') as JsonObject);
  const opened = scope
    .pending()
    .some(
      ({ type, labels, resource }) =>
        type === 'EpisodeOfCare' && labels?.unit === unit && subjectIs(resource, patient),
    );
  return (
    opened || stored.some((episode) => episode['status'] === 'active' || !beganBefore(episode, referred))
  );
}

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

function sharesCode(types: unknown, pathwayType: Schedule['pathwayType']): boolean {
  const codings = ((types ?? []) as readonly { coding?: Codings }[]).flatMap(({ coding }) => coding ?? []);
  const wanted = (pathwayType ?? []).flatMap(({ coding }) => coding ?? []);
  return codings.some(({ system, code }) => wanted.some((w) => w.code === code && w.system === system));
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
