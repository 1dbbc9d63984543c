/** Where direct identifiers stand in resources, and what stands in their place in what is stored. */
import {
  directValue,
  directValues,
  directValuesIn,
  hasMark,
  isDirectSystem,
  markOf,
  mayHoldDirect,
  NO_MARK,
  redactMarks,
  refsIn,
  replaceDirect,
  withoutMarks,
} from '../../../src/fhir/direct-identifiers.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';

const FNR = '15838510156';
const SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.1';

/** References as a database would give them: one for each value, the same each time. */
function vault() {
  const refs = new Map<string, string>();
  const values = new Map<string, string>();
  const refOf = (value: string): string => {
    const ref = refs.get(value) ?? `ref${refs.size}`.padEnd(22, 'A');
    refs.set(value, ref);
    values.set(ref, value);
    return ref;
  };
  const close = (resource: JsonObject): JsonObject =>
    replaceDirect(resource, (value, separator) => markOf(refOf(value), separator));
  const open = (text: string): string => withoutMarks(text, (ref) => values.get(ref) as string);
  return { close, open, values };
}

const resources: readonly (readonly [string, JsonObject])[] = [
  ['a Patient', { resourceType: 'Patient', identifier: [{ system: SYSTEM, value: FNR }] }],
  ['a subject', { resourceType: 'Observation', subject: { identifier: { system: SYSTEM, value: FNR } } }],
  [
    'what is contained',
    {
      resourceType: 'Observation',
      contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ system: SYSTEM, value: FNR }] }],
    },
  ],
  ['a narrative', { resourceType: 'Basic', text: { status: 'generated', div: `<div>Fnr: ${FNR}.</div>` } }],
  [
    'a narrative as it is written by hand',
    { resourceType: 'Basic', text: { div: '<div>158385 10156</div>' } },
  ],
  ['a narrative with a hyphen', { resourceType: 'Basic', text: { div: '<div>158385-10156</div>' } }],
  ['a list of texts', { resourceType: 'Patient', name: [{ given: ['Kari', FNR] }] }],
  ['a condition', { resourceType: 'Subscription', criteria: `Patient?identifier=${SYSTEM}|${FNR}` }],
  [
    'an address elsewhere',
    { resourceType: 'Basic', subject: { reference: `https://ehr.no/fhir/Patient/${FNR}` } },
  ],
  ['a number without its system', { resourceType: 'Patient', identifier: [{ value: FNR }] }],
];

describe('Direct identifiers in a resource (ID-01)', () => {
  it.each(resources)('leave %s, and come back as they were.', (_where, resource) => {
    const { close, open } = vault();

    const stored = stringifyJson(close(resource));

    expect(mayHoldDirect(stringifyJson(resource))).toBe(true);
    expect(stored.replaceAll(/[ -]/g, '')).not.toContain(FNR);
    expect(parseJson(open(stored))).toEqual(resource);
  });

  it('are the same value whatever the system and the spelling.', () => {
    const { close, values } = vault();

    close({ resourceType: 'Basic', a: FNR, b: '158385 10156', identifier: [{ system: SYSTEM, value: FNR }] });

    expect([...values.values()]).toEqual([`n|${FNR}`]);
  });

  it.each([
    ['urn:oid:2.16.578.1.12.4.1.4.5', '201612345678'],
    ['HNR', '01411512345'],
    ['http://hl7.org/fhir/sid/passport-NOR', 'ABC"1\\2'],
    ['urn:oid:1.2.208.176.1.2', '0101701234'],
  ])('of %s leave by their system.', (system, value) => {
    const { close, open } = vault();
    const resource = { resourceType: 'Patient', identifier: [{ system, value }] };

    const stored = stringifyJson(close(resource));

    expect(mayHoldDirect(stringifyJson(resource))).toBe(true);
    expect(stored).not.toContain(value);
    expect(parseJson(open(stored))).toEqual(resource);
  });

  it('take files with them, whole: anything may be in one.', () => {
    const { close, open } = vault();
    const resource = { resourceType: 'Binary', contentType: 'application/pdf', data: 'JVBERi0xLjQK' };

    const stored = stringifyJson(close(resource));

    expect(stored).not.toContain('JVBERi0xLjQK');
    expect(parseJson(open(stored))).toEqual(resource);
  });

  it.each<[string, JsonObject]>([
    [
      'an organisation’s number',
      { identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '974795833' }] },
    ],
    ['an HPR number', { identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9144889' }] }],
    ['eleven digits that are no number of a person', { text: '12345678901' }],
    ['digits within others', { text: `1${FNR}`, more: `${FNR}.5`, uuid: `0${FNR}` }],
    ['ids and versions', { id: FNR, meta: { versionId: FNR } }],
    ['a reference to a resource here', { subject: { reference: `Patient/${FNR}` } }],
    ['sampled data', { valueSampledData: { origin: { value: 1 }, data: '1 2 3' } }],
  ])('are not seen in %s.', (_what, parts) => {
    const resource = { resourceType: 'Basic', ...parts };

    const closed = replaceDirect(resource, () => 'x');

    expect(closed).toBe(resource);
  });

  it('leave the digits of decimals as they were (LM-02).', () => {
    const { close } = vault();
    const resource = parseJson(`{"resourceType":"Basic","a":"${FNR}","b":1.00,"c":{"d":2.50}}`) as JsonObject;

    expect(stringifyJson(close(resource))).toMatch(/"b":1\.00,"c":\{"d":2\.50\}/);
  });

  it('are few in number: most resources are stored as they are.', () => {
    const observation = stringifyJson({
      resourceType: 'Observation',
      id: '0193f0a1-12ab-7cde-8f01-123456789012',
      meta: { lastUpdated: '2026-11-20T08:00:00.123Z' },
      code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
    });

    expect(mayHoldDirect(observation)).toBe(false);
  });
});

describe('What stands in place of a direct identifier', () => {
  it('is nothing that a text has by chance, and is found again.', () => {
    const mark = markOf('abcdefghijklmnopqrstuv');

    expect(hasMark(`{"value":"${mark}"}`)).toBe(true);
    expect(refsIn(`${mark} ${mark}`)).toEqual(['abcdefghijklmnopqrstuv', 'abcdefghijklmnopqrstuv']);
    expect(hasMark('~id-too-short~ ~in~ ~i')).toBe(false);
    expect(hasMark(NO_MARK)).toBe(true);
  });

  it('tells nothing to who may not read it.', () => {
    expect(redactMarks(`"${markOf('abcdefghijklmnopqrstuv', ' ')}"`)).toBe('"***"');
  });
});

describe('A value that is searched for', () => {
  it('is a national number under any system, and under none.', () => {
    expect(directValue(SYSTEM, FNR)).toBe(`n|${FNR}`);
    expect(directValue(undefined, FNR)).toBe(`n|${FNR}`);
    expect(directValues(FNR)).toEqual([`n|${FNR}`]);
  });

  it('is one of its system in any spelling, and one of any of them without it.', () => {
    expect(directValue('2.16.578.1.12.4.1.4.5', '201612345678')).toBe(
      's|urn:oid:2.16.578.1.12.4.1.4.5|201612345678',
    );
    expect(directValues('201612345678')).toContain('s|urn:oid:2.16.578.1.12.4.1.4.5|201612345678');
    expect(directValue('http://example.no/mrn', '42')).toBeUndefined();
  });

  it('is of a person: numbers of units and of personnel are not kept apart.', () => {
    expect(isDirectSystem('http://hl7.no/fhir/NamingSystem/FNR')).toBe(true);
    expect(isDirectSystem('urn:oid:2.16.578.1.12.4.1.4.4')).toBe(false);
    expect(isDirectSystem('urn:oid:2.16.578.1.12.4.1.4.101')).toBe(false);
  });

  it('is found once in a resource that has it twice.', () => {
    expect(directValuesIn({ resourceType: 'Basic', a: FNR, b: FNR })).toEqual([`n|${FNR}`]);
  });
});
