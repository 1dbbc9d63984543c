/**
 * Data that set something going: the triggers of a plan's actions (type data-added) as the engine reads them, and whether a
 * resource is one of those they wait for. https://hl7.org/fhir/R4/metadatatypes.html#TriggerDefinition
 */
import { dateRange } from '../../fhir/date.ts';
import type { Coding, DataRequirement, JsonObject, PlanDefinitionAction } from '../../fhir/types.ts';

/** A type of resource with what its elements must hold: of each filter one code. */
export interface DataTrigger {
  readonly type: string;
  readonly filters: readonly { readonly path: string; readonly codes: readonly Coding[] }[];
}

/** Codes of a value set; undefined when it cannot be listed. */
export type CodesOf = (valueSet: string) => readonly Coding[] | undefined;

/** What sets the action going; a filter whose value set cannot be listed lets nothing through. */
export function triggersOf({ trigger = [] }: PlanDefinitionAction, codesOf: CodesOf): readonly DataTrigger[] {
  return trigger.flatMap(({ data = [] }) => data).map((data) => toTrigger(data, codesOf));
}

const toTrigger = ({ type, codeFilter = [] }: DataRequirement, codesOf: CodesOf): DataTrigger => ({
  type: type ?? '',
  filters: codeFilter
    .filter(({ code, valueSet }) => code !== undefined || valueSet !== undefined)
    .map(({ path = 'code', code = [], valueSet }) => ({
      path,
      codes: [...code, ...(valueSet === undefined ? [] : codesIn(valueSet, codesOf))],
    })),
});

const codesIn = (valueSet: string, codesOf: CodesOf): readonly Coding[] =>
  (codesOf(valueSet) ?? []).map(({ system, code }) => ({
    ...(system !== undefined && { system }),
    ...(code !== undefined && { code }),
  }));

/** Does the resource hold, and is it what one of the triggers waits for? */
export const isFired = (triggers: readonly DataTrigger[], resource: JsonObject): boolean =>
  holds(resource) && triggers.some((trigger) => fits(trigger, resource));

function fits({ type, filters }: DataTrigger, resource: JsonObject): boolean {
  return (
    resource['resourceType'] === type &&
    filters.every(({ path, codes }) => {
      const found = codingsAt(resource, path.split('.'));
      return codes.some((wanted) => found.some((one) => isSame(one, wanted)));
    })
  );
}

/** A code of an element that has no system, such as a status, is compared by itself. */
const isSame = (one: Coding, wanted: Coding): boolean =>
  one.code === wanted.code && (one.system === undefined || one.system === wanted.system);

/** The codes at a path of element names: of a code, a Coding or a CodeableConcept, also in lists. */
function codingsAt(value: unknown, path: readonly string[]): readonly Coding[] {
  if (Array.isArray(value)) {
    return value.flatMap((one) => codingsAt(one, path));
  }
  const [name, ...below] = path;
  if (name !== undefined) {
    return isObject(value) ? codingsAt(value[name], below) : [];
  }
  if (typeof value === 'string') {
    return [{ code: value }];
  }
  if (!isObject(value)) {
    return [];
  }
  return Array.isArray(value['coding']) ? (value['coding'] as readonly Coding[]) : [value as Coding];
}

const isObject = (value: unknown): value is JsonObject => value !== null && typeof value === 'object';

/** Status by which a resource tells of something that is so; of other types, anything that is not taken back or only meant. */
const HOLDING: Readonly<Record<string, ReadonlySet<unknown>>> = {
  ServiceRequest: new Set(['active']),
  Procedure: new Set(['completed']),
  Encounter: new Set(['arrived', 'triaged', 'in-progress', 'onleave', 'finished']),
  Observation: new Set(['final', 'amended', 'corrected']),
  DiagnosticReport: new Set(['final', 'amended', 'corrected', 'appended']),
};

const NOT_HOLDING: ReadonlySet<unknown> = new Set([
  'entered-in-error',
  'cancelled',
  'not-done',
  'not-taken',
  'noshow',
  'revoked',
  'draft',
  'intended',
  'planned',
  'proposed',
  'preparation',
]);

/** Nobody is registered for what is only suspected. */
const NOT_VERIFIED: ReadonlySet<unknown> = new Set([
  'entered-in-error',
  'refuted',
  'unconfirmed',
  'provisional',
  'differential',
]);

/** Is it so, what the resource tells? Not what is planned, suspected, taken back or marked as an error. */
export function holds(resource: JsonObject): boolean {
  const { resourceType, status, verificationStatus } = resource;
  const verified = codingsAt(verificationStatus, []).map(({ code }) => code);
  return (
    (HOLDING[String(resourceType)]?.has(status) ?? !NOT_HOLDING.has(status)) &&
    !verified.some((code) => NOT_VERIFIED.has(code))
  );
}

/** Elements that say when it was, the clinically nearest first. */
const STARTS = [
  'performedDateTime',
  'performedPeriod',
  'effectiveDateTime',
  'effectiveInstant',
  'effectivePeriod',
  'onsetDateTime',
  'onsetPeriod',
  'period',
  'occurrenceDateTime',
  'recordedDate',
  'authoredOn',
  'dateAsserted',
  'date',
  'issued',
];

/** A referral waits from the day on which it was written, whenever it is meant to be answered. */
const OWN_STARTS: Readonly<Record<string, readonly string[]>> = { ServiceRequest: ['authoredOn'] };

/** When what the resource tells of began, to the day at least; undefined when it does not say. */
export function startOf(resource: JsonObject): string | undefined {
  const names = OWN_STARTS[String(resource['resourceType'])] ?? STARTS;
  const start = names
    .map((name) => resource[name])
    .map((value) => (isObject(value) ? value['start'] : value))
    .find((value): value is string => typeof value === 'string' && dateRange(value) !== undefined);
  return start === undefined || start.length >= 10 ? start : `${start}-01-01`.slice(0, 10);
}

/** When it was over; undefined while it goes on, as a treatment does, and where nothing says when it was. */
export function lastOf(resource: JsonObject): string | undefined {
  const period = STARTS.map((name) => resource[name]).find(isObject);
  return period === undefined ? startOf(resource) : (period['end'] as string | undefined);
}
