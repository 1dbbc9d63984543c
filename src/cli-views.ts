/**
 * `ryggrad views …`: tables of the registers' views, for R and Power BI (docs/adr/0011).
 */
import { print, UsageError, withStorage } from './cli-command.ts';
import { readConfig } from './config.ts';
import { loadContent } from './content/load.ts';
import type { Db } from './storage/db.ts';
import { EVERYTHING } from './storage/row-access.ts';
import { createViewLibrary, type LibraryView } from './views/library.ts';
import { dropKept, materialise } from './views/materialise.ts';
import { refreshSince } from './views/refresh.ts';
import { keptTables, tableOf } from './views/table.ts';
import { ViewError } from './views/view-error.ts';

/** `views materialise <register | view id | url|version>`: make the tables, or make them anew. */
export async function materialiseViews([which]: readonly string[]): Promise<number> {
  const views = await viewsNamed(which);
  return withDb(async (db) => {
    for (const { json, register, compiled } of views) {
      const table = tableOf(json, register, compiled);
      print(`views.${table.name}: ${await materialise(db, table)} resources`);
    }
    return 0;
  });
}

async function viewsNamed(which: string | undefined): Promise<readonly LibraryView[]> {
  const config = readConfig();
  const content = await loadContent([config.contentRoot]);
  const library = createViewLibrary(content.registers, config.fhirBase);
  const ofRegister = library.all.filter(({ register }) => register === which);
  const one = library.find(which ?? '') ?? library.find(`ViewDefinition/${which ?? ''}`);
  const found = one === undefined ? ofRegister : [one];
  if (found.length === 0) {
    throw new UsageError('Name a register, or a view by its id or url: views materialise <register | view>');
  }
  return found;
}

/** `views refresh`: take up what was stored since the tables were last brought up to date. */
export const refreshViews = (): Promise<number> =>
  withDb(async (db) => {
    print(`${await refreshSince(db)} changed resources taken up.`);
    return 0;
  });

export const listViews = (): Promise<number> =>
  withDb(async (db) => {
    for (const { table, refreshed } of await keptTables(db)) {
      print(`views.${table.name}  ${table.register}  ${table.canonical}  refreshed ${refreshed}`);
    }
    return 0;
  });

export async function dropView([name]: readonly string[]): Promise<number> {
  if (name === undefined) {
    throw new UsageError('views drop <table>; views list names them');
  }
  return withDb(async (db) => {
    const dropped = await dropKept(db, name);
    print(dropped ? `views.${name} is dropped.` : `There is no table views.${name}.`);
    return dropped ? 0 : 1;
  });
}

const withDb = (work: (db: Db) => Promise<number>): Promise<number> =>
  withStorage(async ({ db }) => {
    try {
      return await work(db.as(EVERYTHING));
    } catch (cause) {
      throw cause instanceof ViewError ? new UsageError(`${cause.element}: ${cause.message}`) : cause;
    }
  });
