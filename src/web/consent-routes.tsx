/** Routes on which consent is withdrawn. */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError } from '../fhir/outcome.ts';
import { parseDateText } from '../sdc/dates.ts';
import type { WebDeps } from './deps.ts';
import { ConsentWithdrawalPage, ConsentWithdrawnPage, type RefusedDay } from './pages/consent-withdrawal.tsx';
import { sendPage, withStaff } from './respond.tsx';
import { consentTexts } from './ui/consent-texts.ts';

export function consentRoutes(deps: WebDeps): Router {
  const router = Router();
  router.get('/samtykke/:id/trekk', (request, response) =>
    withStaff(deps, request, response, (principal) => ask(deps, principal, request, response)),
  );
  router.post(
    '/samtykke/:id/trekk',
    express.urlencoded({ extended: false, limit: '10kb' }),
    (request, response) =>
      withStaff(deps, request, response, (principal) => withdraw(deps, principal, request, response)),
  );
  return router;
}

const idOf = ({ params }: Request): string => String(params['id']);

async function ask(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  refused?: RefusedDay,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.consentPage(principal, idOf(request));
  sendPage(deps, response, {
    frame,
    status: refused === undefined ? 200 : 422,
    title: consentTexts[frame.lang].title,
    width: 'narrow',
    children: <ConsentWithdrawalPage model={model} {...(refused !== undefined && { refused })} />,
  });
}

async function withdraw(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const text = String((request.body as Readonly<Record<string, unknown>>)['dato'] ?? '');
  const { value: day, message } = parseDateText(text);
  if (day === undefined) {
    await ask(deps, principal, request, response, { day: text, problem: message ?? '' });
    return;
  }
  try {
    await deps.withdrawConsent(principal, idOf(request), day);
  } catch (error) {
    if (!(error instanceof FhirError) || error.status !== 422) {
      throw error;
    }
    const frame = await deps.frame(request, principal);
    const problem = consentTexts[frame.lang].wrongDay;
    await ask(deps, principal, request, response, { day: text, problem });
    return;
  }
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, {
    frame,
    title: consentTexts[frame.lang].done,
    width: 'narrow',
    children: <ConsentWithdrawnPage />,
  });
}
