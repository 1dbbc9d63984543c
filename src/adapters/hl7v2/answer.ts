/**
 * What is answered to a message: AA when it is stored, AE when something in it is wrong, AR when it is not for here, or cannot be taken
 * just now. In the sender's version and with its signs. https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading140
 */
import type { Issue } from '../../fhir/outcome.ts';
import type { Message } from './message.ts';
import { writeTime } from './time.ts';

export type Verdict = 'AA' | 'AE' | 'AR';

export interface Answer {
  readonly verdict: Verdict;
  /** What is wrong, or only told. */
  readonly issues: readonly Issue[];
}

/** Codes of table 0357, by rule, else by kind of issue. */
const CODES: Readonly<Record<string, readonly [string, string]>> = {
  'hl7-segment': ['100', 'Segment sequence error'],
  'hl7-required': ['101', 'Required field missing'],
  'hl7-type': ['102', 'Data type error'],
  'hl7-header': ['102', 'Data type error'],
  'hl7-charset': ['102', 'Data type error'],
  'hl7-sender': ['103', 'Table value not found'],
  'hl7-message-type': ['200', 'Unsupported message type'],
  'hl7-event': ['201', 'Unsupported event code'],
  'hl7-processing': ['202', 'Unsupported processing id'],
  'hl7-version': ['203', 'Unsupported version id'],
  required: ['101', 'Required field missing'],
  value: ['102', 'Data type error'],
  invalid: ['102', 'Data type error'],
  structure: ['102', 'Data type error'],
  'code-invalid': ['103', 'Table value not found'],
  'not-found': ['204', 'Unknown key identifier'],
  duplicate: ['205', 'Duplicate key identifier'],
  'multiple-matches': ['205', 'Duplicate key identifier'],
  conflict: ['206', 'Application record locked'],
  informational: ['0', 'Message accepted'],
};
const OTHER = ['207', 'Application internal error'] as const;

const SIGNS = '^~\\&';
const MOST_ISSUES = 50;

/** The text of the answer; `to` undefined when nothing could be read of what was sent. */
export function answerTo(
  to: Message | undefined,
  { verdict, issues }: Answer,
  { id, now }: { readonly id: string; readonly now: Date },
): string {
  const header = to?.header;
  const given = (field: number, component = 1): string => escape(header?.value(field, component) ?? '');
  const version = given(12) === '' ? '2.5.1' : given(12);
  const whole = (field: number): string =>
    header === undefined
      ? ''
      : [1, 2, 3]
          .map((part) => given(field, part))
          .join('^')
          .replace(/\^+$/, '');
  const isCommit = ['AL', 'ER', 'SU'].includes(given(15));
  const event = given(9, 2);
  const segments = [
    [
      'MSH',
      SIGNS,
      whole(5),
      whole(6),
      whole(3),
      whole(4),
      writeTime(now),
      '',
      event === '' ? 'ACK' : `ACK^${event}${isBefore(version, 4) ? '' : '^ACK'}`,
      id,
      given(11) === '' ? 'P' : given(11),
      version,
      ...(given(18) === '' ? [] : ['', '', '', '', '', given(18)]),
    ],
    ['MSA', isCommit ? `C${verdict.slice(1)}` : verdict, given(10), textOf(issues, version)],
    ...issues.slice(0, MOST_ISSUES).map((issue) => errorSegment(issue, version)),
  ];
  return `${segments.map((fields) => fields.join('|').replace(/\|+$/, '')).join('\r')}\r`;
}

/** MSA-3 was the place for words until 2.7. */
const textOf = ([first]: readonly Issue[], version: string): string =>
  first === undefined || !isBefore(version, 7) ? '' : escape(first.diagnostics.slice(0, 80));

const isBefore = (version: string, minor: number): boolean =>
  Number(/^2\.(\d)/.exec(version)?.[1] ?? 5) < minor;

const SEVERITIES: Readonly<Record<Issue['severity'], string>> = {
  fatal: 'F',
  error: 'E',
  warning: 'W',
  information: 'I',
};

function errorSegment(
  { severity, code, rule, diagnostics, expression }: Issue,
  version: string,
): readonly string[] {
  const [number, words] = CODES[rule ?? ''] ?? CODES[code] ?? OTHER;
  const where = locationOf(expression);
  if (isBefore(version, 5)) {
    const { segment = '', sequence = '', field = '' } = where ?? {};
    return ['ERR', `${[segment, sequence, field].join('^')}^${number}&${words}&HL70357`];
  }
  const { segment, sequence, field, repetition, component } = where ?? {};
  const place =
    segment === undefined
      ? ''
      : [segment, sequence, field, field === undefined ? undefined : (repetition ?? '1'), component]
          .map((part) => part ?? '')
          .join('^')
          .replace(/\^+$/, '');
  const inside = where === undefined ? (expression ?? '') : where.rest;
  return [
    'ERR',
    '',
    place,
    `${number}^${words}^HL70357`,
    SEVERITIES[severity],
    escape(rule ?? ''),
    '',
    escape(inside),
    escape(diagnostics),
  ];
}

interface Location {
  readonly segment: string;
  readonly sequence: string;
  readonly field: string | undefined;
  readonly repetition: string | undefined;
  readonly component: string | undefined;
  /** An element of what was made of it. */
  readonly rest: string;
}

/** `PID-3[2].4`, `OBX[3].valueQuantity` → where that is in the message. */
function locationOf(expression: string | undefined): Location | undefined {
  const [, segment, sequence = '1', field, repetition, component, rest = ''] =
    /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?(?:\.(.*))?$/.exec(
      expression ?? '',
    ) ?? [];
  return segment === undefined ? undefined : { segment, sequence, field, repetition, component, rest };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
  '\\': '\\E\\',
};

/** A text within a field. */
const escape = (text: string): string =>
  text
    .replaceAll(/[|^&~\\]/g, (sign) => ESCAPES[sign] ?? sign)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\u0000-\u001f]/g, '');
