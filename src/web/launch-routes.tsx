/**
 * Launches from an EHR: the page where one is picked (AP-03), and the page that asks whether this is the right patient.
 */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { field } from '../smart/form-post.ts';
import type { WebDeps } from './deps.ts';
import { languageOf } from './language.ts';
import { LaunchPage } from './pages/launch.tsx';
import { PickEhrPage } from './pages/pick-ehr.tsx';
import { sendPage, withStaff } from './respond.tsx';
import { launchTexts } from './ui/launch-texts.ts';
import { pageTexts } from './ui/page-texts.ts';

export function launchRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/fra-journal', (request, response) => pick(deps, request, response));
  router.get('/skjema/launch', (request, response) =>
    withStaff(deps, request, response, (principal, own) => show(own, principal, request, response)),
  );
  router.post('/skjema/launch', express.urlencoded({ extended: false, limit: '10kb' }), (request, response) =>
    withStaff(deps, request, response, async (principal, own) => {
      const module = field(request, 'modul');
      const task = await own.createRegistration(request, principal, module === '' ? undefined : module);
      response.redirect(303, `/skjema/${task}`);
    }),
  );
  return router;
}

async function pick(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const lang = languageOf(request);
  sendPage(deps, response, {
    frame: await deps.frame(request, await deps.sessionOf(request)),
    title: launchTexts[lang].pickTitle,
    width: 'narrow',
    children: <PickEhrPage ehrs={deps.ehrs?.(lang) ?? []} />,
  });
}

/** Straight to the form that the EHR asked for, where it did (TK-01). */
async function show(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const model = await deps.launch(request, principal);
  if (typeof model?.asked === 'object' && request.query['alle'] === undefined) {
    response.redirect(303, `/skjema/${model.asked.task}`);
    return;
  }
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].launchForms,
    width: 'narrow',
    children: <LaunchPage model={model} />,
  });
}
