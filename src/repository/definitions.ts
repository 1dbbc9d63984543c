/**
 * Definitions that clients have stored, by canonical: https://hl7.org/fhir/R4/references.html#canonical
 * A look-up asks the database which versions there are now, so a write is seen by the next question in every process;
 * contents are parsed once for each version.
 */
import { accessOf, rowFilter } from '../access/filter.ts';
import type { Principal } from '../access/principal.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { CodeSystem, ConceptMap, JsonObject, ValueSet } from '../fhir/types.ts';
import { parseJson } from '../fhir/json.ts';
import { SHARED as SHARED_ACCESS } from '../storage/row-access.ts';
import type { ResourceStore, Sql, StoreSession } from '../storage/store.ts';
import type { StoredDefinitions } from '../terminology/sources.ts';
import { shifted } from './rows.ts';

interface Head {
  readonly rid: string;
  readonly ver: number;
}

type Definition = CodeSystem | ValueSet | ConceptMap;

const KEPT = 300;
const MAX_MAPS = 500;

/** What is shared by all; for questions that no single caller asks. */
const SHARED: Sql = { text: 'r.unit is null', values: [] };

/** Makes finders: one for each caller (only what it may read), or for what everyone may read. */
export function createDefinitionFinder(
  store: Pick<ResourceStore, 'as'>,
): (principal: Principal | undefined) => StoredDefinitions {
  const parsed = new Map<string, Definition>();

  const load = async (session: StoreSession, where: Sql): Promise<readonly Definition[]> => {
    const heads = await session.query<Head>({
      text: `select r.rid, r.ver from resource r where ${where.text} and r.content is not null`,
      values: where.values,
    });
    const missing = heads.filter((head) => !parsed.has(keyOf(head)));
    const contents =
      missing.length === 0 ? [] : await session.query<Head & { content: string }>(contentsSql(missing));
    const fresh = new Map(
      contents.map((row) => [keyOf(row), parseJson(row.content) as JsonObject as unknown as Definition]),
    );
    const found = heads.flatMap((head) => parsed.get(keyOf(head)) ?? fresh.get(keyOf(head)) ?? []);
    keep(parsed, fresh);
    return found;
  };

  return (principal) => {
    const filter = principal === undefined ? SHARED : rowFilter(principal);
    const session = store.as(principal === undefined ? SHARED_ACCESS : accessOf(principal));
    const find = async (type: string, urls: readonly string[]): Promise<readonly Definition[]> => {
      const visible = shifted(filter, 2);
      return await load(session, {
        text: `r.type = $1 and r.canon = any($2::text[]) and ${visible.text}`,
        values: [typeCode(type) ?? 0, urls, ...visible.values],
      });
    };
    return {
      find: find as StoredDefinitions['find'],
      async conceptMaps() {
        const visible = shifted(filter, 2);
        return (await load(session, {
          text: `r.rid in (
            select r.rid from resource r
            where r.type = $1 and r.content is not null and ${visible.text}
            order by r.lu desc limit $2)`,
          values: [typeCode('ConceptMap') ?? 0, MAX_MAPS, ...visible.values],
        })) as readonly ConceptMap[];
      },
    };
  };
}

const keyOf = ({ rid, ver }: Head): string => `${rid}/${ver}`;

const contentsSql = (heads: readonly Head[]): Sql => ({
  text: 'select r.rid, r.ver, r.content from resource r where r.rid = any($1::bigint[]) and r.content is not null',
  values: [heads.map(({ rid }) => rid)],
});

/** The oldest go when there are too many. */
function keep(parsed: Map<string, Definition>, fresh: ReadonlyMap<string, Definition>): void {
  for (const [key, definition] of fresh) {
    parsed.set(key, definition);
  }
  for (const key of [...parsed.keys()].slice(0, Math.max(0, parsed.size - KEPT))) {
    parsed.delete(key);
  }
}
