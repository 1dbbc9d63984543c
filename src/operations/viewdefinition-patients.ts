/** Whom a run is about: https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html#patient-parameter-clarification */
import { badRequest, notFound } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { parseJson } from '../fhir/json.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { Group } from '../fhir/types.ts';
import type { Caller } from '../repository/audit.ts';
import type { Repository } from '../repository/repository.ts';
import type { TypeAndId } from '../storage/store.ts';
import type { RunParameters } from './viewdefinition-parameters.ts';

const MAX_NAMED = 100;

/** Ids of the patients named, and of the members of the groups named; undefined = nobody is. Throws 400, 404. */
export async function patientsAsked(
  repository: Repository,
  caller: Caller,
  { patients, groups }: Pick<RunParameters, 'patients' | 'groups'>,
): Promise<readonly string[] | undefined> {
  if (patients.length + groups.length === 0) {
    return undefined;
  }
  if (patients.length + groups.length > MAX_NAMED) {
    throw badRequest(`At most ${MAX_NAMED} patients and groups may be named.`, 'group', 'cardinality');
  }
  const { fhirBase } = repository.deps;
  const ids = patients.map((text) => idIn(text, 'Patient', fhirBase));
  const found = await readNamed(repository, caller, [
    ...ids.map((id) => ({ type: 'Patient', id })),
    ...groups.map((text) => ({ type: 'Group', id: idIn(text, 'Group', fhirBase) })),
  ]);
  const members = found
    .filter(({ type }) => type === 'Group')
    .flatMap(({ content }) => membersOf(parseJson(content) as unknown as Group, fhirBase));
  if (ids.length === 0 || groups.length === 0) {
    return [...ids, ...members];
  }
  return ids.filter((id) => members.includes(id));
}

/** All of them, in one statement. Throws 404 for one that is not there for the caller. */
async function readNamed(repository: Repository, caller: Caller, keys: readonly TypeAndId[]) {
  for (const type of new Set(keys.map((key) => key.type))) {
    await repository.authorise(caller, 'read', { type });
  }
  const found = await repository.select(caller, {
    text: '(r.type, r.id) in (select * from unnest($1::smallint[], $2::text[]))',
    values: [keys.map(({ type }) => typeCode(type)), keys.map(({ id }) => id)],
  });
  const missing = keys.find(({ type, id }) => !found.some((row) => row.type === type && row.id === id));
  if (missing !== undefined) {
    throw notFound(missing.type, missing.id);
  }
  return found;
}

function idIn(text: string, type: 'Patient' | 'Group', fhirBase: string): string {
  const local = parseLocalReference(text.includes('/') ? text : `${type}/${text}`, fhirBase);
  if (local?.type !== type) {
    throw badRequest(
      `${type.toLowerCase()} must refer to a ${type}: ${type}/[id].`,
      type.toLowerCase(),
      'reference',
    );
  }
  return local.id;
}

const membersOf = ({ member = [] }: Group, fhirBase: string): readonly string[] =>
  member
    .filter(({ inactive }) => inactive !== true)
    .flatMap(({ entity }) => {
      const local = parseLocalReference(entity.reference ?? '', fhirBase);
      return local?.type === 'Patient' ? [local.id] : [];
    });
