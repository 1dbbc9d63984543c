/** The further screens of the workbench, beside the work list and the forms. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { placeRoutes } from './place-routes.tsx';

export function screenRoutes(deps: WebDeps): Router {
  const router = Router();
  router.use(placeRoutes(deps));
  return router;
}
