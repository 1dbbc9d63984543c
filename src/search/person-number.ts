/**
 * National identity numbers in a query string: they would end up in logs and browser histories (ASVS 14.2.1), so the
 * REST layer refuses them in a GET and asks for POST _search.
 */
import type { SearchParams } from './parse.ts';

/** Eleven digits standing alone, also as `ddmmyy nnnnn`. */
const ELEVEN_DIGITS = /(?<![0-9A-Za-z])\d{6}[ -]?\d{5}(?![0-9A-Za-z])/;
/** Fødselsnummer, D-number and common help number with a value behind the bar. */
const PERSON_SYSTEM = /urn:oid:2\.16\.578\.1\.12\.4\.1\.4\.[123]\|[^,\s]/;

/** True when a name or value holds something that looks like a national identity number. */
export function hasPersonNumber(params: SearchParams): boolean {
  return [...params].flat().some((text) => ELEVEN_DIGITS.test(text) || PERSON_SYSTEM.test(text));
}
