/**
 * Pages for those who are not in yet: application [Ny bruker], second step of the login, forgotten password; and the one
 * where people show again who they are.
 */
import { Router, type Request, type Response } from 'express';
import { readCookie } from '../../smart/cookies.ts';
import { readForm } from '../../smart/form-post.ts';
import { PENDING_MINUTES } from '../../smart/login/pending-logins.ts';
import { apply } from '../../smart/people/applications.ts';
import { checkFields, type Choices, type Fields, readFields } from '../../smart/people/application-form.ts';
import { askForCode, resetPassword } from '../../smart/people/forgotten-password.ts';
import { organisationChoices } from '../../smart/people/unit-choices.ts';
import { ApplicationPage, ApplicationSentPage } from '../pages/account/application.tsx';
import { ForgottenPage, NewPasswordPage } from '../pages/account/forgotten.tsx';
import { SecondStepPage, StepUpPage } from '../pages/account/second-step.tsx';
import { languageOf } from '../language.ts';
import { localPath } from '../respond.tsx';
import { accountPageTexts } from '../ui/account-page-texts.ts';
import { applicationTexts } from '../ui/application-texts.ts';
import type { AccountDeps } from './account-deps.ts';
import { withSession } from './page-access.ts';
import { asked, posted, send } from './send.tsx';

export function publicRoutes(deps: AccountDeps): Router {
  const router = Router();
  router.get('/ny-bruker', (request, response) => applicationForm(deps, request, response));
  router.post('/ny-bruker', readForm(), (request, response) => takeApplication(deps, request, response));
  router.get('/ny-bruker/sendt', (request, response) =>
    send(deps, request, response, {
      title: applicationTexts[languageOf(request)].sent,
      children: <ApplicationSentPage />,
    }),
  );
  router.get('/logg-inn/bekreft', (request, response) => secondStep(deps, request, response));
  router.get('/bekreft-deg', (request, response) => stepUp(deps, request, response));
  router.get('/glemt-passord', (request, response) => forgotten(deps, request, response));
  router.post('/glemt-passord', readForm(), (request, response) => askCode(deps, request, response));
  router.get('/glemt-passord/kode', (request, response) => newPassword(deps, request, response, {}));
  router.post('/glemt-passord/kode', readForm(), (request, response) =>
    takePassword(deps, request, response),
  );
  return router;
}

async function choicesOf({ people }: AccountDeps): Promise<Choices> {
  return { organisations: organisationChoices(await people.units.all()), registers: people.registers };
}

/** First the organisation, then the rest: the departments to choose from depend on it, also without a script. */
async function applicationForm(deps: AccountDeps, request: Request, response: Response): Promise<void> {
  const session = await deps.smart.sessionOf(request);
  const fields = readFields(request.query as Readonly<Record<string, unknown>>);
  await send(deps, request, response, {
    title: applicationTexts[languageOf(request)].pageTitle,
    children: (
      <ApplicationPage
        choices={await choicesOf(deps)}
        fields={session?.kind === 'staff' ? { ...fields, ...ownFields(session.account) } : fields}
        problems={request.query['organisasjon'] === '' ? { organisasjon: 'mangler' } : {}}
        isKnown={session?.kind === 'staff'}
      />
    ),
  });
}

function ownFields({
  username,
  name,
  mobile = '',
  email = '',
  position = '',
}: {
  readonly username: string;
  readonly name: string;
  readonly mobile?: string | undefined;
  readonly email?: string | undefined;
  readonly position?: string | undefined;
}): Partial<Fields> {
  const at = name.lastIndexOf(' ');
  return {
    brukernavn: username,
    fornavn: name.slice(0, Math.max(at, 0)) || name,
    etternavn: name.slice(at + 1),
    mobil: mobile,
    epost: email,
    ...(position !== '' && { stilling: position }),
  };
}

async function takeApplication(deps: AccountDeps, request: Request, response: Response): Promise<void> {
  const choices = await choicesOf(deps);
  const fields = readFields((request.body ?? {}) as Readonly<Record<string, unknown>>);
  const session = await deps.smart.sessionOf(request);
  const account = session?.kind === 'staff' ? session.account : undefined;
  const checked = checkFields(fields, choices);
  const again = (status: number, problems: object, isLimited = false): Promise<void> =>
    send(deps, request, response, {
      title: applicationTexts[languageOf(request)].pageTitle,
      status,
      children: (
        <ApplicationPage
          choices={choices}
          fields={fields}
          problems={problems}
          isKnown={account !== undefined}
          isLimited={isLimited}
        />
      ),
    });
  if ('problems' in checked) {
    await again(422, checked.problems);
    return;
  }
  const wait = await deps.people.limits.takeOther('application', request.ip ?? '');
  if (wait > 0) {
    response.set('Retry-After', String(wait));
    await again(429, {}, true);
    return;
  }
  await apply(deps.people, checked.application, account);
  response.redirect(303, '/ny-bruker/sendt');
}

async function secondStep(deps: AccountDeps, request: Request, response: Response): Promise<void> {
  const { cookies, step } = deps.smart.login;
  const key = readCookie(request.headers, cookies.login);
  const view = key === undefined ? undefined : await step.view(key);
  if (view === undefined) {
    response.redirect(303, '/logg-inn?feil=tid');
    return;
  }
  const wished = asked(request, 'metode');
  await send(deps, request, response, {
    title: accountPageTexts[languageOf(request)].confirmTitle,
    ...(view.methods.includes('passkey') && { extraScript: 'passkey' as const }),
    children: (
      <SecondStepPage
        view={view}
        method={view.methods.find((method) => method === wished) ?? view.methods[0] ?? 'sms'}
        problem={asked(request, 'feil')}
        status={asked(request, 'status')}
      />
    ),
  });
}

const stepUp = (deps: AccountDeps, request: Request, response: Response): Promise<void> =>
  withSession(deps, request, response, (session) =>
    send(deps, request, response, {
      title: accountPageTexts[languageOf(request)].stepUpTitle,
      children: (
        <StepUpPage
          name={session.account.name}
          next={localPath(asked(request, 'neste'))}
          problem={asked(request, 'feil')}
        />
      ),
    }),
  );

const forgotten = (deps: AccountDeps, request: Request, response: Response): Promise<void> =>
  send(deps, request, response, {
    title: accountPageTexts[languageOf(request)].forgottenTitle,
    children: <ForgottenPage problem={asked(request, 'feil')} />,
  });

/** The same answer whoever is asked for. */
async function askCode(deps: AccountDeps, request: Request, response: Response): Promise<void> {
  const { cookies } = deps.smart.login;
  const key = await askForCode(deps.people, posted(request, 'brukernavn'), request.ip ?? '');
  if (key === undefined) {
    response.redirect(303, '/glemt-passord?feil=sperret');
    return;
  }
  response.append('Set-Cookie', cookies.set(cookies.forgotten, key, PENDING_MINUTES * 60));
  response.redirect(303, '/glemt-passord/kode');
}

const newPassword = (
  deps: AccountDeps,
  request: Request,
  response: Response,
  { problem }: { readonly problem?: string },
): Promise<void> =>
  send(deps, request, response, {
    title: accountPageTexts[languageOf(request)].newTitle,
    ...(problem !== undefined && { status: 422 }),
    children: <NewPasswordPage problem={problem} />,
  });

async function takePassword(deps: AccountDeps, request: Request, response: Response): Promise<void> {
  const { cookies } = deps.smart.login;
  const key = readCookie(request.headers, cookies.forgotten);
  if (key === undefined) {
    response.redirect(303, '/glemt-passord');
    return;
  }
  const chosen = posted(request, 'nytt', 'exact');
  const problem =
    chosen === posted(request, 'gjenta', 'exact')
      ? await resetPassword(deps.people, key, { code: posted(request, 'kode'), chosen })
      : ('ulike' as const);
  if (problem !== undefined) {
    await newPassword(deps, request, response, { problem });
    return;
  }
  response.append('Set-Cookie', cookies.clear(cookies.forgotten));
  response.redirect(303, '/logg-inn?status=passord');
}
