/**
 * Going through the audit trail: coordinators look at what was done in their part of it, at all of it or at a sample, and
 * write down what they have followed up (AU-05). Looking at the trail is in the trail too.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FhirError, error, notFound } from '../../fhir/outcome.ts';
import { auditInTransaction, auditRead, type Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { partOf } from '../../repository/trail.ts';
import { NOTHING_SEEN } from '../../repository/visit.ts';
import {
  busyHours,
  type FollowUp,
  followUpsOf,
  insertFollowUp,
  namesOfAgents,
  type ReviewedEvent,
  reviewStatement,
} from '../../storage/audit-review.ts';
import type { AuditRow, AuditScope } from '../../storage/audit-search.ts';
import type { Queryable } from '../../storage/db.ts';
import type { UnitTree } from '../unit/unit-tree.ts';
import { createColleagues } from './colleagues.ts';
import { type Deviation, deviationsOf, MANY_PATIENTS } from './deviations.ts';

export interface ReviewDeps {
  readonly repository: Repository;
  readonly db: Queryable;
  readonly units: UnitTree;
}

/** What a coordinator asks for. */
export interface ReviewQuery {
  /** Instants: recorded at or after, and before. */
  readonly from: string;
  readonly to: string;
  readonly agent?: string;
  readonly patient?: string;
  readonly seed?: string;
}

export type MarkedEvent = ReviewedEvent & {
  readonly agentName: string;
  readonly unitName: string | undefined;
  readonly deviations: readonly Deviation[];
};

export interface ReviewedPart {
  readonly events: readonly MarkedEvent[];
  /** There are more than these in the period. */
  readonly isCut: boolean;
}

export interface EventInFull {
  readonly event: MarkedEvent;
  readonly row: AuditRow;
  readonly followUps: readonly FollowUp[];
}

/** One line of a person's own list. */
export interface Access {
  readonly id: string;
  readonly recorded: string;
  readonly kind: string;
  readonly action: string;
  readonly outcome: number;
  readonly agent: string;
  readonly agentName: string;
  readonly role: string | null;
  readonly unitName: string | undefined;
}

export const VERDICTS = ['in-order', 'asked', 'deviation'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface TrailReview {
  /** Events by people in the caller's part of the trail. Throws 403 for who may not read it. */
  list(caller: StaffCaller, query: ReviewQuery): Promise<ReviewedPart>;
  /** One event with what has come of it. Throws 403, 404. */
  event(caller: StaffCaller, id: string): Promise<EventInFull>;
  /** Write down that an event was looked into. Throws 403, 404, 422 without a comment. */
  followUp(
    caller: StaffCaller,
    id: string,
    result: { readonly verdict: Verdict; readonly comment: string },
  ): Promise<void>;
  /** Everybody who has seen or changed what the register has on a person, newest first. Throws 403, 404. */
  accessList(caller: StaffCaller, patient: string): Promise<readonly Access[]>;
}

export type StaffCaller = Caller & { readonly principal: StaffPrincipal };

const MOST = 2000;
const SAMPLE = 20;
const PAGE = 1000;

export function createTrailReview(deps: ReviewDeps): TrailReview {
  const { repository, db, units } = deps;
  const { audit, clock, newId, store } = repository.deps;
  const colleagues = createColleagues(repository);

  /** The caller's part of the trail. A session that was launched for one person has none. */
  async function scopeOf(caller: StaffCaller): Promise<AuditScope> {
    await repository.authorise(caller, 'search', { type: 'AuditEvent' });
    const scope = partOf(caller.principal);
    if (scope === undefined || caller.principal.launch !== undefined) {
      throw new FhirError(403, error('forbidden', 'Tilgangsloggen åpnes fra registeret.', undefined, 'role'));
    }
    return scope;
  }

  async function marked(
    caller: StaffCaller,
    scope: AuditScope,
    events: readonly ReviewedEvent[],
    period: Pick<ReviewQuery, 'from' | 'to'>,
  ): Promise<readonly MarkedEvent[]> {
    const all = await units.all();
    const parents = new Map(all.map(({ id, partOf: parent }) => [id, parent]));
    const [names, busy, known] = await Promise.all([
      namesOfAgents(db, [...new Set(events.map(({ agent }) => agent))]),
      busyHours(db, { scope, ...period }, MANY_PATIENTS),
      caller.principal.role === 'LC'
        ? colleagues(caller, [...new Set(events.flatMap(({ patients }) => patients))])
        : new Set<string>(),
    ]);
    const context = {
      isRelated: (a: string, b: string) => isBelow(parents, a, b) || isBelow(parents, b, a),
      busy,
      colleagues: known,
    };
    return events.map((event) => ({
      ...event,
      agentName: names.get(event.agent) ?? event.agent,
      unitName: all.find(({ id }) => id === event.unit)?.name,
      deviations: deviationsOf(event, context),
    }));
  }

  async function note(caller: StaffCaller, events: readonly ReviewedEvent[], query: string): Promise<void> {
    await auditRead(repository.deps, caller, {
      status: 200,
      query,
      entities: events.map(({ id }) => ({ type: 'AuditEvent', id })),
      patients: [...new Set(events.flatMap(({ patients }) => patients))],
    });
  }

  async function event(caller: StaffCaller, id: string): Promise<EventInFull> {
    const scope = await scopeOf(caller);
    const [row] = await audit.search({ id, count: 1, scope });
    if (row === undefined) {
      await auditRead(repository.deps, caller, { status: 404, entities: [{ type: 'AuditEvent', id }] });
      throw notFound('AuditEvent', id);
    }
    const followUps = await followUpsOf(db, id, scope.register);
    const reviewed = { ...row, isFollowedUp: followUps.length > 0 };
    const hour = row.recorded.slice(0, 13);
    const period = { from: `${hour}:00:00Z`, to: `${hour}:59:59.999Z` };
    const [inFull] = await marked(caller, scope, [reviewed], period);
    await note(caller, [reviewed], `AuditEvent/${id}`);
    return { event: inFull as MarkedEvent, row, followUps };
  }

  return {
    async list(caller, { from, to, agent, patient, seed }) {
      const scope = await scopeOf(caller);
      const count = seed === undefined ? MOST : SAMPLE;
      const filter = {
        ...(agent !== undefined && { agent }),
        ...(patient !== undefined && { patient }),
        ...(seed !== undefined && { seed }),
      };
      const rows = await db.query<ReviewedEvent>(
        reviewStatement({ scope, from, to, ...filter, count: count + 1 }),
      );
      const events = rows.slice(0, count);
      await note(caller, events, `from=${from}&to=${to}&${Object.keys(filter).join('&')}`);
      return {
        events: await marked(caller, scope, events, { from, to }),
        isCut: seed === undefined && rows.length > count,
      };
    },
    event,
    async followUp(caller, id, { verdict, comment }) {
      if (comment.trim() === '') {
        throw new FhirError(422, error('required', 'Skriv hva som ble gjort.', undefined, 'comment'));
      }
      await event(caller, id);
      const now = clock.now();
      const { subject, name, register, units: own } = caller.principal;
      const done: FollowUp = {
        id: newId(now),
        event: id,
        verdict,
        comment: comment.trim(),
        reviewer: subject,
        reviewerName: name,
        at: now.toISOString(),
      };
      await store.transaction((tx) => {
        tx.send(insertFollowUp(done, { register, unit: own[0] ?? null }));
        const told = { ...caller, interaction: 'trail-followed-up' };
        auditInTransaction(repository.deps, tx, told, {
          status: 200,
          entities: [{ type: 'AuditEvent', id }],
          query: `verdict=${verdict}`,
        });
        return Promise.resolve();
      });
      caller.visit?.tell(caller.visit.pending()?.seen ?? NOTHING_SEEN);
    },
    async accessList(caller, patient) {
      const scope = await scopeOf(caller);
      await repository.read(caller, { type: 'Patient', id: patient });
      const rows: AuditRow[] = [];
      for (let cursor: string | undefined, isMore = true; isMore; cursor = rows.at(-1)?.cursor) {
        const page = await audit.search({
          patient,
          scope: { register: scope.register },
          count: PAGE,
          ...(cursor !== undefined && { cursor }),
        });
        rows.push(...page);
        isMore = page.length === PAGE;
      }
      const names = await namesOfAgents(db, [...new Set(rows.map(({ agent }) => agent))]);
      const all = new Map((await units.all()).map(({ id, name }) => [id, name]));
      return rows.map(({ id, recorded, kind, action, outcome, agent, role, unit }) => ({
        id,
        recorded,
        kind,
        action,
        outcome,
        agent,
        agentName: names.get(agent) ?? agent,
        role,
        unitName: unit === null ? undefined : all.get(unit),
      }));
    },
  };
}

/** Is the unit the other one, or somewhere below it? */
function isBelow(parents: ReadonlyMap<string, string | undefined>, unit: string, other: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = unit; at !== undefined && !seen.has(at); at = parents.get(at)) {
    if (at === other) {
      return true;
    }
    seen.add(at);
  }
  return false;
}
