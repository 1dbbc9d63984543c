/** Routes of a form that is handed to the patient and comes back: hand over, [klar til import], import, discard. */
import { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError, notFound } from '../fhir/outcome.ts';
import { field, readForm } from '../smart/form-post.ts';
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
  router.get(
    '/skjema/:task/til-pasienten',
    staff((visit) => handOver(visit)),
  );
  router.get(
    '/skjema/:task/import',
    staff((visit) => received(visit)),
  );
  router.post(
    '/skjema/:task/importer',
    staff((visit) => carryOut(visit, () => visit.pages.import(visit.task), '?status=importert', received)),
  );
  router.post(
    '/skjema/:task/forkast',
    readForm(),
    staff((visit) =>
      carryOut(
        visit,
        () => visit.pages.discard(visit.task, field(visit.request, 'arsak')),
        '/til-pasienten?status=forkastet',
        received,
      ),
    ),
  );
  router.post(
    '/skjema/:task/angre-forkast',
    staff((visit) =>
      carryOut(visit, () => visit.pages.undoDiscard(visit.task), '/import?status=hentet', handOver),
    ),
  );
  return router;
}

async function handOver(visit: Visit, refused?: FhirError): Promise<void> {
  const { deps, pages, principal, request, response, task } = visit;
  const model = await pages.handOver(task);
  if (model.status === 'submitted') {
    response.redirect(303, `/skjema/${task}/import`);
    return;
  }
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    status: refused?.status ?? 200,
    title: model.title,
    width: 'narrow',
    nav: 'work-list',
    children: <HandOverPage model={model} problem={problemOf(visit, refused)} />,
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
        isBack={request.query['status'] === 'hentet'}
        problem={problemOf(visit, refused)}
      />
    ),
  });
}

function problemOf({ request }: Visit, refused: FhirError | undefined): string | undefined {
  const lang = languageOf(request);
  return refused?.issues.map(({ rule = '', diagnostics }) => ruleText(lang, rule) ?? diagnostics).join(' ');
}

async function carryOut(
  visit: Visit,
  run: () => Promise<void>,
  way: string,
  show: (visit: Visit, refused: FhirError) => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (cause) {
    if (!(cause instanceof FhirError) || (cause.status !== 412 && cause.status !== 422)) {
      throw cause;
    }
    await show(visit, cause); // somebody else was first: the page shows how it stands now
    return;
  }
  visit.response.redirect(303, `/skjema/${encodeURIComponent(visit.task)}${way}`);
}
