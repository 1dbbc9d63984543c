/** The further screens of the workbench, beside the work list and the forms. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { overviewRoutes } from './overview-routes.tsx';
import { placeRoutes } from './place-routes.tsx';
import { resourceRoutes } from './resource-routes.tsx';

export function screenRoutes(deps: WebDeps): Router {
  const router = Router();
  router.use(placeRoutes(deps));
  router.use(resourceRoutes(deps));
  router.use(overviewRoutes(deps));
  return router;
}
