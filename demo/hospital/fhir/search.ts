/**
 * Search in the hospital's record: https://hl7.org/fhir/R4/search.html
 * An honest subset: a parameter that the type does not have here is an error, not ignored.
 */
import type { Bundle, OperationOutcome, Resource } from '../../../src/fhir/types.ts';
import { isAbout } from './record.ts';

interface Coding {
  readonly system?: string;
  readonly code?: string;
}
interface Concept {
  readonly coding?: readonly Coding[];
}
interface Ref {
  readonly reference?: string;
}
interface Period {
  readonly start?: string;
  readonly end?: string;
}
interface Identifier {
  readonly system?: string;
  readonly value?: string;
}
interface Fields {
  readonly id?: string;
  readonly meta?: { readonly lastUpdated?: string };
  readonly identifier?: Identifier | readonly Identifier[];
  readonly status?: string;
  readonly class?: Coding;
  readonly encounter?: Ref;
  readonly context?: Ref;
  readonly code?: Concept;
  readonly medicationCodeableConcept?: Concept;
  readonly clinicalStatus?: Concept;
  readonly category?: readonly Concept[];
  readonly authoredOn?: string;
  readonly recordedDate?: string;
  readonly effectiveDateTime?: string;
  readonly effectivePeriod?: Period;
  readonly performedDateTime?: string;
  readonly performedPeriod?: Period;
  readonly period?: Period;
  readonly dateTime?: string;
  readonly birthDate?: string;
  readonly name?: readonly { readonly family?: string; readonly given?: readonly string[] }[];
}

type Matcher = (fields: Fields, value: string) => boolean;

const date =
  (of: (fields: Fields) => string | undefined): Matcher =>
  (fields, value) =>
    isWithin(of(fields), value);

const clinicalDate = ({
  effectiveDateTime,
  effectivePeriod,
  performedDateTime,
  performedPeriod,
  period,
  dateTime,
}: Fields) =>
  effectiveDateTime ??
  effectivePeriod?.start ??
  performedDateTime ??
  performedPeriod?.start ??
  period?.start ??
  dateTime;

const about: Matcher = (fields, value) => isAbout(fields as Resource, idOf(value));

/** Parameters of every type. */
const COMMON: Readonly<Record<string, Matcher>> = {
  _id: ({ id }, value) => id === value,
  _lastUpdated: date(({ meta }) => meta?.lastUpdated),
  identifier: ({ identifier = [] }, value) => {
    const [first, second] = value.split('|');
    return [identifier]
      .flat()
      .some((one) =>
        second === undefined
          ? one.value === first
          : one.system === first && (second === '' || one.value === second),
      );
  },
};

/** Parameters of what is about a patient. */
const CLINICAL: Readonly<Record<string, Matcher>> = {
  ...COMMON,
  patient: about,
  subject: about,
  encounter: ({ encounter, context }, value) =>
    (encounter ?? context)?.reference === `Encounter/${idOf(value)}`,
  status: ({ status }, value) => status === value,
  code: ({ code, medicationCodeableConcept }, value) => hasToken([code ?? medicationCodeableConcept], value),
  category: ({ category }, value) => hasToken(category ?? [], value),
  date: date(clinicalDate),
};

const byName: Matcher = ({ name = [] }, value) =>
  name
    .flatMap(({ family = '', given = [] }) => [family, ...given])
    .some((part) => part.toLowerCase().startsWith(value.toLowerCase()));

/** Which parameters a type has. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<string, Matcher>>>> = {
  Patient: {
    ...COMMON,
    name: byName,
    family: byName,
    birthdate: date(({ birthDate }) => birthDate),
  },
  Practitioner: { ...COMMON, name: byName },
  Organization: COMMON,
  Encounter: { ...CLINICAL, class: ({ class: one }, value) => hasToken([{ coding: [one ?? {}] }], value) },
  Condition: {
    ...CLINICAL,
    'clinical-status': ({ clinicalStatus }, value) => hasToken([clinicalStatus], value),
    'recorded-date': date(({ recordedDate }) => recordedDate),
  },
  Procedure: CLINICAL,
  Observation: CLINICAL,
  MedicationStatement: { ...CLINICAL, effective: date(clinicalDate) },
  MedicationAdministration: { ...CLINICAL, 'effective-time': date(clinicalDate) },
  ServiceRequest: { ...CLINICAL, authored: date(({ authoredOn }) => authoredOn) },
  Consent: CLINICAL,
  DocumentReference: CLINICAL,
  QuestionnaireResponse: { ...CLINICAL, authored: date(({ authoredOn }) => authoredOn) },
};

const SORTS: Readonly<Record<string, (fields: Fields) => string>> = {
  _lastUpdated: ({ meta }) => meta?.lastUpdated ?? '',
  _id: ({ id }) => id ?? '',
  authored: ({ authoredOn }) => authoredOn ?? '',
  'recorded-date': ({ recordedDate }) => recordedDate ?? '',
  'effective-time': (fields) => clinicalDate(fields) ?? '',
  effective: (fields) => clinicalDate(fields) ?? '',
  date: (fields) => clinicalDate(fields) ?? '',
};

const RESULT = ['_count', '_sort', '_offset', '_format', '_total'];
const PAGE = 50;

/** A searchset page, or the outcome that says what is not supported. `among`: what the caller may see. */
export function search(
  base: string,
  type: string,
  query: URLSearchParams,
  among: readonly Resource[],
): Bundle | OperationOutcome {
  const matchers = PARAMETERS[type] ?? {};
  const unknown = [...query.keys()].find((name) => !(name in matchers) && !RESULT.includes(name));
  if (unknown !== undefined) {
    return outcome('not-supported', `The search parameter "${unknown}" of ${type} is not supported.`);
  }
  const by = query.get('_sort') ?? '';
  if (by !== '' && SORTS[by.replace(/^-/, '')] === undefined) {
    return outcome('not-supported', `Sorting by "${by}" is not supported.`);
  }
  const found = among.filter((one) =>
    [...query].every(([name, values]) => fits(matchers[name], one, values)),
  );
  return page(base, type, query, sorted(found, by));
}

/** Parameters are ANDed, the comma-separated values of one are ORed. */
const fits = (matcher: Matcher | undefined, resource: Resource, values: string): boolean =>
  matcher === undefined || values.split(',').some((value) => matcher(resource as Fields, value));

export const outcome = (
  code: OperationOutcome['issue'][number]['code'],
  diagnostics: string,
): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, diagnostics }],
});

function sorted(resources: readonly Resource[], by: string): readonly Resource[] {
  const key = SORTS[by.replace(/^-/, '')];
  if (key === undefined) {
    return resources;
  }
  const ascending = [...resources].sort((a, b) => key(a as Fields).localeCompare(key(b as Fields)));
  return by.startsWith('-') ? ascending.reverse() : ascending;
}

function page(base: string, type: string, query: URLSearchParams, found: readonly Resource[]): Bundle {
  const size = Math.min(Number(query.get('_count') ?? PAGE) || PAGE, 200);
  const offset = Number(query.get('_offset') ?? 0) || 0;
  const next = new URLSearchParams(query);
  next.set('_offset', String(offset + size));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [
      { relation: 'self', url: `${base}/${type}?${query}` },
      ...(offset + size < found.length
        ? [{ relation: 'next', url: `${base}/${type}?${next}` } as const]
        : []),
    ],
    entry: found.slice(offset, offset + size).map((resource) => ({
      fullUrl: `${base}/${type}/${resource.id ?? ''}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}

/** `code`, `system|code`, `|code` or `system|` (any code of the system). */
function hasToken(concepts: readonly (Concept | undefined)[], token: string): boolean {
  const [first = '', second] = token.split('|');
  return concepts
    .flatMap((one) => one?.coding ?? [])
    .some(({ system, code }) =>
      second === undefined
        ? code === first
        : (first === '' ? system === undefined : system === first) && (second === '' || code === second),
    );
}

/** `2026-03`, `ge2026-03-01T12:00:00Z`: https://hl7.org/fhir/R4/search.html#date */
function isWithin(value: string | undefined, asked: string): boolean {
  const [, prefix = 'eq', text = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb)?(.+)$/.exec(asked) ?? [];
  if (value === undefined) {
    return false;
  }
  const [from, to] = span(text);
  const [start, end] = span(value);
  const tests: Readonly<Record<string, boolean>> = {
    eq: from <= start && end <= to,
    ne: !(from <= start && end <= to),
    gt: end > to,
    lt: start < from,
    ge: end >= to || (from <= start && start <= to),
    le: start <= from || (from <= end && end <= to),
    sa: start > to,
    eb: end < from,
  };
  return tests[prefix] ?? false;
}

/** First and last millisecond of what a date of any precision stands for, days being those of UTC. */
function span(text: string): readonly [from: number, to: number] {
  if (text.includes('T')) {
    const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
    return [at, at + lengthOfTime(text) - 1];
  }
  const [year = 0, month, day] = text.split('-').map(Number);
  const from = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
  return [from, dayAfter(year, month, day) - 1];
}

function lengthOfTime(text: string): number {
  if (/\.\d/.test(text)) {
    return 1;
  }
  return /T\d\d:\d\d:\d\d/.test(text) ? 1000 : 60_000;
}

function dayAfter(year: number, month: number | undefined, day: number | undefined): number {
  if (month === undefined) {
    return Date.UTC(year + 1, 0, 1);
  }
  return day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1);
}

const idOf = (reference: string): string => reference.replace(/^(?:Patient|Encounter)\//, '');
