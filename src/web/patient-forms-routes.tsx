/** Routes of [Pasientregistreringer]: the list, one pathway's forms, and what is done with them. */
import { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError, notFound } from '../fhir/outcome.ts';
import { CONTACT_METHODS } from '../registry/sending/channel.ts';
import { field, readForm } from '../smart/form-post.ts';
import type { WebDeps } from './deps.ts';
import { languageOf } from './language.ts';
import type { PatientFormPages } from './models/patient-forms.ts';
import { PATIENT_FORMS, PatientFormsPage } from './pages/patient-forms.tsx';
import { type Done, PatientFormsOfOnePage, type Refused } from './pages/patient-forms-of-one.tsx';
import { sendPage, withStaff } from './respond.tsx';
import { patientFormsTexts } from './ui/patient-forms-texts.ts';

interface Visit {
  readonly deps: WebDeps;
  readonly pages: PatientFormPages;
  readonly principal: StaffPrincipal;
  readonly request: Request;
  readonly response: Response;
}

export function patientFormsRoutes(deps: WebDeps): Router {
  const staff = (handler: (visit: Visit) => Promise<void>) => (request: Request, response: Response) =>
    withStaff(deps, request, response, async (principal, own) => {
      const pages = own.patientForms?.(principal);
      if (pages === undefined) {
        throw notFound('page', request.path);
      }
      await handler({ deps: own, pages, principal, request, response });
    });
  const form = readForm();
  const router = Router();
  router.get(PATIENT_FORMS, staff(list));
  router.get(`${PATIENT_FORMS}/:episode`, staff(one));
  router.post(`${PATIENT_FORMS}/:episode/stopp`, form, staff(stop));
  router.post(`${PATIENT_FORMS}/:episode/bestill`, form, staff(order));
  router.post(`${PATIENT_FORMS}/:episode/besvar`, form, staff(close));
  return router;
}

const episodeOf = ({ request }: Visit): string => String(request.params['episode']);

async function list({ deps, pages, principal, request, response }: Visit): Promise<void> {
  const { modul, vis, side } = request.query;
  const page = typeof side === 'string' && /^[1-9][0-9]{0,3}$/.test(side) ? Number(side) : 1;
  const model = await pages.list({
    ...(typeof modul === 'string' && { module: modul }),
    show: vis === 'all' ? 'all' : 'waiting',
    page,
  });
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    title: patientFormsTexts[languageOf(request)].title,
    nav: 'patient-forms',
    children: <PatientFormsPage model={model} />,
  });
}

const DONE: Readonly<Record<string, Done>> = {
  stoppet: 'stopped',
  bestilt: 'ordered',
  besvart: 'closed',
};

async function one(visit: Visit): Promise<void> {
  const { gjort } = visit.request.query;
  await showOne(visit, typeof gjort === 'string' ? DONE[gjort] : undefined);
}

async function showOne(visit: Visit, done: Done | undefined, refused?: Refused): Promise<void> {
  const { deps, pages, principal, request, response } = visit;
  const model = await pages.one(episodeOf(visit));
  sendPage(deps, response, {
    frame: await deps.frame(request, principal),
    status: refused === undefined ? 200 : 422,
    title: patientFormsTexts[languageOf(request)].title,
    nav: 'patient-forms',
    children: <PatientFormsOfOnePage model={model} done={done} refused={refused} />,
  });
}

async function stop(visit: Visit): Promise<void> {
  const reason = field(visit.request, 'arsak');
  const problems = reason === '' ? ['reason-of-list'] : [];
  await carryOut(visit, 'stop', problems, 'stoppet', () => visit.pages.stop(episodeOf(visit), reason));
}

async function close(visit: Visit): Promise<void> {
  const reason = field(visit.request, 'arsak');
  const problems = reason === '' ? ['reason-of-list'] : [];
  await carryOut(visit, 'close', problems, 'besvart', () => visit.pages.close(episodeOf(visit), reason));
}

async function order(visit: Visit): Promise<void> {
  const tasks = fields(visit.request, 'skjema');
  const method = CONTACT_METHODS.find((one) => one === field(visit.request, 'metode'));
  const problems = [
    ...(tasks.length === 0 ? ['no-form'] : []),
    ...(method === undefined ? ['no-method'] : []),
  ];
  await carryOut(visit, 'order', problems, 'bestilt', () =>
    visit.pages.order(episodeOf(visit), { tasks, method: method ?? 'secure' }),
  );
}

/** All values of a field. */
function fields({ body }: Request, name: string): readonly string[] {
  const value: unknown = (body as Readonly<Record<string, unknown>> | undefined)?.[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string' && one !== '') as readonly string[];
}

/** Do it and come back to the page; what is refused is said on it. */
async function carryOut(
  visit: Visit,
  part: Refused['part'],
  problems: readonly string[],
  done: string,
  run: () => Promise<void>,
): Promise<void> {
  if (problems.length > 0) {
    await showOne(visit, undefined, { part, problems });
    return;
  }
  try {
    await run();
  } catch (cause) {
    const refused = problemsOf(cause);
    if (refused === undefined) {
      throw cause;
    }
    await showOne(visit, undefined, { part, problems: refused });
    return;
  }
  visit.response.redirect(303, `${PATIENT_FORMS}/${encodeURIComponent(episodeOf(visit))}?gjort=${done}`);
}

function problemsOf(cause: unknown): readonly string[] | undefined {
  if (!(cause instanceof FhirError)) {
    return undefined;
  }
  if (cause.status === 412) {
    return ['conflict'];
  }
  return cause.status === 422
    ? [...new Set(cause.issues.map(({ rule, diagnostics }) => rule ?? diagnostics))]
    : undefined;
}
