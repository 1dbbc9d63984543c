/**
 * Pseudonymised reading of stored text (BK-10). Most of what is exported says nothing of who anybody is; that can be seen in
 * the text, at a tenth of the cost of taking the resource apart and putting it together again.
 */
import { hasMark } from '../fhir/direct-identifiers.ts';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import { isOfPerson, pseudonymise } from './redact.ts';

/** As `pseudonymise`, from a resource as it is stored (written by `stringifyJson`) to one as it leaves. */
export function pseudonymiseText(text: string): string {
  return tellsOfNobody(text) ? text : stringifyJson(pseudonymise(parseJson(text) as JsonObject));
}

/** Anything that redaction looks for. Where one of these stands, the resource is taken apart. */
const SUSPECT = new RegExp(
  [
    '\\\\[u/]', // a character written otherwise than stringifyJson does
    '"text":\\{', // a narrative
    '"contained":',
    '"identifier":',
    '"authorString":',
    'urn:ryggrad:user:',
    '2\\.16\\.578\\.1\\.12\\.4\\.1\\.4\\.',
    'hl7\\.no/fhir/NamingSystem/',
    '/NamingSystem/annet-id/',
    '"HNR"',
    '/direct-identifier"', // the mark of an answer that says who somebody is
    ':(?:\\{\\}|\\[\\])', // something empty
  ].join('|'),
);
const TYPE = /^\{"resourceType":"([A-Za-z]+)"/;
const DISPLAY = '"display":';

/** Whether redaction would surely leave the text as it is; false when in doubt. */
export function tellsOfNobody(text: string): boolean {
  const type = TYPE.exec(text)?.[1];
  return (
    type !== undefined &&
    !isOfPerson(type) &&
    !text.includes('"resourceType":', 1 + '"resourceType"'.length) &&
    !hasMark(text) &&
    !SUSPECT.test(text) &&
    displaysAreOfCodes(text)
  );
}

/**
 * A display belongs to a code when its object, as far as it has no inner ones, has a code or a system. A brace inside a
 * string makes the piece shorter, never longer, and a quotation mark inside a string is written `\"`.
 */
function displaysAreOfCodes(text: string): boolean {
  for (let at = text.indexOf(DISPLAY); at !== -1; at = text.indexOf(DISPLAY, at + 1)) {
    const start = Math.max(text.lastIndexOf('{', at), text.lastIndexOf('}', at));
    const piece = text.slice(start, endOfPiece(text, at));
    if (!piece.includes('"code":"') && !piece.includes('"system":"')) {
      return false;
    }
  }
  return true;
}

function endOfPiece(text: string, at: number): number {
  const opening = text.indexOf('{', at);
  const closing = text.indexOf('}', at);
  return opening === -1 ? closing : Math.min(opening, closing);
}
