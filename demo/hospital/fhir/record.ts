/**
 * The hospital's record in memory: what was written up to now, with versions and times; apps write back into it.
 */
import type { Resource } from '../../../src/fhir/types.ts';
import { eventsOf } from '../courses/events.ts';
import type { RecordEvent } from '../courses/course.ts';
import { CLINICIANS } from '../organisation.ts';
import { organizations, practitioner } from './build.ts';
import { keyOf, patientOf } from './parts.ts';

export interface HospitalRecord {
  read(type: string, id: string): Resource | undefined;
  /** Was it there, and is it taken out? */
  isGone(type: string, id: string): boolean;
  all(type: string): readonly Resource[];
  /** Everything that is about a patient, the Patient first. */
  compartment(patient: string): readonly Resource[];
  /** Store what an app has written; a new id when it has none. */
  write(resource: Resource, at: Date): Resource;
}

/** The record that events up to `now` have made. */
export function recordOf(events: readonly RecordEvent[], now: Date): HospitalRecord {
  const current = new Map<string, Resource>();
  const gone = new Set<string>();
  let written = 0;
  const put = (resource: Resource, at: string): Resource => {
    const key = keyOf(resource);
    const before = current.get(key);
    const same = before !== undefined && sameContent(before, resource);
    const versionId = String(Number(before?.meta?.versionId ?? 0) + (same ? 0 : 1));
    const lastUpdated = same ? (before.meta?.lastUpdated ?? at) : at;
    const stored: Resource = { ...resource, meta: { ...resource.meta, versionId, lastUpdated } };
    current.set(key, stored);
    gone.delete(key);
    return stored;
  };
  for (const resource of [...organizations(), ...CLINICIANS.map(practitioner)]) {
    put(resource, '2020-01-01T00:00:00Z');
  }
  for (const { at, resources, removed = [] } of events) {
    if (Date.parse(at) <= now.getTime()) {
      resources.forEach((resource) => put(resource, at));
      removed.forEach((key) => {
        current.delete(key);
        gone.add(key);
      });
    }
  }
  return {
    read: (type, id) => current.get(`${type}/${id}`),
    isGone: (type, id) => gone.has(`${type}/${id}`),
    all: (type) => [...current.values()].filter(({ resourceType }) => resourceType === type),
    compartment: (patient) => [...current.values()].filter((one) => isAbout(one, patient)),
    write(resource, at) {
      written += 1;
      const id = resource.id ?? `skrevet-${written}`;
      return put({ ...resource, id } as Resource, at.toISOString());
    },
  };
}

/** The record of the persons of these numbers, written on the day. */
export const recordOfDay = (
  seed: number,
  numbers: readonly number[],
  day: string,
  now: Date,
): HospitalRecord => recordOf(eventsOf(seed, numbers, day), now);

interface About {
  readonly subject?: { readonly reference?: string };
  readonly patient?: { readonly reference?: string };
}

/** Is the resource the patient, or about the patient? */
export function isAbout(resource: Resource, patient: string): boolean {
  const { subject, patient: about } = resource as About;
  return resource.resourceType === 'Patient'
    ? resource.id === patient
    : (subject ?? about)?.reference === `Patient/${patient}`;
}

const sameContent = (a: Resource, b: Resource): boolean => content(a) === content(b);
const content = (resource: Resource): string => JSON.stringify({ ...resource, meta: undefined });

export const isPatientKnown = (record: HospitalRecord, id: string): boolean =>
  patientOf(record.compartment(id)) !== undefined;
