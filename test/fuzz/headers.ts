/** Headers: conditions, preferences, formats, encodings, in odd cases, broken and huge. https://hl7.org/fhir/R4/http.html */
import fc from 'fast-check';

type Headers = Readonly<Record<string, string>>;

const VALUES: Readonly<Record<string, readonly string[]>> = {
  accept: [
    'application/fhir+json',
    'application/fhir+xml',
    'APPLICATION/FHIR+JSON;Q=0.5',
    '*/*',
    'text/html',
    'text/turtle',
    'application/fhir+json; fhirVersion=4.0',
    'application/fhir+json; fhirVersion=3.0',
    'application/fhir+json;q=nine, application/fhir+xml;q=0',
    ', ,;;=',
    'a/b,'.repeat(1500),
    '"',
  ],
  'if-match': [
    'W/"1"',
    'W/"2"',
    '"1"',
    '1',
    'W/1',
    'W/""',
    '*',
    'W/"1", W/"2"',
    'W/"99999999999999999999"',
    'W/"-1"',
    'W/"\u00e9"',
    'x'.repeat(4000),
  ],
  'if-none-match': ['W/"1"', '*', '"', 'W/"1",', 'x'],
  'if-none-exist': [
    'identifier=urn:fuzz|once',
    'identifier=',
    '',
    '?',
    '_id=fuzz',
    'name=%ff%fe',
    'name:exact=\u00c5se',
    '_count=1',
    'nothing=1',
    '_has:Observation:patient:code=x',
    'Patient?identifier=x',
    'identifier=a&identifier=b',
    '%00=%00',
    `identifier=${'x'.repeat(5000)}`,
    `identifier=${'a,'.repeat(1200)}`,
  ],
  'if-modified-since': [
    'Sat, 21 Nov 2026 10:00:00 GMT',
    'yesterday',
    '0',
    'Sat, 31 Feb 9999 99:99:99 GMT',
    '1e999',
  ],
  prefer: [
    'return=minimal',
    'return=representation',
    'return=OperationOutcome',
    'handling=strict',
    'handling=lenient',
    'respond-async',
    'return=',
    'return=minimal; return=representation',
    ',,,',
    'x'.repeat(3000),
  ],
  'content-type': [
    'application/fhir+json',
    'application/fhir+xml',
    'application/json-patch+json',
    'application/json; charset=utf-16',
    'application/fhir+json; charset=iso-8859-1',
    'application/fhir+json; fhirVersion=5.0',
    'Application/FHIR+JSON',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
    'a',
    ';',
    'application/fhir+json, application/fhir+xml',
    'application/pdf',
  ],
  'content-encoding': ['gzip', 'br', 'deflate', 'identity', 'x', 'gzip, gzip', ''],
  range: ['bytes=0-0', 'bytes=5-1', 'bytes=-1', 'x', 'bytes=0-99999999999999999999'],
  'x-request-id': ['a', '\u00e9', 'x'.repeat(2000)],
  'x-forwarded-for': ['10.0.0.1', "'; --", ','],
  'x-forwarded-proto': ['https', 'x'],
  'x-http-method-override': ['DELETE'],
  'x-provenance': ['{"resourceType":"Provenance"}', '{'],
  'x-security-context': ['x'],
  origin: ['http://evil.example', 'null'],
  cookie: ['a=b', '__Host-session=x; ryggrad=%00', '='],
  authorization: [
    'Bearer x',
    'Bearer ',
    'Basic YTpi',
    'bearer a.b.c',
    `Bearer ${'a'.repeat(6000)}`,
    'DPoP x',
    '',
  ],
  expect: ['100-continue'],
  connection: ['close'],
  te: ['trailers'],
};
/** These make most requests pointless, or change what the connection is. */
const SELDOM: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'authorization',
  'expect',
  'connection',
  'accept',
]);

const one = (names: readonly string[]): fc.Arbitrary<readonly [string, string]> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .constantFrom(...names)
        .chain((name) =>
          fc.constantFrom(...(VALUES[name] as readonly string[])).map((value) => [name, value] as const),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...names), fc.string({ maxLength: 30 }))
        .map(([name, value]) => [name, value] as const),
    },
  );

const odd = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (text) => text.toUpperCase());

/** `few`: mostly none, of the kinds that a careful client sends. `many`: up to five of any kind. */
export function headersOf(how: 'few' | 'many'): fc.Arbitrary<Headers> {
  const names = Object.keys(VALUES);
  const list =
    how === 'many'
      ? fc.array(one(names), { minLength: 1, maxLength: 5 })
      : fc.oneof(
          { weight: 5, arbitrary: fc.constant([]) },
          {
            weight: 1,
            arbitrary: fc.array(one(names.filter((name) => !SELDOM.has(name))), { maxLength: 2 }),
          },
        );
  return fc
    .tuple(list, fc.boolean())
    .map(([pairs, isOdd]) =>
      Object.fromEntries(pairs.map(([name, value]) => [isOdd ? odd(name) : name, value])),
    );
}
