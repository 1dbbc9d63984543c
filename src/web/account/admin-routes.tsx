/**
 * User administration [Brukere]: applications to decide, roles to renew or end, messages that did not arrive. For
 * coordinators, in a fresh session.
 */
import { Router, type Request, type Response } from 'express';
import type { StaffPrincipal } from '../../access/principal.ts';
import { readForm } from '../../smart/form-post.ts';
import {
  listApplications,
  readApplication,
  type StoredApplication,
} from '../../smart/people/applications.ts';
import { approve, refuse } from '../../smart/people/decisions.ts';
import { listGivenUpMessages, sendMessageAgain } from '../../smart/people/given-up-messages.ts';
import { closeAccount, endRole, listRoles, renewRole } from '../../smart/people/role-review.ts';
import { organisationChoices } from '../../smart/people/unit-choices.ts';
import { DecisionPage } from '../pages/account/decision.tsx';
import { GivenUpPage } from '../pages/account/given-up.tsx';
import { UsersPage } from '../pages/account/users.tsx';
import { languageOf } from '../language.ts';
import { type UsersTexts, usersTexts } from '../ui/users-texts.ts';
import type { AccountDeps } from './account-deps.ts';
import { withCoordinator } from './page-access.ts';
import { asked, param, posted, send } from './send.tsx';

type Handler = (
  deps: AccountDeps,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
) => Promise<void>;

export function adminRoutes(deps: AccountDeps): Router {
  const page = (handler: Handler) => (request: Request, response: Response) =>
    withCoordinator(deps, request, response, (principal) => handler(deps, principal, request, response));
  const form = readForm();
  const router = Router();
  router.get('/brukere', page(users));
  router.get('/brukere/soknader/:id', page(application));
  router.post('/brukere/soknader/:id', form, page(decide));
  router.get('/brukere/meldinger', page(givenUp));
  router.post('/brukere/meldinger/:id', form, page(again));
  router.post('/brukere/:username/forny', form, page(change(renewRole, 'fornyet')));
  router.post('/brukere/:username/avslutt', form, page(change(endRole, 'avsluttet')));
  router.post('/brukere/:username/steng', form, page(close));
  return router;
}

const users: Handler = async (deps, principal, request, response) => {
  const { people } = deps;
  const t = usersTexts[languageOf(request)];
  const [applications, roles, messages] = await Promise.all([
    listApplications(people, principal),
    listRoles(people, principal),
    principal.role === 'SC' ? listGivenUpMessages(people, principal) : undefined,
  ]);
  const nameOf = async (unit: string | undefined): Promise<string> =>
    unit === undefined ? t.national : ((await people.units.unit(unit))?.name ?? unit);
  await send(deps, request, response, {
    title: t.title,
    width: 'wide',
    nav: 'users',
    children: (
      <UsersPage
        applications={await Promise.all(
          applications.map(async (one) => ({ ...one, unitName: await wishedUnit(deps, one, t) })),
        )}
        roles={await Promise.all(
          roles.map(async (one) => ({ ...one, unitName: await nameOf(one.role.unit) })),
        )}
        sought={asked(request, 'sok')?.trim() ?? ''}
        givenUp={messages?.filter(({ state }) => state === 'open').length}
        status={asked(request, 'status')}
      />
    ),
  });
};

const givenUp: Handler = async (deps, principal, request, response) =>
  send(deps, request, response, {
    title: usersTexts[languageOf(request)].givenUp,
    width: 'wide',
    nav: 'users',
    children: (
      <GivenUpPage
        messages={await listGivenUpMessages(deps.people, principal)}
        status={asked(request, 'status')}
      />
    ),
  });

const again: Handler = async (deps, principal, request, response) => {
  await sendMessageAgain(deps.people, principal, param(request, 'id'));
  response.redirect(303, '/brukere/meldinger?status=igjen');
};

const application: Handler = async (deps, principal, request, response) =>
  showApplication(
    deps,
    await readApplication(deps.people, principal, param(request, 'id')),
    request,
    response,
  );

async function showApplication(
  deps: AccountDeps,
  found: StoredApplication,
  request: Request,
  response: Response,
  problem?: string,
): Promise<void> {
  const { people } = deps;
  const t = usersTexts[languageOf(request)];
  const employer = found.employer === undefined ? undefined : await people.units.unit(found.employer);
  await send(deps, request, response, {
    title: t.application,
    nav: 'users',
    ...(problem !== undefined && { status: 422 }),
    children: (
      <DecisionPage
        application={found}
        employer={employer?.name ?? found.employerText ?? ''}
        unit={await wishedUnit(deps, found, t)}
        register={people.registers.get(found.register) ?? found.register}
        organisations={organisationChoices(await people.units.all())}
        problem={problem}
      />
    ),
  });
}

async function wishedUnit(
  { people }: AccountDeps,
  { unit, role }: StoredApplication,
  t: UsersTexts,
): Promise<string> {
  if (unit !== undefined) {
    return (await people.units.unit(unit))?.name ?? unit;
  }
  return role === 'SC' ? t.national : t.notListed;
}

const decide: Handler = async (deps, principal, request, response) => {
  const id = param(request, 'id');
  const reason = posted(request, 'grunn');
  const isApproved = posted(request, 'svar') === 'ja';
  const unit = posted(request, 'avdeling');
  const found = await readApplication(deps.people, principal, id);
  if (!isApproved && reason === '') {
    await showApplication(deps, found, request, response, 'grunn');
    return;
  }
  if (isApproved && found.unit === undefined && found.role !== 'SC' && unit === '') {
    await showApplication(deps, found, request, response, 'avdeling');
    return;
  }
  await (isApproved
    ? approve(deps.people, principal, id, { reason: reason || undefined, unit: unit || undefined })
    : refuse(deps.people, principal, id, reason));
  response.redirect(303, `/brukere?status=${isApproved ? 'innvilget' : 'avslatt'}`);
};

const change =
  (act: typeof renewRole, status: string): Handler =>
  async (deps, principal, request, response) => {
    await act(deps.people, principal, param(request, 'username'), posted(request, 'rolle'));
    response.redirect(303, `/brukere?status=${status}`);
  };

const close: Handler = async (deps, principal, request, response) => {
  await closeAccount(deps.people, principal, param(request, 'username'));
  response.redirect(303, '/brukere?status=stengt');
};
