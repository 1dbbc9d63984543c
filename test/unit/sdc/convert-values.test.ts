import { conversionsOf, convertUnit } from '../../../src/registry/form/conversions.ts';
import type { ConceptMap, QuestionnaireItem } from '../../../src/fhir/types.ts';
import { populate } from '../../../src/sdc/populate.ts';
import { context, values } from './fixtures/smertetilsyn.ts';
import { besideOf, LAB, measured, patient, weightForm } from './fixtures/weight-form.ts';

const MAP = 'https://ryggrad.no/fhir/ConceptMap/lokal|1.0.0';
const SVAR = 'https://ryggrad.no/fhir/CodeSystem/svar';
const initial = (expression: string) => ({
  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
  valueExpression: { language: 'text/fhirpath' as const, expression },
});

const items: readonly QuestionnaireItem[] = [
  {
    linkId: 'kode',
    type: 'choice',
    text: 'Kode',
    extension: [
      { url: 'https://ryggrad.no/fhir/StructureDefinition/source-map', valueCanonical: MAP },
      initial('%malinger.code'),
    ],
    answerOption: [{ valueCoding: { system: SVAR, code: 'ja', display: 'Ja' } }],
  },
  {
    linkId: 'masse',
    type: 'decimal',
    text: 'Masse',
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit',
        valueCoding: { system: 'http://unitsofmeasure.org', code: 'g', display: 'g' },
      },
      initial('%malinger.value'),
    ],
  },
];
const form = weightForm(undefined, items);

const map = {
  resourceType: 'ConceptMap',
  status: 'active',
  group: [
    {
      source: 'urn:lokal',
      target: SVAR,
      element: [{ code: 'J1', target: [{ code: 'ja', equivalence: 'equal' }] }],
    },
  ],
} as ConceptMap;

async function filled(code: string, unit: string) {
  const observation = {
    ...measured('o1', 2),
    code: { coding: [{ system: 'urn:lokal', code, display: 'Lokal' }] },
    valueQuantity: { value: 2, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
  const conceptMaps = { get: (canonical: string) => (canonical === MAP ? map : undefined), all: () => [] };
  const { response } = await populate(form, {
    now: context.now,
    launch: { patient },
    fetch: (query) => Promise.resolve(query.startsWith('Observation?') ? [observation] : []),
    conversions: conversionsOf({ conceptMaps }),
  });
  return response;
}

describe('A value in the codes and units of its source', () => {
  it("becomes the form's own by the register's ConceptMap and by UCUM.", async () => {
    expect(values(await filled('J1', 'kg'))).toMatchObject({ kode: ['ja'], masse: [2000] });
  });

  it('stands beside the empty question, as it was sent, where neither knows it: never a silent drop.', async () => {
    const response = await filled('X9', 'Cel');

    expect(values(response)['kode']).toBeUndefined();
    expect(values(response)['masse']).toBeUndefined();
    expect(besideOf(form, response, 'kode')).toEqual([
      expect.objectContaining({
        kind: 'unmapped',
        value: { valueCoding: { system: 'urn:lokal', code: 'X9', display: 'Lokal' } },
        source: expect.objectContaining({ reference: 'Observation/o1', system: LAB }) as unknown,
      }),
    ]);
    expect(besideOf(form, response, 'masse').map(({ value }) => value.valueQuantity?.unit)).toEqual(['Cel']);
  });

  it('is converted between units of one kind, temperatures by their zero, and not between kinds.', () => {
    expect(convertUnit(1.5, 'kg', 'g')).toBeCloseTo(1500);
    expect(convertUnit(98.6, '[degF]', 'Cel')).toBeCloseTo(37);
    expect(convertUnit(1, 'kg', 'Cel')).toBeUndefined();
    expect(convertUnit(1, 'kg', 'ukjent')).toBeUndefined();
  });
});
