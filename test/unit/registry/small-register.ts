/** A register of two forms, for tests of the engine: `first` is open from the start, `second` when `first` is locked. */
import type { Register } from '../../../src/content/register.ts';
import type { JsonObject, PlanDefinition } from '../../../src/fhir/types.ts';

export const FIRST = 'http://test.no/Questionnaire/first|1.0.0';
export const SECOND = 'http://test.no/Questionnaire/second|1.0.0';
export const REFERRAL = { system: 'http://test.no/codes', code: 'referral' };
export const PATHWAY = { system: 'http://test.no/codes', code: 'pathway' };

export const plan: PlanDefinition = {
  resourceType: 'PlanDefinition',
  status: 'active',
  url: 'http://test.no/PlanDefinition/plan',
  version: '1.0.0',
  topic: [{ coding: [PATHWAY] }],
  action: [
    {
      id: 'open',
      trigger: [
        {
          type: 'data-added',
          data: [
            { type: 'ServiceRequest', codeFilter: [{ path: 'code', code: [REFERRAL] }, { path: 'status' }] },
            { type: 'Encounter', codeFilter: [{ path: 'code', code: [PATHWAY] }] },
          ],
        },
      ],
    },
    { id: 'first', title: 'Første', definitionCanonical: FIRST, participant: [{ type: 'practitioner' }] },
    {
      id: 'second',
      definitionCanonical: SECOND,
      participant: [{ type: 'patient' }],
      condition: [
        {
          kind: 'applicability',
          expression: {
            language: 'text/fhirpath',
            expression: `%responses.where(questionnaire = '${FIRST}' and status = 'completed').exists()`,
          },
        },
        { kind: 'start', expression: { language: 'text/fhirpath', expression: 'false' } },
      ],
    },
  ],
};

export const register = {
  id: 'small',
  plans: [plan],
  manifest: { resourceType: 'ImplementationGuide' },
  access: {
    basis: [
      { from: '2027-01-01', mode: 'reservation' },
      { from: '2012-01-01', mode: 'consent' },
    ],
    national: "%responses.exists() and iif(%mode = 'reservation', %consent.empty(), %consent.exists())",
  },
} as unknown as Register;

export const episode: JsonObject = {
  resourceType: 'EpisodeOfCare',
  id: 'e',
  status: 'active',
  patient: { reference: 'Patient/p' },
  managingOrganization: { reference: 'Organization/clinic' },
};

export const locked = (questionnaire: string, id = 'r', status = 'completed'): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  id,
  questionnaire,
  status,
});
