/** A small form with one item of every kind that a page draws. */
import { compilePath } from '../../../../src/fhir/path.ts';
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '../../../../src/fhir/types.ts';
import { createEngine, type Engine } from '../../../../src/web/forms/engine.ts';
import type { FormModel } from '../../../../src/web/view-models.ts';

const EXT = 'http://hl7.org/fhir/StructureDefinition/';
const SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/sample';

export const option = (code: string, display: string) => ({ system: SYSTEM, code, display });

const choice = (
  linkId: string,
  text: string,
  codes: readonly string[],
  rest: Partial<QuestionnaireItem> = {},
) => ({
  linkId,
  text,
  type: 'choice' as const,
  answerOption: codes.map((code) => ({
    valueCoding: option(code, code),
    ...(code === 'ingen' && {
      extension: [{ url: `${EXT}questionnaire-optionExclusive`, valueBoolean: true }],
    }),
  })),
  ...rest,
});

const control = (code: string) => ({
  url: `${EXT}questionnaire-itemControl`,
  valueCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/questionnaire-item-control', code }] },
});

export const sample: Questionnaire = {
  resourceType: 'Questionnaire',
  url: 'https://ryggrad.no/fhir/Questionnaire/sample',
  version: '1.0.0',
  name: 'Sample',
  title: 'Prøveskjema',
  status: 'active',
  language: 'nb',
  subjectType: ['Patient'],
  item: [
    {
      linkId: 'om',
      type: 'group',
      text: 'Om pasienten',
      item: [
        { linkId: 'dato', type: 'date', text: 'Registreringsdato', required: true },
        { linkId: 'tid', type: 'dateTime', text: 'Tidspunkt' },
        {
          linkId: 'vekt',
          type: 'decimal',
          text: 'Vekt',
          extension: [
            {
              url: `${EXT}questionnaire-unit`,
              valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg' },
            },
            { url: `${EXT}maxValue`, valueDecimal: 300 },
          ],
          item: [
            { linkId: 'vekt-hjelp', type: 'display', text: 'Uten yttertøy.', extension: [control('help')] },
          ],
        },
        { linkId: 'antall', type: 'integer', text: 'Antall tilsyn' },
        { linkId: 'navn', type: 'string', text: 'Avdeling' },
        { linkId: 'merknad', type: 'text', text: 'Merknad' },
        { linkId: 'samtykke', type: 'boolean', text: 'Samtykke' },
        choice('lar', 'LAR', ['ja', 'nei', 'usikker']),
        choice('analgetika', 'Analgetika', ['opioider', 'annet', 'ingen'], { repeats: true }),
        choice('nrs', 'Sterkeste smerte', ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']),
        { ...choice('diagnose', 'Diagnose', ['M54.5', 'G50.0']), extension: [control('autocomplete')] },
        {
          linkId: 'skjult',
          type: 'string',
          text: 'Skjult',
          extension: [{ url: `${EXT}questionnaire-hidden`, valueBoolean: true }],
        },
        { linkId: 'fast', type: 'string', text: 'Fra TO', readOnly: true },
        {
          linkId: 'hvorfor',
          type: 'string',
          text: 'Hvorfor usikker?',
          enableWhen: [{ question: 'lar', operator: '=', answerCoding: option('usikker', 'usikker') }],
        },
      ],
    },
    {
      linkId: 'opioider',
      type: 'group',
      text: 'Opioider',
      extension: [
        {
          url: `${EXT}variable`,
          valueExpression: { name: 'tabell', language: 'text/fhirpath', expression: '%context' },
        },
      ],
      item: [
        {
          linkId: 'rad',
          type: 'group',
          repeats: true,
          text: 'Opioid',
          extension: [control('gtable')],
          item: [
            choice('middel', 'Legemiddel', ['morfin', 'oksykodon']),
            { linkId: 'dose', type: 'decimal', text: 'Dose', required: true },
          ],
        },
        {
          linkId: 'sum',
          type: 'decimal',
          text: 'Sum',
          readOnly: true,
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
              valueExpression: {
                language: 'text/fhirpath',
                expression:
                  "iif(%tabell.item.where(linkId='rad').exists(), %tabell.item.where(linkId='rad').item.where(linkId='dose').answer.value.sum(), {})",
              },
            },
          ],
        },
      ],
    },
  ],
};

export const empty: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${sample.url}|${sample.version}`,
  status: 'in-progress',
};

/** A draft with two opioid rows, the first without an id. */
export const twoRows: QuestionnaireResponse = {
  ...empty,
  item: [
    {
      linkId: 'opioider',
      item: [
        {
          linkId: 'rad',
          item: [
            { linkId: 'middel', answer: [{ valueCoding: option('morfin', 'morfin') }] },
            { linkId: 'dose', answer: [{ valueDecimal: 60 }] },
          ],
        },
        {
          linkId: 'rad',
          id: 'b7',
          item: [
            { linkId: 'middel', answer: [{ valueCoding: option('oksykodon', 'oksykodon') }] },
            { linkId: 'dose', answer: [{ valueDecimal: 7.5 }] },
          ],
        },
      ],
    },
  ],
};

export const modelOf = (response: QuestionnaireResponse, rest: Partial<FormModel> = {}): FormModel => ({
  taskId: 't1',
  address: '/skjema/t1',
  reader: 'staff',
  lang: 'nb',
  title: 'Prøveskjema',
  questionnaire: sample,
  valueSets: {},
  launch: {},
  response,
  now: '2026-11-24T09:00:00Z',
  state: 'open',
  mayReopen: false,
  texts: {},
  issues: [],
  isAttempted: false,
  ...rest,
});

export const engineOf = (response: QuestionnaireResponse): Engine =>
  createEngine(modelOf(response), compilePath);
