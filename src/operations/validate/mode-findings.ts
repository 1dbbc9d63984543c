/**
 * What the mode of a `$validate` adds: could this be created, replace what is there, or be deleted?
 * https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import { hash64 } from '../../fhir/id.ts';
import { issue, type Issue } from '../../fhir/outcome.ts';
import { parseLocalReference } from '../../fhir/reference.ts';
import { isResourceType, RESOURCE_TYPES, typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import type { FoundReference } from '../../validation/validator.ts';
import type { Mode } from './asked.ts';

/** The id agrees with the address; a new resource gets its id from the server. */
export function idFindings(mode: Mode | undefined, id: string, resource: JsonObject): readonly Issue[] {
  const own = resource['id'];
  const at = `${String(resource['resourceType'])}.id`;
  if (mode === 'create' && own !== undefined) {
    return [
      issue(
        'information',
        'informational',
        'The server gives a new resource its id; this one is not used.',
        at,
        'id-assigned',
      ),
    ];
  }
  if (mode !== 'update') {
    return [];
  }
  if (own === undefined) {
    return [
      issue('error', 'required', 'A resource that replaces another must have its id.', at, 'id-mismatch'),
    ];
  }
  return id === '' || own === id
    ? []
    : [issue('error', 'invalid', 'The id in the resource must be the id in the address.', at, 'id-mismatch')];
}

const MAX_REFERENCES = 200;

/** Literal references to this server that lead to nothing the caller can see: a write would be refused. One statement. */
export async function danglingFindings(
  repository: Repository,
  caller: Caller,
  references: readonly FoundReference[],
): Promise<readonly Issue[]> {
  const local = references.flatMap(({ reference, expression }) => {
    const target = parseLocalReference(reference);
    return target === undefined || !isResourceType(target.type) ? [] : [{ ...target, expression }];
  });
  if (local.length === 0 || local.length > MAX_REFERENCES) {
    return [];
  }
  const rows = await repository.select(caller, {
    text: '(r.type, r.id) in (select * from unnest($1::smallint[], $2::text[]))',
    values: [local.map(({ type }) => typeCode(type) ?? 0), local.map(({ id }) => id)],
  });
  const known = new Set(rows.map(({ type, id }) => `${type}/${id}`));
  return local
    .filter(({ type, id }) => !known.has(`${type}/${id}`))
    .map(({ type, id, expression }) =>
      issue(
        'error',
        'not-found',
        `The reference ${type}/${id} points at nothing here. Send that resource first, or in the same transaction.`,
        expression,
        'dangling-reference',
      ),
    );
}

const MAX_SHOWN = 20;

/** What refers to a resource that is to be deleted: its references would lead to nothing. One statement. */
export async function referrerFindings(
  repository: Repository,
  parameters: ParameterTable,
  caller: Caller,
  key: { readonly type: string; readonly id: string },
): Promise<readonly Issue[]> {
  const ways = referenceParameters(parameters, key.type);
  const rows = await repository.select(caller, {
    text: `r.rid in (
      select t.rid
      from unnest($1::smallint[], $2::int[]) w (type, param)
      join idx_token t on t.type = w.type and t.param = w.param and t.h = $3
      limit ${MAX_SHOWN})`,
    values: [ways.map(({ type }) => type), ways.map(({ param }) => param), hash64(`${key.type}/${key.id}`)],
  });
  return rows
    .filter(({ type, id }) => type !== key.type || id !== key.id)
    .map(({ type, id }) =>
      issue(
        'warning',
        'conflict',
        `${type}/${id} refers to this resource; correct it first.`,
        key.type,
        'referenced',
      ),
    );
}

/** Search parameters through which a resource of any type may refer to this type. */
function referenceParameters(parameters: ParameterTable, target: string) {
  return RESOURCE_TYPES.flatMap((source) =>
    [...parameters.of(source).values()]
      .filter(
        ({ type, targets }) => type === 'reference' && (targets.length === 0 || targets.includes(target)),
      )
      .map(({ key }) => ({ type: typeCode(source) ?? 0, param: key })),
  );
}
