/**
 * The unit with an organisation number, as an external issuer's token names it.
 */
import { hash32, hash64 } from '../../fhir/id.ts';
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { StoreSession } from '../../storage/store.ts';

/** Id of the shared Organization; undefined when none has the number, or more than one. */
export const unitOfOrganisation = (session: StoreSession, number: string): Promise<string | undefined> =>
  unitOf(session, [`${IDENTIFIER_SYSTEMS.enh}|${number}`]);

/** The same for a RESH id or an organisation number. */
export const unitOfNumber = (session: StoreSession, number: string): Promise<string | undefined> =>
  unitOf(session, [`${IDENTIFIER_SYSTEMS.enh}|${number}`, `${IDENTIFIER_SYSTEMS.resh}|${number}`]);

async function unitOf(session: StoreSession, tokens: readonly string[]): Promise<string | undefined> {
  const rows = await session.query<{ id: string }>({
    text: `select distinct r.id
      from idx_token t
      join resource r on r.cmp = t.cmp and r.type = t.type and r.rid = t.rid
      where t.type = $1
        and t.param = $2
        and t.h = any($3::bigint[])
        and r.unit is null
        and r.content is not null`,
    values: [typeCode('Organization'), hash32('identifier'), tokens.map(hash64)],
  });
  return rows.length === 1 ? rows[0]?.id : undefined;
}
