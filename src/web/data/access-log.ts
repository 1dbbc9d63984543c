/**
 * The pages on the audit trail: going through it, one event of it, and a person's own list (AU-05).
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import type { AuditEvent, Patient } from '../../fhir/types.ts';
import type { Access, MarkedEvent, TrailReview, Verdict } from '../../registry/audit/review.ts';
import type {
  AccessLine,
  AccessListModel,
  EventModel,
  ReviewLine,
  ReviewModel,
  ReviewRequest,
} from '../models/trail.ts';
import { formatInstant } from '../ui/format.ts';
import { kindText } from '../ui/audit-kinds.ts';
import { auditTexts } from '../ui/audit-texts.ts';
import type { Lang } from '../ui/form-texts.ts';
import { patientHead } from './heads.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const USUAL_DAYS = 7;
const PAGE = 50;

const callerAs = (sources: Sources, principal: StaffPrincipal, page: string) => ({
  ...callerOf(sources, principal, page),
  principal,
});

/** Events of a period in the reader's part of the trail. */
export async function reviewPage(
  sources: Sources,
  review: TrailReview,
  principal: StaffPrincipal,
  asked: ReviewRequest,
): Promise<ReviewModel> {
  const now = sources.repository.deps.clock.now();
  const request = { ...asked, ...daysOf(asked, now) };
  const { events, isCut } = await review.list(callerAs(sources, principal, 'trail-review'), {
    from: new Date(`${request.from}T00:00:00Z`).toISOString(),
    to: new Date(Date.parse(`${request.to}T00:00:00Z`) + DAY_MS).toISOString(),
    ...(request.agent !== undefined && { agent: request.agent }),
    ...(request.seed !== undefined && { seed: request.seed }),
  });
  const shown = events.filter(FILTERS[request.filter]);
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  const page = Math.min(request.page, pages);
  return {
    request: { ...request, page },
    counts: {
      all: events.length,
      marked: events.filter(FILTERS.marked).length,
      open: events.filter(FILTERS.open).length,
    },
    lines: shown.slice((page - 1) * PAGE, page * PAGE).map((one) => toLine(one, langOf(sources))),
    pages,
    isCut,
    newSeed: String(now.getTime()),
  };
}

const FILTERS = {
  all: () => true,
  marked: ({ deviations }: MarkedEvent) => deviations.length > 0,
  open: ({ deviations, isFollowedUp }: MarkedEvent) => deviations.length > 0 && !isFollowedUp,
} as const satisfies Record<ReviewRequest['filter'], (event: MarkedEvent) => boolean>;

/** The last week when nothing else is asked for; days the right way round. */
function daysOf(
  { from, to }: Partial<Pick<ReviewRequest, 'from' | 'to'>>,
  now: Date,
): { readonly from: string; readonly to: string } {
  const last = dayOr(to, now);
  const first = dayOr(from, new Date(Date.parse(last) - (USUAL_DAYS - 1) * DAY_MS));
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

const dayOr = (text: string | undefined, otherwise: Date): string =>
  text !== undefined && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
    ? text
    : otherwise.toISOString().slice(0, 10);

const toLine = (event: MarkedEvent, lang: Lang): ReviewLine => ({
  id: event.id,
  at: event.recorded,
  who: event.agentName,
  agent: event.agent,
  role: auditTexts[lang].roles[event.role ?? ''] ?? '',
  where: event.unitName ?? auditTexts[lang].unknownUnit,
  what: kindText(lang, event.kind),
  status: event.outcome,
  patients: event.patients.length,
  deviations: event.deviations,
  isFollowedUp: event.isFollowedUp,
});

/** One event, with what has come of it. */
export async function eventPage(
  sources: Sources,
  review: TrailReview,
  principal: StaffPrincipal,
  id: string,
): Promise<EventModel> {
  const { event, row, followUps } = await review.event(callerAs(sources, principal, 'trail-event'), id);
  const content = parseJson(row.content) as unknown as AuditEvent;
  const references = (content.entity ?? []).flatMap(({ what }) => what?.reference ?? []);
  return {
    line: toLine(event, langOf(sources)),
    requestId: row.requestId,
    purpose: content.purposeOfEvent?.[0]?.coding?.[0]?.code,
    legalBasis: (content.agent[0]?.policy ?? []).filter((policy) => policy.startsWith('https:')),
    seen: references.filter(
      (reference) => !reference.startsWith('Patient/') || reference.includes('/_history/'),
    ),
    patients: event.patients,
    followUps: followUps.map(({ at, reviewerName, verdict, comment }) => ({
      at,
      who: reviewerName,
      verdict: verdict as Verdict,
      comment,
    })),
  };
}

/** Write down what was done about an event. */
export function followUpEvent(
  sources: Sources,
  review: TrailReview,
  principal: StaffPrincipal,
  id: string,
  result: { readonly verdict: Verdict; readonly comment: string },
): Promise<void> {
  return review.followUp(callerAs(sources, principal, 'trail-event'), id, result);
}

/** Who has seen or changed what the register has on a person. */
export async function accessList(
  sources: Sources,
  review: TrailReview,
  principal: StaffPrincipal,
  id: string,
): Promise<AccessListModel> {
  const caller = callerAs(sources, principal, 'access-list');
  const row = await sources.repository.read(caller, { type: 'Patient', id });
  const accesses = await review.accessList(caller, id);
  const texts = textsOf(sources, principal.register, langOf(sources));
  return {
    patient: patientHead(parseJson(row.content) as unknown as Patient),
    register: texts?.title ?? principal.register,
    madeAt: sources.repository.deps.clock.now().toISOString(),
    lines: accesses.map((one) => toAccessLine(one, langOf(sources))),
  };
}

/** Who is nobody's account: the server itself, and the person who answers a form. */
function whoOf(agent: string, lang: Lang): string | undefined {
  if (agent.startsWith('patient-access:')) {
    return auditTexts[lang].yourself;
  }
  return agent.startsWith('system:') ? auditTexts[lang].system : undefined;
}

function toAccessLine(access: Access, lang: Lang): AccessLine {
  const { recorded, kind, action, outcome, agent, agentName, role, unitName } = access;
  const a = auditTexts[lang];
  return {
    at: formatInstant(recorded),
    who: whoOf(agent, lang) ?? agentName,
    role: a.roles[role ?? ''] ?? '',
    where: unitName ?? (role === null ? '' : a.unknownUnit),
    what: kindText(lang, kind, action),
    outcome: outcome < 400 ? a.ok : a.refused.replace('{status}', String(outcome)),
  };
}
