/**
 * Search parameters of AuditEvent as a filter on the audit trail: https://hl7.org/fhir/R4/auditevent.html#search
 */
import { parseDate } from '../fhir/date.ts';
import { FhirError, error, type Issue } from '../fhir/outcome.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { TrailFilter } from '../repository/trail.ts';

const DEFINITION = 'http://hl7.org/fhir/SearchParameter/';

/** What a search of the trail understands; goes into the CapabilityStatement. */
export const TRAIL_PARAMETERS = [
  { name: '_id', type: 'token', definition: `${DEFINITION}Resource-id` },
  { name: 'action', type: 'token', definition: `${DEFINITION}AuditEvent-action` },
  { name: 'agent', type: 'reference', definition: `${DEFINITION}AuditEvent-agent` },
  { name: 'date', type: 'date', definition: `${DEFINITION}AuditEvent-date` },
  { name: 'entity', type: 'reference', definition: `${DEFINITION}AuditEvent-entity` },
  { name: 'patient', type: 'reference', definition: `${DEFINITION}AuditEvent-patient` },
  { name: 'subtype', type: 'token', definition: `${DEFINITION}AuditEvent-subtype` },
] as const;

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;

type Part = Partial<TrailFilter>;

const PARSERS: Readonly<Record<string, (value: string, before: Part) => Part | undefined>> = {
  _id: (id) => ({ id }),
  _count: (value) =>
    /^[0-9]{1,9}$/.test(value) ? { count: Math.min(Math.max(Number(value), 1), MAX_COUNT) } : undefined,
  _cursor: (cursor) => ({ cursor }),
  // the only order there is
  _sort: (value) => (value === '-date' || value === '-_lastUpdated' ? {} : undefined),
  _summary: (value) => (value === 'count' ? undefined : {}),
  _elements: () => ({}),
  action: (value) => ({ action: codeOf(value) }),
  agent: (value) => ({ agent: codeOf(value) }),
  'agent:identifier': (value) => ({ agent: codeOf(value) }),
  date: parsePeriod,
  entity: (value) => {
    const local = parseLocalReference(value);
    return local && { entityType: local.type, entityId: local.id };
  },
  patient: (value) => {
    const local = parseLocalReference(value.includes('/') ? value : `Patient/${value}`);
    return local?.type === 'Patient' ? { patient: local.id } : undefined;
  },
  subtype: (value) => ({ kind: codeOf(value) }),
};

const REPEATABLE: ReadonlySet<string> = new Set(['date']);

export interface TrailQuery {
  readonly filter: TrailFilter;
  readonly understood: URLSearchParams;
  /** What lenient handling ignored. */
  readonly warnings: readonly Issue[];
}

/** Throws 400 with an issue for every parameter that is not understood (strict) or is malformed (always). */
export function parseTrailQuery(query: URLSearchParams, options: { readonly lenient: boolean }): TrailQuery {
  const understood = new URLSearchParams();
  const warnings: Issue[] = [];
  const errors: Issue[] = [];
  let filter: TrailFilter = { count: DEFAULT_COUNT };
  for (const [name, value] of query) {
    const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
    if (parse === undefined) {
      (options.lenient ? warnings : errors).push(unknownParameter(name, options));
      continue;
    }
    const isSecond = understood.has(name) && !REPEATABLE.has(name);
    const part = isSecond ? undefined : parse(value, filter);
    if (part === undefined) {
      errors.push(malformed(name, isSecond));
      continue;
    }
    filter = { ...filter, ...part };
    understood.append(name, value);
  }
  if (errors.length > 0) {
    throw new FhirError(400, errors);
  }
  return { filter, understood, warnings };
}

/** `system|code` and `code` alike: each of these parameters has values of one system. */
const codeOf = (value: string): string => value.slice(value.lastIndexOf('|') + 1);

const STARTS: Readonly<Record<string, 'lo' | 'hi'>> = { eq: 'lo', ge: 'lo', gt: 'hi', sa: 'hi' };
const ENDS: Readonly<Record<string, 'lo' | 'hi'>> = { eq: 'hi', le: 'hi', lt: 'lo', eb: 'lo' };

function parsePeriod(value: string, { from, to }: Part): Part | undefined {
  const [, prefix = 'eq', text = ''] = /^(eq|ge|gt|sa|le|lt|eb)?([0-9].*)$/.exec(value) ?? [];
  const range = parseDate(text.replace(' ', '+'));
  if (range === undefined) {
    return undefined;
  }
  const start = STARTS[prefix];
  const end = ENDS[prefix];
  return {
    ...(start !== undefined && { from: latest(from, range[start]) }),
    ...(end !== undefined && { to: earliest(to, range[end]) }),
  };
}

const latest = (a: string | undefined, b: string): string => (a === undefined || a < b ? b : a);
const earliest = (a: string | undefined, b: string): string => (a === undefined || b < a ? b : a);

function unknownParameter(name: string, { lenient }: { readonly lenient: boolean }): Issue {
  const text = `AuditEvent cannot be searched by "${name.slice(0, 64)}". Use ${TRAIL_PARAMETERS.map((known) => known.name).join(', ')}.`;
  return {
    ...error('not-supported', text, undefined, 'search-parameter'),
    severity: lenient ? 'warning' : 'error',
  };
}

function malformed(name: string, isSecond: boolean): Issue {
  const text = isSecond ? `${name} may be given once.` : `The value of ${name} is not one that it may have.`;
  return error('invalid', text, undefined, 'search-value');
}
