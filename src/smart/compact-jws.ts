/**
 * The compact form of signed tokens, as strict as it is written: https://www.rfc-editor.org/rfc/rfc7515#section-3.1
 * Decoders overlook padding, line breaks and the last bits of a signature. Then one token has many spellings, and whatever
 * knows it by its text (a cache, a hash in a proof) takes them for different ones.
 */

/** Three parts, each the only spelling of its bytes in base64url. */
export function isCompactJws(token: string): boolean {
  const parts = token.split('.');
  return parts.length === 3 && parts.every(isOnlySpelling);
}

const isOnlySpelling = (part: string): boolean =>
  part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
