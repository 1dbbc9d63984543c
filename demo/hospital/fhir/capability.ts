/** What the hospital's FHIR server can: https://hl7.org/fhir/R4/capabilitystatement.html */
import type { CapabilityStatement } from '../../../src/fhir/types.ts';
import { PARAMETERS } from './search.ts';

/** Types that apps may write back. */
export const WRITABLE: readonly string[] = ['DocumentReference', 'QuestionnaireResponse'];

const DATES = [
  '_lastUpdated',
  'date',
  'authored',
  'recorded-date',
  'effective',
  'effective-time',
  'birthdate',
];
const REFERENCES = ['patient', 'subject', 'encounter'];
const STRINGS = ['name', 'family'];

function kindOf(name: string): 'date' | 'reference' | 'string' | 'token' {
  if (DATES.includes(name)) {
    return 'date';
  }
  if (REFERENCES.includes(name)) {
    return 'reference';
  }
  return STRINGS.includes(name) ? 'string' : 'token';
}

export const capabilityStatement = (base: string, url: string, date: string): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  experimental: true,
  date,
  publisher: 'Fjordheim sykehus (oppdiktet)',
  kind: 'instance',
  software: { name: 'Fjordheim journal' },
  implementation: { description: 'Et oppdiktet sykehus for utvikling og prøving', url: base },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json', 'json'],
  rest: [
    {
      mode: 'server',
      security: {
        service: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                code: 'SMART-on-FHIR',
              },
            ],
          },
        ],
        extension: [
          {
            url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
            extension: [
              { url: 'token', valueUri: `${url}/token` },
              { url: 'authorize', valueUri: `${url}/authorize` },
            ],
          },
        ],
      },
      resource: Object.entries(PARAMETERS).map(([type, parameters]) => ({
        type: type as 'Patient',
        interaction: [
          { code: 'read' },
          { code: 'search-type' },
          ...(WRITABLE.includes(type) ? ([{ code: 'create' }, { code: 'update' }] as const) : []),
        ],
        versioning: 'versioned',
        searchParam: Object.keys(parameters).map((name) => ({ name, type: kindOf(name) })),
      })),
    },
  ],
});
