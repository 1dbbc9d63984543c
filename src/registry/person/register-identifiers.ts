/**
 * The register's own numbers on persons and pathways: PasientID follows the person, ForløpsID the pathway.
 */
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import { OTHER_NUMBERS } from '../../fhir/identifiers.ts';
import type { WriteScope } from '../../repository/rules.ts';
import type { Sql } from '../../storage/store.ts';

export const PASIENT_ID = 'https://ryggrad.no/fhir/NamingSystem/pasient-id';
export const FORLOPS_ID = 'https://ryggrad.no/fhir/NamingSystem/forlops-id';

/** System of numbers that are no Norwegian ones, as a department has written them down [Annet]: a passport's, say. */
export const otherNumberSystem = (unit: string): string => `${OTHER_NUMBERS}${unit}`;

/** Value of the identifier of that system, or undefined. */
export function identifierValue(resource: JsonObject, system: string): string | undefined {
  const found = identifiers(resource).find((identifier) => identifier['system'] === system);
  return found === undefined ? undefined : (found['value'] as string);
}

export function identifiers(resource: JsonObject): readonly JsonObject[] {
  const list = resource['identifier'];
  return Array.isArray(list) ? (list as readonly JsonObject[]) : [];
}

export function withIdentifier(resource: JsonObject, system: string, value: string): JsonObject {
  return { ...resource, identifier: [...identifiers(resource), { system, value }] as readonly JsonValue[] };
}

/** The resource without identifiers of that system. */
export function withoutIdentifier(resource: JsonObject, system: string): JsonObject {
  const kept = identifiers(resource).filter((identifier) => identifier['system'] !== system);
  const { identifier: _all, ...rest } = resource;
  return kept.length === 0 ? rest : { ...rest, identifier: kept };
}

/** The next number that is given will be higher than this one, which came with data from elsewhere. */
export const passNumberSql = (sequence: 'patient_number' | 'pathway_number', number: string): Sql => ({
  text: `select setval($1::regclass, greatest($2::bigint, (select last_value from ${sequence})))`,
  values: [sequence, number],
});

/** Next number of a database sequence, as text. */
export async function nextNumber(
  scope: WriteScope,
  sequence: 'patient_number' | 'pathway_number',
): Promise<string> {
  const [row] = await scope.query<{ n: string }>({
    text: 'select nextval($1::regclass)::text as n',
    values: [sequence],
  });
  if (row === undefined) {
    throw new Error(`The sequence ${sequence} gave no number`);
  }
  return row.n;
}
