/**
 * The `regex` filter of value sets: https://hl7.org/fhir/R4/valueset-filter-operator.html
 * A pattern comes from senders, so it is held to forms that cannot run away: no group that is repeated, no look-around,
 * no back reference, at most three open repetitions.
 */
import { error, unprocessable } from '../fhir/outcome.ts';

const MAX_LENGTH = 200;

/** The pattern, matching the whole text. Throws 422 for a pattern that is none, or that is not taken. */
export function boundedRegExp(pattern: string): RegExp {
  const fault = faultOf(pattern);
  if (fault !== undefined) {
    throw unprocessable(
      error('not-supported', `The regular expression of a filter ${fault}.`, undefined, 'filter-regex'),
    );
  }
  return new RegExp(`^(?:${pattern})$`, 'u');
}

/** What is wrong with a pattern, as the end of a sentence; undefined when it is taken. */
export function faultOf(pattern: string): string | undefined {
  if (pattern.length > MAX_LENGTH) {
    return `is longer than ${MAX_LENGTH} characters`;
  }
  const bare = pattern.replace(/\\[^0-9kpPbBux]/g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\\/.test(bare) || bare.includes('(?')) {
    return 'uses a back reference, look-around or class that is not supported';
  }
  if (/\)[*+{]/.test(bare)) {
    return 'repeats a group, which is not supported';
  }
  if ((bare.match(/[*+]|\{\d+,\d*\}/g) ?? []).length > 3) {
    return 'has more than three open repetitions';
  }
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'cannot be read';
  }
  return undefined;
}
