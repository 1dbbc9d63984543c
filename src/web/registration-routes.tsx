/**
 * Routes of the pages beside the work list: new registration, patient search, deletion of a pathway, delivered registrations.
 * Numbers of persons are posted, never in an address.
 */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { systemOfNumber } from '../fhir/identifiers.ts';
import { FhirError, notFound } from '../fhir/outcome.ts';
import { field } from '../smart/form-post.ts';
import { parseDateText } from '../sdc/dates.ts';
import type { WebDeps } from './deps.ts';
import { languageOf } from './language.ts';
import { NUMBER_TYPES, SEARCH_FIELDS, type FoundPerson } from './models/registration.ts';
import { DeliveredPage } from './pages/delivered.tsx';
import { readDeliveredQuery } from './pages/delivered-query.ts';
import { DeletedPage, DeletionPage } from './pages/deletion.tsx';
import {
  AskNumberPage,
  NewPersonPage,
  type RegistryAnswer,
  type NumberProblem,
  type PersonProblem,
  type TypedNumber,
  type TypedPerson,
} from './pages/new-registration.tsx';
import { PatientSearchPage } from './pages/patient-search.tsx';
import type { RegistrationPages } from './registration-deps.ts';
import { type PageProps, sendPage, sendSettled, withStaff } from './respond.tsx';
import { workbenchTexts } from './ui/workbench-texts.ts';

/** One request of somebody at work. */
interface Visit {
  readonly deps: WebDeps;
  readonly pages: RegistrationPages;
  readonly principal: StaffPrincipal;
  readonly request: Request;
  readonly response: Response;
}

export function registrationRoutes(deps: WebDeps): Router {
  const staff = (handler: (visit: Visit) => Promise<void>) => (request: Request, response: Response) =>
    withStaff(deps, request, response, async (principal, own) => {
      if (own.registration === undefined) {
        throw notFound('page', request.path);
      }
      await handler({ deps: own, pages: own.registration, principal, request, response });
    });
  const form = express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 20 });
  const router = Router();
  router.get('/ny-registrering', staff(askNumber));
  router.post('/ny-registrering', form, staff(find));
  router.post('/ny-registrering/opprett', form, staff(register));
  router.post('/pasient/:id/ny-registrering', form, staff(start));
  router.get('/pasientsok', staff(askSearch));
  router.post('/pasientsok', form, staff(search));
  router.get('/forlop/:id/slett', staff(askDeletion));
  router.post('/forlop/:id/slett', form, staff(remove));
  router.get('/innleverte', staff(delivered));
  router.get('/innleverte.csv', staff(deliveredFile));
  return router;
}

async function show(
  { deps, request, response, principal }: Visit,
  page: Pick<PageProps, 'title' | 'children'> & Partial<PageProps>,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, { ...page, frame });
}

const textsOf = ({ request }: Visit) => workbenchTexts[languageOf(request)];
const idOf = ({ request }: Visit): string => String(request.params['id']);

/* New registration */

async function askNumber(visit: Visit): Promise<void> {
  visit.pages.requireStartable(visit.principal);
  await showAskNumber(visit, { type: undefined, number: '' }, []);
}

/** In a launch the patient is given already. */
const mayLaunch = ({ deps, principal, request }: Visit): boolean =>
  principal.launch === undefined && (deps.ehrs?.(languageOf(request)) ?? []).length > 0;

async function showAskNumber(
  visit: Visit,
  typed: TypedNumber,
  problems: readonly NumberProblem[],
): Promise<void> {
  await show(visit, {
    title: textsOf(visit).newRegistration,
    nav: 'new-registration',
    width: 'narrow',
    status: problems.length === 0 ? 200 : 422,
    children: <AskNumberPage typed={typed} problems={problems} mayLaunch={mayLaunch(visit)} />,
  });
}

function typedNumber({ request }: Visit): TypedNumber {
  const type = NUMBER_TYPES.find((one) => one === field(request, 'type'));
  const text = field(request, 'nummer').trim();
  return { type, number: type === 'annet' ? text : text.replaceAll(/[ .-]/g, '') };
}

/** Why a number is not taken; nothing when it may be looked up. */
function numberProblems({ type, number }: TypedNumber): readonly NumberProblem[] {
  if (type === undefined) {
    return ['type'];
  }
  if (number === '') {
    return ['missing'];
  }
  const isNational = systemOfNumber(number.replaceAll(/[ .-]/g, '')) !== undefined;
  if (type === 'norsk') {
    return isNational ? [] : ['wrong'];
  }
  return isNational ? ['national'] : [];
}

async function find(visit: Visit): Promise<void> {
  const typed = typedNumber(visit);
  const { type, number } = typed;
  const problems = numberProblems(typed);
  if (type === undefined || problems.length > 0) {
    await showAskNumber(visit, typed, problems);
    return;
  }
  const found = await visit.pages.find(visit.principal, { type, number });
  if (found.kind === 'known') {
    visit.response.redirect(303, `/pasient/${found.patient}`);
    return;
  }
  await showNewPerson(visit, { type, number, module: '', ...personOf(found) }, [], found);
}

const personOf = ({
  given = '',
  family = '',
  birthDate = '',
}: Extract<FoundPerson, { kind: 'unknown' }>): Pick<TypedPerson, 'given' | 'family' | 'birthDate'> => ({
  given,
  family,
  birthDate,
});

async function showNewPerson(
  visit: Visit,
  typed: TypedPerson,
  problems: readonly PersonProblem[],
  answer: RegistryAnswer = {},
): Promise<void> {
  await show(visit, {
    title: textsOf(visit).newPatient,
    nav: 'new-registration',
    width: 'narrow',
    status: problems.length === 0 ? 200 : 422,
    children: (
      <NewPersonPage
        typed={typed}
        problems={problems}
        answer={answer}
        modules={visit.pages.modules(visit.principal)}
      />
    ),
  });
}

async function register(visit: Visit): Promise<void> {
  const { request, pages, principal, response } = visit;
  const typedAs = typedNumber(visit);
  const { type, number } = typedAs;
  if (type === undefined || numberProblems(typedAs).length > 0) {
    await showAskNumber(visit, typedAs, numberProblems(typedAs));
    return;
  }
  const text = (name: string): string => field(request, name).trim();
  const typed = {
    type,
    number,
    given: text('fornavn'),
    family: text('etternavn'),
    birthDate: text('fodselsdato'),
    module: text('modul'),
  };
  const { value: birthDate } = parseDateText(typed.birthDate);
  const isDay = birthDate !== undefined && birthDate <= pages.today();
  const modules = pages.modules(principal);
  const isChosen = modules.length === 0 || modules.some(({ id }) => id === typed.module);
  const problems = personProblems(typed, { isDay, isChosen });
  if (problems.length > 0) {
    await showNewPerson(visit, typed, problems);
    return;
  }
  const { birthDate: _typed, ...person } = typed;
  const task = await pages.register(principal, {
    ...person,
    ...(birthDate !== undefined && { birthDate }),
  });
  response.redirect(303, `/skjema/${task}`);
}

/** Somebody without a Norwegian number may be registered before the birth date is known. */
function personProblems(
  { type, given, family, birthDate }: TypedPerson,
  { isDay, isChosen }: { readonly isDay: boolean; readonly isChosen: boolean },
): readonly PersonProblem[] {
  const isLeftOut = birthDate === '' && type === 'annet';
  return [
    ...(given === '' ? ['given' as const] : []),
    ...(family === '' ? ['family' as const] : []),
    ...(isLeftOut || isDay ? [] : ['birthDate' as const]),
    ...(isChosen ? [] : ['module' as const]),
  ];
}

async function start(visit: Visit): Promise<void> {
  const task = await visit.pages.start(visit.principal, idOf(visit), field(visit.request, 'modul'));
  visit.response.redirect(303, `/skjema/${task}`);
}

/* Patient search */

const askSearch = (visit: Visit): Promise<void> => showSearch(visit, {});

async function showSearch(visit: Visit, found: Parameters<typeof PatientSearchPage>[0]): Promise<void> {
  await show(visit, {
    title: textsOf(visit).searchTitle,
    nav: 'search',
    status: found.isEmpty === true ? 422 : 200,
    children: <PatientSearchPage {...found} />,
  });
}

async function search(visit: Visit): Promise<void> {
  const filled = SEARCH_FIELDS.map((name) => ({ field: name, text: field(visit.request, name).trim() })).find(
    ({ text }) => text !== '',
  );
  if (filled === undefined) {
    await showSearch(visit, { isEmpty: true });
    return;
  }
  await showSearch(visit, { query: filled, hits: await visit.pages.search(visit.principal, filled) });
}

/* Deletion of a pathway */

async function askDeletion(visit: Visit): Promise<void> {
  const model = await visit.pages.deletion(visit.principal, idOf(visit));
  await show(visit, {
    title: textsOf(visit).deleteTitle,
    width: 'narrow',
    nav: 'work-list',
    status: model.locked.length === 0 ? 200 : 409,
    children: <DeletionPage model={model} />,
  });
}

async function remove(visit: Visit): Promise<void> {
  try {
    await visit.pages.deletePathway(visit.principal, idOf(visit));
  } catch (cause) {
    if (cause instanceof FhirError && cause.issues.some(({ rule }) => rule === 'pathway-locked-form')) {
      await askDeletion(visit);
      return;
    }
    throw cause;
  }
  await show(visit, {
    title: textsOf(visit).deleted,
    width: 'narrow',
    nav: 'work-list',
    children: <DeletedPage />,
  });
}

/* Delivered registrations */

const deliveredQuery = ({ request }: Visit) =>
  readDeliveredQuery(new URL(request.originalUrl, 'http://localhost').searchParams);

async function delivered(visit: Visit): Promise<void> {
  const model = await visit.pages.delivered(visit.principal, deliveredQuery(visit));
  await show(visit, {
    title: textsOf(visit).deliveredTitle,
    nav: 'delivered',
    extraScript: 'print',
    children: <DeliveredPage model={model} />,
  });
}

async function deliveredFile(visit: Visit): Promise<void> {
  const { deps, pages, principal, response } = visit;
  const text = await pages.deliveredCsv(principal, deliveredQuery(visit));
  sendSettled(deps, response, () => {
    response.set('Content-Disposition', 'attachment; filename="innleverte-registreringer.csv"');
    response.type('text/csv; charset=utf-8').send(text);
  });
}
