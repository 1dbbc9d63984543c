/** A message on its way to become writes: what it says, whose it is, and what is found in it. */
import type { JsonObject } from '../../fhir/types.ts';
import type { Findings } from './findings.ts';
import type { Header } from './header.ts';
import type { Message, Segment } from './message.ts';
import { place } from './message.ts';
import type { Connection } from './settings.ts';
import { readTime } from './time.ts';

export interface Reading {
  readonly message: Message;
  readonly header: Header;
  readonly connection: Connection;
  readonly findings: Findings;
  /** Names of new resources within the write. */
  readonly newName: () => string;
}

/** A time as FHIR writes it; undefined when there is none. What is no time is a fault. */
export function timeIn({ findings }: Reading, segment: Segment, field: number): string | undefined {
  const text = segment.value(field);
  const time = text === '' ? undefined : readTime(text);
  if (text !== '' && time === undefined) {
    findings.refuse(
      'value',
      'This is no time of HL7: write YYYYMMDDHHMMSS+ZZZZ, or the beginning of it.',
      place(segment, field),
      'hl7-type',
    );
  }
  return time;
}

/** Code of a table that the standard defines; a fault when it is none, naming those that are. */
export function tableIn<T extends string>(
  { findings }: Reading,
  segment: Segment,
  field: number,
  table: Readonly<Record<string, T>>,
): T | undefined {
  const code = segment.value(field).toUpperCase();
  if (code === '') {
    return undefined;
  }
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  if (found === undefined) {
    findings.refuse(
      'code-invalid',
      `"${code.slice(0, 20)}" is none of ${Object.keys(table).join(', ')}.`,
      place(segment, field),
      'hl7-table',
    );
  }
  return found;
}

/** A coded element (CWE, CE) as FHIR has it: translations first, then what was sent. Undefined when it is empty. */
export function codedIn(
  { connection: { codes } }: Reading,
  segment: Segment,
  field: number,
  repetition = 0,
): JsonObject | undefined {
  const own = [1, 4].flatMap((first) => {
    const [code, display, name] = [first, first + 1, first + 2].map((part) =>
      segment.value(field, part, repetition),
    ) as [string, string, string];
    const system = name === '' ? undefined : codes.systemOf(name);
    return code === ''
      ? []
      : [{ ...(system !== undefined && { system }), code, ...(display !== '' && { display }) }];
  });
  const translated = own.flatMap(({ system, code }) =>
    system === undefined ? [] : codes.translate(system, code),
  );
  const all = [...translated, ...own] as readonly JsonObject[];
  const coding = all.filter((one, at) => all.findIndex((other) => isSame(one, other)) === at);
  const text = [9, 2, 5].map((part) => segment.value(field, part, repetition)).find((one) => one !== '');
  return coding.length === 0 && text === undefined
    ? undefined
    : { ...(coding.length > 0 && { coding }), ...(text !== undefined && { text }) };
}

const isSame = (one: JsonObject, other: JsonObject): boolean =>
  one['system'] === other['system'] && one['code'] === other['code'];
