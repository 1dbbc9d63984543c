/** Departments by the numbers that dumps know them by (CENTREID): their RESH ids. */
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { identifierValue } from '../../registry/person/register-identifiers.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';

/** A department and its number. */
export interface Centre {
  readonly id: string;
  readonly resh: string;
}

/** Every department that has a RESH id. */
export async function readCentres(repository: Repository, caller: Caller): Promise<readonly Centre[]> {
  const rows = await repository.select(caller, {
    text: 'r.type = $1',
    values: [typeCode('Organization')],
  });
  return rows.flatMap(({ id, content }) => {
    const resh = identifierValue(parseJson(content) as JsonObject, IDENTIFIER_SYSTEMS.resh);
    return resh === undefined ? [] : [{ id, resh }];
  });
}
