/** A pathway as the server itself reads it, for what falls due. */
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { SYSTEM } from '../../access/principal.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import { isShared } from '../consent/held-consent.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import type { Schedule } from '../schedule/plan.ts';
import { type HasContent, type PatientForm, patientForms } from './form-facts.ts';

export interface SendingDeps {
  readonly repository: Repository;
  readonly schedules: readonly Schedule[];
  readonly hasContent: HasContent;
}

export const systemCaller = (
  { repository }: Pick<SendingDeps, 'repository'>,
  interaction: string,
): Caller => {
  const { clock, newId } = repository.deps;
  return { principal: SYSTEM, requestId: newId(clock.now()), interaction };
};

export interface ReadPathway {
  readonly schedule: Schedule;
  readonly forms: readonly PatientForm[];
  readonly patient: JsonObject;
  readonly responses: readonly JsonObject[];
}

/** The pathway's forms for the patient, with the person; undefined when there is no such pathway any more. */
export async function readForms(
  { repository, schedules, hasContent }: SendingDeps,
  caller: Caller,
  episode: string,
  now: Date,
): Promise<ReadPathway | undefined> {
  const found = await repository.select(caller, { text: 'r.episode = $1', values: [episode] });
  const rows: readonly EpisodeRow[] = found.map((row) => ({
    type: row.type,
    id: row.id,
    resource: parseJson(row.content) as JsonObject,
    row,
  }));
  const own = rows.find((row) => row.type === 'EpisodeOfCare' && row.id === episode)?.resource;
  const schedule = scheduleOf(schedules, rows);
  const patientId = idOfReference(own?.['patient'] as Reference | undefined, 'Patient');
  if (own === undefined || schedule === undefined || patientId === undefined) {
    return undefined;
  }
  const [person] = await repository.select(caller, {
    text: `r.type = ${typeCode('Patient') ?? 0} and r.id = $1`,
    values: [patientId],
  });
  const patient = parseJson(person?.content ?? '{}') as JsonObject;
  const consents = isShared(schedule.register.access)
    ? await repository.select(caller, {
        text: `r.type = ${typeCode('Consent') ?? 0} and r.patient = $1 and r.reg = $2 and r.episode <> $3`,
        values: [patientId, schedule.register.id, episode],
      })
    : [];
  const responses = rows
    .filter(({ type }) => type === 'QuestionnaireResponse')
    .map(({ resource }) => resource);
  return {
    schedule,
    forms: patientForms(
      { schedule, episode: own, patient, rows, otherConsents: consents.map(resourceOf) },
      hasContent,
      now,
    ),
    patient,
    responses,
  };
}

const resourceOf = ({ content }: { readonly content: string }): JsonObject =>
  parseJson(content) as JsonObject;
