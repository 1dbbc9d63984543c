/**
 * Which resource each operation is about: new ids, conditions, persons, `urn:uuid` names.
 * https://hl7.org/fhir/R4/http.html#ccreate and #cond-update
 */
import { rowFilter } from '../access/filter.ts';
import { FhirError, error, preconditionFailed } from '../fhir/outcome.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { BatchContext, WriteBatch } from './batch.ts';
import { createConditions, type Conditions } from './conditions.ts';
import { conditionOf, type Operation, type Pending } from './operation.ts';
import { personKeys } from '../fhir/person-keys.ts';
import { withKnownRefs } from './protect.ts';
import { requireId } from './require-id.ts';
import { collectReferences, rewriteReferences } from './rewrite.ts';
import { rewriteLinks } from './rewrite-links.ts';
import type { RepositoryDeps } from './deps.ts';

/** Resolve ids and conditions of all operations and rewrite the references between them. */
export async function resolveTargets(batch: WriteBatch, deps: RepositoryDeps): Promise<void> {
  const { context } = batch;
  const conditions = createConditions(deps, batch.own, rowFilter(context.principal));
  const entries = batch.pending();
  await conditions.load(entries.flatMap(conditionsOf));
  const persons = await matchPersons(entries, context);
  const resolved = entries.map((entry, index) => resolve(entry, conditions, persons.get(index), context));
  refuseSameTargetTwice(resolved);
  batch.set(rewriteAll(resolved, resolved, conditions, deps));
}

/** The references in resources that a patch has made: those to other entries of the write, and conditional ones. */
export async function resolveReferences(
  patched: readonly Pending[],
  batch: WriteBatch,
  deps: RepositoryDeps,
): Promise<readonly Pending[]> {
  const { context } = batch;
  const conditions = createConditions(deps, batch.own, rowFilter(context.principal));
  await conditions.load(patched.flatMap(conditionsInBody));
  return rewriteAll(patched, batch.pending(), conditions, deps);
}

/** Every condition that must be looked up: of operations, and in references of bodies. */
function conditionsOf(entry: Pending): readonly { type: string; query: string }[] {
  const own = conditionOf(entry.operation);
  const inBody = conditionsInBody(entry);
  return own === undefined ? inBody : [{ type: entry.type, query: own }, ...inBody];
}

function conditionsInBody({ resource }: Pending): readonly { type: string; query: string }[] {
  return resource === undefined
    ? []
    : [...collectReferences(resource)].flatMap((reference) => conditionalReference(reference) ?? []);
}

/** `Practitioner?identifier=…` as a reference: https://hl7.org/fhir/R4/http.html#trules */
function conditionalReference(reference: string): { type: string; query: string } | undefined {
  const match = /^([A-Z][A-Za-z]+)\?(.+)$/.exec(reference);
  return match === null ? undefined : { type: match[1] as string, query: match[2] as string };
}

/** Persons that the register knows already, by index of the entry that would create them again. */
async function matchPersons(
  entries: readonly Pending[],
  { tx }: BatchContext,
): Promise<ReadonlyMap<number, string>> {
  const persons = entries.map(({ operation, resource }) =>
    operation.kind === 'create' && operation.matchPerson === true && resource?.['resourceType'] === 'Patient'
      ? { resourceType: 'Patient', identifier: resource['identifier'] ?? [] }
      : {},
  );
  const keysOf = (await withKnownRefs(persons, tx)).map(personKeys);
  const all = [...new Set(keysOf.flat())];
  if (all.length === 0) {
    return new Map();
  }
  const known = await tx.findUnique('Patient', all);
  const matched = new Map<number, string>();
  keysOf.forEach((keys, index) => {
    const owners = new Set(keys.flatMap((key) => known.get(key)?.id ?? []));
    if (owners.size > 1) {
      throw new FhirError(
        409,
        error(
          'multiple-matches',
          'The identifiers of this Patient belong to different persons here.',
          'Patient.identifier',
          'person-conflict',
        ),
      );
    }
    const [owner] = owners;
    if (owner !== undefined) {
      matched.set(index, owner);
    }
  });
  return matched;
}

function resolve(
  entry: Pending,
  conditions: Conditions,
  person: string | undefined,
  context: BatchContext,
): Pending {
  if (entry.derived === true) {
    return entry;
  }
  if (person !== undefined) {
    return { ...entry, id: person, effect: 'matched' };
  }
  const condition = conditionOf(entry.operation);
  const found = condition === undefined ? undefined : conditions.find(entry.type, condition);
  if (found !== undefined && found.length > 1) {
    throw preconditionFailed(
      `The condition "${entry.type}?${safe(condition)}" matches ${found.length} resources; it must match at most one.`,
      'multiple-matches',
    );
  }
  return resolvers[entry.operation.kind](entry, found?.[0], context);
}

const resolvers = {
  create: (entry, match, { newId }) =>
    match === undefined ? { ...entry, id: newId() } : { ...entry, id: match, effect: 'matched' },
  update: (entry, match, { newId }) => {
    if (entry.id !== '') {
      return entry;
    }
    const ownId = entry.resource?.['id'];
    if (match !== undefined && typeof ownId === 'string' && ownId !== match) {
      throw new FhirError(
        400,
        error(
          'invalid',
          'The id in the resource is not the id of the resource that the condition matches.',
          `${entry.type}.id`,
          'id-mismatch',
        ),
      );
    }
    if (typeof ownId === 'string') {
      requireId(entry.type, ownId);
    }
    return { ...entry, id: match ?? (typeof ownId === 'string' ? ownId : newId()) };
  },
  patch: (entry, match) => {
    const id = entry.id === '' ? match : entry.id;
    if (id === undefined) {
      throw new FhirError(
        404,
        error(
          'not-found',
          'The condition of the patch matches nothing here.',
          entry.operation.at,
          'condition',
        ),
      );
    }
    return { ...entry, id };
  },
  delete: (entry, match) => {
    if (entry.id !== '') {
      return entry;
    }
    return match === undefined ? { ...entry, effect: 'absent' } : { ...entry, id: match };
  },
} satisfies Record<
  Operation['kind'],
  (entry: Pending, match: string | undefined, context: BatchContext) => Pending
>;

function refuseSameTargetTwice(entries: readonly Pending[]): void {
  const seen = new Set<string>();
  for (const { type, id, effect, operation } of entries) {
    if (effect === 'matched' || effect === 'absent') {
      continue;
    }
    const key = `${type}/${id}`;
    if (seen.has(key)) {
      throw new FhirError(
        400,
        error('invalid', `${key} is written twice in one transaction.`, operation.at, 'same-target'),
      );
    }
    seen.add(key);
  }
}

/** The entries with their references to each other, and conditional ones, replaced. `all` has the names. */
function rewriteAll(
  entries: readonly Pending[],
  all: readonly Pending[],
  conditions: Conditions,
  { fhirBase, shapes }: RepositoryDeps,
): readonly Pending[] {
  const byName = new Map<string, string>();
  for (const { operation, type, id } of all) {
    if (operation.kind !== 'delete' && operation.fullUrl !== undefined) {
      byName.set(operation.fullUrl, `${type}/${id}`);
    }
  }
  return entries.map((entry) => {
    if (entry.resource === undefined) {
      return entry;
    }
    const replace = (reference: string): string => target(reference, entry, byName, conditions, fhirBase);
    const resource = rewriteLinks(rewriteReferences(entry.resource, replace), byName, shapes);
    return resource === entry.resource ? entry : { ...entry, resource };
  });
}

function target(
  reference: string,
  entry: Pending,
  byName: ReadonlyMap<string, string>,
  conditions: Conditions,
  fhirBase: string,
): string {
  const named = byName.get(reference) ?? byName.get(absoluteName(reference, entry));
  if (named !== undefined) {
    return named;
  }
  const conditional = conditionalReference(reference);
  if (conditional !== undefined) {
    return byCondition(conditional, reference, entry, conditions);
  }
  if (reference.startsWith(`${fhirBase}/`)) {
    const local = parseLocalReference(reference, fhirBase);
    return local === undefined ? reference : reference.slice(fhirBase.length + 1);
  }
  return reference;
}

/** A relative reference in an entry whose fullUrl is absolute is relative to that URL's base. */
function absoluteName(reference: string, { operation, type }: Pending): string {
  const fullUrl = operation.kind === 'delete' ? undefined : operation.fullUrl;
  const base = fullUrl === undefined ? -1 : fullUrl.lastIndexOf(`/${type}/`);
  return base === -1 ? reference : `${fullUrl?.slice(0, base) ?? ''}/${reference}`;
}

function byCondition(
  { type, query }: { type: string; query: string },
  reference: string,
  { operation }: Pending,
  conditions: Conditions,
): string {
  const found = conditions.find(type, query);
  if (found.length === 1) {
    return `${type}/${found[0] ?? ''}`;
  }
  const why = found.length === 0 ? 'matches nothing here' : `matches ${found.length} resources`;
  throw new FhirError(
    412,
    error(
      found.length === 0 ? 'not-found' : 'multiple-matches',
      `The conditional reference "${type}?${safe(reference.slice(type.length + 1))}" ${why}; it must match exactly one resource.`,
      operation.at,
      'conditional-reference',
    ),
  );
}

/** A condition for an error message: parameter names only, as values may hold identity numbers. */
function safe(query: string | undefined): string {
  return [...new URLSearchParams(query ?? '').keys()].map((name) => `${name}=…`).join('&');
}
