/** Bytes of a message as text, by what its header says (MSH-18). HL7 table 0211. */
import { badRequest, FhirError } from '../../fhir/outcome.ts';

/** Names of table 0211, as they are used in Norway, by the name that the platform has. */
export const CHARSETS: ReadonlyMap<string, string> = new Map([
  ['ASCII', 'utf-8'],
  ['UNICODE', 'utf-8'],
  ['UNICODE UTF-8', 'utf-8'],
  ['UTF-8', 'utf-8'],
  ['UTF8', 'utf-8'],
  ['8859/1', 'windows-1252'],
  ['8859/10', 'iso-8859-10'],
  ['8859/15', 'iso-8859-15'],
  ['ISO-8859-1', 'windows-1252'],
  ['WINDOWS-1252', 'windows-1252'],
]);

export interface Decoded {
  readonly text: string;
  /** Name of what it was read as. */
  readonly charset: string;
}

/** Throws 400 for a character set that is not known, and for bytes that are not in it. */
export function decode(bytes: Buffer, otherwise: string): Decoded {
  const named = namedIn(bytes);
  const charset = CHARSETS.get((named === '' ? otherwise : named).toUpperCase());
  if (charset === undefined) {
    throw badRequest(
      `The character set "${named.slice(0, 20)}" is not known here; known are ${[...CHARSETS.keys()].join(', ')}.`,
      'MSH-18',
      'hl7-charset',
    );
  }
  try {
    return { text: withoutNoise(new TextDecoder(charset, { fatal: true }).decode(bytes)), charset };
  } catch (cause) {
    if (cause instanceof FhirError) {
      throw cause;
    }
    throw badRequest(
      `The message is not written in its character set, ${named === '' ? otherwise : named}: ${(cause as Error).name}.`,
      'MSH-18',
      'hl7-charset',
    );
  }
}

/** Signs that no text has: what came is no message, or was spoilt on its way. */
function withoutNoise(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) {
    throw badRequest(
      'The message has control characters, which no text of HL7 has but the carriage return.',
      'MSH-18',
      'hl7-charset',
    );
  }
  return text;
}

/** MSH-18 as it stands in the bytes: the header is ASCII as far as that. */
function namedIn(bytes: Buffer): string {
  const [head = ''] = bytes
    .subarray(0, 4096)
    .toString('latin1')
    .split(/[\r\n]/);
  const separator = head.charAt(3);
  const field = separator === '' ? '' : (head.split(separator)[17] ?? '');
  return (field.split(head.charAt(5))[0] ?? '').trim();
}
