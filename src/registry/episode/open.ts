/**
 * Opening a pathway [forløp]: an EpisodeOfCare with its ForløpsID and one Task per form, when a referral, or whatever else the
 * register's schedule waits for, arrives, or when staff start one by hand.
 */
import { hash64 } from '../../fhir/id.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { FhirError, error, type Issue } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts';
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
import { patientOf } from '../../search/hot.ts';
import { scheduleOfType } from '../schedule/of-pathway.ts';
import { isRepeated, isWithoutHands, type Schedule } from '../schedule/plan.ts';
import { newTask } from '../schedule/tasks.ts';
import { isFired, startOf } from '../schedule/trigger.ts';
import { unitOfData } from '../unit/unit-of-data.ts';
import { hasPathway, isKnownToSender, OPENED_BY } from './has-pathway.ts';

/** Open pathways for what has arrived, and complete those that staff create. */
export function openPathways(schedules: readonly Schedule[]): WriteRule {
  return {
    name: 'open-pathways',
    async apply(scope) {
      const issues: Issue[] = [];
      for (const entry of scope.pending().filter(({ derived }) => derived !== true)) {
        if (entry.type === 'EpisodeOfCare' && entry.effect === 'created') {
          issues.push(...(await completePathway(scope, entry, schedules)));
        } else if (entry.effect === 'created' || entry.effect === 'updated') {
          for (const schedule of schedules.filter(({ openedBy }) => fires(entry, openedBy))) {
            await openFor(scope, entry, schedule);
          }
        }
      }
      return issues;
    },
  };
}

/** Is it what the schedule waits for, and was it not so before? */
function fires({ resource = {}, previous }: Pending, openedBy: Schedule['openedBy']): boolean {
  const before = previous?.content == null ? {} : (parseJson(previous.content) as JsonObject);
  return isFired(openedBy, resource) && !isFired(openedBy, before);
}

async function openFor(scope: WriteScope, entry: Pending, schedule: Schedule): Promise<void> {
  const source = { ...entry.resource, id: entry.id };
  const patient = patientOf(source as unknown as Resource) ?? undefined;
  const { unit, isUnknown } = await unitOfData(scope, source);
  if (patient === undefined || (isUnknown && entry.type === 'ServiceRequest')) {
    return; // a number that nobody knows: resolve-units has said so
  }
  if (unit === undefined) {
    if (entry.type === 'ServiceRequest' || !(await isKnownToSender(scope, patient, schedule))) {
      throw new FhirError(422, isUnknown ? unknownUnit(entry) : unitRequired(entry));
    }
    return;
  }
  await lockPathway(scope, patient, unit, schedule);
  const start = startOf(source) ?? scope.now.toISOString();
  if (await hasPathway(scope, { patient, unit, schedule, source, start })) {
    return;
  }
  await addPathway(
    scope,
    schedule,
    {
      resourceType: 'EpisodeOfCare',
      id: scope.newId(),
      ...(entry.type !== 'ServiceRequest' && { extension: [openedBy(entry)] }),
      status: 'active',
      ...(schedule.pathwayType !== undefined && { type: schedule.pathwayType as unknown as JsonObject[] }),
      patient: { reference: `Patient/${patient}` },
      managingOrganization: { reference: `Organization/${unit}` },
      period: { start },
      ...(entry.type === 'ServiceRequest' && { referralRequest: [referenceTo(entry)] }),
    },
    schedule.opensFor === 'referral' && entry.type !== 'ServiceRequest' ? referenceTo(entry) : undefined,
  );
}

const referenceTo = ({ type, id }: Pending): JsonObject => ({ reference: `${type}/${id}` });

const openedBy = (entry: Pending): JsonObject => ({ url: OPENED_BY, valueReference: referenceTo(entry) });

const unitRequired = ({ type, operation }: Pending): Issue =>
  type === 'ServiceRequest'
    ? error(
        'required',
        'A referral that opens a pathway must name the receiving unit in performer, by RESH id or organisation number.',
        `${operation.at ?? type}.performer`,
        'unit-required',
      )
    : error(
        'required',
        'What opens a pathway must name its unit, by RESH id or organisation number: in performer, recorder or serviceProvider, or in those of its Encounter.',
        operation.at ?? type,
        'unit-required',
      );

const unknownUnit = ({ type, operation }: Pending): Issue =>
  error(
    'not-found',
    "The unit that this names is not known here. Ask the register's coordinator to add it, or correct the number.",
    operation.at ?? type,
    'unknown-unit',
  );

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
  if (isWithoutHands(schedule) && principal.kind !== 'system') {
    return [
      error(
        'business-rule',
        'The register is filled by what the EHR sends: a pathway opens when its data arrive, and not by hand.',
        'EpisodeOfCare.type',
        'captured-register',
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

/** `focus`: what the forms of the pathway are about, where each pathway is about one thing. */
async function addPathway(
  scope: WriteScope,
  schedule: Schedule,
  episode: JsonObject,
  focus: JsonObject | undefined,
): Promise<void> {
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
  await addTasks(scope, schedule, numbered, unit, focus);
}

async function addTasks(
  scope: WriteScope,
  schedule: Schedule,
  episode: JsonObject,
  unit: string,
  focus?: JsonObject,
): Promise<void> {
  const patientId = idOfReference(episode['patient'] as Reference, 'Patient') ?? '';
  const patient = await scope.get({ type: 'Patient', id: patientId });
  const labels = pathwayLabels(schedule, unit, episode['id'] as string);
  for (const form of schedule.forms.filter((one) => !isRepeated(one))) {
    const id = scope.newId();
    const state = { episode, patient, responses: [] };
    scope.add({
      kind: 'create',
      type: 'Task',
      id,
      labels,
      resource: {
        ...newTask(id, form, schedule, state, scope.now.toISOString()),
        ...(focus !== undefined && form.capture !== undefined && { focus }),
      },
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
export async function lockPathway(
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

export const pathwayLabels = ({ register }: Schedule, unit: string, episode: string): Labels => ({
  register: register.id,
  unit,
  episode,
  national: false,
});
