/**
 * Validation of everything a write will store: FHIR and profile rules, then that references point at something.
 */
import { rowFilter } from '../access/filter.ts';
import { FhirError, error, type Issue } from '../fhir/outcome.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import { isResourceType, typeName } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';
import type { RepositoryDeps } from './deps.ts';
import { existingSql } from './rows.ts';

/** Rules whose breach means that the body is no FHIR at all: 400. All others: 422. */
const SYNTAX_RULES = new Set([
  'unknown-element',
  'type',
  'format',
  'cardinality',
  'choice',
  'depth',
  'ele-1',
  'empty-array',
  'resource-type',
]);

/** What the rules may add is not missing yet. */
const SHAPE_RULES = new Set([...SYNTAX_RULES].filter((rule) => rule !== 'cardinality'));

type Inspection = ReturnType<RepositoryDeps['validator']['inspect']>;

/** The validator's findings by resource: what is not changed after it was inspected is not inspected again. */
export type Inspections = WeakMap<JsonObject, Inspection>;

interface Inspected extends Inspection {
  readonly entry: Pending;
}

/**
 * Before the register's rules see the resources: each is FHIR in its form, so that a rule finds lists where lists belong.
 * Throws 400 with every error, not the first.
 */
export function checkForm(batch: WriteBatch, deps: RepositoryDeps, inspections: Inspections): void {
  const inspected = inspectAll(batch, deps, inspections);
  const isMalformed = inspected.some(({ issues }) =>
    issues.some(({ severity, rule = '' }) => severity === 'error' && SHAPE_RULES.has(rule)),
  );
  if (isMalformed) {
    refuseErrors(inspected.flatMap(locatedIssues));
  }
}

/** Validate all pending resources together with the findings of register rules; throw with every error, not the first. */
export async function check(
  batch: WriteBatch,
  deps: RepositoryDeps,
  inspections: Inspections,
  found: readonly Issue[],
): Promise<void> {
  const inspected = inspectAll(batch, deps, inspections);
  refuseErrors([
    ...found,
    ...inspected.flatMap(({ entry }) => subsetted(entry)),
    ...inspected.flatMap(locatedIssues),
  ]);
  refuseErrors([
    ...(await danglingReferences(batch, inspected.flatMap(localReferences))),
    ...(await deferredCodes(batch, deps, inspected)),
  ]);
}

/** Codes of systems that are in tables: one statement for the whole write. */
async function deferredCodes(
  batch: WriteBatch,
  { codes }: RepositoryDeps,
  inspected: readonly Inspected[],
): Promise<readonly Issue[]> {
  const asked = inspected.flatMap(({ entry, deferred = [] }) => deferred.map((code) => ({ entry, code })));
  const found =
    codes === undefined
      ? []
      : await codes.check(
          { query: (statement) => batch.query({ values: [], ...statement }) },
          asked.map(({ code }) => code),
        );
  return found.flatMap((issues, index) => {
    const entry = asked[index]?.entry;
    return entry === undefined ? [] : issues.map((issue) => located(issue, entry));
  });
}

function inspectAll(
  batch: WriteBatch,
  { validator }: RepositoryDeps,
  inspections: Inspections,
): readonly Inspected[] {
  return batch.pending().flatMap((entry) => {
    const { resource, effect } = entry;
    if (resource === undefined || (effect !== 'created' && effect !== 'updated')) {
      return [];
    }
    const inspection = inspections.get(resource) ?? validator.inspect(resource);
    inspections.set(resource, inspection);
    return [{ entry, ...inspection }];
  });
}

const locatedIssues = ({ entry, issues }: Inspected): readonly Issue[] =>
  issues.map((issue) => located(issue, entry));

/** Tag of a resource that was read in part: https://hl7.org/fhir/R4/search.html#subsetted */
export const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
} as const;

/** A resource that was read in part is not written back: what was left out would be lost. */
function subsetted(entry: Pending): readonly Issue[] {
  const { tag } = (entry.resource?.['meta'] ?? {}) as JsonObject;
  const isPart =
    Array.isArray(tag) &&
    (tag as readonly JsonValue[]).some((value) => {
      const { system, code } = (value ?? {}) as JsonObject;
      return system === SUBSETTED.system && code === SUBSETTED.code;
    });
  const text =
    'This resource was read in part (SUBSETTED). Read it whole, change it, and take the tag away before sending it.';
  return isPart ? [located(error('business-rule', text, `${entry.type}.meta.tag`, 'subsetted'), entry)] : [];
}

/** `Patient.name[0]` in entry 3 of a bundle → `Bundle.entry[3].resource.name[0]`. */
function located(issue: Issue, { operation, type }: Pending): Issue {
  if (operation.at === undefined || issue.expression === undefined) {
    return issue;
  }
  const rest = issue.expression.startsWith(type)
    ? issue.expression.slice(type.length)
    : `.${issue.expression}`;
  return { ...issue, expression: `${operation.at}${rest}` };
}

function refuseErrors(issues: readonly Issue[]): void {
  const errors = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  if (errors.length > 0) {
    const isSyntax = errors.some(({ rule }) => rule !== undefined && SYNTAX_RULES.has(rule));
    throw new FhirError(isSyntax ? 400 : 422, errors);
  }
}

/**
 * Resources whose references are not links of this server: a stored Bundle is a packet whose entries refer to each other
 * and to where they came from (https://hl7.org/fhir/R4/bundle.html#references), and an event that happened elsewhere is
 * never turned away because what it was about is not here.
 */
const PACKETS: ReadonlySet<string> = new Set(['Bundle', 'AuditEvent']);

interface LocatedReference {
  readonly key: string;
  readonly type: string;
  /** Empty for a `urn:uuid`, which names something in its own Bundle or nothing. */
  readonly id: string;
  readonly expression: string;
  readonly entry: Pending;
}

/** Literal references to this server that point at nothing the caller can see. One statement for the whole write. */
async function danglingReferences(
  batch: WriteBatch,
  references: readonly LocatedReference[],
): Promise<readonly Issue[]> {
  const written = new Map(batch.pending().map((entry) => [`${entry.type}/${entry.id}`, entry.effect]));
  const unknown = references.filter(({ key, entry }) => {
    const effect = written.get(key);
    if (effect !== 'deleted' && isRecorded(entry, key)) {
      return false;
    }
    return effect === undefined || effect === 'deleted' || effect === 'absent';
  });
  if (unknown.length === 0) {
    return [];
  }
  const keys = [...new Map(unknown.map(({ key, type, id }) => [key, { type, id }])).values()];
  const rows = await batch.own.query<{ type: number; id: string }>(
    existingSql(keys, rowFilter(batch.principal, 'any')),
  );
  const kept = rows.map(({ type, id }) => `${typeName(type)}/${id}`).filter((key) => !written.has(key));
  const existing = new Set(kept);
  return unknown.filter(({ key, entry }) => !existing.has(key) && entry.derived !== true).map(asIssue);
}

/**
 * Does a register's own record, such as a form that was filled from it, name it already? What a sender has deleted since stays
 * named there, and the record can be corrected and withdrawn none the less.
 */
const isRecorded = ({ labels, previous }: Pending, key: string): boolean =>
  labels?.register != null && previous?.content?.includes(`"${key}"`) === true;

function localReferences({ entry, references }: Inspected): readonly LocatedReference[] {
  if (PACKETS.has(entry.type)) {
    return [];
  }
  return references.flatMap(({ reference, expression }) => {
    if (reference.startsWith('urn:uuid:')) {
      return [{ key: reference, type: '', id: '', expression, entry }];
    }
    const local = parseLocalReference(reference);
    return local === undefined || !isResourceType(local.type)
      ? []
      : [{ key: `${local.type}/${local.id}`, type: local.type, id: local.id, expression, entry }];
  });
}

function asIssue({ key, expression, entry }: LocatedReference): Issue {
  return located(
    error(
      'not-found',
      `The reference ${key} points at nothing here. Send the resource first, or in the same transaction.`,
      expression,
      'dangling-reference',
    ),
    entry,
  );
}
