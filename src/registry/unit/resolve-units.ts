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

/** Elements that may name a unit: who has done it. A laboratory that nobody here knows has done it none the less. */
const NAMING_ELEMENTS: Readonly<Record<string, string>> = {
  Condition: 'recorder',
  DiagnosticReport: 'performer',
  Observation: 'performer',
  PractitionerRole: 'organization',
  Procedure: 'performer',
};

interface UnitReference {
  readonly entry: Pending;
  readonly element: string;
  /** Where the reference stands in the element: an index, or the names below one. */
  readonly path: string;
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
        issues.push(...(unit.entry.type in UNIT_ELEMENTS ? [unknownUnit(unit)] : []));
      } else {
        setReference(scope, unit, id);
      }
    }
    return issues;
  },
};

function unitReferences(entry: Pending): readonly UnitReference[] {
  const element = UNIT_ELEMENTS[entry.type] ?? NAMING_ELEMENTS[entry.type];
  const value = element === undefined ? undefined : entry.resource?.[element];
  return element === undefined || value === undefined || entry.effect === 'matched'
    ? []
    : referencesIn(value, '').map(({ path, reference, hash }) => ({ entry, element, path, reference, hash }));
}

/** The references to units by number in an element, also those of its parts. */
function referencesIn(
  value: JsonValue,
  path: string,
): readonly Pick<UnitReference, 'path' | 'reference' | 'hash'>[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => referencesIn(one, `${path}[${index}]`));
  }
  if (!isObject(value)) {
    return [];
  }
  const hash = unitHash(value);
  return hash === undefined
    ? Object.entries(value).flatMap(([name, part]) =>
        isObject(part) ? referencesIn(part, `${path}.${name}`) : [],
      )
    : [{ path, reference: value, hash }];
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

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

function setReference(scope: WriteScope, { entry, element, hash }: UnitReference, id: string): void {
  const current = scope.pending().find(({ operation }) => operation === entry.operation);
  const value = current?.resource?.[element];
  if (current?.resource === undefined || value === undefined) {
    return;
  }
  const resource = { ...current.resource, [element]: withLiteral(value, hash, `Organization/${id}`) };
  scope.replace(current, { resource });
}

/** The value with a literal reference wherever the unit is named by its number. */
function withLiteral(value: JsonValue, hash: string, reference: string): JsonValue {
  if (Array.isArray(value)) {
    return value.map((one) => withLiteral(one, hash, reference));
  }
  if (!isObject(value)) {
    return value;
  }
  return unitHash(value) === hash
    ? { ...value, reference }
    : Object.fromEntries(
        Object.entries(value).map(([name, part]) => [
          name,
          isObject(part) ? withLiteral(part, hash, reference) : (part ?? null),
        ]),
      );
}

function unknownUnit({ entry, element, path, reference }: UnitReference): Issue {
  const { value } = reference['identifier'] as JsonObject;
  const place = `${entry.operation.at ?? entry.type}.${element}${path}.identifier`;
  return error(
    'not-found',
    `No unit with the number ${String(value)} is known here. Ask the register's coordinator to add it, or correct the number.`,
    place,
    'unknown-unit',
  );
}
