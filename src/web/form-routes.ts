/**
 * Routes of one form: open, save as plain HTML or JSON, complete, reopen, history.
 */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { compilePath } from '../fhir/path.ts';
import { badRequest } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';
import type { FormIssue } from '../sdc/validate-response.ts';
import { VersionConflict, type SaveRequest, type WebDeps } from './deps.ts';
import { createEngine } from './forms/engine.ts';
import { readForm, type PostedForm } from './forms/form-data.ts';
import { fields } from './forms/form-fields.ts';
import { drawForm, drawHistory } from './pages/draw-form.tsx';
import { sendPage, visiting, withStaff } from './respond.tsx';
import { pageTexts } from './ui/page-texts.ts';
import type { FormPageModel } from './view-models.ts';

const LIMIT = '2mb';

export function formRoutes(deps: WebDeps): Router {
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: LIMIT });
  const json = express.text({ type: 'application/json', limit: LIMIT });
  const router = Router();
  router.get('/skjema/:task', (request, response) =>
    withStaff(deps, request, response, (principal, own) => open(own, principal, request, response)),
  );
  router.post('/skjema/:task', form, (request, response) =>
    withStaff(deps, request, response, (principal, own) => post(own, principal, request, response)),
  );
  router.put('/skjema/:task/kladd', json, (request, response) => put(deps, request, response));
  router.post('/skjema/:task/rett', form, (request, response) =>
    withStaff(deps, request, response, (principal, own) => reopen(own, principal, request, response)),
  );
  router.post('/skjema/:task/trekk', form, (request, response) =>
    withStaff(deps, request, response, (principal, own) => withdraw(own, principal, request, response)),
  );
  router.get('/skjema/:task/historikk', (request, response) =>
    withStaff(deps, request, response, (principal, own) => history(own, principal, request, response)),
  );
  return router;
}

const NOTICES: Readonly<Record<string, NonNullable<FormPageModel['notice']>>> = {
  lagret: 'saved',
  importert: 'imported',
  ferdigstilt: 'completed',
  trukket: 'withdrawn',
};

async function open(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const model = await deps.openForm(principal, taskOf(request));
  if (model.isSubmitted === true) {
    response.redirect(303, `/skjema/${encodeURIComponent(taskOf(request))}/import`);
    return;
  }
  const notice = NOTICES[String(request.query['status'] ?? '')];
  await send(deps, principal, request, response, { ...model, ...(notice !== undefined && { notice }) });
}

async function send(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  model: FormPageModel,
  status = 200,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const { state } = model.form;
  sendPage(deps, response, {
    frame,
    status,
    title: model.form.title,
    width: 'form',
    nav: 'work-list',
    withScript: state === 'open' || state === 'correcting',
    children: drawForm(model, compilePath),
  });
}

/** A form posted as HTML: save, then do what the button says. Nothing that was typed is lost on any way out. */
async function post(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const opened = await openForPost(deps, principal, request);
  const { form, initial } = createEngine(opened.form, compilePath);
  const posted = readForm(new URLSearchParams(String(request.body)), initial.response, form);
  const save: SaveRequest = {
    taskId: opened.form.taskId,
    response: posted.response,
    ifMatch: posted.version,
    comment: posted.comment,
  };
  if (posted.version !== opened.form.version) {
    await showUnsaved(deps, principal, request, response, opened, posted);
    return;
  }
  const isCorrection = opened.form.state === 'correcting';
  if (isCorrection && !isWhole(posted)) {
    await showCorrection(deps, principal, request, response, opened, posted);
    return;
  }
  if ((posted.complete || isCorrection) && Object.keys(posted.texts).length === 0) {
    await complete(deps, principal, request, response, opened, posted, save);
    return;
  }
  const saved = await deps.saveDraft(principal, save);
  if (Object.keys(posted.texts).length > 0) {
    const form = { ...opened.form, response: saved.response, version: saved.version, texts: posted.texts };
    const shown = { ...form, saved: { at: saved.at }, isAttempted: posted.complete };
    await send(deps, principal, request, response, { ...opened, form: shown }, 422);
    return;
  }
  response.redirect(303, await wayOn(deps, principal, opened.form.taskId, posted));
}

/** What a coordinator posts to a locked form is a correction. */
async function openForPost(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
): Promise<FormPageModel> {
  const taskId = taskOf(request);
  const posted = new URLSearchParams(String(request.body));
  const reason = posted.get(fields.reason)?.trim() ?? '';
  const opened = await deps.openForm(principal, taskId);
  return opened.form.mayReopen ? deps.reopen(principal, taskId, reason, undefined) : opened;
}

/** All values are read, the reason is there, and the button is the one that saves. */
const isWhole = ({ action, texts, reason }: PostedForm): boolean =>
  action.kind === 'save' && Object.keys(texts).length === 0 && reason !== undefined;

/** A correction is stored only as a whole: what is not yet whole is shown again, with all that was typed. */
async function showCorrection(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  opened: FormPageModel,
  posted: PostedForm,
): Promise<void> {
  const { texts, comment, reason, action } = posted;
  const frame = await deps.frame(request, principal);
  const lacksReason = reason === undefined && action.kind === 'save';
  const missing: FormIssue = {
    severity: 'error',
    code: 'required',
    diagnostics: pageTexts[frame.lang].reasonNeeded,
  };
  const form = {
    ...opened.form,
    response: posted.response,
    texts,
    issues: lacksReason ? [missing] : [],
    ...(comment !== undefined && { comment }),
  };
  const status = lacksReason || Object.keys(texts).length > 0 ? 422 : 200;
  await send(deps, principal, request, response, { ...opened, form }, status);
}

async function wayOn(
  deps: WebDeps,
  principal: StaffPrincipal,
  taskId: string,
  { action }: PostedForm,
): Promise<string> {
  if (action.kind === 'next') {
    const next = await deps.nextForm(principal, taskId);
    return next === undefined ? '/arbeidsliste' : `/skjema/${next}`;
  }
  if (action.kind === 'offer') {
    return `/skjema/${encodeURIComponent(action.target)}/til-pasienten`;
  }
  if (action.kind === 'add' || action.kind === 'none') {
    return `/skjema/${taskId}#${action.target}`;
  }
  if (action.kind === 'choose') {
    return `/skjema/${taskId}#${action.target.replace(/^\d+:/, '')}`;
  }
  return action.kind === 'save' ? `/skjema/${taskId}?status=lagret` : `/skjema/${taskId}`;
}

async function complete(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  opened: FormPageModel,
  posted: PostedForm,
  save: SaveRequest,
): Promise<void> {
  const result = await deps.complete(principal, save, posted.reason);
  if (result.kind === 'completed') {
    response.redirect(303, `/skjema/${opened.form.taskId}?status=ferdigstilt`);
    return;
  }
  const { saved, issues } = result;
  const form = {
    ...opened.form,
    response: saved.response,
    version: saved.version,
    ...(saved.at !== '' && { saved: { at: saved.at } }),
    issues,
    isAttempted: true,
    ...(posted.comment !== undefined && { comment: posted.comment }),
    ...(posted.reason !== undefined && { reason: posted.reason }),
  };
  await send(deps, principal, request, response, { ...opened, form }, 422);
}

/** Someone else has saved in between: what was typed is shown again over the newest version, and not saved. */
async function showUnsaved(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  opened: FormPageModel,
  posted: PostedForm,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const issue: FormIssue = {
    severity: 'error',
    code: 'conflict',
    diagnostics: pageTexts[frame.lang].conflictPlain,
  };
  const form = {
    ...opened.form,
    response: posted.response,
    texts: posted.texts,
    issues: [issue],
    ...(posted.comment !== undefined && { comment: posted.comment }),
  };
  await send(deps, principal, request, response, { ...opened, form }, 412);
}

/** The browser's own saving. Answers are short: version and time, or who saved in between. */
async function put(deps: WebDeps, request: Request, response: Response): Promise<void> {
  const principal = await deps.sessionOf(request);
  if (principal === undefined) {
    response.status(401).json({});
    return;
  }
  try {
    const { answers, comment } = readDraft(String(request.body));
    await visiting(deps, response, principal, async (own) => {
      const { version, at } = await own.saveDraft(principal, {
        taskId: taskOf(request),
        response: answers,
        ifMatch: versionOf(request),
        comment,
      });
      response.set('ETag', `W/"${version}"`).json({ version, at });
    });
  } catch (error) {
    if (!(error instanceof VersionConflict)) {
      throw error;
    }
    response.status(412).json(error.conflict);
  }
}

function readDraft(body: string): {
  readonly answers: QuestionnaireResponse;
  readonly comment: string | undefined;
} {
  const draft = parseJson(body) as { response?: unknown; comment?: unknown } | null;
  const answers = draft?.response as QuestionnaireResponse | undefined;
  if (answers?.resourceType !== 'QuestionnaireResponse') {
    throw badRequest('The draft has no QuestionnaireResponse.', undefined, 'draft');
  }
  return { answers, comment: typeof draft?.comment === 'string' ? draft.comment : undefined };
}

/** `If-Match: W/"3"` → `3`; undefined for the first save (`If-None-Match: *`). */
function versionOf(request: Request): string | undefined {
  const tag = /^(?:W\/)?"([^"]+)"$/.exec(request.get('if-match') ?? '');
  if (tag === null && request.get('if-none-match') !== '*') {
    throw badRequest('Say with If-Match which version the draft builds on.', undefined, 'if-match');
  }
  return tag?.[1];
}

async function reopen(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const posted = new URLSearchParams(String(request.body));
  const reason = posted.get(fields.reason)?.trim() ?? '';
  if (reason === '') {
    throw badRequest('A reason is needed to open a completed form.', undefined, 'reason');
  }
  const version = posted.get(fields.version) || undefined;
  const model = await deps.reopen(principal, taskOf(request), reason, version);
  await send(deps, principal, request, response, model);
}

/** Why, and then it is done; without a reason it is asked for again. */
async function withdraw(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const posted = new URLSearchParams(String(request.body));
  const reason = posted.get(fields.reason)?.trim() ?? '';
  const taskId = taskOf(request);
  if (reason === '') {
    const opened = await deps.openForm(principal, taskId);
    const asked =
      opened.withdrawal === undefined ? opened : { ...opened, withdrawal: 'reason-missing' as const };
    await send(deps, principal, request, response, asked, 422);
    return;
  }
  await deps.withdrawForm(principal, taskId, reason, posted.get(fields.version) ?? '');
  response.redirect(303, `/skjema/${encodeURIComponent(taskId)}?status=trukket`);
}

async function history(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
): Promise<void> {
  const { fra: from, til: to } = request.query;
  const compare = typeof from === 'string' && typeof to === 'string' ? { from, to } : undefined;
  const model = await deps.formHistory(principal, taskOf(request), compare);
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, {
    frame,
    title: pageTexts[frame.lang].formHistory,
    width: 'form',
    children: drawHistory(model),
  });
}

function taskOf(request: Request): string {
  const task = request.params['task'];
  return typeof task === 'string' ? task : '';
}
