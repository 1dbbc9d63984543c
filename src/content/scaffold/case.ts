/** The first case of a new register: a synthetic patient who is referred and registered. */
import type { JsonObject } from '../../fhir/types.ts';
import { BASE } from './artefacts.ts';

/** Synthetic: the month of the number is raised by 80, so that no person can have it. */
const KARI = '15838510237';
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
/** RESH ids of the units that tests and demo have. */
const RECEIVER = { number: '9990001', name: 'Smerteklinikken, Fjordheim sykehus' };
const REFERRER = { number: '9990002', name: 'Ortopedisk sengepost, Fjordheim sykehus' };

const unit = ({ number, name }: typeof RECEIVER): JsonObject => ({
  identifier: { system: RESH, value: number },
  display: name,
});

/** What the EHR posts: the person, and the referral that opens the pathway. */
export const caseInput = (id: string): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      resource: {
        resourceType: 'Patient',
        identifier: [{ system: FNR, value: KARI }],
        name: [{ use: 'official', family: 'Testnes', given: ['Kari'] }],
        gender: 'female',
        birthDate: '1985-03-15',
      },
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${FNR}|${KARI}` },
    },
    {
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000002',
      resource: {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        code: {
          coding: [{ system: `${BASE}/CodeSystem/${id}-service`, code: 'henvisning', display: 'Henvisning' }],
        },
        subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
        authoredOn: '2026-03-02T08:30:00+01:00',
        requester: unit(REFERRER),
        performer: [unit(RECEIVER)],
      },
      request: { method: 'POST', url: 'ServiceRequest' },
    },
  ],
});

/** Opened, kept as a draft, refused with a question open, locked. */
export const caseSteps = (id: string): JsonObject => ({
  $schema: '../../../../test/content/case.schema.json',
  title: 'Henvist og registrert',
  input: 'input.json',
  steps: [
    {
      at: '2026-03-02T09:00:00+01:00',
      what: 'Henvisningen åpner forløpet og skjemaet',
      tasks: { start: 'ready' },
      national: false,
    },
    {
      at: '2026-03-02T09:10:00+01:00',
      what: 'En kladd kan være tom',
      form: `${id}-start`,
      status: 'in-progress',
      answers: { registration: { 'registration-date': '2026-03-02' } },
      issues: [],
      tasks: { start: 'in-progress' },
      national: false,
    },
    {
      at: '2026-03-02T09:20:00+01:00',
      what: 'Ferdigstilt skjema er låst, er blitt en observasjon og hører til det nasjonale registeret',
      form: `${id}-start`,
      status: 'completed',
      answers: {
        registration: {
          'registration-date': '2026-03-02',
          severity: 'severe',
          'severity-why': 'Rask forverring',
        },
      },
      issues: [],
      extracted: [
        {
          resourceType: 'Observation',
          code: { coding: [{ system: `${BASE}/CodeSystem/${id}-variable`, code: 'SEVERITY' }] },
          valueCodeableConcept: {
            coding: [{ system: `${BASE}/CodeSystem/${id}-severity`, code: 'severe', display: 'Alvorlig' }],
          },
        },
      ],
      tasks: { start: 'completed' },
      national: true,
    },
  ],
});

export const caseAbout = `# Kari: henvist og registrert

Kari (syntetisk, født 15.03.1985) henvises. Behandleren lagrer en kladd, og ferdigstiller skjemaet samme dag.
`;
