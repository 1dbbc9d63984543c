/**
 * A waiting form as a Task that an EHR's work list can open us by (TK-01): the codes and inputs of
 * https://hl7.org/fhir/smart-app-launch/STU2.2/task-launch.html beside the register's own.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import type { PlannedForm, Schedule } from './plan.ts';
import { formOfTask } from './tasks.ts';

export const SMART_CODES = 'http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes';
const WAITING: ReadonlySet<unknown> = new Set(['ready', 'in-progress']);

/** `launchUrl`: where EHRs launch us; undefined: none does, and Tasks are as they are. */
export function launchTasks(schedules: readonly Schedule[], launchUrl: string | undefined): WriteRule {
  return {
    name: 'launch-tasks',
    apply(scope) {
      const waiting =
        launchUrl === undefined ? [] : scope.pending().filter((one) => isWaiting(schedules, one));
      for (const entry of waiting) {
        scope.replace(entry, { resource: launchable(entry.resource ?? {}, entry.id, launchUrl ?? '') });
      }
      return Promise.resolve([]);
    },
  };
}

function isWaiting(schedules: readonly Schedule[], { type, effect, resource }: Pending): boolean {
  return (
    type === 'Task' &&
    storesVersion(effect) &&
    resource !== undefined &&
    WAITING.has(resource['status']) &&
    isFilledByStaff(
      schedules
        .filter(({ canonical }) => canonical === resource['instantiatesCanonical'])
        .map((schedule) => formOfTask(schedule, resource))
        .find((form) => form !== undefined),
    )
  );
}

const isFilledByStaff = (form: PlannedForm | undefined): boolean =>
  form?.answeredBy === 'practitioner' && form.capture !== 'complete';

interface Coded {
  readonly type?: { readonly coding?: readonly { readonly system?: string }[] };
}

/** The Task with launch codes and inputs; the same whether it had them before or not. `appcontext` is the Task's id. */
export function launchable(task: JsonObject, id: string, launchUrl: string): JsonObject {
  const code = (task['code'] ?? {}) as JsonObject;
  const codings = ((code['coding'] ?? []) as readonly JsonObject[]).filter(
    ({ system }) => system !== SMART_CODES,
  );
  const inputs = ((task['input'] ?? []) as readonly (JsonObject & Coded)[]).filter(
    ({ type }) => type?.coding?.some(({ system }) => system === SMART_CODES) !== true,
  );
  return {
    ...task,
    code: { ...code, coding: [...codings, coding('launch-app-ehr'), coding('launch-app-standalone')] },
    input: [
      ...inputs,
      { type: { coding: [coding('smartonfhir-application')] }, valueUrl: launchUrl },
      { type: { coding: [coding('smartonfhir-appcontext')] }, valueString: id },
    ],
  };
}

const coding = (code: string): JsonObject => ({ system: SMART_CODES, code });
