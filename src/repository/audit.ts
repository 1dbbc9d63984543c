/**
 * Audit of what the repository did: writes inside their transaction, reads by group commit before they are answered.
 */
import { toAuditEvent, type Audited, type AuditedEntity } from '../access/audit-event.ts';
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { patientOf } from '../search/hot.ts';
import type { AuditRecord } from '../storage/audit-log.ts';
import type { Write } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';
import type { RepositoryDeps } from './deps.ts';

/** Who asks, and how the request is named in the trail. */
export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  /** restful-interaction code of the request: `create`, `transaction`, `$populate` … */
  readonly interaction: string;
}

/** One audit event for the whole write, listing what was stored and about whom. */
export function auditWrite(
  batch: WriteBatch,
  deps: RepositoryDeps,
  writes: ReadonlyMap<Pending, Write>,
): void {
  const { tx, principal, requestId, now } = batch.context;
  const interaction = batch.context.interaction;
  const touched = batch.pending().flatMap((entry) => auditedEntry(entry, writes.get(entry)));
  const event: Audited = {
    id: deps.newId(now),
    recorded: now,
    principal,
    interaction,
    action: ACTIONS[interaction] ?? 'E',
    status: 200,
    requestId,
    entities: touched.map(({ entity }) => entity),
    patients: distinct(touched.map(({ patient }) => patient)),
  };
  deps.audit.inTransaction(tx, [toRecord(event)]);
}

/** What was stored, and what was found in its place; a deletion is about the person of the version before it. */
function auditedEntry(
  { type, id, effect, previous }: Pending,
  write: Write | undefined,
): readonly { readonly entity: AuditedEntity; readonly patient: string | null }[] {
  const versionId = write?.versionId ?? previous?.versionId;
  if (versionId === undefined && effect !== 'matched') {
    return [];
  }
  const entity = { type, id, ...(versionId !== undefined && { versionId: String(versionId) }) };
  const stored = write?.index?.hot.patient ?? null;
  return [{ entity, patient: write?.index == null ? patientBefore(type, id, previous?.content) : stored }];
}

function patientBefore(type: string, id: string, content: string | null | undefined): string | null {
  if (type === 'Patient' || content == null) {
    return type === 'Patient' ? id : null;
  }
  return patientOf(parseJson(content) as unknown as Resource);
}

/** Record a read, search or refusal; resolves when it is durable. */
export async function auditRead(
  deps: RepositoryDeps,
  caller: {
    readonly principal: Principal | undefined;
    readonly requestId: string;
    readonly interaction: string;
  },
  details: {
    readonly status: number;
    readonly entities?: readonly AuditedEntity[];
    readonly patients?: readonly string[];
    readonly query?: string;
    readonly reason?: string;
  },
): Promise<void> {
  const now = deps.clock.now();
  await deps.audit.append([
    toRecord({
      id: deps.newId(now),
      recorded: now,
      action: ACTIONS[caller.interaction] ?? 'E',
      entities: [],
      patients: [],
      ...caller,
      ...details,
    }),
  ]);
}

const ACTIONS: Readonly<Record<string, Audited['action']>> = {
  create: 'C',
  update: 'U',
  patch: 'U',
  delete: 'D',
  read: 'R',
  vread: 'R',
  history: 'R',
  'history-instance': 'R',
  'history-type': 'R',
  'search-type': 'E',
  transaction: 'E',
  batch: 'E',
};

function toRecord(event: Audited): AuditRecord {
  const { principal } = event;
  const [entity] = event.entities;
  return {
    id: event.id,
    recorded: event.recorded.toISOString(),
    action: event.action,
    kind: event.interaction,
    outcome: event.status,
    agent: principal?.subject ?? 'unauthenticated',
    role: principal?.kind === 'staff' ? principal.role : null,
    unit: principal?.kind === 'staff' || principal?.kind === 'ehr' ? (principal.units[0] ?? null) : null,
    patients: event.patients,
    entityType: entity?.type ?? null,
    entityId: entity?.id ?? null,
    requestId: event.requestId,
    content: JSON.stringify(toAuditEvent(event)),
  };
}

function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
