/**
 * The smallest valid resources: they stand in for what the official examples refer to and are not examples themselves.
 */
import type { JsonObject } from '../../src/fhir/types.ts';

const PATIENT = { reference: 'Patient/example' };
const TEXT = { text: 'stand-in' };

/** Required elements by type; types that have none are left out. */
const REQUIRED: Readonly<Record<string, JsonObject>> = {
  Account: { status: 'unknown' },
  Appointment: { status: 'proposed', participant: [{ actor: PATIENT, status: 'accepted' }] },
  Claim: {
    status: 'draft',
    type: TEXT,
    use: 'claim',
    patient: PATIENT,
    created: '2020-01-01',
    provider: { reference: 'Practitioner/example' },
    priority: TEXT,
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/9876B1' } }],
  },
  CommunicationRequest: { status: 'unknown' },
  Condition: { subject: PATIENT },
  Coverage: { status: 'active', beneficiary: PATIENT, payor: [PATIENT] },
  DiagnosticReport: { status: 'final', code: TEXT },
  Encounter: { status: 'unknown', class: { code: 'AMB' } },
  Endpoint: {
    status: 'active',
    connectionType: { code: 'hl7-fhir-rest' },
    payloadType: [TEXT],
    address: 'https://example.org/fhir',
  },
  EpisodeOfCare: { status: 'finished', patient: PATIENT },
  ImagingStudy: { status: 'available', subject: PATIENT },
  Immunization: {
    status: 'completed',
    vaccineCode: TEXT,
    patient: PATIENT,
    occurrenceString: 'unknown',
  },
  List: { status: 'current', mode: 'working' },
  Media: { status: 'completed', content: { title: 'stand-in' } },
  MedicationRequest: {
    status: 'unknown',
    intent: 'order',
    medicationCodeableConcept: TEXT,
    subject: PATIENT,
  },
  MedicinalProductManufactured: { manufacturedDoseForm: TEXT, quantity: { value: 1 } },
  MolecularSequence: { coordinateSystem: 0 },
  Observation: { status: 'final', code: TEXT },
  Organization: { name: 'stand-in' },
  RelatedPerson: { patient: PATIENT },
  Schedule: { actor: [PATIENT] },
  ServiceRequest: { status: 'unknown', intent: 'order', subject: PATIENT },
  Slot: {
    schedule: { reference: 'Schedule/example' },
    status: 'free',
    start: '2020-01-01T00:00:00Z',
    end: '2020-01-01T01:00:00Z',
  },
};

/** The smallest valid resource with this type and id. */
export const standIn = (type: string, id: string): JsonObject => ({
  resourceType: type,
  id,
  ...REQUIRED[type],
});
