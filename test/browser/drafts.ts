/** Drafts of the real B1.1 as tests need them. */
import type { Extension, QuestionnaireResponse } from '../../src/fhir/types.ts';

const YES_NO = 'https://ryggrad.no/fhir/CodeSystem/answer';

const source: Extension = {
  url: 'https://ryggrad.no/fhir/StructureDefinition/answer-source',
  extension: [
    { url: 'resource', valueReference: { reference: 'MedicationStatement/1', display: 'EPJ Nord' } },
    { url: 'recorded', valueDateTime: '2026-11-20' },
    { url: 'adopted', valueCode: 'suggested' },
  ],
};

const opioid = (code: string, display: string) => ({
  system: 'https://ryggrad.no/fhir/CodeSystem/smertereg-opioid-form',
  code,
  display,
});

const group = (code: string, display: string) => ({
  system: 'https://ryggrad.no/fhir/CodeSystem/smertereg-analgesic-group',
  code,
  display,
});

/** B1.1 as an EHR has filled it: department, diagnosis group, two opioids. */
export const b11Draft: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'https://ryggrad.no/fhir/Questionnaire/smertereg-b11|1.0.0',
  status: 'in-progress',
  item: [
    {
      linkId: 'admission',
      item: [
        { linkId: 'to-start-date', answer: [{ valueDate: '2026-11-20' }] },
        { linkId: 'registration-date', answer: [{ valueDate: '2026-11-20' }] },
        { linkId: 'location', answer: [{ valueString: 'Nordlandssykehuset Bodø', extension: [source] }] },
        { linkId: 'department', answer: [{ valueString: 'Ortopedisk sengepost', extension: [source] }] },
      ],
    },
    {
      linkId: 'analgesics',
      item: [
        {
          linkId: 'analgesics-first',
          answer: [{ valueCoding: group('opioids', 'Opioider'), extension: [source] }],
        },
        {
          linkId: 'opioid-table',
          item: [
            {
              linkId: 'opioid',
              id: 'r1',
              item: [
                {
                  linkId: 'opioid-form',
                  answer: [
                    {
                      valueCoding: opioid('morphine-po-mr', 'Morfin depottablett (Dolcontin)'),
                      extension: [source],
                    },
                  ],
                },
                { linkId: 'dose', answer: [{ valueDecimal: 60 }] },
              ],
            },
            {
              linkId: 'opioid',
              id: 'r2',
              item: [
                {
                  linkId: 'opioid-form',
                  answer: [
                    { valueCoding: opioid('morphine-po', 'Morfin tablett/mikstur'), extension: [source] },
                  ],
                },
                { linkId: 'dose', answer: [{ valueDecimal: 7.5 }] },
              ],
            },
          ],
        },
      ],
    },
    {
      linkId: 'substance-use',
      item: [
        {
          linkId: 'earlier-abuse',
          answer: [{ valueCoding: { system: YES_NO, code: 'no', display: 'Nei' } }],
        },
      ],
    },
  ],
};
