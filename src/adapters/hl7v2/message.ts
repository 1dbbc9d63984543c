/**
 * A message of HL7 version 2 as its segments and fields. Splitting is `@medplum/core`'s; what it leaves open is here: escapes, a header
 * that is none, repetitions that are not there. https://www.hl7.eu/HL7v2x/v251/std251/ch02.html
 */
import { Hl7Message, type Hl7Segment } from '@medplum/core';
import { badRequest } from '../../fhir/outcome.ts';

export interface Segment {
  readonly name: string;
  /** Of its name, from 1. */
  readonly occurrence: number;
  /** Text of a component (from 1) of a repetition (from 0), unescaped and trimmed; empty when it is not there. */
  value(field: number, component?: number, repetition?: number, subcomponent?: number): string;
  /** How many repetitions a field has; 0 when it is empty. */
  count(field: number): number;
  /** Is the field stated to be empty (`""`)? What is there shall be taken away. */
  isCleared(field: number): boolean;
  /** The field as it was sent, unescaped, its parts with their signs: for what is shown as it came. */
  whole(field: number, repetition?: number): string;
}

export interface Message {
  readonly segments: readonly Segment[];
  readonly header: Segment;
  first(name: string): Segment | undefined;
}

const CLEARED = '""';

/** Read a message. Throws 400 when it has no header that says how it is written. */
export function readMessage(text: string): Message {
  requireHeader(text);
  const parsed = Hl7Message.parse(text.replace(/[\r\n]+$/, ''));
  const counts = new Map<string, number>();
  const segments = parsed.segments
    .filter(({ name }) => name !== '')
    .map((segment) => {
      const occurrence = (counts.get(segment.name) ?? 0) + 1;
      counts.set(segment.name, occurrence);
      return segmentOf(segment, occurrence);
    });
  return {
    segments,
    header: segments[0] as Segment,
    first: (name) => segments.find((segment) => segment.name === name),
  };
}

/** `MSH|^~\&|`: a separator, four or five different signs, and the separator again. */
function requireHeader(text: string): void {
  const [, separator = '', signs = ''] = /^MSH([^A-Za-z0-9\s])([^A-Za-z0-9\s]{4,5})\1/.exec(text) ?? [];
  if (separator === '' || new Set(`${separator}${signs}`).size !== signs.length + 1) {
    throw badRequest(
      'A message begins with the segment MSH, its separator and its encoding characters: MSH|^~\\&|',
      'MSH-2',
      'hl7-header',
    );
  }
}

function segmentOf(segment: Hl7Segment, occurrence: number): Segment {
  const { context } = segment;
  const partsOf = (field: number): readonly (readonly string[])[] =>
    (segment.getField(field) as { readonly components: string[][] } | undefined)?.components ?? [];
  const unescaped = (text: string): string => unescape(text, context);
  return {
    name: segment.name,
    occurrence,
    value(field, component = 1, repetition = 0, subcomponent = 1) {
      const part = partsOf(field)[repetition]?.[component - 1] ?? '';
      const text = part.split(context.subcomponentSeparator)[subcomponent - 1] ?? '';
      return text === CLEARED ? '' : unescaped(text).trim();
    },
    count(field) {
      const parts = partsOf(field);
      return parts.every((one) => one.every((text) => text === '')) ? 0 : parts.length;
    },
    isCleared: (field) => partsOf(field)[0]?.[0] === CLEARED,
    whole: (field, repetition = 0) =>
      unescaped((partsOf(field)[repetition] ?? []).join(context.componentSeparator)).trim(),
  };
}

type Signs = Hl7Segment['context'];

/** Escape sequences: https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading88 */
function unescape(text: string, signs: Signs): string {
  const sign = signs.escapeCharacter;
  if (!text.includes(sign)) {
    return text;
  }
  const quoted = sign.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  return text.replaceAll(
    new RegExp(`${quoted}([^${quoted}\r\n]{0,80})${quoted}`, 'g'),
    (whole, code: string) => escaped(code, signs) ?? whole,
  );
}

function escaped(code: string, signs: Signs): string | undefined {
  const named: Readonly<Record<string, string>> = {
    F: signs.fieldSeparator,
    S: signs.componentSeparator,
    T: signs.subcomponentSeparator,
    R: signs.repetitionSeparator,
    E: signs.escapeCharacter,
    H: '',
    N: '',
    '.br': '\n',
    '.sp': '\n',
  };
  if (/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) {
    return Buffer.from(code.slice(1), 'hex')
      .toString('latin1')
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
  }
  return Object.hasOwn(named, code) ? named[code] : undefined;
}

/** Where something stands, as it is told to the sender: `PID-3[2].4`, `OBX[3]-5`. */
export function place(
  { name, occurrence }: Pick<Segment, 'name' | 'occurrence'>,
  field?: number,
  { repetition = 0, component }: { readonly repetition?: number; readonly component?: number } = {},
): string {
  const segment = occurrence === 1 ? name : `${name}[${occurrence}]`;
  const repeated = repetition === 0 ? '' : `[${repetition + 1}]`;
  return field === undefined
    ? segment
    : `${segment}-${field}${repeated}${component === undefined ? '' : `.${component}`}`;
}
