import { loadR4 } from '../../../src/content/r4.ts';
import type { ElementDefinition, StructureDefinition } from '../../../src/fhir/types.ts';
import { generateSnapshot } from '../../../src/validation/snapshot.ts';

const { structureDefinitions } = loadR4();
const find = (canonical: string): StructureDefinition | undefined => structureDefinitions.get(canonical);

const profile = (type: string, element: readonly Partial<ElementDefinition>[]): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url: 'https://example.org/StructureDefinition/x',
  name: 'X',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element: element as ElementDefinition[] },
});

const elements = (definition: StructureDefinition): ReadonlyMap<string, ElementDefinition> =>
  new Map(generateSnapshot(definition, find).snapshot?.element?.map((item) => [item.id ?? '', item]));

describe('The snapshot generator', () => {
  it('tightens elements and keeps the rest of the base.', () => {
    const snapshot = elements(
      profile('Patient', [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 }]),
    );

    expect(snapshot.get('Patient.birthDate')).toMatchObject({ min: 1, max: '1', type: [{ code: 'date' }] });
    expect(snapshot.get('Patient.gender')?.binding?.strength).toBe('required');
  });

  it('adds slices after their element, without the slicing and with their children from the type.', () => {
    const definition = profile('Patient', [
      {
        id: 'Patient.identifier',
        slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
      },
      { id: 'Patient.identifier:fnr', max: '1' },
      { id: 'Patient.identifier:fnr.system', min: 1, fixedUri: 'urn:x' },
    ]);
    const snapshot = elements(definition);
    const ids = [...snapshot.keys()];

    expect(snapshot.get('Patient.identifier:fnr')).toMatchObject({
      sliceName: 'fnr',
      min: 0,
      max: '1',
      path: 'Patient.identifier',
    });
    expect(snapshot.get('Patient.identifier:fnr')?.slicing).toBeUndefined();
    expect(snapshot.get('Patient.identifier:fnr.system')).toMatchObject({
      min: 1,
      fixedUri: 'urn:x',
      base: { path: 'Identifier.system' },
    });
    expect(snapshot.get('Patient.identifier:fnr.value')?.path).toBe('Patient.identifier.value');
    expect(ids.indexOf('Patient.identifier:fnr')).toBe(ids.indexOf('Patient.identifier') + 1);
    expect(ids.indexOf('Patient.active')).toBeGreaterThan(ids.indexOf('Patient.identifier:fnr.value'));
  });

  it('copies the children of a sliced backbone element.', () => {
    const snapshot = elements(
      profile('Observation', [
        {
          id: 'Observation.component',
          slicing: { discriminator: [{ type: 'pattern', path: 'code' }], rules: 'open' },
        },
        { id: 'Observation.component:a.code', patternCodeableConcept: { text: 'a' } },
      ]),
    );

    expect(snapshot.get('Observation.component:a.code')).toMatchObject({
      min: 1,
      patternCodeableConcept: { text: 'a' },
    });
    expect(snapshot.get('Observation.component:a.value[x]')?.path).toBe('Observation.component.value[x]');
  });

  it('follows content references.', () => {
    const snapshot = elements(profile('Questionnaire', [{ id: 'Questionnaire.item.item.text', min: 1 }]));

    expect(snapshot.get('Questionnaire.item.item.text')).toMatchObject({
      min: 1,
      path: 'Questionnaire.item.item.text',
    });
  });

  it('adds constraints to those of the base.', () => {
    const added = { key: 'x-1', severity: 'error' as const, human: 'x', expression: 'true' };
    const snapshot = elements(profile('Patient', [{ id: 'Patient', constraint: [added] }]));

    expect(snapshot.get('Patient')?.constraint?.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['dom-2', 'x-1']),
    );
  });

  it('names an element that is not there, and a base that is not known.', () => {
    expect(() => generateSnapshot(profile('Patient', [{ id: 'Patient.nickname', min: 1 }]), find)).toThrow(
      'Patient.nickname',
    );
    expect(() => generateSnapshot({ ...profile('Patient', []), baseDefinition: 'http://x' }, find)).toThrow(
      'http://x',
    );
  });
});
