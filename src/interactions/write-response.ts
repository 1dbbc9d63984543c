/**
 * The answer to a create or update: https://hl7.org/fhir/R4/http.html#create, #update
 */
import { STATUS_CODES } from 'node:http';
import { toOutcome, issue } from '../fhir/outcome.ts';
import type { OperationOutcome } from '../fhir/types.ts';
import type { Effect, Result } from '../repository/operation.ts';
import { type FhirResponse, type Preference, versionHeaders } from './exchange.ts';

const STATUS: Readonly<Record<Effect, number>> = {
  created: 201,
  updated: 200,
  unchanged: 200,
  matched: 200,
  deleted: 204,
  absent: 204,
};

export const statusOf = (effect: Effect): number => STATUS[effect];

/** `201 Created`, as `Bundle.entry.response.status` has it. */
export const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trim();

export function writeResponse(result: Result, preference: Preference, fhirBase: string): FhirResponse {
  const status = statusOf(result.effect);
  const headers = versionHeaders(result, fhirBase);
  if (preference === 'minimal' || result.content === undefined) {
    return { status, headers };
  }
  return { status, headers, body: preference === 'representation' ? result.content : resultOutcome(result) };
}

/** What `Prefer: return=OperationOutcome` is answered with. */
export const resultOutcome = ({ type, id, effect, isLate }: Result): OperationOutcome =>
  toOutcome([
    isLate === true
      ? issue(
          'warning',
          'informational',
          `${type}/${id} is newer here than in this message, and stays as it is. The message is kept.`,
          undefined,
          'late-message',
        )
      : issue('information', 'informational', `${type}/${id} was ${effect}.`),
  ]);
