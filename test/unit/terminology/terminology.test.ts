import { loadR4 } from '../../../src/content/r4.ts';
import type { CodeSystem, ConceptMap, ValueSet } from '../../../src/fhir/types.ts';
import { createTerminology } from '../../../src/terminology/terminology.ts';

const DRUGS = 'https://ryggrad.no/fhir/CodeSystem/test-drugs';

const drugs: CodeSystem = {
  resourceType: 'CodeSystem',
  url: DRUGS,
  version: '1.0.0',
  status: 'active',
  content: 'complete',
  concept: [
    {
      code: 'opioid',
      display: 'Opioid',
      concept: [
        { code: 'morfin', display: 'Morfin', property: [{ code: 'route', valueString: 'po' }] },
        { code: 'oksykodon', display: 'Oksykodon' },
      ],
    },
    { code: 'paracetamol', display: 'Paracetamol' },
  ],
};

const set = (id: string, compose: ValueSet['compose']): ValueSet => ({
  resourceType: 'ValueSet',
  url: `https://ryggrad.no/fhir/ValueSet/${id}`,
  version: '1.0.0',
  status: 'active',
  ...(compose !== undefined && { compose }),
});

const map: ConceptMap = {
  resourceType: 'ConceptMap',
  url: 'https://ryggrad.no/fhir/ConceptMap/test',
  status: 'active',
  group: [
    {
      source: 'http://old',
      target: DRUGS,
      element: [
        { code: '1', target: [{ code: 'morfin', equivalence: 'equivalent' }] },
        { code: '9', target: [{ equivalence: 'unmatched' }] },
      ],
      unmapped: { mode: 'fixed', code: 'opioid' },
    },
  ],
};

const url = (id: string): string => `https://ryggrad.no/fhir/ValueSet/${id}`;

const terminology = createTerminology({
  r4: loadR4(),
  codeSystems: [drugs],
  conceptMaps: [map],
  valueSets: [
    set('all', { include: [{ system: DRUGS }] }),
    set('opioids', {
      include: [{ system: DRUGS, filter: [{ property: 'concept', op: 'is-a', value: 'opioid' }] }],
    }),
    set('oral', { include: [{ system: DRUGS, filter: [{ property: 'route', op: '=', value: 'po' }] }] }),
    set('not-opioids', { include: [{ valueSet: [url('all')] }], exclude: [{ valueSet: [url('opioids')] }] }),
    set('both', { include: [{ valueSet: [url('all'), url('oral')] }] }),
    set('snomed', {
      include: [{ system: 'http://snomed.info/sct' }, { system: DRUGS, concept: [{ code: 'morfin' }] }],
    }),
    set('itself', { include: [{ valueSet: [url('itself')] }] }),
  ],
});

const codes = (id: string): readonly string[] | undefined =>
  terminology.expand(url(id))?.map(({ code }) => code);

describe('The terminology', () => {
  it('expands whole systems, filters, imports and exclusions.', () => {
    expect(codes('all')).toEqual(['opioid', 'morfin', 'oksykodon', 'paracetamol']);
    expect(codes('opioids')).toEqual(['opioid', 'morfin', 'oksykodon']);
    expect(codes('oral')).toEqual(['morfin']);
    expect(codes('not-opioids')).toEqual(['paracetamol']);
    expect(codes('both')).toEqual(['morfin']);
  });

  it('takes the display from the code system.', () => {
    expect(terminology.expand(url('oral'))).toEqual([{ system: DRUGS, code: 'morfin', display: 'Morfin' }]);
    expect(terminology.lookup(DRUGS, 'morfin')?.display).toBe('Morfin');
    expect(terminology.lookup(DRUGS, 'x')).toBeUndefined();
  });

  it('says unknown where a system is not here, and no for other systems.', () => {
    expect(terminology.expand(url('snomed'))).toBeUndefined();
    expect(terminology.contains(url('snomed'), 'http://snomed.info/sct', '123')).toBe('unknown');
    expect(terminology.contains(url('snomed'), DRUGS, 'morfin')).toBe('yes');
    expect(terminology.contains(url('snomed'), 'http://loinc.org', '1')).toBe('no');
    expect(terminology.contains('http://example.org/ValueSet/x', undefined, 'a')).toBe('unknown');
  });

  it('accepts a bare code of any system in the set, and a version after the canonical.', () => {
    const genders = 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1';

    expect(terminology.contains(genders, undefined, 'female')).toBe('yes');
    expect(terminology.contains(genders, undefined, 'kvinne')).toBe('no');
    expect(terminology.contains(`${url('oral')}|1.0.0`, DRUGS, 'morfin')).toBe('yes');
  });

  it('knows whether a code exists in its system.', () => {
    expect(terminology.exists(DRUGS, 'morfin')).toBe('yes');
    expect(terminology.exists(DRUGS, 'x')).toBe('no');
    expect(terminology.exists('http://snomed.info/sct', 'x')).toBe('unknown');
  });

  it('translates, leaves unmatched codes out, and follows the rule for unmapped ones.', () => {
    expect(terminology.translate(map.url!, 'http://old', '1')).toEqual([
      { system: DRUGS, code: 'morfin', equivalence: 'equivalent' },
    ]);
    expect(terminology.translate(map.url!, 'http://old', '9')).toEqual([]);
    expect(terminology.translate(map.url!, undefined, '7')).toEqual([
      { system: DRUGS, code: 'opioid', equivalence: 'inexact' },
    ]);
    expect(terminology.translate('http://x', 'http://old', '1')).toEqual([]);
  });

  it('does not run in circles when a set imports itself.', () => {
    expect(terminology.contains(url('itself'), DRUGS, 'morfin')).toBe('unknown');
  });

  it('follows the hierarchy of the v3 code systems.', () => {
    const encounters = 'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode';

    expect(terminology.contains(encounters, 'http://terminology.hl7.org/CodeSystem/v3-ActCode', 'IMP')).toBe(
      'yes',
    );
    expect(terminology.contains(encounters, 'http://terminology.hl7.org/CodeSystem/v3-ActCode', 'xx')).toBe(
      'no',
    );
  });

  it.each([
    ['descendent-of', 'concept', 'opioid', ['morfin', 'oksykodon']],
    ['is-not-a', 'concept', 'opioid', ['paracetamol']],
    ['generalizes', 'concept', 'morfin', ['opioid', 'morfin']],
    ['in', 'code', 'morfin, paracetamol', ['morfin', 'paracetamol']],
    ['not-in', 'code', 'morfin,opioid', ['oksykodon', 'paracetamol']],
    ['exists', 'route', 'true', ['morfin']],
  ] as const)('filters by %s.', (op, property, value, expected) => {
    const filtered = createTerminology({
      codeSystems: [drugs],
      valueSets: [set('filtered', { include: [{ system: DRUGS, filter: [{ op, property, value }] }] })],
    });

    expect(filtered.expand(url('filtered'))?.map(({ code }) => code)).toEqual(expected);
  });

  it('takes an expansion where there is no composition, and decides by a regular expression.', () => {
    const other = createTerminology({
      codeSystems: [drugs],
      valueSets: [
        {
          ...set('expanded', undefined),
          expansion: {
            timestamp: '2026-01-01',
            contains: [
              {
                system: DRUGS,
                code: 'opioid',
                abstract: true,
                contains: [{ system: DRUGS, code: 'morfin' }],
              },
            ],
          },
        },
        set('regex', {
          include: [{ system: DRUGS, filter: [{ op: 'regex', property: 'code', value: 'm.*' }] }],
        }),
      ],
    });

    expect(other.expand(url('expanded'))).toEqual([{ system: DRUGS, code: 'morfin' }]);
    expect(other.contains(url('regex'), DRUGS, 'morfin')).toBe('yes');
  });
});
