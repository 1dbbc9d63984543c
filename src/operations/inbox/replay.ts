/** Carrying out again what was refused, when what was wrong has been mended: a mapping, a unit, a code, an order of arrival. */
import type { EhrPrincipal, Principal } from '../../access/principal.ts';
import { error, FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Inbox, Sent } from '../../registry/intake/inbox.ts';
import type { Door, InboxRow } from '../../storage/inbox.ts';

/** A way in: takes what came by it, as when it came. Throws FhirError. */
export type TakeAgain = (principal: EhrPrincipal, sent: Sent) => Promise<void>;

export interface ReplayDeps {
  readonly inbox: Inbox;
  /** The source as it is registered now; undefined when it is not any more. */
  readonly findSender: (source: string) => Promise<Principal | undefined>;
  readonly doors: Partial<Readonly<Record<Door, TakeAgain>>>;
}

export type Replayed =
  { readonly outcome: 'replayed' } | { readonly outcome: 'refused'; readonly issues: readonly Issue[] };

/**
 * Carry out one refused message. `by` is who asks for it. Undefined when there is no such message that is still refused, or what
 * was sent is not kept any more.
 */
export async function replay(
  { inbox, findSender, doors }: ReplayDeps,
  id: string,
  by: string,
): Promise<Replayed | undefined> {
  const { row, sent } = (await inbox.open(id)) ?? {};
  if (row?.outcome !== 'refused' || sent === undefined) {
    return undefined;
  }
  try {
    await again(await senderOf(row, findSender), sent, doors);
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status >= 500) {
      throw cause;
    }
    await inbox.refuseAgain(id, cause);
    return { outcome: 'refused', issues: cause.issues };
  }
  await inbox.settle(id, 'replayed', by);
  return { outcome: 'replayed' };
}

const again = (principal: EhrPrincipal, sent: Sent, doors: ReplayDeps['doors']): Promise<void> => {
  const take = doors[sent.door];
  if (take === undefined) {
    throw new FhirError(
      422,
      error('not-supported', `What came by the door "${sent.door}" is not carried out again.`),
    );
  }
  return take(principal, sent);
};

async function senderOf({ source }: InboxRow, findSender: ReplayDeps['findSender']): Promise<EhrPrincipal> {
  const principal = await findSender(source);
  if (principal?.kind !== 'ehr') {
    throw new FhirError(
      422,
      error('forbidden', `${source} is not registered as a record system any more.`, undefined, 'sender'),
    );
  }
  return principal;
}

/** Refused messages of a source, the oldest first: what came later may build on what came before. */
export async function replayAll(
  deps: ReplayDeps,
  query: { readonly source?: string; readonly units?: readonly string[]; readonly rule?: string },
  by: string,
): Promise<{ readonly replayed: number; readonly refused: number }> {
  const { rule, ...where } = query;
  const found: InboxRow[] = [];
  for (let before: { lastAt: string; id: string } | undefined; ;) {
    const page = await deps.inbox.list({
      ...where,
      outcome: 'refused',
      limit: PAGE,
      ...(before !== undefined && { before }),
    });
    found.push(
      ...page.filter(
        ({ isKept, issues }) => isKept && (rule === undefined || issues.some((i) => i.rule === rule)),
      ),
    );
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) {
      break;
    }
    before = { lastAt: last.lastAt, id: last.id };
  }
  const at = ({ sentAt, receivedAt }: InboxRow): number => Date.parse(sentAt ?? receivedAt);
  const oldest = found.sort((a, b) => at(a) - at(b));
  let replayed = 0;
  for (const { id } of oldest) {
    const result = await replay(deps, id, by);
    replayed += Number(result?.outcome === 'replayed');
  }
  return { replayed, refused: oldest.length - replayed };
}

const PAGE = 200;
