/** Route of the page that shows one stored resource: /ressurs/<type>/<id>. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { ResourcePage } from './pages/resource.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';

export function resourceRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/ressurs/:type/:id', screenPage(deps, show));
  return router;
}

const show: ScreenHandler = async (deps, principal, request, response) => {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const [from, to] = [text(request.query['fra']), text(request.query['til'])];
  const model = await deps.screens.resource(principal, {
    type: text(request.params['type']),
    id: text(request.params['id']),
    page: Number(text(request.query['side'])) || 1,
    ...(from !== '' && to !== '' && { compare: { from, to } }),
  });
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: `${model.type}: ${model.title}`,
    width: 'form',
    children: <ResourcePage model={model} />,
  });
};
