/**
 * JSON as the files of the content are written: every member on a line of its own, short lists of plain values on one line
 * (what prettier makes of them).
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';

const WIDTH = 110;
const STEP = '  ';

/** A file's text, with the newline at its end. */
export const formatJson = (value: JsonObject): string => `${print(value, '', '')}\n`;

/** `lead`: what stands before the value on its line. */
function print(value: JsonValue, indent: string, lead: string): string {
  if (Array.isArray(value)) {
    return printList(value as readonly JsonValue[], indent, lead);
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value);
  }
  const inner = `${indent}${STEP}`;
  const members = Object.entries(value as JsonObject)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const key = `${inner}${JSON.stringify(name)}: `;
      return `${key}${print(member, inner, key)}`;
    });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function printList(list: readonly JsonValue[], indent: string, lead: string): string {
  const isPlain = list.every((entry) => typeof entry !== 'object' || entry === null);
  const line = `[${list.map((entry) => JSON.stringify(entry)).join(', ')}]`;
  if (list.length === 0 || (isPlain && lead.length + line.length < WIDTH)) {
    return line;
  }
  const inner = `${indent}${STEP}`;
  return `[\n${list.map((entry) => `${inner}${print(entry, inner, inner)}`).join(',\n')}\n${indent}]`;
}
