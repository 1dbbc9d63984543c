/**
 * How a register's plan says that a form is sent to patients: from when, at what time of day, after which other form, when it is
 * reminded of and when it is locked. https://hl7.org/fhir/R4/plandefinition.html
 */
import type { CodeableConcept, Duration, PlanDefinitionAction } from '../../fhir/types.ts';

/** Codes of nested actions. */
const STEP = 'https://ryggrad.no/fhir/CodeSystem/schedule-step';

/** A length of time: calendar days by the clock on the wall, and an exact part. */
export interface Delay {
  readonly days: number;
  readonly milliseconds: number;
}

/** What happens some time after a form was sent. */
export interface SendingStep {
  readonly code: 'remind' | 'lock';
  readonly after: Delay;
  /** Of a lock: what is put into Task.statusReason. */
  readonly reason: CodeableConcept | undefined;
}

export interface Sending {
  /** FHIRPath as in the form's other conditions; all must be true for the form to be sent. */
  readonly conditions: readonly string[];
  /** In Norway, `16:30:00`; undefined: sent by hand alone. */
  readonly timeOfDay: string | undefined;
  /** Action id of the form that it goes out together with, this much later. */
  readonly after: { readonly form: string; readonly delay: Delay } | undefined;
  /** FHIRPath of the first day on which it may be sent. */
  readonly opens: string | undefined;
  /** FHIRPath of the last day on which its paper can be typed. */
  readonly closes: string | undefined;
  readonly steps: readonly SendingStep[];
}

const OPENS = 'restriction.period.start';
const CLOSES = 'restriction.period.end';

export function readSending(action: PlanDefinitionAction): Sending {
  const related = action.relatedAction?.find(({ offsetDuration }) => offsetDuration !== undefined);
  const valueOf = (path: string): string | undefined =>
    action.dynamicValue?.find((value) => value.path === path)?.expression?.expression;
  return {
    conditions: (action.condition ?? []).flatMap(({ kind, expression }) =>
      kind === 'start' && expression?.expression !== undefined ? [expression.expression] : [],
    ),
    timeOfDay: action.timingTiming?.repeat?.timeOfDay?.[0],
    after:
      related === undefined
        ? undefined
        : { form: related.actionId, delay: delayOf(related.offsetDuration ?? {}) },
    opens: valueOf(OPENS),
    closes: valueOf(CLOSES),
    steps: (action.action ?? []).flatMap(stepOf),
  };
}

function stepOf(action: PlanDefinitionAction): readonly SendingStep[] {
  const code = stepCode(action);
  return (code === 'remind' || code === 'lock') && action.timingDuration !== undefined
    ? [{ code, after: delayOf(action.timingDuration), reason: action.reason?.[0] }]
    : [];
}

const stepCode = ({ code = [] }: PlanDefinitionAction): string | undefined =>
  code.flatMap(({ coding = [] }) => coding).find(({ system }) => system === STEP)?.code;

/** Does the form's action have a step with this code? */
export const hasStep = ({ action = [] }: PlanDefinitionAction, code: string): boolean =>
  action.some((step) => stepCode(step) === code);

/** Value sets that top-level actions with the codes `stop` and `close` want Task.statusReason from. */
export function reasonsOf(actions: readonly PlanDefinitionAction[]): {
  readonly stop?: string;
  readonly close?: string;
} {
  const valueSets = (wanted: string) =>
    actions
      .filter((action) => stepCode(action) === wanted)
      .flatMap(({ input }) => input ?? [])
      .flatMap(({ codeFilter }) => codeFilter ?? [])
      .flatMap(({ path, valueSet }) => (path === 'statusReason' && valueSet !== undefined ? [valueSet] : []));
  const [stop] = valueSets('stop');
  const [close] = valueSets('close');
  return { ...(stop !== undefined && { stop }), ...(close !== undefined && { close }) };
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000 };
const DAYS: Readonly<Record<string, number>> = { d: 1, wk: 7 };

/** A duration in seconds, minutes, hours, days or weeks; of another unit nothing is known, and it is none. */
function delayOf({ value = 0, code, unit = '' }: Duration): Delay {
  const name = code ?? unit;
  return { days: value * (DAYS[name] ?? 0), milliseconds: value * (MILLISECONDS[name] ?? 0) };
}
