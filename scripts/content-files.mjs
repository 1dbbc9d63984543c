/** The content as the scripts read it that write a register's tables: files as they are, and the kinds of questions in words. */
import { readdirSync, readFileSync } from 'node:fs';

export const root = new URL('../', import.meta.url);

/** Kinds of questions, in the tables' language. */
export const TYPES = {
  boolean: 'avkrysning',
  integer: 'heltall',
  decimal: 'tall',
  date: 'dato',
  dateTime: 'dato og klokkeslett',
  string: 'tekst',
  text: 'lang tekst',
  quantity: 'tall med enhet',
  choice: 'liste',
  'open-choice': 'liste eller fritekst',
};

/** A file by its path in the repository. */
export const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

/** Every form, list and map, by their type. */
export function readArtefacts() {
  const files = ['questionnaires', 'valuesets'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true })
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => readJson(`${folder}/${name.replaceAll('\\', '/')}`)),
  );
  return (type) => files.filter(({ resourceType }) => resourceType === type);
}
