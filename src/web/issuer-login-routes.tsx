/** `GET /logg-inn/stans`: why a login at an external issuer did not lead in. */
import { Router, type Request, type Response } from 'express';
import type { WebDeps } from './deps.ts';
import { LoginStopPage } from './pages/issuer-login.tsx';
import { languageOf } from './language.ts';
import { sendPage } from './respond.tsx';
import { type LoginStop, loginTexts } from './ui/login-texts.ts';

const LONGEST_NAME = 60;

export function issuerLoginRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/logg-inn/stans', (request, response) => stopped(deps, request, response));
  return router;
}

async function stopped(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const { choices = [] } = await deps.login();
  const asked = text(request.query['hos']).slice(0, LONGEST_NAME);
  // only names that are ours: the address must not put words into the page
  const issuer = choices.find(({ name }) => name === asked)?.name ?? loginTexts[languageOf(request)].service;
  const grunn = text(request.query['grunn']);
  const reason: LoginStop = isStop(grunn) ? grunn : 'svar';
  sendPage(deps, response, {
    frame: await deps.frame(request, undefined),
    title: loginTexts[languageOf(request)].stopTitle,
    width: 'narrow',
    children: <LoginStopPage model={{ reason, issuer, applyHref: APPLY }} />,
  });
}

/** Where access is applied for. */
const APPLY = '/ny-bruker';

const isStop = (value: string): value is LoginStop => Object.hasOwn(loginTexts.nb.stops, value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
