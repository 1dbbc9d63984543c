/**
 * Audit of what the repository did: writes inside their transaction, reads by group commit before they are answered. One
 * event for one interaction: what a page looks at is gathered first (visit.ts).
 */
import { toAuditEvent } from '../access/audit-event.ts';
import type { Audited, AuditedEntity } from '../access/audited.ts';
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { patientOf } from '../search/hot.ts';
import type { AuditRecord } from '../storage/audit-record.ts';
import type { Labels, Write } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';
import type { RepositoryDeps } from './deps.ts';
import { NOTHING_SEEN, type Seen, together, type Visit } from './visit.ts';

/** Who asks, and how the request is named in the trail. */
export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  /** restful-interaction code of the request: `create`, `transaction`, `$populate` … */
  readonly interaction: string;
  /** With it, reads are gathered into one event; whoever made it closes it before answering (`closeVisit`). */
  readonly visit?: Visit;
  /** Why, as a code of v3-ActReason: `ETREAT` for access in an emergency. Usual for the kind of caller when absent. */
  readonly purpose?: string;
}

/** The one who asks, also before it is known who that is. */
export type Asking = Omit<Caller, 'principal'> & { readonly principal: Principal | undefined };

type AuditDeps = Pick<RepositoryDeps, 'audit' | 'clock' | 'newId' | 'fhirBase' | 'legalBasis'>;

/** One audit event for the whole write, listing what was stored and about whom, and what was seen before it. */
export function auditWrite(
  batch: WriteBatch,
  deps: RepositoryDeps,
  writes: ReadonlyMap<Pending, Write>,
): Seen {
  const { tx, now: _asked, ...caller } = batch.context;
  const written = together(...batch.pending().map((entry) => writtenEntry(entry, writes.get(entry))));
  const seen = together(written, caller.visit?.pending()?.seen ?? NOTHING_SEEN);
  deps.audit.inTransaction(tx, [toRecord(deps, caller, { status: 200, seen, now: batch.now })]);
  return seen;
}

/** What was stored, and what was found in its place; a deletion is about the person of the version before it. */
function writtenEntry({ type, id, effect, previous, labels }: Pending, write: Write | undefined): Seen {
  const versionId = write?.versionId ?? previous?.versionId;
  if (versionId === undefined && effect !== 'matched') {
    return NOTHING_SEEN;
  }
  const stored = write?.index?.hot.patient ?? null;
  const patient = write?.index == null ? patientBefore(type, id, previous?.content) : stored;
  return {
    ...NOTHING_SEEN,
    ...ownersOf([write?.labels ?? labels ?? previous?.labels]),
    entities: [{ type, id, ...(versionId !== undefined && { versionId: String(versionId) }) }],
    patients: patient === null ? [] : [patient],
  };
}

function patientBefore(type: string, id: string, content: string | null | undefined): string | null {
  if (type === 'Patient' || content == null) {
    return type === 'Patient' ? id : null;
  }
  return patientOf(parseJson(content) as unknown as Resource);
}

/** Registers and units of rows. */
export function ownersOf(
  labels: readonly (Pick<Labels, 'register' | 'unit'> | undefined)[],
): Pick<Seen, 'registers' | 'about'> {
  const distinct = (values: readonly (string | null | undefined)[]): readonly string[] => [
    ...new Set(values.filter((value) => value != null)),
  ];
  return {
    registers: distinct(labels.map((label) => label?.register)),
    about: distinct(labels.map((label) => label?.unit)),
  };
}

/** Whom a resource as it is stored is about: ids of Patients. */
export function patientsOf(content: string): readonly string[] {
  const match = /"resourceType":"Patient","id":"([^"]+)"/.exec(content.slice(0, 120));
  if (match !== null) {
    return [match[1] as string];
  }
  const reference = /"(?:subject|patient|for|beneficiary)":\{[^{}]*"reference":"Patient\/([^"]+)"/.exec(
    content,
  );
  return reference === null ? [] : [reference[1] as string];
}

/** What a read says of itself. */
export interface ReadDetails {
  readonly status: number;
  readonly entities?: readonly AuditedEntity[];
  readonly patients?: readonly string[];
  readonly registers?: readonly string[];
  readonly about?: readonly string[];
  readonly query?: string;
  readonly reason?: string;
}

/** Record a read, search or refusal; resolves when it is durable, or gathered into the request's visit. */
export async function auditRead(deps: AuditDeps, caller: Asking, details: ReadDetails): Promise<void> {
  const { status, reason, query, ...parts } = details;
  const own = { ...NOTHING_SEEN, ...parts, queries: query === undefined ? [] : [query] };
  const { visit } = caller;
  if (visit !== undefined && status < 400) {
    visit.note(caller.interaction, status, own);
    return;
  }
  const seen = together(own, visit?.pending()?.seen ?? NOTHING_SEEN);
  await deps.audit.append([
    toRecord(deps, caller, { status, seen, now: deps.clock.now(), ...(reason !== undefined && { reason }) }),
  ]);
  visit?.tell(seen);
}

/** Tell what a request has seen, if it is not told yet; resolves when it is durable. Then the answer may leave. */
export async function closeVisit(deps: AuditDeps, caller: Omit<Asking, 'interaction'>): Promise<void> {
  const { visit } = caller;
  const pending = visit?.pending();
  if (pending === undefined) {
    return;
  }
  const { interaction, status, seen } = pending;
  const action = interaction.startsWith('$') ? 'E' : 'R';
  await deps.audit.append([
    toRecord(deps, { ...caller, interaction }, { status, seen, action, now: deps.clock.now() }),
  ]);
  visit?.tell(seen);
}

const ACTIONS: Readonly<Record<string, Audited['action']>> = {
  create: 'C',
  update: 'U',
  patch: 'U',
  delete: 'D',
  'delete-pathway': 'D',
  read: 'R',
  vread: 'R',
  history: 'R',
  'history-instance': 'R',
  'history-type': 'R',
  'search-type': 'E',
  transaction: 'E',
  batch: 'E',
};

interface Outcome {
  readonly status: number;
  readonly seen: Seen;
  readonly now: Date;
  /** What the interaction is when its name does not say it. */
  readonly action?: Audited['action'];
  readonly reason?: string;
}

function toRecord(
  deps: AuditDeps,
  caller: Asking,
  { status, seen, now, action = 'E', reason }: Outcome,
): AuditRecord {
  const { principal, interaction, requestId, purpose } = caller;
  const registers = [...new Set([...registersOf(principal), ...seen.registers])];
  const event: Audited = {
    id: deps.newId(now),
    recorded: now,
    principal,
    interaction,
    action: ACTIONS[interaction] ?? action,
    status,
    requestId,
    registers,
    entities: seen.entities,
    patients: seen.patients,
    legalBasis: registers.flatMap((register) => deps.legalBasis?.(register) ?? []),
    server: deps.fhirBase,
    ...(seen.queries.length > 0 && { query: seen.queries.join('\n') }),
    ...(reason !== undefined && { reason }),
    ...(purpose !== undefined && { purpose }),
  };
  const [entity] = event.entities;
  return {
    id: event.id,
    recorded: now.toISOString(),
    action: event.action,
    kind: interaction,
    outcome: status,
    agent: principal?.subject ?? 'unauthenticated',
    role: principal?.kind === 'staff' ? principal.role : null,
    unit: principal?.kind === 'staff' || principal?.kind === 'ehr' ? (principal.units[0] ?? null) : null,
    registers,
    about: seen.about,
    patients: event.patients,
    entityType: entity?.type ?? null,
    entityId: entity?.id ?? null,
    requestId,
    content: JSON.stringify(toAuditEvent(event)),
  };
}

/** The register that a person works in, or that a client may read. */
function registersOf(principal: Principal | undefined): readonly string[] {
  if (principal?.kind === 'staff') {
    return [principal.register];
  }
  return principal?.kind === 'analytics' ? principal.registers : [];
}

/** One event in the transaction of something that is no resource: a setting, a follow-up. It is stored where that is. */
export function auditInTransaction(
  deps: AuditDeps,
  tx: Parameters<AuditDeps['audit']['inTransaction']>[0],
  caller: Asking,
  details: ReadDetails,
): void {
  const { status, reason, query, ...parts } = details;
  const own = { ...NOTHING_SEEN, ...parts, queries: query === undefined ? [] : [query] };
  const seen = together(own, caller.visit?.pending()?.seen ?? NOTHING_SEEN);
  deps.audit.inTransaction(tx, [
    toRecord(deps, caller, { status, seen, now: deps.clock.now(), ...(reason !== undefined && { reason }) }),
  ]);
}
