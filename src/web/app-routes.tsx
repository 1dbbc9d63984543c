/**
 * Apps of third parties: what one asks for (`/gi-tilgang/…`, where the authorisation server sends the browser), which
 * patient it is told about, and what apps have (`/apper`).
 */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import type { AccessRequest } from '../smart/app-consent.ts';
import type { AppPages, WebDeps } from './deps.ts';
import { PAGE_HEADERS } from './headers.ts';
import { languageOf } from './language.ts';
import { AppConsentPage } from './pages/app-consent.tsx';
import { AppPatientPage } from './pages/app-patient.tsx';
import { AppsPage } from './pages/apps.tsx';
import { sendPage, withStaff } from './respond.tsx';
import { appTexts } from './ui/app-texts.ts';

const form = express.urlencoded({ extended: false, limit: '20kb', parameterLimit: 200 });

export function appRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/gi-tilgang/:uid', (request, response) => asked(deps, request, response, showFirst));
  router.post('/gi-tilgang/:uid', form, (request, response) => asked(deps, request, response, answered));
  router.get('/apper', (request, response) => list(deps, request, response));
  router.post('/apper', form, (request, response) => withdraw(deps, request, response));
  return router;
}

/** A request that is under way, and who is asked. */
interface Asked {
  readonly deps: WebDeps;
  readonly apps: AppPages;
  readonly principal: StaffPrincipal;
  readonly access: AccessRequest;
  readonly request: Request;
  readonly response: Response;
}

/** Only somebody who has logged in here gives access: an EHR's launch is for one form and one patient. */
async function asked(
  deps: WebDeps,
  request: Request,
  response: Response,
  run: (asked: Asked) => Promise<void>,
): Promise<void> {
  await withStaff(deps, request, response, async (principal, own) => {
    const access = await own.apps.request(request, response);
    if (access === undefined || principal.launch !== undefined) {
      await sendGone(own, principal, request, response);
      return;
    }
    if (access.confirmAt !== undefined) {
      response.redirect(303, `${access.confirmAt}?${new URLSearchParams({ neste: request.path })}`);
      return;
    }
    await run({ deps: own, apps: own.apps, principal, access, request, response });
  });
}

const showFirst = (asked: Asked): Promise<void> =>
  asked.access.needsPatient ? sendPicker(asked, '') : sendConsent(asked, undefined);

const ANSWERS: Readonly<Record<string, (asked: Asked) => Promise<void>>> = {
  sok: (asked) => sendPicker(asked, field(asked.request, 'sok')),
  velg: (asked) => sendConsent(asked, field(asked.request, 'pasient')),
  gi: give,
  nei: async ({ apps, request, response }) => response.redirect(303, await apps.refuse(request, response)),
};

const answered = (asked: Asked): Promise<void> =>
  (ANSWERS[field(asked.request, 'handling')] ?? showFirst)(asked);

async function give(asked: Asked): Promise<void> {
  const { apps, principal, access, request, response } = asked;
  const patient = field(request, 'pasient');
  const isChosen = patient !== '' && (await apps.patient(principal, patient)) !== undefined;
  if (access.needsPatient && !isChosen) {
    await sendPicker(asked, '');
    return;
  }
  const given = { patient: isChosen ? patient : undefined, scopes: fields(request, 'omfang') };
  response.redirect(303, await apps.give(request, response, given));
}

async function sendPicker(asked: Asked, text: string): Promise<void> {
  const { deps, apps, principal, access, request, response } = asked;
  mayReturn(asked);
  const found = await apps.patients(principal, text);
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: appTexts[languageOf(request)].pickTitle,
    width: 'narrow',
    children: <AppPatientPage model={{ ...found, action: request.path, app: access.clientName, text }} />,
  });
}

async function sendConsent(asked: Asked, patientId: string | undefined): Promise<void> {
  const { deps, apps, principal, access, request, response } = asked;
  const patient = patientId === undefined ? undefined : await apps.patient(principal, patientId);
  if (access.needsPatient && patient === undefined) {
    await sendPicker(asked, '');
    return;
  }
  mayReturn(asked);
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: appTexts[languageOf(request)].consentTitle(access.clientName),
    width: 'narrow',
    children: (
      <AppConsentPage
        model={{
          action: request.path,
          app: access.clientName,
          returnsTo: access.returnsTo,
          scopes: access.scopes,
          ...(patient !== undefined && { patient }),
        }}
      />
    ),
  });
}

/** From both pages one goes back to the app; browsers hold the answer's redirect against `form-action`, too. */
function mayReturn({ access, response }: Asked): void {
  const policy = PAGE_HEADERS['Content-Security-Policy'] ?? '';
  response.set(
    'Content-Security-Policy',
    policy.replace("form-action 'self'", `form-action 'self' ${access.returnsTo}`),
  );
}

async function sendGone(deps: WebDeps, principal: StaffPrincipal, request: Request, response: Response) {
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    status: 404,
    title: appTexts[languageOf(request)].goneTitle,
    width: 'narrow',
    children: (
      <div className="stack">
        <h1 className="page-title">{appTexts[languageOf(request)].goneTitle}</h1>
        <p className="card">{appTexts[languageOf(request)].gone}</p>
      </div>
    ),
  });
}

async function list(deps: WebDeps, request: Request, response: Response): Promise<void> {
  await withStaff(deps, request, response, async (principal, own) => {
    const grants = await own.apps.grants(request, principal);
    sendPage(own, response, {
      frame: await own.frame(request, principal),
      title: appTexts[languageOf(request)].appsTitle,
      width: 'narrow',
      children: <AppsPage model={{ grants, isWithdrawn: request.query['tatt'] === '1' }} />,
    });
  });
}

async function withdraw(deps: WebDeps, request: Request, response: Response): Promise<void> {
  await withStaff(deps, request, response, async (_principal, own) => {
    const isGone = await own.apps.withdraw(request, field(request, 'tilgang'));
    response.redirect(303, isGone ? '/apper?tatt=1' : '/apper');
  });
}

/** All values of a field of the form. */
function fields(request: Request, name: string): readonly string[] {
  const value = (request.body as Readonly<Record<string, unknown>> | undefined)?.[name];
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter(
    (text) => typeof text === 'string',
  );
}

const field = (request: Request, name: string): string => fields(request, name)[0] ?? '';
