/** The value of a result (OBX-5) as FHIR has it, by its type (OBX-2): https://www.hl7.eu/HL7v2x/v251/std251/ch02a.html */
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { canonicalUnit, UCUM } from '../../search/ucum.ts';
import { place, type Segment } from './message.ts';
import { codedIn, type Reading } from './reading.ts';
import { readTime } from './time.ts';

/** `{valueQuantity: …}` and so on; an object without members for a result without a value. */
export type Value = JsonObject;

type ValueReader = (reading: Reading, obx: Segment) => Value | undefined;

const NUMBER = /^([<>]=?)?\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?)$/;

const READERS: Readonly<Record<string, ValueReader>> = {
  NM: (reading, obx) => quantityOf(reading, obx, obx.value(5)),
  SN: structured,
  CE: (reading, obx) => coded(reading, obx),
  CWE: (reading, obx) => coded(reading, obx),
  CNE: (reading, obx) => coded(reading, obx),
  CF: (reading, obx) => coded(reading, obx),
  IS: (reading, obx) => coded(reading, obx),
  ST: text,
  TX: text,
  FT: text,
  DT: time,
  TS: time,
  DTM: time,
};

/** Undefined when it cannot be taken: what is wrong is a fault, and a type that has no place here is told of. */
export function readValue(reading: Reading, obx: Segment): Value | undefined {
  const type = obx.value(2);
  if (obx.count(5) === 0 || obx.isCleared(5)) {
    return {};
  }
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) {
    reading.findings.note(
      `Values of the type "${type.slice(0, 10)}" are not taken; taken are ${Object.keys(READERS).join(', ')}. The result was left out.`,
      place(obx, 2),
      'value-type',
    );
    return undefined;
  }
  const value = read(reading, obx);
  if (value === undefined) {
    reading.findings.refuse('value', `This is no value of the type ${type}.`, place(obx, 5), 'hl7-type');
  }
  return value;
}

/** A number with its unit, with as many decimals as it was written; also `<20` and `1,5`. */
export function quantityOf(reading: Reading, obx: Segment, written: string): Value | undefined {
  const quantity = quantityText(reading, obx, written);
  return quantity === undefined ? undefined : { valueQuantity: quantity };
}

function quantityText(
  { connection: { codes } }: Reading,
  obx: Segment,
  written: string,
): JsonObject | undefined {
  const [, comparator, number] = NUMBER.exec(written.replace(',', '.')) ?? [];
  if (number === undefined) {
    return undefined;
  }
  const { code, display, name } = unitIn(obx);
  const ucum = ucumOf(codes, code, name);
  const unit = display === '' ? code : display;
  const members = [
    `"value":${asJson(number)}`,
    ...(comparator === undefined ? [] : [`"comparator":${JSON.stringify(comparator)}`]),
    ...(unit === '' ? [] : [`"unit":${JSON.stringify(unit)}`]),
    ...(ucum === undefined ? [] : [`"system":"${UCUM}","code":${JSON.stringify(ucum)}`]),
  ];
  return parseJson(`{${members.join(',')}}`) as JsonObject;
}

/** A power of ten is often sent as it is written, though its sign divides components: `10^9/L`. */
function unitIn(obx: Segment): { readonly code: string; readonly display: string; readonly name: string } {
  const [code, display, name] = [1, 2, 3].map((part) => obx.value(6, part)) as [string, string, string];
  const isPower = /^(?:.*[^\d])?10$/.test(code) && /^\d{1,2}\//.test(display);
  return isPower ? { code: `${code}^${display}`, display: '', name: '' } : { code, display, name };
}

/** The UCUM code of a unit: by the connection's maps, else as it stands where that is one. */
function ucumOf(codes: Reading['connection']['codes'], code: string, name: string): string | undefined {
  const system = name === '' ? UNITS : (codes.systemOf(name) ?? UNITS);
  const [mapped] = [system, UNITS].flatMap((one) => codes.translate(one, code));
  if (mapped?.code !== undefined) {
    return mapped.code;
  }
  return code !== '' && canonicalUnit(code) !== undefined ? code : undefined;
}

/** Source system of concept maps from units that senders write in their own ways. */
export const UNITS = 'https://ryggrad.no/fhir/NamingSystem/hl7v2-unit';

/** `+05.` and `.5` as JSON writes them. */
function asJson(number: string): string {
  const [, sign = '', whole = '', rest = ''] = /^([-+]?)0*(\d*)(.*)$/.exec(number) ?? [];
  const tail = rest.replace(/^\.(?=[eE]|$)/, '');
  return `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}${tail}`;
}

/** SN: a comparison, a range or a ratio: `>^100`, `^100^-^200`, `^1^:^128`. */
function structured(reading: Reading, obx: Segment): Value | undefined {
  const [comparator, first, separator, second] = [1, 2, 3, 4].map((part) => obx.value(5, part)) as [
    string,
    string,
    string,
    string,
  ];
  const sign = comparator === '=' ? '' : comparator;
  const [one, other] = [first, second].map((part) => quantityText(reading, obx, part));
  if (second === '') {
    return quantityOf(reading, obx, `${sign}${first}`);
  }
  if (one === undefined || other === undefined) {
    return undefined;
  }
  if (separator === '-') {
    return { valueRange: { low: one, high: other } };
  }
  return separator === ':' || separator === '/'
    ? { valueRatio: { numerator: one, denominator: other } }
    : undefined;
}

function coded(reading: Reading, obx: Segment): Value | undefined {
  const concept = codedIn(reading, obx, 5);
  return concept && { valueCodeableConcept: concept };
}

/** Lines of a text may be repetitions. */
function text(reading: Reading, obx: Segment): Value | undefined {
  const lines = Array.from({ length: obx.count(5) }, (_, repetition) => obx.whole(5, repetition));
  const whole = lines.join('\n');
  const isNumber = obx.value(2) === 'ST' && obx.value(6) !== '';
  return (isNumber ? quantityOf(reading, obx, whole) : undefined) ?? { valueString: whole };
}

function time(_reading: Reading, obx: Segment): Value | undefined {
  const at = readTime(obx.value(5));
  return at === undefined ? undefined : { valueDateTime: at };
}

/** OBX-7: `3.5-5.0`, `<5`, `>= 10`, or words. */
export function referenceRange(reading: Reading, obx: Segment): JsonObject | undefined {
  const written = obx.value(7);
  if (written === '') {
    return undefined;
  }
  const [, low, high] = /^(-?[\d.,]+)\s*-\s*(-?[\d.,]+)$/.exec(written) ?? [];
  const [, sign = '', limit = ''] = /^([<>])=?\s*(-?[\d.,]+)$/.exec(written) ?? [];
  const bounds = {
    low: low ?? (sign === '>' ? limit : ''),
    high: high ?? (sign === '<' ? limit : ''),
  };
  const [from, to] = [bounds.low, bounds.high].map((each) => quantityText(reading, obx, each));
  return {
    ...(from !== undefined && { low: from }),
    ...(to !== undefined && { high: to }),
    text: written,
  };
}
