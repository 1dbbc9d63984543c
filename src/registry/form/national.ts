/**
 * Local or national store: the register's own rule over the pathway, its consent and its forms (registers.md section 3).
 */
import type { AccessRules } from '../../content/register.ts';
import { ALWAYS, compareInstants, dateRange } from '../../fhir/date.ts';
import { compilePath } from '../../fhir/path.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { isLocked } from './lock.ts';
import type { PathwayState } from '../schedule/tasks.ts';

/** Do the pathway's locked forms belong to the national store? Anything but a clear yes is no. */
export function isNational(
  rules: AccessRules,
  { episode, patient, responses }: PathwayState,
  consents: readonly JsonObject[],
  day: string,
): boolean {
  const consent = newest(consents);
  const variables = {
    responses: responses.filter(({ status }) => isLocked(status)),
    consent: consent === undefined ? [] : [consent],
    mode: modeOn(rules, day),
    patient,
  };
  return compilePath(rules.national)(episode, variables)[0] === true;
}

/** Consent or reservation mode of the register on a day. */
export function modeOn({ basis }: AccessRules, day: string): 'consent' | 'reservation' | undefined {
  return basis
    .filter(({ from }) => from <= day)
    .toSorted((a, b) => a.from.localeCompare(b.from))
    .at(-1)?.mode;
}

/** The active one that was given last; of those of the same time, the last in the list. */
export function newest(consents: readonly JsonObject[]): JsonObject | undefined {
  return consents
    .filter(({ status }) => status === 'active')
    .toSorted((a, b) => compareInstants(givenAt(a), givenAt(b)))
    .at(-1);
}

const givenAt = ({ dateTime }: JsonObject): string => dateRange(dateTime)?.lo ?? ALWAYS.lo;
