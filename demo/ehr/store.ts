/**
 * Read and search in memory, for the simulated EHR: https://hl7.org/fhir/R4/search.html
 * A small, honest subset: a parameter that it does not know is an error, not ignored.
 */
import type { Bundle, OperationOutcome, Resource } from '../../src/fhir/types.ts';

export interface DemoStore {
  read(type: string, id: string): Resource | undefined;
  /** A searchset page, or the outcome that says which parameter is not supported. */
  search(base: string, type: string, query: URLSearchParams): Bundle | OperationOutcome;
  /** Everything of one patient, the Patient first. */
  compartment(patient: string): readonly Resource[];
}

interface Coding {
  readonly system?: string;
  readonly code?: string;
}
interface Concept {
  readonly coding?: readonly Coding[];
}
interface Fields {
  readonly id?: string;
  readonly status?: string;
  readonly subject?: { readonly reference?: string };
  readonly encounter?: { readonly reference?: string };
  readonly context?: { readonly reference?: string };
  readonly code?: Concept;
  readonly medicationCodeableConcept?: Concept;
  readonly clinicalStatus?: Concept;
  readonly category?: readonly Concept[];
  readonly authoredOn?: string;
  readonly effectiveDateTime?: string;
}

type Matcher = (fields: Fields, value: string) => boolean;

const MATCHERS: Readonly<Record<string, Matcher>> = {
  _id: ({ id }, value) => id === value,
  patient: ({ subject }, value) => subject?.reference === `Patient/${idOf(value)}`,
  subject: ({ subject }, value) => subject?.reference === `Patient/${idOf(value)}`,
  encounter: ({ encounter, context }, value) =>
    (encounter ?? context)?.reference === `Encounter/${idOf(value)}`,
  status: ({ status }, value) => status === value,
  code: ({ code, medicationCodeableConcept }, value) => hasToken([code ?? medicationCodeableConcept], value),
  category: ({ category }, value) => hasToken(category ?? [], value),
  'clinical-status': ({ clinicalStatus }, value) => hasToken([clinicalStatus], value),
};

const SORTS: Readonly<Record<string, (fields: Fields) => string>> = {
  authored: ({ authoredOn }) => authoredOn ?? '',
  date: ({ effectiveDateTime }) => effectiveDateTime ?? '',
};

const PAGE = 50;

export function demoStore(resources: readonly Resource[]): DemoStore {
  return {
    read: (type, id) => resources.find((one) => one.resourceType === type && one.id === id),
    search(base, type, query) {
      const unknown = [...query.keys()].find(
        (name) => !(name in MATCHERS) && !/^_(count|sort|offset)$/.test(name),
      );
      if (unknown !== undefined) {
        return outcome('not-supported', `The search parameter ${unknown} is not supported.`);
      }
      const found = sort(
        resources.filter((one) => one.resourceType === type && matches(one, query)),
        query.get('_sort'),
      );
      return page(base, type, query, found);
    },
    compartment: (patient) =>
      resources.filter(
        (one) => one.id === patient || (one as Fields).subject?.reference === `Patient/${patient}`,
      ),
  };
}

export const outcome = (code: 'not-found' | 'not-supported' | 'forbidden' | 'login', diagnostics: string) =>
  ({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code, diagnostics }],
  }) satisfies OperationOutcome;

/** Parameters are ANDed, the comma-separated values of one are ORed. */
function matches(resource: Resource, query: URLSearchParams): boolean {
  return [...query]
    .filter(([name]) => name in MATCHERS)
    .every(([name, values]) =>
      values.split(',').some((value) => MATCHERS[name]?.(resource as Fields, value)),
    );
}

function sort(resources: readonly Resource[], by: string | null): readonly Resource[] {
  const key = SORTS[by?.replace(/^-/, '') ?? ''];
  if (key === undefined) {
    return resources;
  }
  const ascending = [...resources].sort((a, b) => key(a as Fields).localeCompare(key(b as Fields)));
  return by?.startsWith('-') === true ? ascending.reverse() : ascending;
}

function page(base: string, type: string, query: URLSearchParams, found: readonly Resource[]): Bundle {
  const size = Math.min(Number(query.get('_count') ?? PAGE) || PAGE, PAGE);
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

/** `code`, `system|code` or `system|` (any code of the system). */
function hasToken(concepts: readonly (Concept | undefined)[], token: string): boolean {
  const [first, second] = token.split('|');
  return concepts
    .flatMap((concept) => concept?.coding ?? [])
    .some(({ system, code }) =>
      second === undefined ? code === first : system === first && (second === '' || code === second),
    );
}

const idOf = (reference: string): string => reference.replace(/^Patient\/|^Encounter\//, '');
