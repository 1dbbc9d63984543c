/**
 * The pages about accounts, and what stands between a login and the rest: a password to be changed, a factor to be set up.
 */
import { Router } from 'express';
import { InboxPage } from '../pages/account/inbox.tsx';
import type { AccountDeps } from './account-deps.ts';
import { adminRoutes } from './admin-routes.tsx';
import { ownRoutes } from './own-routes.tsx';
import { publicRoutes } from './public-routes.tsx';
import { send } from './send.tsx';

const HURDLES = { password: '/min-side/passord', factor: '/min-side' } as const;

export function accountRouter(deps: AccountDeps): Router {
  const router = Router();
  router.get('/velg-rolle', async (request, response, next) => {
    const hurdle = (await deps.smart.sessionOf(request))?.hurdle;
    if (hurdle === undefined) {
      next();
      return;
    }
    response.redirect(303, HURDLES[hurdle]);
  });
  router.use(publicRoutes(deps));
  router.use(ownRoutes(deps));
  router.use(adminRoutes(deps));
  const { inbox } = deps;
  if (inbox !== undefined) {
    router.get('/innboks', async (request, response) =>
      send(deps, request, response, {
        title: 'Innboks (demo)',
        children: <InboxPage messages={await inbox()} />,
      }),
    );
  }
  return router;
}
