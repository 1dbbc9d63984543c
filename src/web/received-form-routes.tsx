/** Routes of a form that is handed to the patient and comes back: hand over, [klar til import], import, discard. */
import { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError, notFound } from '../fhir/outcome.ts';
import type { WebDeps } from './deps.ts';
import { languageOf } from './language.ts';
import type { ReceivedPages } from './models/received-form.ts';
import { HandOverPage } from './pages/hand-over.tsx';
import { ReceivedFormPage } from './pages/received-form.tsx';
import { sendPage, withStaff } from './respond.tsx';
import { ruleText } from './ui/rule-texts.ts';
import { receivedTexts } from './ui/received-texts.ts';

interface Visit {
  readonly deps: WebDeps;
  readonly pages: ReceivedPages;
  readonly principal: StaffPrincipal;
  readonly request: Request;
  readonly response: Response;
  readonly task: string;
}

export function receivedFormRoutes(deps: WebDeps): Router {
  const staff = (handler: (visit: Visit) => Promise<void>) => (request: Request, response: Response) =>
    withStaff(deps, request, response, async (principal, own) => {
      const pages = own.receivedForms?.(principal);
      if (pages === undefined) {
        throw notFound('page', request.path);
      }
      const task = String(request.params['task']);
      await handler({ deps: own, pages, principal, request, response, task });
    });
  const router = Router();
  router.get('/skjema/:task/til-pasienten', staff(handOver));
  router.get(
    '/skjema/:task/import',
    staff((visit) => received(visit)),
  );
  router.post(
    '/skjema/:task/importer',
    staff((visit) => carryOut(visit, 'import', '?status=importert')),
  );
  router.post(
    '/skjema/:task/forkast',
    staff((visit) => carryOut(visit, 'discard', '/til-pasienten?status=forkastet')),
  );
  return router;
}

async function handOver({ deps, pages, principal, request, response, task }: Visit): Promise<void> {
  const model = await pages.handOver(task);
  if (model.status === 'submitted') {
    response.redirect(303, `/skjema/${task}/import`);
    return;
  }
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: model.title,
    width: 'narrow',
    nav: 'work-list',
    children: <HandOverPage model={model} isDiscarded={request.query['status'] === 'forkastet'} />,
  });
}

/** What waits; where nothing does, the form itself says how it stands. */
async function received(visit: Visit, refused?: FhirError): Promise<void> {
  const { deps, pages, principal, request, response, task } = visit;
  const model = await pages.received(task);
  if (model === undefined) {
    response.redirect(303, `/skjema/${task}`);
    return;
  }
  const lang = languageOf(request);
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    status: refused?.status ?? 200,
    title: receivedTexts[lang].title,
    nav: 'work-list',
    children: (
      <ReceivedFormPage
        model={model}
        problem={refused?.issues
          .map(({ rule = '', diagnostics }) => ruleText(lang, rule) ?? diagnostics)
          .join(' ')}
      />
    ),
  });
}

async function carryOut(visit: Visit, what: 'import' | 'discard', way: string): Promise<void> {
  try {
    await visit.pages[what](visit.task);
  } catch (cause) {
    if (!(cause instanceof FhirError) || (cause.status !== 412 && cause.status !== 422)) {
      throw cause;
    }
    await received(visit, cause); // somebody else was first: the page shows how it stands now
    return;
  }
  visit.response.redirect(303, `/skjema/${encodeURIComponent(visit.task)}${way}`);
}
