/**
 * Where a page ended: sort values and row number of its last resource, as an opaque text for the next link.
 * Paging goes on after that position (never by counting rows), so writes in between neither double nor skip resources.
 */
import { FhirError, error } from '../fhir/outcome.ts';

export interface Position {
  /** Texts of the sort values as PostgreSQL prints them; null where a resource has none. */
  readonly keys: readonly (string | null)[];
  readonly rid: string;
}

/** `order` is the order's signature: a cursor goes on only in the order that it was made in. */
export const writeCursor = (order: string, { keys, rid }: Position): string =>
  Buffer.from(JSON.stringify([order, rid, ...keys])).toString('base64url');

/** Throws 400 when the text is no cursor of a search in this order. */
export function readCursor(order: string, cursor: string, patterns: readonly RegExp[]): Position {
  const parts = parseParts(cursor);
  const [signature, rid, ...keys] = parts;
  const isValid =
    signature === order &&
    typeof rid === 'string' &&
    /^\d{1,18}$/.test(rid) &&
    keys.length === patterns.length &&
    keys.every((key, index) => key === null || (patterns[index] as RegExp).test(key));
  if (!isValid) {
    throw new FhirError(
      400,
      error(
        'invalid',
        'The _cursor is not one of this search: follow the next link as it was given.',
        undefined,
        'cursor',
      ),
    );
  }
  return { keys, rid };
}

function parseParts(cursor: string): readonly (string | null)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) && parts.every((part) => part === null || typeof part === 'string')
      ? (parts as (string | null)[])
      : [];
  } catch {
    return [];
  }
}
