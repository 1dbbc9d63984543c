/** Routes of what systems send: /forbindelser. */
import express, { type Request, type Response, Router } from 'express';
import { field } from '../smart/form-post.ts';
import type { WebDeps } from './deps.ts';
import { type ConnectionNotice, CONNECTIONS, ConnectionsPage, MessagePage } from './pages/connections.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { connectionTexts } from './ui/connection-texts.ts';

export function connectionRoutes(deps: WebDeps): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 5 });
  router.get(CONNECTIONS, screenPage(deps, list));
  router.post(`${CONNECTIONS}/kjor-pa-nytt`, form, screenPage(deps, replayAll));
  router.get(`${CONNECTIONS}/:id`, screenPage(deps, one));
  router.post(`${CONNECTIONS}/:id/kjor-pa-nytt`, form, screenPage(deps, replay));
  router.post(`${CONNECTIONS}/:id/legg-bort`, form, screenPage(deps, dismiss));
  return router;
}

const list: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const before = request.query['fra'];
  const model = await deps.screens.connections.list(
    principal,
    typeof before === 'string' ? before : undefined,
  );
  sendPage(deps, response, {
    frame,
    title: connectionTexts[frame.lang].title,
    nav: 'connections',
    children: <ConnectionsPage model={model} notice={noticeOf(request)} />,
  });
};

const one: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.connections.one(principal, idOf(request));
  sendPage(deps, response, {
    frame,
    title: connectionTexts[frame.lang].one,
    width: 'form',
    nav: 'connections',
    children: <MessagePage model={model} notice={noticeOf(request)} />,
  });
};

const replay: ScreenHandler = async (deps, principal, request, response) => {
  const outcome = await deps.screens.connections.replay(principal, idOf(request));
  back(response, `${CONNECTIONS}/${idOf(request)}`, outcome);
};

const dismiss: ScreenHandler = async (deps, principal, request, response) => {
  await deps.screens.connections.dismiss(principal, idOf(request));
  back(response, CONNECTIONS, 'dismissed');
};

const replayAll: ScreenHandler = async (deps, principal, request, response) => {
  await deps.screens.connections.replayAll(principal, field(request, 'avsender'));
  back(response, CONNECTIONS, 'started');
};

const back = (response: Response, address: string, notice: ConnectionNotice): void =>
  response.redirect(303, `${address}?status=${notice}`);

const noticeOf = ({ query }: Request): ConnectionNotice | undefined => {
  const { notices } = connectionTexts.nb;
  return (Object.keys(notices) as readonly ConnectionNotice[]).find((one) => one === query['status']);
};

const idOf = ({ params }: Request): string => String(params['id']);
