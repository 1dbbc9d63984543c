/**
 * The way of a patient: in by a code or a link, one form, out with a receipt (PA-01 to PA-03). A session of its own; what is said
 * to somebody who is not in is the same whatever the reason.
 */
import express, { type NextFunction, Router, urlencoded, type Request, type Response } from 'express';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { compilePath } from '../../fhir/path.ts';
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import {
  openPatientForm,
  type PatientCaller,
  type PatientFormDeps,
  savePatientForm,
} from '../../registry/form/patient-form.ts';
import { parseBirthDate } from '../../smart/patient-access/birth-date.ts';
import type { PatientAccess, PatientVisit } from '../../smart/patient-access/patient-access.ts';
import { type CookieJar, readCookie } from '../../smart/cookies.ts';
import { field } from '../../smart/form-post.ts';
import { createEngine } from '../forms/engine.ts';
import { readForm } from '../forms/form-data.ts';
import { fields } from '../forms/form-fields.ts';
import { pageGuard } from '../headers.ts';
import { languageOf, pageAddress } from '../language.ts';
import { patientTexts } from '../ui/patient-texts.ts';
import type { FormModel } from '../view-models.ts';
import { FORM_ADDRESS, PatientFormPage, patientFormModel, type PatientNotice } from './form-page.tsx';
import { checked, REVIEW_ADDRESS, reviewModel, ReviewPage } from './review.tsx';
import { CodePage, EndPage, FailedPage, LinkPage, SmsPage } from './pages.tsx';
import { LINK_SCRIPT, PatientShell, type PatientShellProps } from './patient-shell.tsx';

export interface PatientWebDeps {
  readonly access: PatientAccess;
  readonly forms: PatientFormDeps;
  readonly cookies: CookieJar;
  readonly assets: PatientShellProps['assets'];
  readonly now: () => Date;
  /** End the staff session of this browser: the patient sits down where a nurse was logged in. */
  readonly endStaff: (request: Request, response: Response) => Promise<void>;
}

const ENTRY = '/pasientskjema';
const LINK = '/skjema-til-deg';
const LINK_SECONDS = 15 * 60;
const FORM_LIMIT = '2mb';

/** Reads the key out of the address, where no server log sees it, takes it away from there, and posts it. */
const LINK_SOURCE = `const key = location.hash.slice(1);
if (key !== '') {
  history.replaceState(null, '', location.pathname);
  document.getElementById('nokkel').value = key;
  document.getElementById('lenke').submit();
}
`;

export function patientRouter(deps: PatientWebDeps): Router {
  const { access, cookies, endStaff } = deps;
  const small = urlencoded({ extended: false, limit: '10kb', parameterLimit: 10 });
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: FORM_LIMIT });
  const json = express.text({ type: 'application/json', limit: FORM_LIMIT });
  const router = Router();
  router.use([ENTRY, LINK, LINK_SCRIPT], pageGuard);

  router.get(ENTRY, (_request, response) => show(deps, response, 'codeTitle', <CodePage isWrong={false} />));
  router.post(ENTRY, small, async (request, response) => {
    const birthDate = parseBirthDate(field(request, 'fodt'));
    const token = await access.enterByCode(birthDate, field(request, 'kode'), addressOf(request));
    if (token === undefined) {
      show(deps, response, 'codeTitle', <CodePage isWrong />, 403);
      return;
    }
    await endStaff(request, response);
    response.append('Set-Cookie', cookies.set(names(cookies).session, token));
    response.redirect(303, FORM_ADDRESS);
  });

  router.post(`${ENTRY}/her`, async (request, response) => {
    await endStaff(request, response);
    response.redirect(303, ENTRY);
  });

  router.get(LINK_SCRIPT, (_request, response) => response.type('text/javascript').send(LINK_SOURCE));
  router.get(LINK, (_request, response) => show(deps, response, 'linkTitle', <LinkPage />, 200, 'link'));
  router.post(LINK, small, async (request, response) => {
    const key = await access.bringLink(field(request, 'nokkel').trim().replace(/^.*#/, ''));
    response.append('Set-Cookie', cookies.set(names(cookies).link, key, LINK_SECONDS));
    response.redirect(303, `${LINK}/kode`);
  });
  router.get(`${LINK}/kode`, (request, response) =>
    show(deps, response, 'smsTitle', <SmsPage isSent={request.query['sendt'] === '1'} isWrong={false} />),
  );
  router.post(`${LINK}/send`, async (request, response) => {
    const next = await access.sendCode(readCookie(request.headers, names(cookies).link) ?? '');
    if (next !== undefined) {
      response.append('Set-Cookie', cookies.set(names(cookies).link, next, LINK_SECONDS));
    }
    response.redirect(303, `${LINK}/kode?sendt=1`);
  });
  router.post(`${LINK}/kode`, small, async (request, response) => {
    const key = readCookie(request.headers, names(cookies).link) ?? '';
    const token = await access.enterBySms(key, field(request, 'kode'), addressOf(request));
    if (token === undefined) {
      show(deps, response, 'smsTitle', <SmsPage isSent isWrong />, 403);
      return;
    }
    await endStaff(request, response);
    response.append('Set-Cookie', cookies.clear(names(cookies).link));
    response.append('Set-Cookie', cookies.set(names(cookies).session, token));
    response.redirect(303, FORM_ADDRESS);
  });

  router.get(FORM_ADDRESS, (request, response) =>
    withVisit(deps, request, response, (at) => openForm(deps, at)),
  );
  router.post(FORM_ADDRESS, form, (request, response) =>
    withVisit(deps, request, response, (at) => postForm(deps, at)),
  );
  router.get(REVIEW_ADDRESS, (request, response) =>
    withVisit(deps, request, response, (at) => review(deps, at)),
  );
  router.post(REVIEW_ADDRESS, small, (request, response) =>
    withVisit(deps, request, response, (at) => sendIn(deps, at)),
  );
  router.put(`${FORM_ADDRESS}/kladd`, json, (request, response) => saveDraft(deps, request, response));
  router.post(`${ENTRY}/avslutt`, async (request, response) => {
    await endVisit(deps, request, response, 'left');
    response.redirect(303, `${ENTRY}/ute`);
  });
  router.get(`${ENTRY}/takk`, (_request, response) =>
    show(deps, response, 'thanksTitle', <EndPage isSentIn />),
  );
  router.get(`${ENTRY}/ute`, (_request, response) =>
    show(deps, response, 'closedTitle', <EndPage isSentIn={false} />),
  );
  router.use((cause: unknown, _request: Request, response: Response, next: NextFunction) =>
    fail(deps, cause, response, next),
  );
  return router;
}

/** What went wrong is for the log; the patient reads that nothing was saved, and what to do. */
function fail(deps: PatientWebDeps, cause: unknown, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(cause);
    return;
  }
  const status = cause instanceof FhirError ? cause.status : 500;
  response.locals['error'] = cause;
  show(deps, response, 'failedTitle', <FailedPage />, status);
}

/** Names of the two cookies. */
const names = ({ session }: CookieJar) =>
  ({ session: `${session}-patient`, link: `${session}-link` }) as const;

type PageTitle = 'codeTitle' | 'linkTitle' | 'smsTitle' | 'thanksTitle' | 'closedTitle' | 'failedTitle';

function show(
  { assets }: PatientWebDeps,
  response: Response,
  title: PageTitle | { readonly form: string },
  children: ReactNode,
  status = 200,
  script?: PatientShellProps['script'],
): void {
  const lang = languageOf(response.req);
  const text = typeof title === 'string' ? patientTexts[lang][title] : title.form;
  const page = (
    <PatientShell
      lang={lang}
      title={text}
      assets={assets}
      path={pageAddress(response.req)}
      {...(script !== undefined && { script })}
    >
      {children}
    </PatientShell>
  );
  response
    .status(status)
    .type('html')
    .send(`<!doctype html>${renderToStaticMarkup(page)}`);
}

/** One request of somebody who is in. */
interface At {
  readonly request: Request;
  readonly response: Response;
  readonly visit: PatientVisit;
  readonly caller: PatientCaller;
}

async function visitOf(
  { access, cookies }: PatientWebDeps,
  request: Request,
): Promise<PatientVisit | undefined> {
  return access.visit(readCookie(request.headers, names(cookies).session));
}

async function withVisit(
  deps: PatientWebDeps,
  request: Request,
  response: Response,
  run: (at: At) => Promise<void>,
): Promise<void> {
  const visit = await visitOf(deps, request);
  if (visit === undefined) {
    response.redirect(303, `${ENTRY}/ute`);
    return;
  }
  await run({ request, response, visit, caller: callerOf(visit, response) });
}

const callerOf = ({ principal }: PatientVisit, response: Response): PatientCaller => ({
  principal,
  requestId: response.locals['requestId'] as string,
  interaction: 'patient-form',
});

async function openForm(deps: PatientWebDeps, at: At): Promise<void> {
  const model = await storedForm(deps, at);
  await deps.access.opened(at.visit.principal);
  showForm(deps, at, model);
}

const NOTICES: Readonly<Record<number, PatientNotice>> = { 412: 'saved-elsewhere' };

function showForm(
  deps: PatientWebDeps,
  { request, response, visit }: At,
  model: FormModel,
  status = 200,
): void {
  const isSaved = status === 200 && request.query['status'] === 'lagret';
  const notice = isSaved ? 'saved' : NOTICES[status];
  const page = <PatientFormPage visit={visit} model={model} notice={notice} compilePath={compilePath} />;
  show(deps, response, { form: model.title }, page, status, 'form');
}

/** Save, or send in. What cannot be read, or is refused, is shown again with all that was typed. */
async function postForm(deps: PatientWebDeps, at: At): Promise<void> {
  const { request, response, caller } = at;
  const model = await storedForm(deps, at);
  const { form, initial } = createEngine(model, compilePath);
  const posted = readForm(new URLSearchParams(String(request.body)), initial.response, form);
  const typed = { ...model, response: posted.response, texts: posted.texts, isAttempted: posted.complete };
  if (posted.version !== model.version || Object.keys(posted.texts).length > 0) {
    showForm(deps, at, typed, posted.version === model.version ? 422 : 412);
    return;
  }
  if (posted.complete) {
    await complete(deps, at, typed);
    return;
  }
  const { response: answers, version } = typed;
  await savePatientForm(deps.forms, caller, {
    response: answers,
    ifMatch: version,
    status: 'in-progress',
  });
  const isDone = posted.action.kind === 'done';
  response.redirect(303, isDone ? REVIEW_ADDRESS : `${FORM_ADDRESS}?status=lagret`);
}

/** Send in what the model holds. What is refused is shown as it was. */
async function complete(deps: PatientWebDeps, at: At, model: FormModel): Promise<void> {
  const { request, response, caller, visit } = at;
  try {
    await savePatientForm(deps.forms, caller, {
      response: model.response,
      ifMatch: model.version,
      status: 'completed',
    });
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status !== 422) {
      throw cause;
    }
    showForm(deps, at, { ...model, issues: cause.issues, isAttempted: true }, 422);
    return;
  }
  await endVisit(deps, request, response, 'sent-in', visit);
  response.redirect(303, `${ENTRY}/takk`);
}

/** The form as it is stored. */
async function storedForm(deps: PatientWebDeps, { visit, caller, request }: At): Promise<FormModel> {
  const opened = await openPatientForm(deps.forms, caller);
  return patientFormModel(visit, opened, { now: deps.now(), lang: languageOf(request) });
}

/** How much is answered; where something stands in the way of sending in, the form says what. */
async function review(deps: PatientWebDeps, at: At): Promise<void> {
  const model = await storedForm(deps, at);
  const engine = createEngine(model, compilePath);
  const { remaining, problems } = checked(engine, model.lang);
  if ([...remaining, ...problems].some(({ severity }) => severity === 'error')) {
    showForm(deps, at, { ...model, isAttempted: true }, 422);
    return;
  }
  show(
    deps,
    at.response,
    { form: `${patientTexts[model.lang].reviewTitle}: ${model.title}` },
    <ReviewPage model={reviewModel(engine, model)} />,
  );
}

/** [Send inn besvarelsen], of the version that was shown. */
async function sendIn(deps: PatientWebDeps, at: At): Promise<void> {
  const model = await storedForm(deps, at);
  if (field(at.request, fields.version) !== (model.version ?? '')) {
    showForm(deps, at, model, 412);
    return;
  }
  await complete(deps, at, model);
}

async function endVisit(
  deps: PatientWebDeps,
  request: Request,
  response: Response,
  how: 'sent-in' | 'left',
  known?: PatientVisit,
): Promise<void> {
  const { access, cookies } = deps;
  const token = readCookie(request.headers, names(cookies).session);
  const visit = known ?? (await visitOf(deps, request));
  if (token !== undefined && visit !== undefined) {
    await access.leave(token, visit, how);
  }
  response.append('Set-Cookie', cookies.clear(names(cookies).session));
}

/** The browser's own saving: version and time, 412 when it was saved elsewhere in between. */
async function saveDraft(deps: PatientWebDeps, request: Request, response: Response): Promise<void> {
  const visit = await visitOf(deps, request);
  const draft = parseJson(String(request.body)) as { readonly response?: QuestionnaireResponse } | null;
  if (visit === undefined || draft?.response?.resourceType !== 'QuestionnaireResponse') {
    response.status(visit === undefined ? 401 : 400).json({});
    return;
  }
  const ifMatch = /^(?:W\/)?"([^"]+)"$/.exec(request.get('if-match') ?? '')?.[1];
  const isStale = visit.principal.response !== undefined && ifMatch === undefined;
  try {
    const saved = isStale
      ? undefined
      : await savePatientForm(deps.forms, callerOf(visit, response), {
          response: draft.response,
          status: 'in-progress',
          ifMatch,
        });
    if (saved === undefined) {
      await sayConflict(deps, request, response);
      return;
    }
    response
      .set('ETag', `W/"${saved.versionId ?? ''}"`)
      .json({ version: saved.versionId, at: saved.lastUpdated });
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
    if (cause.status === 412) {
      await sayConflict(deps, request, response);
      return;
    }
    response.status(cause.status).json({ version: '', at: '' });
  }
}

/** Which version stands now, so that the browser can put its own over it when the patient wants so. */
async function sayConflict(deps: PatientWebDeps, request: Request, response: Response): Promise<void> {
  const visit = await visitOf(deps, request);
  const stored = visit && (await openPatientForm(deps.forms, callerOf(visit, response)));
  response.status(412).json({ version: stored?.version ?? '', at: stored?.savedAt ?? '' });
}

const addressOf = (request: Request): string => request.ip ?? '';
