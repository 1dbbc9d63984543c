/**
 * Every write passes these steps, in this order, inside one database transaction. Any of them may refuse the whole
 * write by throwing; nothing is stored before `store`, and nothing is acknowledged before the transaction commits.
 */
import { decide, type Interaction, toRefusal } from '../access/decide.ts';
import { accessOf } from '../access/filter.ts';
import type { Issue } from '../fhir/outcome.ts';
import { dropListedSql, keepListedSql } from '../storage/pathway-list.ts';
import type { Write } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import { check, checkForm, type Inspections } from './check.ts';
import { conditionOf, type Operation, type Pending } from './operation.ts';
import { applyPatches } from './patches.ts';
import type { RepositoryDeps } from './deps.ts';
import { refuseMarks } from './protect.ts';
import { normaliseSystems } from './spelling.ts';
import { keepOrder, rememberOrder } from './source-order.ts';
import { stamp } from './stamp.ts';
import { resolveTargets } from './targets.ts';
import { matchVersions } from './versions.ts';
import { refuseBeyondLimits } from './within-limits.ts';
import { auditWrite } from './audit.ts';
import { enterInbox } from './enter-inbox.ts';
import { externalEvent } from './external-event.ts';
import type { Seen } from './visit.ts';

export interface StepState {
  readonly batch: WriteBatch;
  readonly deps: RepositoryDeps;
  /** Findings of the register's rules, reported together with the validator's. */
  issues: readonly Issue[];
  readonly inspections: Inspections;
  /** What will be stored, by entry. */
  writes: ReadonlyMap<Pending, Write>;
  /** What the write's audit event tells of. */
  told?: Seen;
}

export type Step = (state: StepState) => Promise<void> | void;

export const writeSteps: readonly Step[] = [
  authorise, // may this principal do this to this type at all?
  spell, // systems of identifiers as they are written here
  resolve, // ids, conditions, persons, references between entries
  matchVersion, // lock current versions; If-Match; own rows only
  order, // what is older than what is here is left out
  patch, // patches on the versions that are locked now
  validateForm, // FHIR in its form, so that rules find what they look for
  applyRules, // the register's rules: may refuse, complete, or add writes
  validate, // FHIR, profiles, register findings, dangling references
  stampMeta, // id, version, time, source; JSON text without direct identifiers; index rows
  stayWithin, // what the scopes' constraints allow, after the change as before it
  store, // versions, index rows and history
  audit, // one AuditEvent, in the same transaction (AU-01)
  afterStore, // local or national store, jobs
];

/** A patch tests what is there and gives it back: it takes the right to read, and is an update otherwise. */
const NEEDED: Readonly<Record<Operation['kind'], readonly Interaction[]>> = {
  create: ['create'],
  update: ['update'],
  delete: ['delete'],
  patch: ['update', 'read'],
};

function authorise({ batch }: StepState): void {
  for (const { operation } of batch.pending()) {
    authoriseOne(batch, operation);
  }
}

function authoriseOne({ principal }: WriteBatch, operation: Operation): void {
  const own = NEEDED[operation.kind];
  const needed = conditionOf(operation) === undefined ? own : [...own, 'search' as const];
  for (const interaction of needed) {
    const decision = decide(principal, interaction, operation.type);
    if (decision.effect === 'deny') {
      throw toRefusal(decision);
    }
  }
}

/** Before anything is looked up by them: the same person or unit has the same identifier, whoever writes it. */
function spell({ batch }: StepState): void {
  refuseReserved(batch);
  batch.set(
    batch
      .pending()
      .map((entry) =>
        entry.resource === undefined ? entry : { ...entry, resource: normaliseSystems(entry.resource) },
      ),
  );
}

/** What the server itself writes may come from rows as they are stored. */
function refuseReserved(batch: WriteBatch): void {
  if (batch.principal.kind === 'system') {
    return;
  }
  for (const { resource, operation, type } of batch.pending()) {
    if (resource !== undefined) {
      refuseMarks(resource, operation.at ?? type);
    }
  }
}

function resolve({ batch, deps }: StepState): Promise<void> {
  return resolveTargets(batch, deps);
}

function matchVersion({ batch }: StepState): Promise<void> {
  return matchVersions(batch);
}

function order({ batch }: StepState): Promise<void> {
  return keepOrder(batch);
}

function patch({ batch, deps }: StepState): Promise<void> {
  return applyPatches(batch, deps);
}

function validateForm({ batch, deps, inspections }: StepState): void {
  checkForm(batch, deps, inspections);
}

async function applyRules(state: StepState): Promise<void> {
  for (const rule of state.deps.rules) {
    state.issues = [...state.issues, ...(await rule.apply(state.batch))];
  }
}

function validate({ batch, deps, inspections, issues }: StepState): Promise<void> {
  return check(batch, deps, inspections, issues);
}

async function stampMeta(state: StepState): Promise<void> {
  state.writes = await stamp(state.batch, state.deps);
}

function stayWithin({ batch, writes }: StepState): Promise<void> {
  return refuseBeyondLimits(batch, writes);
}

/** Versions go to the store; events from outside go to the audit trail, where nothing is ever changed. */
async function store({ batch, deps, writes }: StepState): Promise<void> {
  const { tx } = batch.context;
  const versions = [...writes.values()].filter(({ type }) => type !== 'AuditEvent');
  const { own, beyond } = byScope(batch, writes, versions);
  if (beyond.length > 0) {
    await tx.write(beyond);
  }
  if (own.length > 0) {
    await tx.write(own, accessOf(batch.principal));
  }
  const events = [...writes.values()].filter(({ type }) => type === 'AuditEvent');
  deps.audit.inTransaction(
    tx,
    events.map((write) => externalEvent(write, batch.context)),
  );
}

/**
 * What the caller writes stays within the caller's scope, and the database sees to that; a rule may write beyond it, as when
 * a department gives its number to a person whom another one has sent.
 */
function byScope(
  { principal }: WriteBatch,
  writes: StepState['writes'],
  versions: readonly Write[],
): { readonly own: readonly Write[]; readonly beyond: readonly Write[] } {
  const { write, units } = accessOf(principal);
  const derived = new Set([...writes].flatMap(([entry, one]) => (entry.derived === true ? [one] : [])));
  const isBeyond = (one: Write): boolean =>
    write !== 'all' && derived.has(one) && (write === 'register' || !units.includes(one.labels.unit ?? ''));
  return { own: versions.filter((one) => !isBeyond(one)), beyond: versions.filter(isBeyond) };
}

async function afterStore({ batch }: StepState): Promise<void> {
  keepListed(batch);
  for (const national of [true, false]) {
    const moved = batch.moved(national);
    if (moved.length > 0) {
      await batch.context.tx.relabel(moved, national, batch.now);
    }
  }
  rememberOrder(batch);
  enterInbox(batch);
  for (const { task, payload, options } of batch.jobs) {
    await batch.context.tx.enqueue(task, payload, options);
  }
}

function keepListed({ listed, context: { tx } }: WriteBatch): void {
  const kept = [...listed.values()].filter((entry) => entry !== undefined);
  const dropped = [...listed].flatMap(([episode, entry]) => (entry === undefined ? [episode] : []));
  if (kept.length > 0) {
    tx.send(keepListedSql(kept));
  }
  if (dropped.length > 0) {
    tx.send(dropListedSql(dropped));
  }
}

function audit(state: StepState): void {
  state.told = auditWrite(state.batch, state.deps, state.writes);
}
