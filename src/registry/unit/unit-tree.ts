/**
 * The units [RHF > HF > hospital > department] as a tree: who speaks for an organisation speaks for all below it.
 */
import type { JsonObject, Reference } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Clock } from '../../fhir/id.ts';
import type { StoreSession } from '../../storage/store.ts';

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly partOf: string | undefined;
}

export interface UnitTree {
  /** The units and everything below them, the given ones first. */
  withDescendants(units: readonly string[]): Promise<readonly string[]>;
  unit(id: string): Promise<Unit | undefined>;
  /** The organisation [HF] that a unit lies in: what is below the region. The unit itself, where nothing is above it. */
  organisationOf(id: string): Promise<Unit | undefined>;
  /** Every unit. */
  all(): Promise<readonly Unit[]>;
}

const KEPT_MS = 30_000;

/** The tree as stored, read again every half minute. Only shared units (made by register staff) are in it. */
export function createUnitTree(session: StoreSession, clock: Clock): UnitTree {
  let units: ReadonlyMap<string, Unit> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  async function all(): Promise<ReadonlyMap<string, Unit>> {
    if (clock.now().getTime() - readAt > KEPT_MS) {
      units = await readUnits(session);
      readAt = units.size === 0 ? Number.NEGATIVE_INFINITY : clock.now().getTime();
    }
    return units;
  }

  return {
    async withDescendants(roots) {
      const known = [...(await all()).values()];
      const found = new Set(roots);
      for (let size = -1; size !== found.size;) {
        size = found.size;
        known
          .filter(({ partOf }) => partOf !== undefined && found.has(partOf))
          .forEach(({ id }) => found.add(id));
      }
      return [...found];
    },
    unit: async (id) => (await all()).get(id),
    async organisationOf(id) {
      const known = await all();
      let unit = known.get(id);
      for (let above = parentOf(known, unit); above !== undefined; above = parentOf(known, unit)) {
        if (parentOf(known, above) === undefined) {
          break;
        }
        unit = above;
      }
      return unit;
    },
    all: async () => [...(await all()).values()],
  };
}

const parentOf = (units: ReadonlyMap<string, Unit>, unit: Unit | undefined): Unit | undefined =>
  unit?.partOf === undefined ? undefined : units.get(unit.partOf);

async function readUnits(session: StoreSession): Promise<ReadonlyMap<string, Unit>> {
  const rows = await session.query<{ content: string }>({
    text: `select r.content
      from resource r
      where r.type = $1
        and r.unit is null
        and r.content is not null`,
    values: [typeCode('Organization')],
  });
  return new Map(
    rows.map(({ content }) => {
      const organization = parseJson(content) as JsonObject;
      const id = organization['id'] as string;
      const alias = (organization['alias'] as readonly string[] | undefined)?.[0];
      const name = alias ?? (organization['name'] as string | undefined) ?? id;
      return [
        id,
        { id, name, partOf: idOfReference(organization['partOf'] as Reference | undefined, 'Organization') },
      ];
    }),
  );
}
