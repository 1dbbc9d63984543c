/**
 * A concept of a code system, wherever it is kept: https://hl7.org/fhir/R4/codesystem.html#concept
 */
import type { CodeSystemConcept, CodeSystemConceptProperty } from '../fhir/types.ts';

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designations: readonly Designation[];
  readonly properties: readonly Property[];
  /** Codes right above it. */
  readonly parents: readonly string[];
  readonly isActive: boolean;
  /** A heading: not to be chosen. */
  readonly isAbstract: boolean;
  /** First and last day of validity: YYYY-MM-DD. */
  readonly starts?: string;
  readonly ends?: string;
}

export interface Designation {
  readonly value: string;
  readonly language?: string;
  /** `system|code` of its use, e.g. SNOMED CT's synonym. */
  readonly use?: { readonly system?: string; readonly code: string; readonly display?: string };
}

export type PropertyType = 'code' | 'string' | 'integer' | 'boolean' | 'decimal' | 'dateTime' | 'Coding';

export interface Property {
  readonly code: string;
  readonly type: PropertyType;
  readonly value: string | number | boolean;
  /** System of a Coding. */
  readonly system?: string;
}

const PARENT_PROPERTIES: ReadonlySet<string> = new Set(['parent', 'subsumedBy']);
const INACTIVE: ReadonlySet<string> = new Set(['retired', 'inactive', 'deprecated', 'entered-in-error']);

/** A concept of a CodeSystem resource; `parent` is the one it is nested in. */
export function toConcept(
  { code, display, definition, designation = [], property = [] }: CodeSystemConcept,
  parent?: string,
): Concept {
  const properties = property.flatMap(toProperty);
  const named = properties.filter(({ code: name }) => PARENT_PROPERTIES.has(name));
  const is = (name: string): boolean =>
    properties.some(({ code: found, value }) => found === name && String(value) === 'true');
  const status = properties.find(({ code: name }) => name === 'status')?.value;
  return {
    code: code ?? '',
    ...(display !== undefined && { display }),
    ...(definition !== undefined && { definition }),
    designations: designation.map(({ value, language, use }) => ({
      value: value ?? '',
      ...(language !== undefined && { language }),
      ...(use?.code !== undefined && {
        use: {
          code: use.code,
          ...(use.system !== undefined && { system: use.system }),
          ...(use.display !== undefined && { display: use.display }),
        },
      }),
    })),
    properties,
    parents: [
      ...new Set([...(parent === undefined ? [] : [parent]), ...named.map(({ value }) => String(value))]),
    ],
    isActive: !is('inactive') && !(typeof status === 'string' && INACTIVE.has(status)),
    isAbstract: is('notSelectable') || is('abstract'),
  };
}

function toProperty(property: CodeSystemConceptProperty): readonly Property[] {
  const { code = '' } = property;
  if (property.valueCoding !== undefined) {
    const { system, code: value = '' } = property.valueCoding;
    return [{ code, type: 'Coding', value, ...(system !== undefined && { system }) }];
  }
  const values: Readonly<Record<Exclude<PropertyType, 'Coding'>, Property['value'] | undefined>> = {
    code: property.valueCode,
    string: property.valueString,
    integer: property.valueInteger,
    boolean: property.valueBoolean,
    decimal: property.valueDecimal,
    dateTime: property.valueDateTime,
  };
  return Object.entries(values).flatMap(([type, value]) =>
    value === undefined ? [] : [{ code, type: type as PropertyType, value }],
  );
}

/** What a concept is called where a text is needed. */
export const nameOf = ({ code, display }: Pick<Concept, 'code' | 'display'>): string => display ?? code;

/** Whether a concept may be used on a day. */
export const isValidOn = ({ isActive, starts, ends }: Concept, day: string): boolean =>
  isActive && (starts === undefined || starts <= day) && (ends === undefined || ends >= day);

/** The use of the text that is preferred in its language. */
export const PREFERRED = {
  system: 'http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra',
  code: 'preferredForLanguage',
} as const;

/** The text in the first of the languages that has one (`nb` also answers `no`, `nb-NO`), else the display. */
export function displayIn(
  concept: Concept,
  languages: readonly string[],
  systemLanguage?: string,
): string | undefined {
  const { display, designations } = concept;
  for (const language of languages) {
    if (systemLanguage !== undefined && isLanguage(systemLanguage, language)) {
      return display;
    }
    const found =
      designations.find(
        ({ language: given, use }) =>
          given !== undefined &&
          isLanguage(given, language) &&
          (use === undefined || use.code === PREFERRED.code || use.code === 'display'),
      ) ?? designations.find(({ language: given }) => given !== undefined && isLanguage(given, language));
    if (found !== undefined) {
      return found.value;
    }
  }
  return display;
}

const asBokmål = (language: string): string => (language === 'no' ? 'nb' : language);

/** `nb-NO` and `no` are answers to `nb`. */
function isLanguage(given: string, asked: string): boolean {
  const [base = ''] = given.toLowerCase().split('-');
  const [wanted = ''] = asked.toLowerCase().split('-');
  return asBokmål(base) === asBokmål(wanted);
}
