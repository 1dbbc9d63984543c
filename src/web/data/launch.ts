/**
 * A launch from an EHR: find the person here, or make one from what the EHR says; open a pathway when asked to.
 */
import { type StaffPrincipal, SYSTEM } from '../../access/principal.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { FhirError, error } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Patient, Task } from '../../fhir/types.ts';
import type { Schedule } from '../../registry/schedule/plan.ts';
import type { Operation } from '../../repository/operation.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { LaunchContext } from '../../smart/launch-context.ts';
import type { LaunchModel } from '../models/launch.ts';
import { patientHead } from './heads.ts';
import { toPathway } from './patient-page.ts';
import { modulesToStart, requireStartable, startable } from './modules.ts';
import { inOrder, loadPathways, type PathwayData, pathwaysOf } from './pathways.ts';
import { escaped } from './search-value.ts';
import { callerOf, langOf, type Sources } from './sources.ts';

/**
 * The person of the launch, if somebody here has the same national number; nothing is stored before the user begins (AP-05).
 * That the registry has the person is asked by the server itself: it is told to a session that the EHR has opened for that
 * person, and shows nothing of what is stored.
 */
export async function knownPatient(sources: Sources, launch: LaunchContext): Promise<string | undefined> {
  const numbers = ((launch.patient as Patient).identifier ?? []).filter(
    ({ system, value }) => value !== undefined && NATIONAL_SYSTEMS.includes(system ?? ''),
  );
  if (numbers.length === 0) {
    return undefined;
  }
  const tokens = numbers.map(({ system, value }) => `${system ?? ''}|${escaped(value ?? '')}`);
  const caller = { principal: SYSTEM, requestId: sources.newRequestId(), interaction: 'launch' };
  const { matches } = await sources.search.search(
    caller,
    'Patient',
    new URLSearchParams({ identifier: tokens.join(','), _count: '2' }),
    { lenient: false },
  );
  return matches.length === 1 ? matches[0]?.id : undefined;
}

/** The person of the launch in this registry; created from the EHR's Patient when it is new here. */
export async function launchedPatient(
  sources: Sources,
  principal: StaffPrincipal,
  launch: LaunchContext,
): Promise<string> {
  const { repository } = sources;
  const [result] = await repository.commit(callerOf(sources, principal, 'launch'), [
    naming(launchedPerson(launch)),
  ]);
  if (result === undefined) {
    throw new Error('Matching a person gave no result');
  }
  return result.id;
}

/** The EHR's Patient without what is the EHR's own. */
export function launchedPerson(launch: LaunchContext): JsonObject {
  const {
    id: _id,
    meta: _meta,
    text: _text,
    managingOrganization: _unit,
    generalPractitioner: _gp,
    ...person
  } = launch.patient as Patient;
  return person as unknown as JsonObject;
}

/** Whoever has the numbers is the person; a new one when nobody has. */
export const naming = (person: JsonObject): Operation => ({
  kind: 'create',
  type: 'Patient',
  resource: person,
  matchPerson: true,
});

export async function launchModel(
  sources: Sources,
  principal: StaffPrincipal,
  launch: LaunchContext,
): Promise<LaunchModel> {
  const caller = callerOf(sources, principal, 'launch');
  const id = principal.patient ?? principal.carries?.patient;
  const pathways =
    id === undefined ? [] : await loadPathways(sources, caller, pathwaysOf(principal.register, id));
  const mayBegin = startable(sources, principal.register).filter((schedule) => mayOpen(schedule, pathways));
  const taken = new Set(mayBegin.map(({ module }) => module));
  return {
    patient: patientHead({ ...(launch.patient as Patient), id: id ?? '' }),
    ehr: launch.ehr.name[langOf(sources)],
    missing: missingTypes(launch),
    ...(launch.task !== undefined && { asked: askedForm(launch.task, pathways) }),
    pathways: await Promise.all(pathways.map((pathway) => toPathway(sources, pathway))),
    mayCreate: mayBegin.length > 0,
    modules: modulesToStart(sources, principal.register).filter(({ id }) => taken.has(id)),
  };
}

const missingTypes = ({ missing }: LaunchContext): readonly string[] => [
  ...new Set(missing.map(({ query }) => query.split(/[?/]/, 1)[0] ?? '')),
];

/** The waiting form of the EHR's Task, if it is one of this person's that can be filled now. */
function askedForm(task: string, pathways: readonly PathwayData[]): NonNullable<LaunchModel['asked']> {
  const found = pathways.flatMap(({ tasks }) => tasks).find(({ id }) => id === task);
  const isThere =
    found !== undefined &&
    questionnaireOf(found as unknown as JsonObject) !== undefined &&
    ['ready', 'in-progress', 'completed'].includes(found.status);
  return isThere ? { task } : 'gone';
}

/** One is under way at a time, unless each referral has its own. */
const mayOpen = (schedule: Schedule, pathways: readonly PathwayData[]): boolean =>
  schedule.opensFor === 'referral' ||
  pathways.every(({ episode, schedule: own }) => own?.id !== schedule.id || episode.status !== 'active');

/** Another module's pathway of the same day is not this one. */
function typeQuery({ pathwayType }: Schedule): string {
  const [type] = (pathwayType ?? []).flatMap(({ coding }) => coding ?? []);
  return type?.code === undefined
    ? ''
    : `&type=${encodeURIComponent(`${escaped(type.system ?? '')}|${escaped(type.code)}`)}`;
}

const DAY_MS = 24 * 3600 * 1000;

export interface NewPathway {
  /** Patient id. */
  readonly id: string;
  /** What names the person: who has no pathway here yet is not seen here, also when another register has the person. */
  readonly named?: JsonObject | undefined;
  /** Of a register with several. */
  readonly module: string | undefined;
}

/**
 * Open a pathway for a person in the principal's department; answers the Task of its first form. Throws 422 when the register has
 * several modules, and none of them was chosen.
 */
export async function startPathway(
  sources: Sources,
  principal: StaffPrincipal,
  { id: patientId, named, module }: NewPathway,
): Promise<string> {
  const caller = callerOf(sources, principal, 'start-pathway');
  requireStartable(sources, principal.register);
  const schedules = startable(sources, principal.register);
  const schedule = schedules.length > 1 ? schedules.find((one) => one.module === module) : schedules[0];
  if (schedule === undefined && schedules.length > 1) {
    throw new FhirError(422, error('required', 'Velg hvilken modul forløpet gjelder.', undefined, 'module'));
  }
  const [unit] = principal.units;
  if (schedule === undefined || unit === undefined) {
    throw new FhirError(403, error('forbidden', 'Denne rollen kan ikke opprette forløp.', undefined, 'role'));
  }
  const now = sources.repository.deps.clock.now();
  const yesterday = dayInOslo(new Date(now.getTime() - DAY_MS));
  const results = await sources.repository.commit(caller, [
    ...(named === undefined ? [] : [naming(named)]),
    {
      kind: 'create',
      type: 'EpisodeOfCare',
      // whoever presses on the same day, at the same moment or twice, comes to the same pathway
      ifNoneExist: `patient=Patient/${patientId}&organization=Organization/${unit}&status=active&date=sa${yesterday}${typeQuery(schedule)}`,
      resource: {
        resourceType: 'EpisodeOfCare',
        status: 'active',
        type: (schedule.pathwayType ?? []) as unknown as JsonObject[],
        patient: { reference: `Patient/${patientId}` },
        managingOrganization: { reference: `Organization/${unit}` },
        period: { start: now.toISOString() },
      },
    },
  ]);
  const tasks = await sources.repository.select(caller, {
    text: `r.episode = $1 and r.type = $2 and r.status in ('ready', 'in-progress')`,
    values: [results.at(-1)?.id ?? '', typeCode('Task') ?? 0],
  });
  const open = tasks.map(({ content }) => parseJson(content) as unknown as Task);
  const [first] = inOrder(sources, open).flatMap(({ id }) => id ?? []);
  if (first === undefined) {
    throw new FhirError(
      422,
      error('business-rule', 'Forløpet har ingen åpne skjemaer.', undefined, 'no-open-form'),
    );
  }
  return first;
}
