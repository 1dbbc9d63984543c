/**
 * One's own account [Min side]: details, password, second factors, sessions. What changes a way in needs a fresh session.
 */
import { json, Router, type Request, type Response } from 'express';
import { readCookie } from '../../smart/cookies.ts';
import { readForm } from '../../smart/form-post.ts';
import { factorsOf } from '../../smart/login/factors.ts';
import { recoveryCodesLeft } from '../../smart/login/recovery-codes.ts';
import {
  changePassword,
  confirmContact,
  confirmPasskey,
  confirmTotp,
  dropFactor,
  endEverything,
  endSession,
  proposeContact,
  proposePasskey,
  proposeTotp,
  readTotpProposal,
  renewRecoveryCodes,
} from '../../smart/people/own-account.ts';
import { daysLeft, lastDay } from '../../smart/people/dates.ts';
import type { RoleAssignment } from '../../smart/ports.ts';
import type { StaffSession } from '../../smart/principal.ts';
import type { ShownFactor } from '../../smart/sessions.ts';
import { ContactPage } from '../pages/account/contact.tsx';
import { OwnPasswordPage } from '../pages/account/own-password.tsx';
import { OwnPage } from '../pages/account/own-page.tsx';
import { RecoveryCodesPage, TotpPage } from '../pages/account/totp.tsx';
import { languageOf } from '../language.ts';
import { accountPageTexts } from '../ui/account-page-texts.ts';
import { ownPageTexts } from '../ui/own-page-texts.ts';
import { browserName } from '../ui/browser-name.ts';
import type { EndsSoon } from '../view-models.ts';
import type { AccountDeps } from './account-deps.ts';
import { withFreshSession, withSession } from './page-access.ts';
import { asked, posted, send } from './send.tsx';

const HOME = '/min-side';
type Handler = (
  deps: AccountDeps,
  session: StaffSession,
  request: Request,
  response: Response,
) => Promise<void>;

export function ownRoutes(deps: AccountDeps): Router {
  const own = (handler: Handler) => (request: Request, response: Response) =>
    withSession(deps, request, response, (session) => handler(deps, session, request, response));
  const fresh = (handler: Handler) => (request: Request, response: Response) =>
    withFreshSession(deps, request, response, (session) => handler(deps, session, request, response));
  const form = readForm();
  const router = Router();
  router.get(HOME, own(overview));
  router.get(
    '/min-side/passord',
    own((_deps, session, request, response) => password(deps, session, request, response)),
  );
  router.post('/min-side/passord', form, own(takePassword));
  router.get('/min-side/app', fresh(app));
  router.post('/min-side/app', form, fresh(takeApp));
  router.post('/min-side/passnokkel/valg', fresh(offerPasskey));
  router.post('/min-side/passnokkel', json({ limit: '20kb' }), fresh(takePasskey));
  router.post('/min-side/faktor/fjern', form, fresh(removeFactor));
  router.post('/min-side/gjenoppretting', form, fresh(recoveryCodes));
  router.post('/min-side/okt/avslutt', form, own(stopSession));
  router.post('/min-side/okt/avslutt-alle', form, own(stopEverything));
  for (const field of ['mobil', 'epost'] as const) {
    router.get(`/min-side/${field}`, fresh(contact(field)));
    router.post(`/min-side/${field}`, form, fresh(takeContact(field)));
    router.post(`/min-side/${field}/kode`, form, fresh(takeContactCode(field)));
  }
  return router;
}

const overview: Handler = async (deps, session, request, response) => {
  const { people, smart } = deps;
  const { account } = session;
  const [factors, codesLeft, sessions, logins, methods, apps] = await Promise.all([
    factorsOf(people.db, account.username),
    recoveryCodesLeft(people.db, account.username),
    smart.login.sessions.list(account.username),
    deps.recentLogins(account.username),
    smart.login.step.methodsOf(account),
    smart.apps.grantsOf(account.username),
  ]);
  const today = people.today();
  const roles = await Promise.all(
    session.roles.map(async (role) => ({
      ...role,
      registerName: people.registers.get(role.register) ?? role.register,
      unitName:
        role.unit === undefined ? 'Nasjonalt' : ((await people.units.unit(role.unit))?.name ?? role.unit),
      isActive: role.id === session.practitionerRole,
      endsSoon: endsSoon(role, today),
    })),
  );
  await send(deps, request, response, {
    title: ownPageTexts[languageOf(request)].title,
    extraScript: 'passkey',
    width: 'form',
    children: (
      <OwnPage
        model={{
          account,
          roles,
          factors,
          codesLeft,
          hasSms: methods.includes('sms'),
          apps: apps.length,
          sessions: sessions.map((one) => ({ ...one, isThis: one.id === session.id })),
          logins,
          hurdle: session.hurdle,
        }}
        status={asked(request, 'status')}
        problem={asked(request, 'feil')}
      />
    ),
  });
};

function endsSoon({ until }: RoleAssignment, today: string): EndsSoon | undefined {
  const left = daysLeft(until, today);
  return until === undefined || left === undefined ? undefined : { day: lastDay(until), daysLeft: left };
}

const password = (
  deps: AccountDeps,
  { account }: StaffSession,
  request: Request,
  response: Response,
  problem?: string,
): Promise<void> =>
  send(deps, request, response, {
    title: accountPageTexts[languageOf(request)].change,
    ...(problem !== undefined && { status: 422 }),
    children: (
      <OwnPasswordPage isFirst={account.mustChangePassword} username={account.username} problem={problem} />
    ),
  });

/** Where somebody goes on who was held up: who has one role has chosen it at the login, unless more stands in the way. */
const onwards = ({ practitionerRole, hurdle, account }: StaffSession): string =>
  practitionerRole === undefined || (hurdle === 'factor' && account.mustChangePassword) ? '/velg-rolle' : '/';

const takePassword: Handler = async (deps, session, request, response) => {
  const chosen = posted(request, 'nytt', 'exact');
  const old = posted(request, 'gammelt', 'exact');
  const problem =
    chosen === posted(request, 'gjenta', 'exact')
      ? await changePassword(deps.people, session.account, session.id, { old, chosen })
      : ('ulike' as const);
  if (problem !== undefined) {
    await password(deps, session, request, response, problem);
    return;
  }
  response.redirect(303, session.account.mustChangePassword ? onwards(session) : `${HOME}?status=passord`);
};

const app: Handler = (deps, { account }, request, response) =>
  send(deps, request, response, {
    title: ownPageTexts[languageOf(request)].addApp,
    children: <TotpPage proposal={proposeTotp(deps.people, account)} problem={undefined} />,
  });

const takeApp: Handler = async (deps, session, request, response) => {
  const { account } = session;
  const sealed = posted(request, 'forslag');
  const given = { sealed, code: posted(request, 'kode'), label: posted(request, 'navn') };
  if (await confirmTotp(deps.people, account, given)) {
    await passHurdle(deps, session, 'totp', request, response);
    response.redirect(303, session.hurdle === 'factor' ? onwards(session) : `${HOME}?status=app`);
    return;
  }
  const proposal = readTotpProposal(deps.people, account, sealed) ?? proposeTotp(deps.people, account);
  await send(deps, request, response, {
    title: ownPageTexts[languageOf(request)].addApp,
    status: 422,
    children: <TotpPage proposal={proposal} problem="kode" />,
  });
};

const offerPasskey: Handler = async ({ people }, { account, id }, _request, response) => {
  response.json(await proposePasskey(people, account, id));
};

const takePasskey: Handler = async (deps, session, request, response) => {
  const { account, id, hurdle } = session;
  const body = (request.body ?? {}) as { readonly response?: unknown; readonly label?: unknown };
  const label = typeof body.label === 'string' && body.label !== '' ? body.label : usualLabel(request);
  const isKept = await confirmPasskey(deps.people, account, id, { response: body.response, label });
  if (!isKept) {
    response.status(422).json({ neste: `${HOME}?feil=nokkel` });
    return;
  }
  await passHurdle(deps, session, 'passkey', request, response);
  response.json({ neste: hurdle === 'factor' ? onwards(session) : `${HOME}?status=nokkel` });
};

/** «Passnøkkel (Chrome)», so that those of several devices are told apart. */
function usualLabel({ headers }: Request): string {
  const name = browserName(headers['user-agent']);
  return name === undefined ? 'Passnøkkel' : `Passnøkkel (${name})`;
}

/** Who was let in to set up a factor has shown it now: the session goes on with it, under a new token. */
async function passHurdle(
  { smart }: AccountDeps,
  { hurdle }: StaffSession,
  factor: ShownFactor,
  request: Request,
  response: Response,
): Promise<void> {
  const { cookies, sessions } = smart.login;
  const token = readCookie(request.headers, cookies.session);
  const rotated =
    hurdle === 'factor' && token !== undefined ? await sessions.rotate(token, { factor }) : undefined;
  if (rotated !== undefined) {
    response.append('Set-Cookie', cookies.set(cookies.session, rotated));
  }
}

const removeFactor: Handler = async (deps, { account }, request, response) => {
  const { step, secondFactor } = deps.smart.login;
  const factors = await factorsOf(deps.people.db, account.username);
  const hasSms = (await step.methodsOf(account)).includes('sms');
  if (secondFactor === 'required' && factors.length === 1 && !hasSms) {
    response.redirect(303, `${HOME}?feil=siste`);
    return;
  }
  await dropFactor(deps.people, account, posted(request, 'id'));
  response.redirect(303, `${HOME}?status=fjernet`);
};

const recoveryCodes: Handler = async (deps, { account }, request, response) =>
  send(deps, request, response, {
    title: ownPageTexts[languageOf(request)].recoveryTitle.replaceAll('\u00ad', ''),
    children: <RecoveryCodesPage codes={await renewRecoveryCodes(deps.people, account)} />,
  });

const stopSession: Handler = async (deps, { account }, request, response) => {
  await endSession(deps.people, account, posted(request, 'id'));
  response.redirect(303, `${HOME}?status=okt`);
};

const stopEverything: Handler = async (deps, { account }, _request, response) => {
  const { cookies } = deps.smart.login;
  await endEverything(deps.people, account);
  response.append('Set-Cookie', cookies.clear(cookies.session));
  response.set('Clear-Site-Data', '"cache", "storage"');
  response.redirect(303, '/logg-inn?status=overalt');
};

type ContactField = 'mobil' | 'epost';
const KINDS = { mobil: 'mobile', epost: 'email' } as const;

function contactTitle(request: Request, field: ContactField): string {
  const t = ownPageTexts[languageOf(request)];
  return field === 'mobil' ? t.contactMobile : t.contactEmail;
}

const contact =
  (field: ContactField): Handler =>
  (deps, { account }, request, response) =>
    send(deps, request, response, {
      title: contactTitle(request, field),
      children: (
        <ContactPage field={field} value={account[KINDS[field]] ?? ''} step="value" problem={undefined} />
      ),
    });

const takeContact =
  (field: ContactField): Handler =>
  async (deps, { account }, request, response) => {
    const value = posted(request, 'verdi');
    const problem = await proposeContact(deps.people, account, KINDS[field], value);
    await send(deps, request, response, {
      title: contactTitle(request, field),
      ...(problem !== undefined && { status: 422 }),
      children: (
        <ContactPage
          field={field}
          value={value}
          step={problem === undefined ? 'code' : 'value'}
          problem={problem}
        />
      ),
    });
  };

const takeContactCode =
  (field: ContactField): Handler =>
  async (deps, { account }, request, response) => {
    if (await confirmContact(deps.people, account, KINDS[field], posted(request, 'kode'))) {
      response.redirect(303, `${HOME}?status=${field}`);
      return;
    }
    await send(deps, request, response, {
      title: contactTitle(request, field),
      status: 422,
      children: <ContactPage field={field} value={posted(request, 'verdi')} step="code" problem="kode" />,
    });
  };
