/**
 * Literal references: https://hl7.org/fhir/R4/references.html#literal
 */
import type { Reference } from './types.ts';

/** A literal reference to a resource on this server. */
export interface LocalReference {
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}

const LOCAL = /^(?:\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/**
 * `Patient/123`, `/Patient/123/_history/2` or an absolute URL below `baseUrl` → its parts.
 * Fragments, `urn:`, conditional and foreign absolute references → undefined.
 */
export function parseLocalReference(reference: string, baseUrl?: string): LocalReference | undefined {
  const relative =
    baseUrl !== undefined && reference.startsWith(`${baseUrl}/`)
      ? reference.slice(baseUrl.length + 1)
      : reference;
  const match = LOCAL.exec(relative);
  if (match === null) {
    return undefined;
  }
  const [, type, id, versionId] = match as unknown as [string, string, string, string | undefined];
  return versionId === undefined ? { type, id } : { type, id, versionId };
}

/** The id in a literal reference of that type, or undefined. */
export function idOfReference(reference: Reference | undefined, type: string): string | undefined {
  const parsed = reference?.reference === undefined ? undefined : parseLocalReference(reference.reference);
  return parsed?.type === type ? parsed.id : undefined;
}
