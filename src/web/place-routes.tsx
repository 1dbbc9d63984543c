/** Routes of departments and locations: /avdelinger and /lokasjoner. */
import express, { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { PlaceKind } from '../registry/unit/places.ts';
import { field } from '../smart/form-post.ts';
import type { WebDeps } from './deps.ts';
import type { PlaceProblem, TypedPlace } from './models/places.ts';
import {
  PLACE_ADDRESS,
  PlacePage,
  type PlaceNotice,
  PlacesPage,
  type RefusedPlace,
} from './pages/places.tsx';
import { sendPage } from './respond.tsx';
import { placeTexts } from './ui/place-texts.ts';
import { type WithScreens, screenPage } from './screen-page.ts';

export function placeRoutes(deps: WebDeps): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 20 });
  for (const kind of ['ward', 'site'] as const) {
    const at = PLACE_ADDRESS[kind];
    router.get(
      at,
      screenPage(deps, (...args) => list(kind, args)),
    );
    router.post(
      at,
      form,
      screenPage(deps, (...args) => add(kind, args)),
    );
    router.get(
      `${at}/:id`,
      screenPage(deps, (...args) => one(kind, args)),
    );
    router.post(
      `${at}/:id`,
      form,
      screenPage(deps, (...args) => change(kind, args)),
    );
    router.post(
      `${at}/:id/slett`,
      form,
      screenPage(deps, (...args) => remove(kind, args)),
    );
  }
  return router;
}

type Args = readonly [deps: WithScreens, principal: StaffPrincipal, request: Request, response: Response];

const NOTICES: readonly PlaceNotice[] = ['added', 'saved', 'removed'];

const list = (kind: PlaceKind, args: Args): Promise<void> => showList(kind, args);

async function showList(
  kind: PlaceKind,
  [deps, principal, request, response]: Args,
  refused?: RefusedPlace,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.places.list(principal, kind);
  const notice = NOTICES.find((one) => one === request.query['status']);
  sendPage(deps, response, {
    frame,
    status: refused === undefined ? 200 : 422,
    title: placeTexts[frame.lang].title[kind],
    nav: kind === 'ward' ? 'wards' : 'sites',
    children: (
      <PlacesPage model={model} refused={refused} notice={refused === undefined ? notice : undefined} />
    ),
  });
}

async function add(kind: PlaceKind, args: Args): Promise<void> {
  const [deps, principal, request, response] = args;
  const typed = typedPlace(request);
  await trying(
    () => deps.screens.places.add(principal, kind, { ...typed, isActive: true }),
    (problems) => showList(kind, args, { typed, problems }),
    () => response.redirect(303, `${PLACE_ADDRESS[kind]}?status=added`),
  );
}

const one = (kind: PlaceKind, args: Args): Promise<void> => showOne(kind, args);

async function showOne(
  kind: PlaceKind,
  [deps, principal, request, response]: Args,
  refused?: RefusedPlace,
): Promise<void> {
  const frame = await deps.frame(request, principal);
  const place = await deps.screens.places.one(principal, kind, idOf(request));
  sendPage(deps, response, {
    frame,
    status: refused === undefined ? 200 : 422,
    title: placeTexts[frame.lang].edit[kind],
    width: 'narrow',
    nav: kind === 'ward' ? 'wards' : 'sites',
    children: <PlacePage kind={kind} place={place} refused={refused} />,
  });
}

async function change(kind: PlaceKind, args: Args): Promise<void> {
  const [deps, principal, request, response] = args;
  const typed = typedPlace(request);
  const target = { id: idOf(request), version: field(request, 'versjon') };
  await trying(
    () => deps.screens.places.change(principal, kind, target, typed),
    (problems) => showOne(kind, args, { typed, problems }),
    () => response.redirect(303, `${PLACE_ADDRESS[kind]}?status=saved`),
  );
}

async function remove(kind: PlaceKind, args: Args): Promise<void> {
  const [deps, principal, request, response] = args;
  const { screens } = deps;
  const typed = await screens.places.one(principal, kind, idOf(request));
  await trying(
    () => screens.places.remove(principal, kind, idOf(request)),
    (problems) => showOne(kind, args, { typed, problems }),
    () => response.redirect(303, `${PLACE_ADDRESS[kind]}?status=removed`),
  );
}

const PROBLEMS: readonly PlaceProblem[] = [
  'place-name',
  'place-alias',
  'place-resh',
  'place-name-taken',
  'place-alias-taken',
  'place-used',
];

/** Do it; what the rules refuse is shown where it was typed, everything else is an error page. */
async function trying(
  act: () => Promise<void>,
  refuse: (problems: readonly PlaceProblem[]) => Promise<void>,
  done: () => void,
): Promise<void> {
  try {
    await act();
  } catch (cause) {
    const problems = problemsOf(cause);
    if (problems.length === 0) {
      throw cause;
    }
    await refuse(problems);
    return;
  }
  done();
}

function problemsOf(cause: unknown): readonly PlaceProblem[] {
  if (!(cause instanceof FhirError)) {
    return [];
  }
  const rules = cause.issues.map(({ rule }) => rule);
  return cause.status === 412 ? ['place-changed'] : PROBLEMS.filter((problem) => rules.includes(problem));
}

const typedPlace = (request: Request): TypedPlace => ({
  name: field(request, 'navn').trim(),
  alias: field(request, 'visningsnavn').trim(),
  resh: field(request, 'resh').replaceAll(/\s/g, ''),
  isActive: field(request, 'aktiv') !== 'nei',
});

const idOf = ({ params }: Request): string => String(params['id']);
