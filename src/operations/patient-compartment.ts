/** What belongs to a person's record, in SQL: https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
import { hash32, hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { compartmentTypes } from '../search/compartments.ts';
import type { Sql } from '../storage/store.ts';

/** Type → search parameters by which a resource of it may be in the compartment. */
const PATIENT_COMPARTMENT = compartmentTypes('Patient') ?? new Map<string, readonly string[]>();

/** Patient itself, and every type that may be about one. */
export const COMPARTMENT_TYPES: readonly string[] = [...PATIENT_COMPARTMENT.keys()];

/**
 * A condition on `r`: it is one of the persons, or in the record of one. The person whom a resource is about is a column;
 * other ways of belonging (a performer, an actor) are in the token table.
 */
export function inRecordOf(patients: readonly string[]): Sql {
  const [types, params] = parameterColumns();
  return {
    text: `(r.patient = any($1) or exists (
      select 1
      from unnest($2::smallint[], $3::int[]) p (type, param)
      join idx_token i on i.type = p.type and i.param = p.param and i.h = any($4::bigint[])
      where p.type = r.type and i.cmp = r.cmp and i.rid = r.rid))`,
    values: [patients, types, params, patients.map((id) => hash64(`Patient/${id}`))],
  };
}

/** Rows of one person's record by their numbers, from the indexes on: for one person, whatever the size of the store. */
export function recordSql(patient: string): Sql {
  const [types, params] = parameterColumns();
  return {
    text: `select r.rid from resource r where r.patient = $1
      union
      select i.rid
      from unnest($2::smallint[], $3::int[]) p (type, param)
      join idx_token i on i.type = p.type and i.param = p.param and i.h = $4::bigint`,
    values: [patient, types, params, hash64(`Patient/${patient}`)],
  };
}

/** Parameters by type, without those that the column answers: as two parallel arrays. */
function parameterColumns(): readonly [readonly number[], readonly number[]] {
  const pairs = [...PATIENT_COMPARTMENT].flatMap(([type, codes]) =>
    codes.map((code) => [typeCode(type) ?? 0, hash32(code)] as const),
  );
  return [pairs.map(([type]) => type), pairs.map(([, param]) => param)];
}
