import { canonicalIndex } from '../../../src/content/canonical-index.ts';
import { listConcepts } from '../../../src/content/concepts.ts';
import type { CodeSystem, ValueSet } from '../../../src/fhir/types.ts';

const drugs: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'urn:drugs',
  version: '1',
  status: 'active',
  content: 'complete',
  concept: [
    {
      code: 'morphine',
      display: 'Morfin',
      designation: [{ language: 'en', value: 'Morphine' }],
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: 1 }],
      concept: [{ code: 'depot', display: 'Depot' }],
    },
  ],
};

const listed = (include: NonNullable<ValueSet['compose']>['include']): ReturnType<typeof listConcepts> =>
  listConcepts(
    {
      codeSystems: canonicalIndex([drugs]),
      valueSets: canonicalIndex<ValueSet>([
        { resourceType: 'ValueSet', url: 'urn:set', version: '1', status: 'active', compose: { include } },
      ]),
    },
    'urn:set|1',
  );

describe('The concepts of a value set', () => {
  it('are all of the code system, at every level, with weight and translations.', () => {
    const concepts = listed([{ system: 'urn:drugs' }]);

    expect(concepts?.map(({ code, weight }) => [code, weight])).toEqual([
      ['morphine', 1],
      ['depot', undefined],
    ]);
    expect(JSON.stringify(concepts?.[0]?.source)).toContain('"valueString":"Morphine"');
  });

  it('take what the value set does not say from the code system.', () => {
    const concepts = listed([
      { system: 'urn:drugs', concept: [{ code: 'morphine', display: 'Morfin tablett' }] },
    ]);

    expect(concepts).toMatchObject([{ code: 'morphine', display: 'Morfin tablett', weight: 1 }]);
  });

  it('are listed for a national code book that is not here, as the value set names them.', () => {
    expect(
      listed([{ system: 'urn:icd', concept: [{ code: 'M54.5', display: 'Korsryggsmerte' }] }]),
    ).toMatchObject([{ system: 'urn:icd', code: 'M54.5' }]);
  });

  it('are not guessed when the system is not here, or a filter decides.', () => {
    expect(listed([{ system: 'urn:icd' }])).toBeUndefined();
    expect(
      listed([{ system: 'urn:drugs', filter: [{ property: 'x', op: '=', value: 'y' }] }]),
    ).toBeUndefined();
    expect(
      listConcepts(
        { codeSystems: canonicalIndex([drugs]), valueSets: canonicalIndex<ValueSet>([]) },
        'urn:x',
      ),
    ).toBeUndefined();
  });
});
