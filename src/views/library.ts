/**
 * The registers' own views, by canonical and by id, compiled once.
 */
import { parseCanonical } from '../fhir/canonical.ts';
import type { Register } from '../content/register.ts';
import type { JsonObject } from '../fhir/types.ts';
import { type CompiledView, compileView } from './compile-view.ts';
import { readDefinition } from './definition.ts';

export interface LibraryView {
  readonly register: string;
  readonly json: JsonObject;
  readonly compiled: CompiledView;
}

export interface ViewLibrary {
  readonly all: readonly LibraryView[];
  /** By `url`, `url|version`, `ViewDefinition/[id]`, or this server's address of it; the newest when no version is given. */
  find(reference: string): LibraryView | undefined;
}

/** Compile the views of all registers when they are first used. Throws `ViewError` for one that cannot be. */
export function createViewLibrary(registers: readonly Register[], fhirBase: string): ViewLibrary {
  let views: readonly LibraryView[] | undefined;
  const all = (): readonly LibraryView[] =>
    (views ??= registers.flatMap(({ id, views: definitions = [] }) =>
      definitions.map((json) => ({ register: id, json, compiled: compileView(readDefinition(json)) })),
    ));
  return {
    get all() {
      return all();
    },
    find(reference) {
      const local = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
      const id = /^ViewDefinition\/([A-Za-z0-9\-.]{1,64})$/.exec(local)?.[1];
      return newest(
        id === undefined ? withUrl(all(), reference) : all().filter(({ json }) => json['id'] === id),
      );
    },
  };
}

function withUrl(views: readonly LibraryView[], reference: string): readonly LibraryView[] {
  const { url, version } = parseCanonical(reference);
  return views.filter(
    ({ json }) => json['url'] === url && (version === undefined || json['version'] === version),
  );
}

const newest = (views: readonly LibraryView[]): LibraryView | undefined =>
  views.toSorted((a, b) =>
    String(b.json['version']).localeCompare(String(a.json['version']), 'en', { numeric: true }),
  )[0];
