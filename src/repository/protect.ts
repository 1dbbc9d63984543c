/**
 * Direct identifiers leave a version before it is stored (ID-01): references stand in their place in the text, in the index
 * and in unique keys. Who sends such a reference is refused, so that nobody reads another person's number by it.
 */
import {
  directValuesIn,
  hasMark,
  isNationalNumber,
  markOf,
  mayHaveMark,
  mayHoldDirect,
  replaceDirect,
} from '../fhir/direct-identifiers.ts';
import { stringifyJson } from '../fhir/json.ts';
import { error, unprocessable } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Row, StoreSession, StoreTransaction } from '../storage/store.ts';

/** A version: the resource, and its text. */
export interface Version {
  readonly resource: JsonObject;
  readonly content: string;
}

/** The versions as they are stored: one look-up for all of them. Those without direct identifiers are the same objects. */
export async function protect(
  versions: readonly (Version | undefined)[],
  tx: Pick<StoreTransaction, 'keepDirect'>,
): Promise<readonly (Version | undefined)[]> {
  const values = [
    ...new Set(
      versions.flatMap((version) =>
        version !== undefined && mayHoldDirect(version.content) ? directValuesIn(version.resource) : [],
      ),
    ),
  ];
  if (values.length === 0) {
    return versions;
  }
  const refs = await tx.keepDirect(values);
  return versions.map((version) => version && replaceIn(version, refs));
}

function replaceIn(version: Version, refs: ReadonlyMap<string, string>): Version {
  if (!mayHoldDirect(version.content)) {
    return version;
  }
  const resource = replaceDirect(version.resource, (value, separator) =>
    markOf(refs.get(value) as string, separator),
  );
  return resource === version.resource ? version : { resource, content: stringifyJson(resource) };
}

/** Persons that are looked for by their numbers: resources with references in place of those that are known. */
export async function withKnownRefs(
  resources: readonly JsonObject[],
  tx: Pick<StoreSession, 'findDirect'>,
): Promise<readonly JsonObject[]> {
  const values = [...new Set(resources.flatMap(directValuesIn))];
  if (values.length === 0) {
    return resources;
  }
  const refs = await tx.findDirect(values);
  return resources.map((resource) =>
    replaceDirect(resource, (value, separator) => markOf(refs.get(value) ?? '', separator)),
  );
}

/** Rows with their identifiers in place, to be compared with what is sent. */
export async function revealRows(
  rows: readonly Row[],
  session: { reveal(contents: readonly string[]): Promise<readonly string[]> },
): Promise<readonly Row[]> {
  if (!rows.some(({ content }) => content !== null && mayHaveMark(content))) {
    return rows;
  }
  const contents = await session.reveal(rows.map(({ content }) => content ?? ''));
  return rows.map((row, at) => (row.content === null ? row : { ...row, content: contents[at] as string }));
}

/** Throws 422 for a text that only the server writes. */
export function refuseMarks(resource: JsonObject, at: string): void {
  if (holdsMark(resource)) {
    throw unprocessable(
      error(
        'business-rule',
        'A text in this resource has the form ~i…~, which stands for an identifier inside the server. Write it otherwise.',
        at,
        'reserved-text',
      ),
    );
  }
}

function holdsMark(value: JsonValue): boolean {
  if (typeof value === 'string') {
    return hasMark(value);
  }
  if (value === null || typeof value !== 'object') {
    return false;
  }
  for (const member of Object.values(value)) {
    if (holdsMark(member as JsonValue)) {
      return true;
    }
  }
  return false;
}

/** Ids stand in addresses and logs: a national identity number is none. Throws 422. */
export function refuseNumberAsId(id: string, at: string): void {
  if (/^\d{11}$/.test(id) && isNationalNumber(id)) {
    throw unprocessable(
      error(
        'business-rule',
        'This id has the form of a national identity number. Ids stand in addresses and logs: choose another one.',
        at,
        'id-national-number',
      ),
    );
  }
}
