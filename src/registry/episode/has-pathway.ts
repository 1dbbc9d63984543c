/**
 * Has the department a pathway of a kind for a person already? What arrives in another order than it happened, or twice, opens
 * nothing twice.
 */
import { ALWAYS, compareInstants, dateRange } from '../../fhir/date.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { WriteScope } from '../../repository/rules.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import { isOfType } from '../schedule/of-pathway.ts';
import { isLifelong, type Schedule } from '../schedule/plan.ts';
import { holds, startOf } from '../schedule/trigger.ts';

/** The resource whose arrival opened a pathway, where that was no referral. */
export const OPENED_BY = 'https://ryggrad.no/fhir/StructureDefinition/opened-by';

export interface Opening {
  readonly patient: string;
  readonly unit: string;
  readonly schedule: Schedule;
  /** What would open it. */
  readonly source: JsonObject;
  readonly start: string;
}

/**
 * Where data open one pathway for the person: is one under way, or did one begin with these data or after them? One that lasts for
 * life is there once. Where each referral or event opens its own: is there one of this very referral or event, or one that was
 * opened by hand while the data were on their way?
 */
export async function hasPathway(scope: WriteScope, opening: Opening): Promise<boolean> {
  const { patient, unit, schedule, start } = opening;
  const sources = schedule.opensFor === 'person' ? [] : schedule.openedBy.map(({ type }) => type);
  const all = await rowsOf(scope, patient, ['EpisodeOfCare', ...new Set(sources)]);
  const own = pathwaysIn(all, schedule).filter((row) => row.unit === unit);
  if (schedule.opensFor === 'person') {
    return own.some(
      ({ resource }) =>
        resource['status'] === 'active' || isLifelong(schedule) || !beganBefore(resource, start),
    );
  }
  const byName = new Map(all.map(({ type, id, resource }) => [`${type}/${id}`, { ...resource, id }]));
  return own.some(({ resource }) => {
    const names = sourcesOf(resource);
    return names.length === 0 // opened by hand
      ? resource['status'] === 'active' && !beganBefore(resource, start)
      : names.some((name) => isSame(byName.get(name), opening.source));
  });
}

/** Data that name no unit open none; of a person whom a department of the sender has, they need not. */
export async function isKnownToSender(
  scope: WriteScope,
  patient: string,
  schedule: Schedule,
): Promise<boolean> {
  const { principal } = scope;
  const units = 'units' in principal ? principal.units : [];
  const own = pathwaysIn(await rowsOf(scope, patient, ['EpisodeOfCare']), schedule);
  return schedule.opensFor === 'person' && own.some(({ unit }) => unit != null && units.includes(unit));
}

export interface Found {
  readonly type: string;
  readonly id: string;
  readonly unit: string | null | undefined;
  /** Whose it is; null for what was sent. */
  readonly register: string | null | undefined;
  readonly resource: JsonObject;
}

/** A person's resources of these types, as they will be after the write. */
export async function rowsOf(
  scope: WriteScope,
  patient: string,
  types: readonly string[],
): Promise<readonly Found[]> {
  const records = await scope.query<RowRecord>(rowsOfPatientSql(patient, types));
  const pending = scope.pending().filter(({ type, effect }) => types.includes(type) && effect !== 'matched');
  const added = pending.flatMap(({ type, id, effect, labels, resource }) =>
    effect === 'deleted' || resource === undefined || !isAbout(resource, patient)
      ? []
      : [{ type, id, unit: labels?.unit, register: labels?.register, resource }],
  );
  const touched = new Set(pending.map(({ type, id }) => `${type}/${id}`));
  const stored = records
    .map(toRow)
    .filter(({ type, id }) => !touched.has(`${type}/${id}`))
    .map(({ type, id, labels, content }) => ({
      type,
      id,
      unit: labels.unit,
      register: labels.register,
      resource: parseJson(content ?? '{}') as JsonObject,
    }));
  return [...stored, ...added];
}

const isAbout = ({ patient, subject }: JsonObject, id: string): boolean =>
  idOfReference((patient ?? subject) as Reference | undefined, 'Patient') === id;

/** A pathway that was opened by mistake is none. */
export const pathwaysIn = (rows: readonly Found[], schedule: Schedule): readonly Found[] =>
  rows.filter(
    ({ type, resource }) =>
      type === 'EpisodeOfCare' &&
      resource['status'] !== 'entered-in-error' &&
      isOfType(resource['type'], schedule),
  );

/** What opened a pathway: a referral, or other data. */
export function sourcesOf({ referralRequest, extension }: JsonObject): readonly string[] {
  const extensions = (extension ?? []) as readonly { url?: string; valueReference?: Reference }[];
  const opened = extensions
    .filter(({ url }) => url === OPENED_BY)
    .map(({ valueReference }) => valueReference);
  return [...((referralRequest ?? []) as readonly Reference[]), ...opened].flatMap(
    (one) => one?.reference ?? [],
  );
}

/**
 * One referral, sent twice: by its number where both have one, else by when it was written. One event, told of by several data,
 * such as an examination with its procedures: of one day. What is taken back tells of nothing.
 */
function isSame(one: JsonObject | undefined, other: JsonObject): boolean {
  if (one === undefined) {
    return false;
  }
  if (one['id'] === other['id']) {
    return true;
  }
  if (other['resourceType'] !== 'ServiceRequest') {
    return holds(one) && isOfEvent(one, other);
  }
  const [numbers, others] = [numbersOf(one), numbersOf(other)];
  if (numbers.length > 0 && others.length > 0) {
    return numbers.some((number) => others.includes(number));
  }
  const [written, again] = [dateRange(one['authoredOn'])?.lo, dateRange(other['authoredOn'])?.lo];
  return written !== undefined && again !== undefined && compareInstants(written, again) === 0;
}

const numbersOf = ({ identifier }: JsonObject): readonly string[] =>
  ((identifier ?? []) as readonly { readonly system?: string; readonly value?: string }[]).flatMap(
    ({ system = '', value }) => (value === undefined ? [] : [`${system}|${value}`]),
  );

/** Do two data tell of the same event: by a number that both have, or by the day in Norway? */
export function isOfEvent(one: JsonObject, other: JsonObject): boolean {
  const others = numbersOf(other);
  return numbersOf(one).some((number) => others.includes(number)) || isOfOneDay(one, other);
}

function isOfOneDay(one: JsonObject, other: JsonObject): boolean {
  const [day, again] = [dayOf(one), dayOf(other)];
  return day !== undefined && day === again;
}

function dayOf(resource: JsonObject): string | undefined {
  const start = startOf(resource);
  return start === undefined || start.length === 10 ? start : dayInOslo(new Date(start));
}

function beganBefore({ period }: JsonObject, instant: string): boolean {
  const start = dateRange((period as JsonObject | undefined)?.['start'])?.lo ?? ALWAYS.lo;
  return compareInstants(start, dateRange(instant)?.lo ?? ALWAYS.lo) < 0;
}
