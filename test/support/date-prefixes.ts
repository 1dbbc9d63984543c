/**
 * What a prefix of a date search asks, as the specification words it: the oracle of the SQL that is sent.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { compareInstants } from '../../src/fhir/date.ts';
import type { InstantRange, Prefix } from '../../src/fhir/date.ts';

/**
 * Does a value with the range `target` satisfy `prefix` and a search value with the range `search`?
 * `ge` and `le` also hold when the ranges only overlap: a stay that ends on the day asked for is "on or after" that day.
 */
export function matchesDate(prefix: Prefix, search: InstantRange, target: InstantRange): boolean {
  return DATE_TESTS[prefix](search, target);
}

const isContained = (search: InstantRange, target: InstantRange): boolean =>
  compareInstants(search.lo, target.lo) <= 0 && compareInstants(target.hi, search.hi) <= 0;
const overlaps = (search: InstantRange, target: InstantRange): boolean =>
  compareInstants(search.lo, target.hi) < 0 && compareInstants(target.lo, search.hi) < 0;

const DATE_TESTS = {
  eq: isContained,
  ne: (search, target) => !isContained(search, target),
  gt: (search, target) => compareInstants(target.hi, search.hi) > 0,
  lt: (search, target) => compareInstants(target.lo, search.lo) < 0,
  ge: (search, target) => compareInstants(target.hi, search.lo) > 0,
  le: (search, target) => compareInstants(target.lo, search.hi) < 0,
  sa: (search, target) => compareInstants(target.lo, search.hi) >= 0,
  eb: (search, target) => compareInstants(target.hi, search.lo) <= 0,
  ap: overlaps,
} as const satisfies Record<Prefix, (search: InstantRange, target: InstantRange) => boolean>;
