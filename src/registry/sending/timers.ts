/** Table `patient_form_timer`: what is next with each form that patients answer. */
import type { Sql } from '../../storage/store.ts';
import type { NextStep } from './next-step.ts';

export interface Timer extends NextStep {
  readonly task: string;
  readonly episode: string;
  readonly patient: string;
  readonly register: string;
}

/**
 * Keep these. A form that waits to be sent keeps the evening that it had, unless it may not be sent by then: what is saved while
 * the evening's forms leave does not put off until tomorrow what was due today.
 */
export const keepTimersSql = (timers: readonly Timer[]): Sql => ({
  name: 'keep_patient_form_timers',
  text: `insert into patient_form_timer as t (task, episode, patient, register, step, not_before, due_at)
    select task, episode, patient, register, step, not_before, due_at
    from json_to_recordset($1) as k (task text, episode text, patient text, register text, step text,
      not_before timestamptz, due_at timestamptz)
    on conflict (task) do update
    set step = excluded.step,
      not_before = excluded.not_before,
      due_at = case
        when t.step = 'send' and excluded.step = 'send'
        then greatest(least(t.due_at, excluded.due_at), excluded.not_before)
        else excluded.due_at
      end`,
  values: [
    JSON.stringify(
      timers.map(({ task, episode, patient, register, step, at, notBefore }) => ({
        task,
        episode,
        patient,
        register,
        step,
        not_before: notBefore,
        due_at: at,
      })),
    ),
  ],
});

export const dropTimersSql = (tasks: readonly string[]): Sql => ({
  name: 'drop_patient_form_timers',
  text: 'delete from patient_form_timer where task = any($1)',
  values: [tasks],
});

/** The forms that something is to be done with now, those that have waited longest first. */
export const dueSql = (now: Date, most: number): Sql => ({
  text: `select task, episode, register, step, due_at
    from patient_form_timer
    where due_at <= $1
    order by due_at, task
    limit $2`,
  values: [now, most],
});

/** Take one of them, for as long as the transaction lasts; no row when another server has it, or it is not due any more. */
export const takeSql = (task: string, now: Date): Sql => ({
  text: 'select 1 from patient_form_timer where task = $1 and due_at <= $2 for update skip locked',
  values: [task, now],
});

/** Something has gone wrong with it: not again at once, so that others are not kept waiting. */
export const putOffSql = (task: string, until: Date): Sql => ({
  text: 'update patient_form_timer set due_at = $2 where task = $1',
  values: [task, until],
});
