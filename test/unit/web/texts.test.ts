/** The texts of the pages: no language lacks one, and what is filled in is the same in all. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES } from '../../../src/web/language.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'src', 'web', 'ui');
const FILES = readdirSync(FOLDER).filter((name) => /-texts?\.ts$/.test(name));

interface Found {
  readonly name: string;
  readonly texts: Readonly<Record<string, object>>;
}

async function recordsOf(file: string): Promise<readonly Found[]> {
  const module = (await import(join(FOLDER, file))) as Readonly<Record<string, unknown>>;
  return Object.entries(module).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && LANGUAGES.every((language) => language in value)
      ? [{ name, texts: value as Found['texts'] }]
      : [],
  );
}

/** Every text with its path: functions are texts of which only the number of what is filled in can be told. */
function leaves(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') {
    return [[path, value]];
  }
  if (typeof value === 'function') {
    return [[path, `function of ${value.length}`]];
  }
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`));
}

const holes = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

describe('The texts of the pages', () => {
  it.each(FILES)('%s has every text in bokmål, nynorsk and English.', async (file) => {
    const records = await recordsOf(file);

    expect(records).not.toEqual([]);
    for (const { texts } of records) {
      const base = leaves(texts['nb']);
      for (const language of LANGUAGES) {
        const own = leaves(texts[language]);
        expect(own.map(([path]) => path).toSorted()).toEqual(base.map(([path]) => path).toSorted());
        expect(own.filter(([, text]) => text.trim() === '')).toEqual([]);
      }
    }
  });

  it.each(FILES)('%s fills in the same in every language.', async (file) => {
    for (const { texts } of await recordsOf(file)) {
      const base = new Map(leaves(texts['nb']));
      for (const language of LANGUAGES) {
        const differing = leaves(texts[language]).filter(
          ([path, text]) => String(holes(text)) !== String(holes(base.get(path) ?? '')),
        );
        expect(differing).toEqual([]);
      }
    }
  });
});
