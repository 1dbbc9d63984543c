/**
 * What falls due with the forms that are sent to patients: every minute the server looks at what is due, and advances each form in
 * a transaction of its own. Safe on several servers at once: who takes a timer has it until the end of the transaction, and the
 * Task is only changed from the version that was looked at.
 */
import { FhirError } from '../../fhir/outcome.ts';
import type { Queryable } from '../../storage/db.ts';
import { nextStep } from './next-step.ts';
import { readForms, type SendingDeps, systemCaller } from './pathway.ts';
import type { PatientForm } from './form-facts.ts';
import { type Statement, stating } from './statements.ts';
import { dropTimersSql, dueSql, keepTimersSql, putOffSql, takeSql } from './timers.ts';

export interface AdvanceDeps extends SendingDeps {
  /** Sees the timers. */
  readonly db: Queryable;
  readonly onFailure: (cause: unknown, task: string) => void;
}

interface Due {
  readonly task: string;
  readonly episode: string;
  readonly register: string;
  readonly step: string;
  readonly due_at: string;
}

/** Most forms of one round; the next minute goes on with the rest. */
const MOST = 500;
const PAUSE_MS = 10 * 60_000;

/** Do what is due; answers how many forms something was done with. */
export async function advanceForms(deps: AdvanceDeps): Promise<number> {
  const { repository, db, onFailure } = deps;
  const due = await db.query<Due>(dueSql(repository.deps.clock.now(), MOST));
  let count = 0;
  for (const timer of due) {
    try {
      count += (await advance(deps, timer)) ? 1 : 0;
    } catch (cause) {
      onFailure(cause, timer.task);
      const until = new Date(repository.deps.clock.now().getTime() + PAUSE_MS);
      await db.query(putOffSql(timer.task, until));
    }
  }
  return count;
}

/** Somebody else is at it, or has been. */
class Taken extends Error {
  override readonly name = 'Taken';
}

async function advance(deps: AdvanceDeps, timer: Due): Promise<boolean> {
  const now = deps.repository.deps.clock.now();
  const caller = systemCaller(deps, 'send-forms');
  const pathway = await readForms(deps, caller, timer.episode, now);
  const form = pathway?.forms.find(({ task }) => task.id === timer.task);
  if (form === undefined) {
    await deps.db.query(dropTimersSql([timer.task]));
    return false;
  }
  const statement = dueStatement(form, timer, now);
  if (statement === undefined) {
    await keepTimer(deps, form, timer, now);
    return false;
  }
  try {
    await deps.repository.commit(
      caller,
      [
        {
          kind: 'update',
          type: 'Task',
          id: timer.task,
          resource: stating(form.task.resource, statement),
          ifMatch: String(form.task.row?.versionId),
        },
      ],
      {
        async first(tx) {
          if ((await tx.query(takeSql(timer.task, now))).length === 0) {
            throw new Taken();
          }
        },
      },
    );
    return true;
  } catch (cause) {
    if (cause instanceof Taken || (cause instanceof FhirError && cause.status === 412)) {
      return false;
    }
    throw cause;
  }
}

/** What to state on the Task now; undefined when nothing is due after all. */
function dueStatement(form: PatientForm, timer: Due, now: Date): Statement | undefined {
  const next = nextStep(form.form.sending, form.facts, new Date(timer.due_at));
  if (next === undefined || next.notBefore > now) {
    return undefined;
  }
  const isSame = next.step === timer.step || (timer.step === 'check' && next.step === 'send');
  if (!isSame || (next.step !== 'send' && next.at > now)) {
    return undefined;
  }
  switch (next.step) {
    case 'send':
      return { kind: 'order', method: 'secure' };
    case 'remind':
      return { kind: 'remind' };
    case 'lock':
      return { kind: 'close', reason: lockReason(form) };
    case 'check':
      return undefined;
  }
}

/** Unanswered after it was sent: the plan's reason. The paper's days are over: one in words. */
function lockReason({ form, facts }: PatientForm) {
  const reason = form.sending.steps.find(({ code }) => code === 'lock')?.reason;
  return facts.sending?.delivered !== undefined && reason !== undefined
    ? reason
    : { text: 'Ikke besvart innen fristen' };
}

/** The timer as it should be: what was due has passed by. */
async function keepTimer(deps: AdvanceDeps, form: PatientForm, timer: Due, now: Date): Promise<void> {
  const next = nextStep(form.form.sending, form.facts, now);
  const patient = String((form.task.resource['for'] as { reference?: string } | undefined)?.reference ?? '');
  const { task, episode, register } = timer;
  await deps.db.query(
    next === undefined
      ? dropTimersSql([task])
      : keepTimersSql([{ ...next, task, episode, register, patient: patient.replace(/^Patient\//, '') }]),
  );
}
