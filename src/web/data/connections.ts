/**
 * What systems send, for coordinators: how each source stands, what was refused and why, and carrying it out again. What was sent
 * is not shown: it is about persons, and the reasons say what to mend.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { forbidden, notFound } from '../../fhir/outcome.ts';
import { replay, type Replayed, type ReplayDeps } from '../../operations/inbox/replay.ts';
import { auditRead } from '../../repository/audit.ts';
import type { InboxRow } from '../../storage/inbox.ts';
import type { ConnectionsModel, MessageLine, MessageModel } from '../models/connections.ts';
import type { ConnectionPages } from '../screen-deps.ts';
import { callerOf, type Sources } from './sources.ts';

export interface ConnectionDeps {
  readonly received: ReplayDeps;
  /** Names of registered systems by `client:<id>`. */
  readonly namesOfClients: () => Promise<ReadonlyMap<string, string>>;
  /** Carry out again, later, all that is refused of a source. */
  readonly replayLater: (source: string, by: string) => Promise<void>;
}

const DAYS = 30;
const PAGE = 50;

export function connectionPages(sources: Sources, deps: ConnectionDeps): ConnectionPages {
  const { inbox } = deps.received;
  const now = (): Date => sources.repository.deps.clock.now();
  const tell = (principal: StaffPrincipal, page: string): Promise<void> =>
    auditRead(sources.repository.deps, callerOf(sources, principal, page), { status: 200 });
  const visible = async (principal: StaffPrincipal, id: string): Promise<InboxRow> => {
    const units = await unitsOf(sources, principal);
    const row = await inbox.read(id);
    if (row === undefined || (units !== undefined && !units.includes(row.unit ?? ''))) {
      throw notFound('Message', id);
    }
    return row;
  };
  return {
    async list(principal, before) {
      const units = await unitsOf(sources, principal);
      const since = new Date(now().getTime() - DAYS * 86_400_000);
      const from = cursorOf(before);
      const [states, rows, names] = await Promise.all([
        inbox.sources(units, since),
        inbox.list({
          outcome: 'refused',
          limit: PAGE,
          ...(units !== undefined && { units }),
          ...(from !== undefined && { before: from }),
        }),
        deps.namesOfClients(),
      ]);
      await tell(principal, 'connections');
      return listOf(states, rows, names);
    },
    async one(principal, id) {
      const row = await visible(principal, id);
      await tell(principal, 'connections');
      return messageOf(row, await deps.namesOfClients());
    },
    async replay(principal, id): Promise<Replayed['outcome'] | 'gone'> {
      await visible(principal, id);
      await tell(principal, 'replay');
      const result = await replay(deps.received, id, principal.subject);
      return result?.outcome ?? 'gone';
    },
    async dismiss(principal, id) {
      await visible(principal, id);
      await tell(principal, 'dismiss');
      await inbox.settle(id, 'dismissed', principal.subject);
    },
    async replayAll(principal, source) {
      const units = await unitsOf(sources, principal);
      const known = await inbox.sources(units, now());
      if (!known.some((each) => each.source === source)) {
        throw notFound('Client', source);
      }
      await tell(principal, 'replay');
      await deps.replayLater(source, principal.subject);
    },
  };
}

/**
 * Organisations whose systems a coordinator looks after: the department's own and those that it is part of. Undefined for the
 * national coordinator, who looks after all. Throws 403 for others.
 */
async function unitsOf(
  { units }: Sources,
  { role, units: own }: StaffPrincipal,
): Promise<readonly string[] | undefined> {
  if (role === 'SC') {
    return undefined;
  }
  if (role !== 'LC') {
    throw forbidden('Forbindelser er for koordinatorer (LC og SC).', 'role');
  }
  const all = new Map((await units.all()).map((unit) => [unit.id, unit]));
  const found = new Set<string>();
  for (const start of own) {
    for (let id: string | undefined = start; id !== undefined && !found.has(id); id = all.get(id)?.partOf) {
      found.add(id);
    }
  }
  return [...found];
}

function listOf(
  states: Awaited<ReturnType<ReplayDeps['inbox']['sources']>>,
  rows: readonly InboxRow[],
  names: ReadonlyMap<string, string>,
): ConnectionsModel {
  const last = rows.at(-1);
  return {
    sources: states.map(({ lastTakenAt, unit: _unit, ...state }) => ({
      ...state,
      name: names.get(state.source) ?? state.source,
      ...(lastTakenAt !== null && { lastTakenAt }),
    })),
    refused: rows.map((row) => lineOf(row, names)),
    ...(last !== undefined && rows.length === PAGE && { next: `${last.lastAt}~${last.id}` }),
  };
}

const lineOf = (row: InboxRow, names: ReadonlyMap<string, string>): MessageLine => ({
  id: row.id,
  name: names.get(row.source) ?? row.source,
  door: row.door,
  ...(row.message !== null && { message: row.message }),
  lastAt: row.lastAt,
  times: row.times,
  reason: row.issues[0]?.diagnostics ?? '',
  more: Math.max(row.issues.length - 1, 0),
});

function messageOf(row: InboxRow, names: ReadonlyMap<string, string>): MessageModel {
  const { id, name, door, message, lastAt, times } = lineOf(row, names);
  return {
    ...{ id, name, door, lastAt, times },
    ...(message !== undefined && { message }),
    receivedAt: row.receivedAt,
    ...(row.sentAt !== null && { sentAt: row.sentAt }),
    outcome: row.outcome,
    ...(row.status !== null && { status: row.status }),
    issues: row.issues,
    mayReplay: row.outcome === 'refused' && row.isKept,
    ...(row.settledBy !== null &&
      row.settledAt !== null && { settled: { by: row.settledBy, at: row.settledAt } }),
  };
}

/** `<instant>~<id>` of an address; anything else is the beginning. */
function cursorOf(text: string | undefined): { readonly lastAt: string; readonly id: string } | undefined {
  const [, lastAt, id] =
    /^(\d{4}-\d\d-\d\dT[\d:.]+Z)~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? '') ?? [];
  return lastAt === undefined || id === undefined ? undefined : { lastAt, id };
}
