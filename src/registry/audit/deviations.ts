/**
 * Marks on events that are worth a second look (AU-05). A mark is a reason to ask, never a finding.
 */
import type { BusyHour, ReviewedEvent } from '../../storage/audit-review.ts';

const DEVIATIONS = ['other-unit', 'night', 'many', 'colleague', 'refused'] as const;
export type Deviation = (typeof DEVIATIONS)[number];

/** Opened persons within an hour that are more than a day's work explains. */
export const MANY_PATIENTS = 20;

const NIGHT_FROM = 22;
const NIGHT_UNTIL = 6;

export interface DeviationContext {
  /** Is the one unit a part of the other, either way, or the same? */
  readonly isRelated: (unit: string, other: string) => boolean;
  readonly busy: readonly BusyHour[];
  /** Patients who work in the departments themselves. */
  readonly colleagues: ReadonlySet<string>;
}

const hourInOslo = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hour: '2-digit',
  hourCycle: 'h23',
});

/** The marks of an event. */
export function deviationsOf(event: ReviewedEvent, context: DeviationContext): readonly Deviation[] {
  return DEVIATIONS.filter((deviation) => RULES[deviation](event, context));
}

/** Pages that show whoever is in the department: a colleague there is no deviation. */
const LISTS: ReadonlySet<string> = new Set(['work-list', 'delivered-list', 'delivered-file']);

const RULES: Readonly<Record<Deviation, (event: ReviewedEvent, context: DeviationContext) => boolean>> = {
  'other-unit': ({ unit, about }, { isRelated }) =>
    unit !== null && about.length > 0 && !about.some((owner) => isRelated(unit, owner)),
  night: ({ recorded }) => {
    const hour = Number(hourInOslo.format(new Date(recorded)));
    return hour >= NIGHT_FROM || hour < NIGHT_UNTIL;
  },
  many: ({ agent, recorded, patients }, { busy }) =>
    patients.length === 1 &&
    busy.some((one) => one.agent === agent && one.hour.slice(0, 13) === recorded.slice(0, 13)),
  colleague: ({ patients, kind }, { colleagues }) =>
    !LISTS.has(kind) && patients.some((patient) => colleagues.has(patient)),
  refused: ({ outcome }) => outcome === 403 || outcome === 404,
};
