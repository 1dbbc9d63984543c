/**
 * The single-valued search values of a resource's own row: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
import { compareInstants, dateRange } from '../fhir/date.ts';
import type { InstantRange } from '../fhir/date.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { Resource } from '../fhir/types.ts';
import type { HotColumns } from '../storage/store.ts';
import {
  CANONICAL_PARAMETERS,
  mainDateParameter,
  ORGANIZATION_PARAMETERS,
  PATIENT_ELEMENTS,
} from './columns.ts';
import type { Parameter } from './parameters.ts';

/** Hot columns of one resource; `table` holds the parameters of its type. */
export function hotColumns(
  resource: Resource,
  table: ReadonlyMap<string, Parameter>,
  baseUrl: string | undefined,
): HotColumns {
  const date = mainDate(resource, table);
  return {
    patient: patientOf(resource, baseUrl),
    org: organizationOf(resource, table, baseUrl),
    canon: canonicalOf(resource, table),
    status: statusOf(resource),
    dLo: date?.lo ?? null,
    dHi: date?.hi ?? null,
  };
}

/** The id of the one Patient that the resource is, or is about. */
export function patientOf(resource: Resource, baseUrl?: string): string | null {
  if (resource.resourceType === 'Patient') {
    return resource.id ?? null;
  }
  const elements = resource as unknown as Readonly<Record<string, unknown>>;
  for (const element of PATIENT_ELEMENTS) {
    const local = localReference(elements[element], baseUrl);
    if (local?.type === 'Patient') {
      return local.id;
    }
  }
  return null;
}

function organizationOf(
  resource: Resource,
  table: ReadonlyMap<string, Parameter>,
  baseUrl: string | undefined,
): string | null {
  const code = ORGANIZATION_PARAMETERS[resource.resourceType];
  const [value] = code === undefined ? [] : (table.get(code)?.extract(resource) ?? []);
  const local = localReference(value, baseUrl);
  return local?.type === 'Organization' ? local.id : null;
}

function canonicalOf(resource: Resource, table: ReadonlyMap<string, Parameter>): string | null {
  const code = CANONICAL_PARAMETERS[resource.resourceType] ?? 'url';
  const parameter = table.get(code);
  const [value] = parameter?.column === 'canon' ? parameter.extract(resource) : [];
  return typeof value === 'string' ? parseCanonical(value).url : null;
}

function statusOf(resource: Resource): string | null {
  const status = 'status' in resource ? (resource.status as unknown) : undefined;
  return typeof status === 'string' ? status : null;
}

function mainDate(resource: Resource, table: ReadonlyMap<string, Parameter>): InstantRange | undefined {
  const values = table.get(mainDateParameter(resource.resourceType))?.extract(resource) ?? [];
  const ranges = values.map(dateRange).filter((range) => range !== undefined);
  const [first, ...rest] = ranges;
  return first === undefined ? undefined : rest.reduce(hull, first);
}

const hull = (a: InstantRange, b: InstantRange): InstantRange => ({
  lo: compareInstants(a.lo, b.lo) <= 0 ? a.lo : b.lo,
  hi: compareInstants(a.hi, b.hi) >= 0 ? a.hi : b.hi,
});

function localReference(
  value: unknown,
  baseUrl: string | undefined,
): { type: string; id: string } | undefined {
  const reference =
    typeof value === 'object' && value !== null && 'reference' in value ? value.reference : undefined;
  return typeof reference === 'string' ? parseLocalReference(reference, baseUrl) : undefined;
}
