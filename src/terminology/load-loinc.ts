/**
 * LOINC from its table (Loinc.csv), and a translation of it (…LinguisticVariant.csv) where there is one:
 * https://loinc.org/kb/users-guide/loinc-database-structure/
 */
import type { Concept, Designation, Property } from './concept.ts';
import { type Row, rowsOf } from './load-lines.ts';
import type { SystemFiles } from './load-system.ts';

export const LOINC = 'http://loinc.org';

export interface LoincOptions {
  readonly file: string;
  readonly version: string;
  /** Language → translation file. */
  readonly variants: Readonly<Record<string, string>>;
}

/** The parts of a term, as FHIR names them: https://terminology.hl7.org/LOINC.html */
const PROPERTIES = [
  'STATUS',
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'CLASSTYPE',
  'ORDER_OBS',
  'EXAMPLE_UCUM_UNITS',
];
const OTHER_NAMES = ['SHORTNAME', 'CONSUMER_NAME', 'DisplayName'];

/** The table as a code system. */
export function readLoinc({ file, version, variants }: LoincOptions): SystemFiles {
  return {
    url: LOINC,
    version,
    title: 'LOINC',
    kind: 'loinc',
    files: [file, ...Object.values(variants)],
    reading: JSON.stringify(Object.keys(variants)),
    meta: {
      language: 'en',
      valueSet: `${LOINC}/vs`,
      properties: PROPERTIES.map((code) => ({ code, type: 'string' })),
    },
    async *concepts() {
      const translations = await readVariants(variants);
      for await (const row of rowsOf(file)) {
        yield toConcept(row, translations.get(row['LOINC_NUM'] ?? '') ?? []);
      }
    },
  };
}

async function readVariants(
  variants: LoincOptions['variants'],
): Promise<ReadonlyMap<string, readonly Designation[]>> {
  const translations = new Map<string, readonly Designation[]>();
  for (const [language, file] of Object.entries(variants)) {
    for await (const row of rowsOf(file)) {
      const value = row['LinguisticVariantDisplayName'] || row['LONG_COMMON_NAME'];
      if (value) {
        const code = row['LOINC_NUM'] ?? '';
        translations.set(code, [...(translations.get(code) ?? []), { language, value }]);
      }
    }
  }
  return translations;
}

function toConcept(row: Row, translations: readonly Designation[]): Concept {
  const code = row['LOINC_NUM'] ?? '';
  const definition = row['DefinitionDescription'];
  return {
    code,
    display: row['LONG_COMMON_NAME'] || row['COMPONENT'] || code,
    ...(definition && { definition }),
    designations: [
      ...translations,
      ...OTHER_NAMES.flatMap((name): Designation[] =>
        row[name] ? [{ language: 'en', value: row[name] }] : [],
      ),
    ],
    properties: PROPERTIES.flatMap((name): Property[] =>
      row[name] ? [{ code: name, type: 'string', value: row[name] }] : [],
    ),
    parents: [],
    isActive: !/^(DEPRECATED)$/.test(row['STATUS'] ?? ''),
    isAbstract: false,
  };
}
