/**
 * The formats of the R4 primitives: https://hl7.org/fhir/R4/datatypes.html#primitive
 */
import { narrativeFault } from '../fhir/narrative.ts';
import type { JsonValue } from '../fhir/types.ts';
import { fail, warn, type Check } from './run.ts';

const DATE = /^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?$/;
const TIME_PART = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?';
const ZONE = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))';
const MOMENT = new RegExp(`^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T${TIME_PART}${ZONE}$`);
const TIME = new RegExp(`^${TIME_PART}$`);
const CODE = /^[^\s]+(?: [^\s]+)*$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BASE64_CHARS = /^[0-9A-Za-z+/]*={0,2}$/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const MAX_STRING = 1024 * 1024;

/** Undefined when the value has the format, else what the format is. */
type Fault = (value: JsonValue) => string | undefined;

const text =
  (isGood: (value: string) => boolean, format: string): Fault =>
  (value) => {
    if (typeof value !== 'string') {
      return 'must be a JSON string';
    }
    if (value === '') {
      return 'must not be an empty string; leave the element out';
    }
    if (value.includes('\u0000') || !value.isWellFormed()) {
      return 'must be Unicode text without null characters and half surrogate pairs';
    }
    return isGood(value) ? undefined : format;
  };

const number =
  (isGood: (value: number) => boolean, format: string): Fault =>
  (value) => {
    if (typeof value !== 'number') {
      return 'must be a JSON number, without quotes';
    }
    return isGood(value) ? undefined : format;
  };

const MAX_INTEGER = 2_147_483_647;
const isInteger = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER + 1;

const isUri = (value: string): boolean =>
  !/\s/.test(value) &&
  !CONTROL.test(value) &&
  (!value.startsWith('urn:uuid:') || UUID.test(value.split('#', 1)[0] ?? ''));
const uri = text(isUri, 'must be a URI without blanks, after urn:uuid: a whole UUID');
const string = text(
  (value) => value.length <= MAX_STRING && !CONTROL.test(value),
  'must be at most 1 MB of text without control characters',
);

const FORMATS: Readonly<Record<string, Fault>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false, without quotes'),
  integer: number((n) => isInteger(n) && n <= MAX_INTEGER, 'must be a whole number of 32 bits'),
  unsignedInt: number((n) => isInteger(n) && n >= 0 && n <= MAX_INTEGER, 'must be a whole number from 0'),
  positiveInt: number((n) => isInteger(n) && n >= 1 && n <= MAX_INTEGER, 'must be a whole number from 1'),
  decimal: number(Number.isFinite, 'must be a decimal number'),
  string,
  markdown: string,
  code: text((value) => CODE.test(value), 'must be a code: no blanks at the ends, single blanks inside'),
  id: text((value) => ID.test(value), 'must be 1 to 64 letters, digits, "-" and "."'),
  uri,
  url: uri,
  canonical: uri,
  oid: text((value) => OID.test(value), 'must be an OID written as urn:oid:1.2.3'),
  uuid: text((value) => UUID.test(value), 'must be a UUID written as urn:uuid:…'),
  date: text(
    (value) => DATE.test(value) && isRealDay(value),
    'must be a real date: YYYY, YYYY-MM or YYYY-MM-DD',
  ),
  dateTime: text(
    isDateTime,
    'must be a real date, or date and time with seconds and time zone (2024-05-17T10:30:00+02:00)',
  ),
  instant: text(
    (value) => MOMENT.test(value) && isRealDay(value),
    'must be a real date and time with seconds and time zone (2024-05-17T10:30:00+02:00)',
  ),
  time: text((value) => TIME.test(value), 'must be a time with seconds: hh:mm:ss'),
  base64Binary: text(isBase64, 'must be base64'),
};

function isDateTime(value: string): boolean {
  return (value.length > 10 ? MOMENT.test(value) : DATE.test(value)) && isRealDay(value);
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isRealDay(value: string): boolean {
  const year = Number(value.slice(0, 4));
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8, 10));
  if (year === 0 || day > (DAYS[month - 1] ?? 31)) {
    return false;
  }
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month !== 2 || day !== 29 || isLeap;
}

/** White space (line breaks of MIME) is allowed: R4 says so, and senders do it. */
function isBase64(value: string): boolean {
  const compact = /\s/.test(value) ? value.replaceAll(/\s+/g, '') : value;
  return compact.length % 4 === 0 && BASE64_CHARS.test(compact);
}

export const isPrimitive = (type: string): boolean => type === 'xhtml' || Object.hasOwn(FORMATS, type);

/** The check of a primitive's JSON value (not of its `_` companion). */
export function primitiveCheck(type: string): Check {
  if (type === 'xhtml') {
    return checkNarrative;
  }
  const faultOf = FORMATS[type] ?? string;
  return (value, at, run) => {
    const fault = faultOf(value);
    if (fault !== undefined) {
      const isTypeFault = fault.startsWith('must be a JSON') || fault.startsWith('must be true');
      fail(
        run,
        isTypeFault ? 'structure' : 'value',
        isTypeFault ? 'type' : 'format',
        at,
        `A ${type} ${fault}.`,
      );
    } else if (type === 'canonical' && isRelative(String(value))) {
      warn(run, 'value', 'canonical-absolute', at, 'A canonical should be an absolute URI.');
    } else if (typeof value === 'string' && isBlank(value)) {
      warn(run, 'value', 'format', at, `A ${type} should not consist of blanks alone.`);
    }
  };
}

const isRelative = (canonical: string): boolean => !canonical.includes(':') && !canonical.startsWith('#');

const isBlank = (value: string): boolean => value.charCodeAt(0) <= 32 && value.trim() === '';

const checkNarrative: Check = (value, at, run) => {
  const isText = typeof value === 'string' && !value.includes('\u0000') && value.isWellFormed();
  if (!isText) {
    fail(run, 'value', 'format', at, 'A narrative must be Unicode text without null characters.');
    return;
  }
  const fault = narrativeFault(value);
  if (fault !== undefined) {
    fail(run, 'invariant', fault.endsWith('no text.') ? 'txt-2' : 'txt-1', at, fault);
  }
};
