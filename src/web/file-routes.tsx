/** Routes of the file archive: /filarkiv, its files, and the code book. */
import { pipeline } from 'node:stream/promises';
import express, { Router, type Request, type Response } from 'express';
import { forbidden } from '../fhir/outcome.ts';
import { FILE_TYPES } from '../registry/publication/register-files.ts';
import { codeBookCsv, extensionOf } from './data/files.ts';
import type { WebDeps } from './deps.ts';
import type { FileProblem } from './models/files.ts';
import { type PostedForm, readMultipart } from './multipart.ts';
import { CodeBookPage } from './pages/code-book.tsx';
import { FilesPage } from './pages/files.tsx';
import { sendPage, sendSettled } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { fileTexts } from './ui/file-texts.ts';

const MOST_BYTES = 20 * 1024 * 1024;

export function fileRoutes(deps: WebDeps): Router {
  const router = Router();
  // a little more than a file may have: a larger one is told so on the page
  const body = express.raw({ type: 'multipart/form-data', limit: MOST_BYTES + 1024 * 1024 });
  router.get('/filarkiv', screenPage(deps, list));
  router.post('/filarkiv', coordinatorsOnly(deps), body, screenPage(deps, add));
  router.get('/filarkiv/kodebok', screenPage(deps, book));
  router.get('/filarkiv/kodebok.csv', screenPage(deps, bookFile));
  router.get('/filarkiv/datadump/:table.csv', screenPage(deps, dump));
  router.get('/filarkiv/fil/:id', screenPage(deps, download));
  router.post('/filarkiv/fil/:id/slett', screenPage(deps, remove));
  return router;
}

/** Before so much is read into memory: only who may add a file is listened to. */
const coordinatorsOnly =
  (deps: WebDeps) =>
  async (request: Request, response: Response, next: () => void): Promise<void> => {
    if ((await deps.sessionOf(request))?.role === 'SC') {
      next();
      return;
    }
    await screenPage(deps, () => Promise.reject(forbidden('Filer legges ut av registerleder (SC).', 'role')))(
      request,
      response,
    );
  };

interface Refused {
  readonly problems: readonly FileProblem[];
  readonly typed: string;
}

const list: ScreenHandler = (...args) => showList(args, { problems: [], typed: '' });

async function showList(
  [deps, principal, request, response]: Parameters<ScreenHandler>,
  { problems, typed }: Refused,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const { status } = request.query;
  const model = await deps.screens.files.list(principal);
  sendPage(deps, response, {
    frame,
    status: problems.length === 0 ? 200 : 422,
    title: fileTexts[frame.lang].title,
    nav: 'files',
    children: (
      <FilesPage
        model={model}
        problems={problems}
        typed={typed}
        notice={status === 'added' || status === 'removed' ? status : undefined}
      />
    ),
  });
}

const add: ScreenHandler = async (...args) => {
  const [deps, principal, request, response] = args;
  const posted = readMultipart(request.body, request.get('content-type'));
  const title = (posted.fields['tittel'] ?? '').trim();
  const problems = problemsOf(posted, title);
  const file = posted.files['fil'];
  if (problems.length > 0 || file === undefined) {
    await showList(args, { problems, typed: title });
    return;
  }
  await deps.screens.files.add(principal, { title, name: plainName(file.name), data: file.data });
  response.redirect(303, '/filarkiv?status=added');
};

function problemsOf({ files: { fil } }: PostedForm, title: string): readonly FileProblem[] {
  const checks: readonly (readonly [boolean, FileProblem])[] = [
    [title === '', 'title'],
    [fil === undefined || fil.data.length === 0, 'file'],
    [fil !== undefined && fil.data.length > 0 && !FILE_TYPES.has(extensionOf(fil.name)), 'kind'],
    [fil !== undefined && fil.data.length > MOST_BYTES, 'size'],
  ];
  return checks.flatMap(([isWrong, problem]) => (isWrong ? [problem] : []));
}

/** A name without a path and without what would end a header. */
const plainName = (name: string): string =>
  (name.split(/[/\\]/).at(-1) ?? '').replaceAll(/[^\p{L}\p{N}._ ()-]/gu, '_').slice(-120);

const remove: ScreenHandler = async (deps, principal, request, response) => {
  await deps.screens.files.remove(principal, idOf(request));
  response.redirect(303, '/filarkiv?status=removed');
};

/** Never shown as a page of ours: downloaded, and it runs nothing. */
const download: ScreenHandler = async (deps, principal, request, response) => {
  const { name, contentType, data } = await deps.screens.files.content(principal, idOf(request));
  sendSettled(deps, response, () => {
    response
      .attachment(name)
      .set('Content-Type', contentType)
      .set('Content-Security-Policy', "sandbox; default-src 'none'")
      .send(data);
  });
};

const book: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.files.codeBook(principal);
  sendPage(deps, response, {
    frame,
    title: fileTexts[frame.lang].codeBook,
    nav: 'files',
    children: <CodeBookPage model={model} />,
  });
};

const bookFile: ScreenHandler = async (deps, principal, _request, response) => {
  const { lines, madeOn } = await deps.screens.files.codeBook(principal);
  sendSettled(deps, response, () => {
    response
      .attachment(`kodebok-${principal.register}-${madeOn}.csv`)
      .set('Content-Type', 'text/csv; charset=utf-8')
      .send(Buffer.from(codeBookCsv(lines)));
  });
};

/** Sent as it is read: a department's years of data are never held at once. */
const dump: ScreenHandler = async (deps, principal, { params }, response) => {
  const table = String(params['table']);
  const lines = deps.screens.files.dump(principal, table);
  response.attachment(`${principal.register}-${table}.csv`).set('Content-Type', 'text/csv; charset=utf-8');
  await pipeline(lines, response);
};

const idOf = ({ params }: Request): string => String(params['id']);
