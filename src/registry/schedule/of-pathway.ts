/**
 * Which schedule a pathway [forløp] follows: the one that its Tasks were made by, else the one of its type. A register may have
 * several, one for each module. https://hl7.org/fhir/R4/task-definitions.html#Task.instantiatesCanonical
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import type { Schedule } from './plan.ts';

/** The schedule of a pathway, in the version that is here. */
export function scheduleOf(
  schedules: readonly Schedule[],
  rows: readonly Pick<EpisodeRow, 'type' | 'resource'>[],
): Schedule | undefined {
  const urls = new Set(rows.filter(({ type }) => type === 'Task').map(({ resource }) => planOf(resource)));
  const episode = rows.find(({ type }) => type === 'EpisodeOfCare')?.resource;
  return (
    schedules.find(({ canonical }) => urls.has(parseCanonical(canonical).url)) ??
    scheduleOfType(schedules, episode?.['type'])
  );
}

const planOf = (task: JsonObject): string => parseCanonical(String(task['instantiatesCanonical'])).url;

type Codings = readonly { readonly system?: string; readonly code?: string }[];

/** The schedule of pathways of a type (EpisodeOfCare.type). */
export const scheduleOfType = (schedules: readonly Schedule[], types: unknown): Schedule | undefined =>
  schedules.find((schedule) => isOfType(types, schedule));

/** Is this the type of the schedule's pathways? */
export function isOfType(types: unknown, { pathwayType }: Pick<Schedule, 'pathwayType'>): boolean {
  const codings = ((types ?? []) as readonly { coding?: Codings }[]).flatMap(({ coding }) => coding ?? []);
  const wanted = (pathwayType ?? []).flatMap(({ coding }) => coding ?? []);
  return codings.some(({ system, code }) => wanted.some((w) => w.code === code && w.system === system));
}
