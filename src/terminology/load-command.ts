/**
 * What an operator says on the command line, as files to load: `terminology load <format> <file or folder> [--name value …]`.
 */
import { parseArgs } from 'node:util';
import { readCodeSystem } from './load-code-system.ts';
import { requireFile, type Encoding } from './load-lines.ts';
import { readLoinc } from './load-loinc.ts';
import { readSnomed } from './load-snomed.ts';
import { LoadError, type SystemFiles } from './load-system.ts';
import { type ColumnRole, readTable, type TableOptions } from './load-table.ts';

/** Formats that are tables of a known system. */
interface Preset extends Pick<TableOptions, 'url' | 'title' | 'hierarchy'> {
  readonly isDotless?: boolean;
}

const NATIONAL = 'urn:oid:2.16.578.1.12.4.1.1.';

const PRESETS: Readonly<Record<string, Preset>> = {
  icd10: { url: `${NATIONAL}7110`, title: 'ICD-10 (norsk)', hierarchy: 'prefix', isDotless: true },
  ncsp: { url: `${NATIONAL}7210`, title: 'NCSP', hierarchy: 'prefix' },
  ncmp: { url: `${NATIONAL}7220`, title: 'NCMP', hierarchy: 'prefix' },
  ncrp: { url: `${NATIONAL}7270`, title: 'NCRP', hierarchy: 'prefix' },
  nkpk: { url: `${NATIONAL}7275`, title: 'NKPK', hierarchy: 'prefix' },
  atc: { url: 'http://www.whocc.no/atc', title: 'ATC', hierarchy: 'prefix' },
  kommune: { url: `${NATIONAL}3402`, title: 'Kommuner', hierarchy: 'column' },
};

const FORMATS: readonly string[] = [...Object.keys(PRESETS), 'csv', 'codesystem', 'snomed', 'loinc'];

const OPTIONS = {
  version: { type: 'string' },
  system: { type: 'string' },
  title: { type: 'string' },
  'value-set': { type: 'string' },
  language: { type: 'string' },
  encoding: { type: 'string' },
  code: { type: 'string' },
  display: { type: 'string' },
  parent: { type: 'string' },
  definition: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  active: { type: 'string' },
  successor: { type: 'string' },
  property: { type: 'string', multiple: true },
  designation: { type: 'string', multiple: true },
  variant: { type: 'string', multiple: true },
} as const;

type Values = ReturnType<typeof parsed>['values'];

const parsed = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });

/** Read the arguments and find the files. Throws LoadError that says what is missing or wrong. */
export async function filesToLoad(args: readonly string[]): Promise<SystemFiles> {
  const { values, positionals } = readArguments(args);
  const [format = '', path] = positionals;
  if (!FORMATS.includes(format) || path === undefined || positionals.length > 2) {
    throw new LoadError(
      `Usage: terminology load <${FORMATS.join('|')}> <file or folder> --version <version> [--name value …]`,
    );
  }
  if (format === 'snomed') {
    return await readSnomed({ folder: path, version: required(values, 'version') });
  }
  await requireFile(path);
  if (format === 'codesystem') {
    return await readCodeSystem({
      file: path,
      ...(values.system !== undefined && { url: values.system }),
      ...(values.version !== undefined && { version: values.version }),
    });
  }
  if (format === 'loinc') {
    return readLoinc({ file: path, version: required(values, 'version'), variants: pairs(values.variant) });
  }
  return await readTable(tableOptions(format, path, values));
}

function readArguments(args: readonly string[]): ReturnType<typeof parsed> {
  try {
    return parsed(args);
  } catch (cause) {
    throw new LoadError(
      `${(cause as Error).message} The options are: --${Object.keys(OPTIONS).join(', --')}.`,
      { cause },
    );
  }
}

function tableOptions(format: string, file: string, values: Values): TableOptions {
  const preset = PRESETS[format];
  const url = values.system ?? preset?.url ?? required(values, 'system');
  const roles: readonly ColumnRole[] = [
    'code',
    'display',
    'parent',
    'definition',
    'from',
    'to',
    'active',
    'successor',
  ];
  const columns = Object.fromEntries(
    roles.flatMap((role) => (values[role] === undefined ? [] : [[role, values[role]]])),
  );
  return {
    file,
    url,
    version: required(values, 'version'),
    title: values.title ?? preset?.title ?? url,
    kind: format,
    ...(values['value-set'] !== undefined && { valueSet: values['value-set'] }),
    language: values.language ?? 'nb',
    encoding: encodingOf(values.encoding),
    columns,
    properties: pairs(values.property),
    designations: pairs(values.designation),
    hierarchy: columns['parent'] === undefined ? (preset?.hierarchy ?? 'column') : 'column',
    ...(preset?.isDotless === true && { isDotless: true }),
  };
}

function required(values: Values, name: 'version' | 'system'): string {
  const value = values[name];
  if (value === undefined || value === '') {
    throw new LoadError(
      name === 'version'
        ? 'Say which version it is: --version 2026-01-01 (the day from which it is in force).'
        : 'Say which system it is: --system <canonical or urn:oid:…>.',
    );
  }
  return value;
}

function encodingOf(text: string | undefined): Encoding {
  if (text === undefined || text === 'utf8' || text === 'utf-8') {
    return 'utf8';
  }
  if (text !== 'latin1') {
    throw new LoadError('The encoding is utf8 or latin1.');
  }
  return text;
}

/** `nn=Nynorsk` → `{nn: 'Nynorsk'}`. */
function pairs(texts: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1) {
        throw new LoadError(`"${text}" is not of the form name=column.`);
      }
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
