/** Text for the record of a locked form: /skjema/<task>/journaltekst, as a page and as a plain file. */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { notFound } from '../fhir/outcome.ts';
import type { WebDeps } from './deps.ts';
import { RecordTextPage } from './pages/record-text.tsx';
import { sendPage, sendSettled, withStaff } from './respond.tsx';
import { recordTexts } from './ui/record-texts.ts';

const NO_FORM = express.urlencoded({ extended: false, limit: '1kb', parameterLimit: 5 });

export function recordRoutes(deps: WebDeps): Router {
  const router = Router();
  const staff = (handler: Handler) => (request: Request, response: Response) =>
    withStaff(deps, request, response, async (principal, own) => {
      const { record } = own;
      if (record === undefined) {
        throw notFound('page', request.path);
      }
      await handler({
        deps: own,
        record,
        principal,
        task: String(request.params['task']),
        request,
        response,
      });
    });
  router.get('/skjema/:task/journaltekst', staff(show));
  router.get('/skjema/:task/journaltekst.txt', staff(file));
  router.post('/skjema/:task/journaltekst', NO_FORM, staff(retry));
  return router;
}

interface Visit {
  readonly deps: WebDeps;
  readonly record: NonNullable<WebDeps['record']>;
  readonly principal: StaffPrincipal;
  readonly task: string;
  readonly request: Request;
  readonly response: Response;
}

type Handler = (visit: Visit) => Promise<void>;

const show: Handler = async ({ deps, record, principal, task, request, response }) => {
  const model = await record.page(principal, task);
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, {
    frame,
    title: recordTexts[frame.lang].title,
    width: 'narrow',
    extraScript: 'print',
    children: <RecordTextPage model={model} />,
  });
};

const file: Handler = async ({ deps, record, principal, task, response }) => {
  const { text } = await record.page(principal, task);
  sendSettled(deps, response, () => {
    response.type('text/plain; charset=utf-8').send(text);
  });
};

const retry: Handler = async ({ record, principal, task, response }) => {
  await record.retry(principal, task);
  response.redirect(303, `/skjema/${task}/journaltekst`);
};
