/**
 * Units named by organisation number or RESH id become references to the units the register knows.
 * An unknown unit is refused: data whose unit nobody knows can be shown to nobody.
 */
import { error, type Issue } from '../../fhir/outcome.ts';
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import { hash32, hash64 } from '../../fhir/id.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';

const UNIT_SYSTEMS = new Set<unknown>([IDENTIFIER_SYSTEMS.enh, IDENTIFIER_SYSTEMS.resh]);

/** Elements that say which unit a resource belongs to. */
const UNIT_ELEMENTS: Readonly<Record<string, string>> = {
  Encounter: 'serviceProvider',
  EpisodeOfCare: 'managingOrganization',
  ServiceRequest: 'performer',
};

interface UnitReference {
  readonly entry: Pending;
  readonly element: string;
  /** Index in the element when it is a list. */
  readonly index: number | undefined;
  readonly reference: JsonObject;
  readonly hash: string;
}

export const resolveUnits: WriteRule = {
  name: 'resolve-units',
  async apply(scope) {
    const references = scope.pending().flatMap(unitReferences);
    if (references.length === 0) {
      return [];
    }
    const ids = await findUnits(scope, [...new Set(references.map(({ hash }) => hash))]);
    const issues: Issue[] = [];
    for (const unit of references) {
      const id = ids.get(unit.hash);
      if (id === undefined) {
        issues.push(unknownUnit(unit));
      } else {
        setReference(scope, unit, id);
      }
    }
    return issues;
  },
};

function unitReferences(entry: Pending): readonly UnitReference[] {
  const element = UNIT_ELEMENTS[entry.type];
  const value = element === undefined ? undefined : entry.resource?.[element];
  if (element === undefined || value === undefined || entry.effect === 'matched') {
    return [];
  }
  const list: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  return list.flatMap((reference, i): readonly UnitReference[] => {
    const hash = unitHash(reference);
    const index = Array.isArray(value) ? i : undefined;
    return hash === undefined ? [] : [{ entry, element, index, reference: reference as JsonObject, hash }];
  });
}

/** Hash of a logical unit reference; undefined for literal references and other systems. */
function unitHash(reference: JsonValue): string | undefined {
  if (reference === null || typeof reference !== 'object' || Array.isArray(reference)) {
    return undefined;
  }
  const { reference: literal, identifier } = reference as JsonObject;
  const { system, value } = (identifier ?? {}) as JsonObject;
  return literal === undefined &&
    typeof system === 'string' &&
    typeof value === 'string' &&
    UNIT_SYSTEMS.has(system)
    ? hash64(`${system}|${value}`)
    : undefined;
}

async function findUnits(scope: WriteScope, hashes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await scope.query<{ h: string; id: string }>({
    text: `select t.h::text as h, r.id
      from unnest($3::bigint[]) as k(h)
      join idx_token t on t.type = $1 and t.param = $2 and t.h = k.h
      join resource r on r.cmp = t.cmp and r.type = t.type and r.rid = t.rid
      where r.content is not null
        and r.unit is null`,
    values: [typeCode('Organization'), hash32('identifier'), hashes],
  });
  return new Map(rows.map(({ h, id }) => [h, id]));
}

function setReference(scope: WriteScope, { entry, element, index, hash }: UnitReference, id: string): void {
  const current = scope.pending().find(({ operation }) => operation === entry.operation);
  if (current?.resource === undefined) {
    return;
  }
  const value = current.resource[element];
  const withLiteral = (reference: JsonValue): JsonValue =>
    unitHash(reference) === hash
      ? { ...(reference as JsonObject), reference: `Organization/${id}` }
      : reference;
  const next =
    index === undefined ? withLiteral(value ?? null) : (value as readonly JsonValue[]).map(withLiteral);
  scope.replace(current, { resource: { ...current.resource, [element]: next } });
}

function unknownUnit({ entry, element, index, reference }: UnitReference): Issue {
  const { value } = reference['identifier'] as JsonObject;
  const place = `${entry.operation.at ?? entry.type}.${element}${index === undefined ? '' : `[${index}]`}.identifier`;
  return error(
    'not-found',
    `No unit with the number ${String(value)} is known here. Ask the register's coordinator to add it, or correct the number.`,
    place,
    'unknown-unit',
  );
}
