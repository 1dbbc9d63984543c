/** Searches and paths: every parameter of R4 with every modifier and prefix, chains, filters, and what is none of that. */
import fc from 'fast-check';
import { loadR4 } from '../../src/content/r4.ts';
import { RESOURCE_TYPES } from '../../src/fhir/resource-types.ts';
import { headersOf } from './headers.ts';
import type { Probe, Sender } from './probe.ts';
import { IDS } from './sources.ts';

const USUAL = [
  'Patient',
  'Observation',
  'Encounter',
  'Condition',
  'Questionnaire',
  'QuestionnaireResponse',
  'ValueSet',
  'AuditEvent',
  'Task',
  '',
] as const;

const parametersByType: ReadonlyMap<string, readonly string[]> = byType();

function byType(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { base = [], code = '' } of loadR4().searchParameters.all()) {
    for (const type of base) {
      names.set(type, [...(names.get(type) ?? []), code]);
    }
  }
  return names;
}

const namesOf = (type: string): readonly string[] => [
  ...(parametersByType.get(type) ?? ['code', 'identifier', 'status', 'patient']),
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_source',
];

const MODIFIERS = [
  ':missing',
  ':exact',
  ':contains',
  ':text',
  ':not',
  ':above',
  ':below',
  ':in',
  ':not-in',
  ':of-type',
  ':identifier',
  ':Patient',
  ':Patient.name',
  ':nothing',
  ':',
  ':exact:exact',
  ':iterate',
] as const;

const VALUES = [
  ...'a |a a| | || \\ \\| a\\,b a,b, ,, $ a$b a$gt5 gt5 ap1e400 ne 1e999||kg 5|http://unitsofmeasure.org|kg 2026 ge2026-02-30'.split(
    ' ',
  ),
  ...'lt99999 sa0000 eb2026-01 ap2026 Patient/fuzz Patient/ Patient/fuzz/_history/1 http:// true false 0 -1 1e9 -0.0 5.'.split(
    ' ',
  ),
  ...'999999999999 ge2026-01-01T00:00:00+99:99 60.0|10.0|5|km http://hl7.org/fhir/ValueSet/x|1 urn:oid:1 eyJ null * % %% ( [a'.split(
    ' ',
  ),
  ' ',
  '',
  '\u0000',
  'a\u0000b',
  '\u202eabc',
  'Åse\u0301',
  '\u{1F469}\u200d\u{1F469}',
  "'; drop table resource; --",
  '%_\\',
  'x'.repeat(3000),
  Array.from({ length: 300 }, (_, n) => `v${n}`).join(','),
  'gt'.repeat(200),
] as const;

const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 15 }) },
);

/** Nothing three times of four, or one of the texts. */
const often = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...texts) });

type Pair = readonly [string, string];

/** One parameter of the type, maybe through a chain or `_has`. */
const plain = (type: string): fc.Arbitrary<Pair> =>
  fc.tuple(
    fc
      .tuple(
        often(
          'subject:Patient.',
          'patient.',
          'patient.organization.',
          'subject.general-practitioner.',
          '_has:Observation:patient:',
          '_has:Encounter:subject:_has:Condition:encounter:',
          'a.b.c.d.e.',
          '_has:',
          '_has:X:y:',
          '.'.repeat(20),
        ),
        fc.oneof(
          { weight: 15, arbitrary: fc.constantFrom(...namesOf(type)) },
          { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
        ),
        often(...MODIFIERS),
      )
      .map((parts) => parts.join('')),
    value,
  );

const CONTROL: readonly Pair[] = [
  ['_sort', '-date'],
  ['_sort', '_id,-_lastUpdated,name,x'],
  ['_sort', ''],
  ['_sort', Array.from({ length: 200 }, () => '_id').join(',')],
  ['_count', '0'],
  ['_count', '-1'],
  ['_count', '99999999999999999999'],
  ['_count', '1.5'],
  ['_include', '*'],
  ['_include', 'Observation:subject'],
  ['_include', 'Observation:subject:Patient'],
  ['_include:iterate', 'Patient:organization:Organization'],
  ['_include', ':::'],
  ['_include', 'Patient:x'],
  ['_revinclude', 'Observation:patient'],
  ['_revinclude:iterate', 'Provenance:target'],
  ['_revinclude', '*'],
  ['_summary', 'true'],
  ['_summary', 'count'],
  ['_summary', 'x'],
  ['_elements', 'id,name,nothing'],
  ['_elements', ''],
  ['_total', 'accurate'],
  ['_total', 'x'],
  ['_contained', 'true'],
  ['_format', 'xml'],
  ['_format', 'application/fhir xml'],
  ['_format', 'ttl'],
  ['_pretty', 'true'],
  ['_type', 'Patient,Observation'],
  ['_type', 'Patient,Nothing'],
  ['_cursor', 'eyJ2IjpbXX0'],
  ['_cursor', 'x'.repeat(2000)],
  ['_list', 'fuzz'],
  ['_query', 'x'],
  ['_text', 'a'],
  ['_content', 'a | b'],
  ['near', '59.9|10.7|5|km'],
  ['near', '999|999|-1|x'],
  ['_since', '2026'],
  ['_at', 'ge2026-01-01'],
  ['_at', '9999-12-31T23:59:60Z'],
];

const FILTERS = [
  'name eq "a"',
  'birthdate ge 2026-02-30',
  'not (name co "x")',
  '(a eq b',
  'patient.name eq x',
  'code in "http://x"',
  'name eq "\\"',
  'name eq "a" and gender ne male or active pr true',
  `${'('.repeat(400)}name eq a${')'.repeat(400)}`,
  'name eq a '.repeat(300),
  'x[y eq z].name eq 1',
  '',
  'given re Patient/fuzz',
  'value-quantity gt 5||kg',
  'name eq \u0000',
] as const;

const pair = (type: string): fc.Arbitrary<Pair> =>
  fc.oneof(
    { weight: 6, arbitrary: plain(type) },
    { weight: 3, arbitrary: fc.constantFrom(...CONTROL) },
    { weight: 1, arbitrary: fc.constantFrom(...FILTERS).map((text): Pair => ['_filter', text]) },
  );

/** How the pairs are spelt: as they should be, in part, or not at all. */
const spellings: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+').toLowerCase(),
  (text) => safe(text),
  (text) => encodeURIComponent(encodeURIComponent(text.toWellFormed())),
  (text) => `${encodeURIComponent(text.toWellFormed())}%`,
  (text) => `%ff${safe(text)}%c3`,
];

/** Only what may not stand in a request line is encoded. */
export const safe = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\x21-\x7e]+|#/gu, (part) => encodeURIComponent(part));

const SENDERS: readonly Sender[] = ['ehr', 'ehr', 'ehr', 'ehr', 'staff', 'staff', 'analytics', 'nobody'];

const type = fc.oneof(
  fc.constantFrom(...USUAL),
  fc.constantFrom(...USUAL),
  fc.constantFrom(...RESOURCE_TYPES),
);

/** GET with the query in the URL, or POST with a form. */
export const searchProbes: fc.Arbitrary<Probe> = type.chain((of) =>
  fc
    .tuple(
      fc.array(pair(of), { maxLength: 4 }),
      fc.constantFrom(...spellings),
      often('Patient/fuzz/', 'Patient/fuzz-1/', 'Encounter/x/', 'Patient/*/'),
      fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD'),
      headersOf('few'),
      fc.constantFrom(...SENDERS),
    )
    .map(([pairs, spell, compartment, method, headers, sender]) => {
      const query = pairs.map(([name, text]) => `${spell(name)}=${spell(text)}`).join('&');
      const path = `${compartment}${of}`;
      return method === 'POST'
        ? {
            kind: 'search',
            method,
            path: `${path}/_search`.replace(/^\//, ''),
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
            body: query,
            sender,
          }
        : { kind: 'search', method, path: `${path}?${query}`.slice(0, 12_000), headers, sender };
    }),
);

const SEGMENTS = [
  'Patient',
  'Observation',
  'AuditEvent',
  'patient',
  'Nothing',
  'Parameters',
  ...IDS,
  '_history',
  '1',
  '2',
  '0',
  '-1',
  '99999999999',
  '01',
  '_search',
  '$export',
  '$meta',
  '$everything',
  '$nothing',
  '$',
  '$%00',
  '%00',
  '%zz',
  '..',
  '.',
  '..%2f',
  '%2e%2e',
  '%ff',
  '*',
  '',
  ' ',
  ';a=b',
  'metadata',
  '.well-known',
  'smart-configuration',
  'constructor',
  '__proto__',
  'x'.repeat(65),
  'x'.repeat(3000),
  'Patient;v=1',
  'Patient%2ffuzz',
  '\u00e5',
  '@',
  "'",
] as const;

/** Without the Patient that the examples refer to. */
const spared = (segments: readonly string[]): readonly string[] =>
  segments.map((segment) => (segment === 'fuzz' ? 'fuzz-1' : segment));

/** Any method at any path. Nothing is deleted here that other probes live on. */
export const pathProbes: fc.Arbitrary<Probe> = fc
  .tuple(
    fc.constantFrom(
      'GET',
      'GET',
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'DELETE',
      'PATCH',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
    ),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...SEGMENTS) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
      ),
      { minLength: 1, maxLength: 5 },
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...CONTROL).map(([name, text]) => `?${safe(name)}=${safe(text)}`),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '?',
          '?&&&',
          '?=',
          '?a',
          '??',
          '?_format=json&_format=xml',
          '?name=a&name=b&name=c',
        ),
      },
    ),
    headersOf('few'),
    fc.constantFrom(...SENDERS),
  )
  .map(([method, segments, query, headers, sender]) => ({
    kind: 'path',
    method,
    path: `${(method === 'DELETE' ? spared(segments) : segments).map(safe).join('/')}${query}`,
    headers,
    ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: '{"resourceType":"Patient","id":"fuzz-1"}' }),
    sender,
  }));
