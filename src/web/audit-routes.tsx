/**
 * Routes of the audit trail's pages: going through it, following up, and a person's own list (AU-05).
 */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { VERDICTS } from '../registry/audit/review.ts';
import { accessCsv, accessJson } from './data/access-file.ts';
import type { TrailPages, WebDeps } from './deps.ts';
import { AccessListPage } from './pages/access-list.tsx';
import { TrailEventPage } from './pages/trail-event.tsx';
import { TrailReviewPage } from './pages/trail-review.tsx';
import { readReviewQuery } from './pages/trail-review-query.ts';
import { sendError, sendPage, sendSettled, withStaff } from './respond.tsx';
import { auditTexts } from './ui/audit-texts.ts';

type StaffHandler = (
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
) => Promise<void>;

/** For who keeps a trail; without one there are no such pages. */
type TrailDeps = WebDeps & { readonly trail: TrailPages };

const hasTrail = (deps: WebDeps): deps is TrailDeps => deps.trail !== undefined;

export function auditRoutes(deps: WebDeps): Router {
  const staff =
    (handler: StaffHandler) =>
    (request: Request, response: Response): Promise<void> =>
      withStaff(deps, request, response, (principal, own) =>
        hasTrail(own) ? handler(own, principal, request, response) : sendError(own, request, response, 404),
      );
  const form = express.urlencoded({ extended: false, limit: '20kb' });
  const router = Router();
  router.get('/tilgangslogg', staff(review));
  router.get('/tilgangslogg/:id', staff(event));
  router.post('/tilgangslogg/:id/oppfolging', form, staff(followUp));
  router.get('/pasient/:id/innsyn', staff(accessList));
  router.get('/pasient/:id/innsyn.csv', staff(accessFile('csv')));
  router.get('/pasient/:id/innsyn.json', staff(accessFile('json')));
  return router;
}

async function review(
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const query = readReviewQuery(new URL(request.originalUrl, 'http://localhost').searchParams);
  const model = await deps.trail.review(principal, query);
  sendPage(deps, response, {
    frame,
    title: auditTexts[frame.lang].title,
    nav: 'trail',
    children: <TrailReviewPage model={model} />,
  });
}

async function event(
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const notice = request.query['status'] === 'lagret' ? 'saved' : undefined;
  await sendEvent(deps, principal, request, response, { status: 200, notice });
}

interface EventAnswer {
  readonly status: number;
  readonly notice: 'saved' | 'comment-needed' | undefined;
}

async function sendEvent(
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  { status, notice }: EventAnswer,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.trail.event(principal, idOf(request));
  sendPage(deps, response, {
    frame,
    status,
    title: auditTexts[frame.lang].event,
    width: 'form',
    nav: 'trail',
    children: <TrailEventPage model={model} notice={notice} />,
  });
}

async function followUp(
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const { vurdering, kommentar } = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  const verdict = VERDICTS.find((known) => known === vurdering);
  const comment = typeof kommentar === 'string' ? kommentar.trim() : '';
  if (verdict === undefined || comment === '') {
    await sendEvent(deps, principal, request, response, { status: 422, notice: 'comment-needed' });
    return;
  }
  await deps.trail.followUp(principal, idOf(request), { verdict, comment: comment.slice(0, 2000) });
  response.redirect(303, `/tilgangslogg/${idOf(request)}?status=lagret`);
}

async function accessList(
  deps: TrailDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.trail.accessList(principal, idOf(request));
  sendPage(deps, response, {
    frame,
    title: auditTexts[frame.lang].accessTitle,
    children: <AccessListPage model={model} />,
  });
}

const FILES = {
  csv: { type: 'text/csv; charset=utf-8', write: accessCsv },
  json: { type: 'application/json; charset=utf-8', write: accessJson },
} as const;

/** The same list as a file, named without the person. */
const accessFile =
  (kind: keyof typeof FILES): StaffHandler =>
  async (deps, principal, request, response) => {
    const { madeAt, lines } = await deps.trail.accessList(principal, idOf(request));
    const { type, write } = FILES[kind];
    sendSettled(deps, response, () => {
      response
        .set('Content-Type', type)
        .set('Content-Disposition', `attachment; filename="innsyn-${madeAt.slice(0, 10)}.${kind}"`)
        .send(Buffer.from(write(lines)));
    });
  };

function idOf(request: Request): string {
  const id = request.params['id'];
  return typeof id === 'string' ? id : '';
}
