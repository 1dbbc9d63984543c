/** https://hl7.org/fhir/R4/metadatatypes.html#TriggerDefinition */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { holds } from '../../../src/registry/schedule/trigger.ts';

const of = (resourceType: string, parts: JsonObject): JsonObject => ({ resourceType, ...parts });
const verified = (code: string): JsonObject => ({ verificationStatus: { coding: [{ code }] } });

describe('What data tell', () => {
  it.each([
    ['MedicationStatement', { status: 'active' }],
    ['MedicationStatement', { status: 'completed' }],
    ['MedicationStatement', { status: 'stopped' }],
    ['Procedure', { status: 'completed' }],
    ['Observation', { status: 'corrected' }],
    ['Condition', verified('confirmed')],
    ['Condition', {}],
  ])('is so: %s %j.', (type, parts) => {
    expect(holds(of(type, parts))).toBe(true);
  });

  it.each([
    ['MedicationStatement', { status: 'not-taken' }],
    ['MedicationStatement', { status: 'intended' }],
    ['CarePlan', { status: 'revoked' }],
    ['Appointment', { status: 'noshow' }],
    ['Observation', { status: 'preliminary' }],
    ['Condition', verified('refuted')],
    ['Condition', verified('entered-in-error')],
    ['Condition', verified('unconfirmed')],
    ['Condition', verified('provisional')],
    ['Condition', verified('differential')],
  ])('is not so, or not known to be: %s %j opens nothing.', (type, parts) => {
    expect(holds(of(type, parts))).toBe(false);
  });
});
