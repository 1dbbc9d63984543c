/** The further screens of the workbench, beside the work list and the forms. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { connectionRoutes } from './connection-routes.tsx';
import { fileRoutes } from './file-routes.tsx';
import { overviewRoutes } from './overview-routes.tsx';
import { paperRoutes } from './paper-routes.tsx';
import { placeRoutes } from './place-routes.tsx';
import { resourceRoutes } from './resource-routes.tsx';
import { systemRoutes } from './system-routes.tsx';
import { unmappedRoutes } from './unmapped-routes.tsx';

export function screenRoutes(deps: WebDeps): Router {
  const router = Router();
  router.use(placeRoutes(deps));
  router.use(resourceRoutes(deps));
  router.use(overviewRoutes(deps));
  router.use(fileRoutes(deps));
  router.use(connectionRoutes(deps));
  router.use(systemRoutes(deps));
  router.use(paperRoutes(deps));
  router.use(unmappedRoutes(deps));
  return router;
}
