/**
 * The places of a department [Lokasjoner, Avdelinger]: the hospitals it works at and the wards it is called to, which the forms
 * offer. A local coordinator (LC) keeps them; one that has been used is made inactive, never deleted (registers.md section 5,
 * other screens). https://hl7.org/fhir/R4/location.html
 */
import { error, FhirError, type Issue } from '../../fhir/outcome.ts';
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Location, Reference } from '../../fhir/types.ts';
import type { StaffPrincipal } from '../../access/principal.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';

export const PHYSICAL_TYPE = 'http://terminology.hl7.org/CodeSystem/location-physical-type';

/** A hospital site [Lokasjon] or a ward [Avdeling], by the code of its physical type. */
export const PLACE_CODES = { site: 'si', ward: 'wa' } as const;
export type PlaceKind = keyof typeof PLACE_CODES;

/** RESH ids are whole numbers. https://register.nhn.no/resh */
export const isReshId = (text: string): boolean => /^[1-9]\d{2,7}$/.test(text);

/** What kind of place it is; undefined for every other Location. */
export function placeKind({ physicalType }: Location): PlaceKind | undefined {
  const codes = (physicalType?.coding ?? []).filter(({ system }) => system === PHYSICAL_TYPE);
  return (['site', 'ward'] as const).find((kind) => codes.some(({ code }) => code === PLACE_CODES[kind]));
}

/** The name that lists show and forms answer with. */
export const shownName = ({ alias, name, id }: Location): string => alias?.[0] ?? name ?? id ?? '';

const LOCATION = typeCode('Location');
const RESPONSE = typeCode('QuestionnaireResponse');

/** What staff write of places: named, numbered, of their own department, and deleted only while nothing names them. */
export const keepPlaces: WriteRule = {
  name: 'keep-places',
  async apply(scope) {
    const { principal } = scope;
    if (principal.kind !== 'staff') {
      return [];
    }
    const issues: Issue[] = [];
    for (const entry of scope.pending().filter(({ type, derived }) => type === 'Location' && !derived)) {
      if (entry.effect === 'deleted') {
        await refuseUsed(scope, entry);
      } else if (entry.effect === 'created' || entry.effect === 'updated') {
        issues.push(...(await keep(scope, principal, entry)));
      }
    }
    return issues;
  },
};

async function keep(
  scope: WriteScope,
  { register, units }: StaffPrincipal,
  entry: Pending,
): Promise<readonly Issue[]> {
  const place = entry.resource as unknown as Location;
  const at = entry.operation.at ?? 'Location';
  const unit = idOfReference(place.managingOrganization as Reference | undefined, 'Organization');
  if (unit === undefined || !units.includes(unit)) {
    throw new FhirError(
      403,
      error(
        'forbidden',
        'A place belongs to a department of its coordinator: name it in managingOrganization.',
        `${at}.managingOrganization`,
        'unit',
      ),
    );
  }
  scope.replace(entry, { labels: { register, unit, episode: null, national: true } });
  return [...shapeIssues(place, at), ...(await doubles(scope, { place, at, unit, register, id: entry.id }))];
}

function shapeIssues(place: Location, at: string): readonly Issue[] {
  const issue = (text: string, element: string, rule: string): Issue =>
    error('business-rule', text, `${at}.${element}`, rule);
  const resh = place.identifier?.find(({ system }) => system === IDENTIFIER_SYSTEMS.resh)?.value ?? '';
  const checks: readonly (readonly [boolean, Issue])[] = [
    [(place.name ?? '').trim() === '', issue('A place has a name.', 'name', 'place-name')],
    [
      (place.alias?.[0] ?? '').trim() === '',
      issue('A place has a name for lists, as the first alias.', 'alias', 'place-alias'),
    ],
    [!isReshId(resh), issue('The RESH id is a number of three to eight digits.', 'identifier', 'place-resh')],
    [
      place.status !== 'active' && place.status !== 'inactive',
      issue('A place is active or inactive.', 'status', 'place-status'),
    ],
    [
      placeKind(place) === undefined,
      issue(`A place is a site (si) or a ward (wa) of ${PHYSICAL_TYPE}.`, 'physicalType', 'place-kind'),
    ],
  ];
  return checks.flatMap(([isWrong, found]) => (isWrong ? [found] : []));
}

interface Kept {
  readonly place: Location;
  readonly at: string;
  readonly unit: string;
  readonly register: string;
  readonly id: string;
}

/** Names are told apart within a department, also from those that are no longer active: answers hold the name alone. */
async function doubles(
  scope: WriteScope,
  { place, at, unit, register, id }: Kept,
): Promise<readonly Issue[]> {
  const rows = await scope.query<{ content: string }>({
    text: `select r.content from resource r
      where r.type = $1 and r.unit = $2 and r.reg = $3 and r.id <> $4 and r.content is not null`,
    values: [LOCATION, unit, register, id],
  });
  const others = rows
    .map(({ content }) => parseJson(content) as unknown as Location)
    .filter((other) => placeKind(other) === placeKind(place));
  const isTaken = (name: (one: Location) => string): boolean =>
    others.some((other) => same(name(other), name(place)));
  const issue = (text: string, element: string, rule: string): Issue =>
    error('business-rule', text, `${at}.${element}`, rule);
  return [
    ...(isTaken(({ name = '' }) => name)
      ? [issue('The department has another place with this name.', 'name', 'place-name-taken')]
      : []),
    ...(isTaken(shownName)
      ? [issue('The department has another place with this name in lists.', 'alias', 'place-alias-taken')]
      : []),
  ];
}

const same = (one: string, other: string): boolean =>
  one.trim().toLocaleLowerCase('nb') === other.trim().toLocaleLowerCase('nb');

/** By reference, or by any name it has had: answers of forms hold the name. */
async function refuseUsed(scope: WriteScope, { id, labels, operation }: Pending): Promise<void> {
  const used = await scope.query({
    text: `with names as (
        select coalesce(v.content::jsonb -> 'alias' ->> 0, v.content::jsonb ->> 'name') as name
        from (
          select content from resource where type = $1 and id = $2
          union all
          select content from history where type = $1 and id = $2
        ) v
        where v.content is not null
      )
      select 1 as used
      from resource r
      where r.unit = $3
        and r.reg = $4
        and r.type <> $1
        and r.content is not null
        and (
          position('"Location/' || $2 || '"' in r.content) > 0
          or (r.type = $5 and exists (
            select 1 from names n where position('"valueString":' || to_json(n.name)::text in r.content) > 0
          ))
        )
      limit 1`,
    values: [LOCATION, id, labels?.unit ?? '', labels?.register ?? '', RESPONSE],
  });
  if (used.length > 0) {
    throw new FhirError(
      409,
      error(
        'conflict',
        'The place has been used in a registration and cannot be deleted. Make it inactive: forms then no longer offer it, and what is registered stays as it is.',
        operation.at ?? 'Location',
        'place-used',
      ),
    );
  }
}

/** A Location of a place. */
export interface PlaceFields {
  readonly kind: PlaceKind;
  readonly name: string;
  readonly alias: string;
  readonly resh: string;
  readonly isActive: boolean;
}

const DISPLAYS: Readonly<Record<PlaceKind, string>> = { site: 'Site', ward: 'Ward' };

/** What it does, for search: `physicalType` has no search parameter in R4. */
const ROLES: Readonly<Record<PlaceKind, { readonly code: string; readonly display: string }>> = {
  site: { code: 'HOSP', display: 'Hospital' },
  ward: { code: 'HU', display: 'Hospital unit' },
};

export const toLocation = ({ kind, name, alias, resh, isActive }: PlaceFields, unit: string): JsonObject => ({
  resourceType: 'Location',
  identifier: [{ system: IDENTIFIER_SYSTEMS.resh, value: resh }],
  status: isActive ? 'active' : 'inactive',
  name,
  alias: [alias],
  mode: 'instance',
  type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', ...ROLES[kind] }] }],
  physicalType: { coding: [{ system: PHYSICAL_TYPE, code: PLACE_CODES[kind], display: DISPLAYS[kind] }] },
  managingOrganization: { reference: `Organization/${unit}` },
});
