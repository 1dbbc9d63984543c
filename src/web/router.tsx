/**
 * The pages' routes. Loads a view model, draws it, answers; decides nothing and reads nothing by itself (deps.ts).
 */
import express, { type ErrorRequestHandler, Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { consentRoutes } from './consent-routes.tsx';
import { patientFormsRoutes } from './patient-forms-routes.tsx';
import { receivedFormRoutes } from './received-form-routes.tsx';
import { registrationRoutes } from './registration-routes.tsx';
import { auditRoutes } from './audit-routes.tsx';
import { reservationRoutes } from './reservation-routes.tsx';
import type { WebDeps } from './deps.ts';
import { appRoutes } from './app-routes.tsx';
import { formRoutes } from './form-routes.ts';
import { languageRoutes } from './language.ts';
import { launchRoutes } from './launch-routes.tsx';
import { issuerLoginRoutes } from './issuer-login-routes.tsx';
import { LoginPage } from './pages/login.tsx';
import { RoleChoicePage } from './pages/role-choice.tsx';
import { PatientPage } from './pages/patient.tsx';
import { ReceivedPage } from './pages/received.tsx';
import { StartPage } from './pages/start.tsx';
import { WorkList } from './pages/work-list.tsx';
import { readWorkListQuery } from './pages/work-list-query.ts';
import { spaceOf } from '../smart/launch-space.ts';
import { recordRoutes } from './record-routes.tsx';
import { localPath, loginHref, sendError, sendPage, withStaff } from './respond.tsx';
import { pageGuard } from './headers.ts';
import { pageTexts } from './ui/page-texts.ts';
import { screenRoutes } from './screen-routes.ts';
import type { ChosenRole } from './view-models.ts';

/**
 * Routes of the pages, to be mounted at the root after everything else: what it does not know is a page not found.
 * `accounts`: the pages about accounts, asked before the others.
 */
export function createWebRouter(deps: WebDeps, accounts?: Router): Router {
  const router = Router();
  router.use(pageGuard);
  router.use(languageRoutes(deps.cookies));
  if (accounts !== undefined) {
    router.use(accounts);
  }
  router.get('/', page(deps, start));
  router.get('/logg-inn', page(deps, login));
  router.use(issuerLoginRoutes(deps));
  router.get('/velg-rolle', page(deps, chooseRole));
  router.get('/arbeidsliste', staffPage(deps, workList));
  router.get('/pasient/:id', staffPage(deps, patient));
  router.get('/pasient/:id/mottatt', staffPage(deps, received));
  router.use(launchRoutes(deps));
  router.use(appRoutes(deps));
  router.use(registrationRoutes(deps));
  router.use(patientFormsRoutes(deps));
  router.use(receivedFormRoutes(deps));
  router.use(consentRoutes(deps));
  router.use(reservationRoutes(deps));
  router.use(auditRoutes(deps));
  router.use(recordRoutes(deps));
  router.use(screenRoutes(deps));
  router.use(formRoutes(deps));
  router.use((request, response) => sendError(deps, request, response, 404));
  router.use(pageErrors(deps));
  return router;
}

/** The last handler of all: whatever failed is answered by a page with a number, and never by its inside. */
export const pageErrors =
  (deps: WebDeps): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) {
      response.locals['error'] = error;
      next(error);
      return;
    }
    void sendError(deps, request, response, error);
  };

const FOR_EVER = 'public, max-age=31536000, immutable';

/** The built bundle, named by its content, so that it never goes stale. */
export const assetsRouter = (folder: string): Router =>
  Router().use(
    '/web',
    express.static(folder, {
      cacheControl: false,
      setHeaders: (response) => response.setHeader('Cache-Control', FOR_EVER),
      index: false,
      redirect: false,
      dotfiles: 'ignore',
    }),
  );

type Handler = (deps: WebDeps, request: Request, response: Response) => Promise<void>;
type StaffHandler = (
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
) => Promise<void>;

const page =
  (deps: WebDeps, handler: Handler) =>
  (request: Request, response: Response): Promise<void> =>
    handler(deps, request, response);

const staffPage =
  (deps: WebDeps, handler: StaffHandler) =>
  (request: Request, response: Response): Promise<void> =>
    withStaff(deps, request, response, (principal, own) => handler(own, principal, request, response));

async function start(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const principal = await deps.sessionOf(request);
  const frame = await deps.frame(request, principal);
  const model = await deps.start();
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].startTitle,
    width: 'narrow',
    children: <StartPage model={model} isLoggedIn={principal !== undefined} />,
  });
}

async function login(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const frame = await deps.frame(request, undefined);
  const problem = queryOf(request, 'feil');
  const status = queryOf(request, 'status');
  const next = localPath(queryOf(request, 'neste'));
  const model = {
    ...(await deps.login()),
    // who logs in elsewhere leaves the frame, and those who log people in are not framed
    ...(spaceOf(response)?.isFramed === true && { choices: [] }),
    ...(problem !== undefined && { problem }),
    ...(status !== undefined && { status }),
    ...(next !== undefined && { next }),
  };
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].logIn,
    width: 'narrow',
    children: <LoginPage model={model} />,
  });
}

async function chooseRole(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const roles = await deps.roles(request);
  if (roles === undefined) {
    response.redirect(303, loginHref(request));
    return;
  }
  const frame = await deps.frame(request, await deps.sessionOf(request));
  const next = localPath(queryOf(request, 'neste'));
  const model = {
    roles,
    chosen: chosenRole(request),
    ...(queryOf(request, 'feil') !== undefined && { problem: 'role' as const }),
    ...(next !== undefined && { next }),
  };
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].roleTitle,
    width: 'narrow',
    children: <RoleChoicePage model={model} />,
  });
}

function chosenRole(request: Request): ChosenRole {
  const [register, organisation, department] = ['register', 'organisasjon', 'avdeling'].map((name) =>
    queryOf(request, name),
  );
  return {
    ...(register !== undefined && { register }),
    ...(organisation !== undefined && { organisation }),
    ...(department !== undefined && { department }),
  };
}

async function workList(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const query = readWorkListQuery(new URL(request.originalUrl, 'http://localhost').searchParams);
  const model = await deps.workList(principal, query);
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].workList,
    nav: 'work-list',
    extraScript: 'print',
    children: <WorkList model={model} />,
  });
}

async function patient(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.patientPage(principal, paramOf(request, 'id'));
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].patient,
    children: <PatientPage model={model} />,
  });
}

async function received(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.received(principal, paramOf(request, 'id'));
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].received,
    children: <ReceivedPage model={model} />,
  });
}

/** One parameter of the address, when it is there once. */
function queryOf(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}

function paramOf(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
