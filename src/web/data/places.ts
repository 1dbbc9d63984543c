/** Places of a department from their pages: the same writes as any FHIR client's (registry/unit/places.ts). */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { forbidden, notFound } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Location } from '../../fhir/types.ts';
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import { placeKind, type PlaceKind, shownName, toLocation } from '../../registry/unit/places.ts';
import type { HistoryRow } from '../../storage/store.ts';
import type { PlaceChange, PlaceLine, PlacesModel, TypedPlace } from '../models/places.ts';
import type { PlacePages } from '../screen-deps.ts';
import { callerOf, type Sources } from './sources.ts';

const MOST_CHANGES = 500;
const SHOWN_CHANGES = 50;

export const placePages = (sources: Sources): PlacePages => ({
  list: (principal, kind) => list(sources, principal, kind),
  one: (principal, kind, id) => one(sources, principal, kind, id),
  add: async (principal, kind, typed) => {
    const resource = toLocation({ kind, ...typed }, departmentOf(principal));
    await sources.repository.commit(callerOf(sources, principal, 'place-added'), [
      { kind: 'create', type: 'Location', resource },
    ]);
  },
  change: (principal, kind, target, typed) => change(sources, principal, kind, target, typed),
  remove: async (principal, kind, id) => {
    await one(sources, principal, kind, id);
    await sources.repository.commit(callerOf(sources, principal, 'place-deleted'), [
      { kind: 'delete', type: 'Location', id },
    ]);
  },
});

/** The department that the coordinator is in. Throws 403 for others. */
function departmentOf({ role, units }: StaffPrincipal): string {
  const [unit] = units;
  if (role !== 'LC' || unit === undefined) {
    throw forbidden('Avdelinger og lokasjoner endres av lokal koordinator (LC).', 'role');
  }
  return unit;
}

async function list(sources: Sources, principal: StaffPrincipal, kind: PlaceKind): Promise<PlacesModel> {
  const caller = callerOf(sources, principal, 'places');
  const rows = await sources.repository.select(caller, {
    text: 'r.type = $1 and r.reg = $2',
    values: [typeCode('Location'), principal.register],
  });
  const places = rows
    .map(({ content }) => parseJson(content) as unknown as Location)
    .filter((place) => placeKind(place) === kind);
  const lines = await Promise.all(places.map((place) => toLine(sources, place)));
  return {
    kind,
    lines: lines.toSorted(
      (a, b) =>
        a.department.localeCompare(b.department, 'nb') ||
        Number(b.isActive) - Number(a.isActive) ||
        a.name.localeCompare(b.name, 'nb'),
    ),
    mayChange: principal.role === 'LC',
    ...(principal.role === 'SC' && { changes: await changes(sources, principal, kind) }),
  };
}

async function toLine({ units }: Sources, place: Location): Promise<PlaceLine> {
  const unit = idOfReference(place.managingOrganization, 'Organization') ?? '';
  return {
    id: place.id ?? '',
    name: place.name ?? '',
    alias: shownName(place),
    resh: place.identifier?.find(({ system }) => system === IDENTIFIER_SYSTEMS.resh)?.value ?? '',
    isActive: place.status === 'active',
    department: (await units.unit(unit))?.name ?? unit,
  };
}

async function one(sources: Sources, principal: StaffPrincipal, kind: PlaceKind, id: string) {
  departmentOf(principal);
  const row = await sources.repository.read(callerOf(sources, principal, 'place'), { type: 'Location', id });
  const place = parseJson(row.content) as unknown as Location;
  if (placeKind(place) !== kind || row.labels.register !== principal.register) {
    throw notFound('Location', id);
  }
  return { ...(await toLine(sources, place)), version: String(row.versionId) };
}

async function change(
  sources: Sources,
  principal: StaffPrincipal,
  kind: PlaceKind,
  { id, version }: { readonly id: string; readonly version: string },
  typed: TypedPlace,
): Promise<void> {
  const unit = departmentOf(principal);
  await one(sources, principal, kind, id);
  await sources.repository.commit(callerOf(sources, principal, 'place-changed'), [
    {
      kind: 'update',
      type: 'Location',
      id,
      resource: { ...toLocation({ kind, ...typed }, unit), id },
      ifMatch: version,
    },
  ]);
}

/** What departments have changed, from the versions themselves: nobody has to remember to tell. */
async function changes(
  sources: Sources,
  principal: StaffPrincipal,
  kind: PlaceKind,
): Promise<readonly PlaceChange[]> {
  const rows = await sources.repository.history(callerOf(sources, principal, 'places'), {
    type: 'Location',
    count: MOST_CHANGES,
  });
  const versions = new Map<string, readonly HistoryRow[]>(Map.groupBy(rows, ({ id }) => id));
  const found = await Promise.all(
    [...versions.values()].flatMap((own) => own.map((row, at) => toChange(sources, row, own[at + 1]))),
  );
  return found
    .flatMap((entry) => (entry?.kind === kind ? [entry] : []))
    .toSorted((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN_CHANGES);
}

async function toChange(
  sources: Sources,
  row: HistoryRow,
  before: HistoryRow | undefined,
): Promise<PlaceChange | undefined> {
  const content = row.content ?? before?.content ?? null;
  if (content === null) {
    return undefined;
  }
  const place = parseJson(content) as unknown as Location;
  const previous = before?.content == null ? undefined : (parseJson(before.content) as unknown as Location);
  const kind = placeKind(place);
  const { name, department } = await toLine(sources, place);
  return kind === undefined
    ? undefined
    : {
        at: row.lastUpdated,
        who:
          row.content === null ? '' : (place.meta?.source ?? '').replace(/^urn:ryggrad:(?:user|client):/, ''),
        kind,
        name,
        department,
        what: row.content === null ? 'deleted' : whatOf(place, previous),
      };
}

function whatOf({ status }: Location, previous: Location | undefined): PlaceChange['what'] {
  if (previous === undefined) {
    return 'added';
  }
  if (status === previous.status) {
    return 'changed';
  }
  return status === 'active' ? 'activated' : 'deactivated';
}
