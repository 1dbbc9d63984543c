/**
 * What the simulated EHR pushes to the registry: a transaction of one patient's data.
 * https://hl7.org/fhir/R4/http.html#transaction
 */
import { createHash } from 'node:crypto';
import type { Bundle, BundleEntry, Resource } from '../../src/fhir/types.ts';
import { demoResources, FNR } from './patients.ts';
import { isAbout } from '../hospital/fhir/record.ts';

/**
 * The transaction Bundle of a patient: every resource is created under a `urn:uuid`, references between them use it, and
 * nothing is created twice: persons are known by the national identity number, the rest by the EHR's own ids (`If-None-Exist`).
 * The same call gives the same uuids. Throws for an unknown patient.
 */
export function demoBundle(patientId: string, now: Date): Bundle {
  const resources = demoResources(now, [patientId]).filter((resource) => isAbout(resource, patientId));
  if (resources.length === 0) {
    throw new RangeError(`The demo EHR has no patient ${patientId}`);
  }
  const urns = new Map(resources.map((resource) => [keyOf(resource), urnOf(keyOf(resource))] as const));
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    timestamp: now.toISOString(),
    entry: resources.map((resource) => entryOf(resource, urns)),
  };
}

/** The EHR's own ids on what it sends: a message that comes twice is known by them. */
const EHR_ID = 'https://demojournal.example/id';

function entryOf(resource: Resource, urns: ReadonlyMap<string, string>): BundleEntry {
  const { id = '', ...content } = resource;
  const fnr =
    resource.resourceType === 'Patient'
      ? resource.identifier?.find(({ system }) => system === FNR)?.value
      : undefined;
  const known = fnr === undefined ? `${EHR_ID}|${id}` : `${FNR}|${fnr}`;
  const identified =
    fnr === undefined ? { ...content, identifier: [{ system: EHR_ID, value: id }] } : content;
  return {
    fullUrl: urns.get(keyOf(resource)) as string,
    resource: withUrns(identified, urns) as Resource,
    request: { method: 'POST', url: resource.resourceType, ifNoneExist: `identifier=${known}` },
  };
}

/** A copy in which references inside the bundle are urns, and those to the outside keep their display alone. */
function withUrns(value: unknown, urns: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withUrns(item, urns));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { reference, ...rest } = value as { reference?: unknown };
  if (typeof reference !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withUrns(member, urns)]));
  }
  const urn = urns.get(reference);
  const outside = 'display' in rest ? rest : { ...rest, display: reference };
  return urn === undefined ? outside : { ...rest, reference: urn };
}

const keyOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;

/** A UUID (version 5 shape) of the key, so that pushing twice sends the same. */
function urnOf(key: string): string {
  const hex = createHash('sha256').update(`ryggrad-demo-ehr ${key}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
