/**
 * Routes of forms on paper: /skjema/<task>/utskrift with the answers, /skjema/<task>/papir for its patient to answer,
 * /skjema/tomt/<questionnaire> without.
 */
import { Router, type Request } from 'express';
import { FhirError } from '../fhir/outcome.ts';
import type { WebDeps } from './deps.ts';
import type { PaperModel } from './models/paper.ts';
import { NoPaperPage, PaperPage } from './pages/paper.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { paperTexts } from './ui/paper-texts.ts';

export function paperRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/skjema/tomt/:questionnaire', screenPage(deps, emptyForm));
  router.get('/skjema/:task/utskrift', screenPage(deps, filledForm));
  router.get('/skjema/:task/papir', screenPage(deps, patientsForm));
  return router;
}

const filledForm: ScreenHandler = async (deps, principal, request, response) =>
  show(
    [deps, principal, request, response],
    await deps.screens.paper.filled(principal, paramOf(request, 'task')),
  );

const emptyForm: ScreenHandler = (...on) =>
  inWords(on, ([deps, principal, request]) =>
    deps.screens.paper.empty(principal, paramOf(request, 'questionnaire')),
  );

const patientsForm: ScreenHandler = (...on) =>
  inWords(on, ([deps, principal, request]) =>
    deps.screens.paper.forPatient(principal, paramOf(request, 'task')),
  );

/** The page, or that its wording is not here. */
async function inWords(
  on: Parameters<ScreenHandler>,
  read: (on: Parameters<ScreenHandler>) => Promise<PaperModel>,
): Promise<void> {
  const [deps, principal, request, response] = on;
  try {
    await show(on, await read(on));
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status !== 422) {
      throw cause;
    }
    const frame = await deps.frame(request, principal);
    sendPage(deps, response, {
      frame,
      status: 422,
      title: paperTexts[frame.lang].licensedTitle,
      width: 'narrow',
      nav: 'files',
      children: <NoPaperPage />,
    });
  }
}

async function show(
  [deps, principal, request, response]: Parameters<ScreenHandler>,
  model: PaperModel,
): Promise<void> {
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: model.title,
    width: 'narrow',
    extraScript: 'print',
    children: <PaperPage model={model} />,
  });
}

const paramOf = ({ params }: Request, name: string): string => String(params[name]);
