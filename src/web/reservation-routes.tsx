/** Routes on which a reservation is stated, confirmed by a letter, and taken back. Numbers are posted, never in an address. */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError } from '../fhir/outcome.ts';
import { systemOfNumber } from '../fhir/identifiers.ts';
import { parseDateText } from '../sdc/dates.ts';
import type { WhoReserves } from './data/reservation.ts';
import type { WebDeps } from './deps.ts';
import { languageOf } from './language.ts';
import {
  type RefusedReservation,
  ReservationLetterPage,
  ReservationPage,
  TakeBackPage,
  TakenBackPage,
} from './pages/reservation.tsx';
import { type PageProps, sendPage, withStaff } from './respond.tsx';
import { reservationTexts } from './ui/reservation-texts.ts';

type Handler = (
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
) => Promise<void>;

export function reservationRoutes(deps: WebDeps): Router {
  const staff = (handler: Handler) => (request: Request, response: Response) =>
    withStaff(deps, request, response, (principal, own) => handler(own, principal, request, response));
  const form = express.urlencoded({ extended: false, limit: '10kb' });
  const router = Router();
  router.get('/reservasjon', staff(ask));
  router.post('/reservasjon', form, staff(state));
  router.get('/reservasjon/:id', staff(askBack));
  router.post('/reservasjon/:id/opphev', form, staff(takeBack));
  return router;
}

const ask: Handler = async (deps, principal, request, response) => {
  const { pasient } = request.query;
  await showPage(deps, principal, request, response, {
    patient: typeof pasient === 'string' ? pasient : undefined,
  });
};

interface Asked {
  readonly patient: string | undefined;
  readonly refused?: RefusedReservation;
}

async function showPage(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  { patient, refused }: Asked,
): Promise<void> {
  const model = await deps.reservations.page(principal, patient);
  await show(deps, principal, request, response, {
    status: refused === undefined ? 200 : 422,
    title: reservationTexts[languageOf(request)].title,
    children: <ReservationPage model={model} refused={refused} />,
  });
}

async function show(
  deps: WebDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
  page: Pick<PageProps, 'title' | 'children' | 'status'>,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  sendPage(deps, response, { ...page, frame, width: 'narrow', nav: 'reservations' });
}

const state: Handler = async (deps, principal, request, response) => {
  const posted = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => (typeof posted[name] === 'string' ? posted[name].trim() : '');
  const [patient, number, typed] = [text('pasient'), text('nummer').replaceAll(/\s/g, ''), text('dato')];
  const refuse = (problem: RefusedReservation['problem']): Promise<void> =>
    showPage(deps, principal, request, response, {
      patient: patient === '' ? undefined : patient,
      refused: { number, day: typed, problem },
    });
  const { value: day } = parseDateText(typed);
  if (patient === '' && systemOfNumber(number) === undefined) {
    await refuse('number');
    return;
  }
  if (day === undefined) {
    await refuse('day');
    return;
  }
  const who: WhoReserves = patient === '' ? { number } : { patient };
  try {
    const letter = await deps.reservations.state(principal, who, day);
    await show(deps, principal, request, response, {
      title: reservationTexts[languageOf(request)].letterTitle,
      children: <ReservationLetterPage letter={letter} />,
    });
  } catch (cause) {
    const problem = problemOf(cause);
    if (problem === undefined) {
      throw cause;
    }
    await refuse(problem);
  }
};

const PROBLEMS: Readonly<Record<string, RefusedReservation['problem']>> = {
  'reservation-date': 'day',
  'reservation-stated': 'already',
};

const problemOf = (cause: unknown): RefusedReservation['problem'] | undefined =>
  cause instanceof FhirError
    ? cause.issues.map(({ rule = '' }) => PROBLEMS[rule]).find((problem) => problem !== undefined)
    : undefined;

const idOf = ({ params }: Request): string => String(params['id']);

const askBack: Handler = async (deps, principal, request, response) => {
  const line = await deps.reservations.one(principal, idOf(request));
  await show(deps, principal, request, response, {
    title: reservationTexts[languageOf(request)].takeBackTitle,
    children: <TakeBackPage line={line} />,
  });
};

const takeBack: Handler = async (deps, principal, request, response) => {
  await deps.reservations.takeBack(principal, idOf(request));
  await show(deps, principal, request, response, {
    title: reservationTexts[languageOf(request)].takenBack,
    children: <TakenBackPage />,
  });
};
