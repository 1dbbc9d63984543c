/** How staff let a patient answer: a code to hand over, or a link by SMS. The code is shown once, in the answer to the post. */
import { Router, type Request, type Response } from 'express';
import type { PatientAccess } from '../../smart/patient-access/patient-access.ts';
import { isSameOrigin } from '../../smart/same-origin.ts';
import { forbidden } from '../../fhir/outcome.ts';
import type { WebDeps } from '../deps.ts';
import { PAGE_HEADERS } from '../headers.ts';
import { sendError, sendPage, withStaff } from '../respond.tsx';
import { languageOf } from '../language.ts';
import { patientTexts } from '../ui/patient-texts.ts';
import { HandOutPage, LinkSentPage } from './pages.tsx';

export interface InviteDeps {
  readonly web: WebDeps;
  readonly access: PatientAccess;
  readonly publicUrl: string;
}

export function inviteRoutes(deps: InviteDeps): Router {
  const router = Router();
  router.post('/skjema/:task/engangskode', (request, response) => guarded(deps, request, response, handOut));
  router.post('/skjema/:task/lenke', (request, response) => guarded(deps, request, response, sendLink));
  return router;
}

type Run = (deps: InviteDeps, request: Request, response: Response) => Promise<void>;

async function guarded(deps: InviteDeps, request: Request, response: Response, run: Run): Promise<void> {
  response.set(PAGE_HEADERS);
  try {
    if (!isSameOrigin(request.headers)) {
      throw forbidden('The request was not sent by a page of this server.', 'cross-site');
    }
    await run(deps, request, response);
  } catch (cause) {
    await sendError(deps.web, request, response, cause);
  }
}

const handOut: Run = ({ web, access, publicUrl }, request, response) =>
  withStaff(web, request, response, async (principal) => {
    const { code, expiresAt, patient } = await access.makeCode(principal, String(request.params['task']));
    const model = {
      code,
      address: `${publicUrl}/pasientskjema`,
      expiresAt: expiresAt.toISOString(),
      patientId: patient,
    };
    sendPage(web, response, {
      frame: await web.frame(request, principal),
      title: patientTexts[languageOf(request)].forStaff.title,
      width: 'narrow',
      extraScript: 'print',
      children: <HandOutPage model={model} />,
    });
  });

const sendLink: Run = ({ web, access }, request, response) =>
  withStaff(web, request, response, async (principal) => {
    const { isSent, patient } = await access.sendLink(principal, String(request.params['task']));
    sendPage(web, response, {
      frame: await web.frame(request, principal),
      title: isSent
        ? patientTexts[languageOf(request)].forStaff.sentTitle
        : patientTexts[languageOf(request)].forStaff.title,
      width: 'narrow',
      children: <LinkSentPage isSent={isSent} patientId={patient} />,
    });
  });
