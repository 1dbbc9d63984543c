/** Parts of resources that are asked for again and again. */
import type { Encounter, Patient, Resource } from '../../../src/fhir/types.ts';

export const keyOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id ?? ''}`;

export const patientOf = (resources: readonly Resource[]): Patient | undefined =>
  resources.find((one): one is Patient => one.resourceType === 'Patient');

export const encounterOf = (resources: readonly Resource[]): Encounter | undefined =>
  resources.find((one): one is Encounter => one.resourceType === 'Encounter');

/** Every reference in a value, with the object that holds it. */
export function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(referencesIn);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { reference } = value as { readonly reference?: unknown };
  return typeof reference === 'string' ? [reference] : Object.values(value).flatMap(referencesIn);
}
