/** One's own account [Min side]: details, password, second factors, roles, apps, sessions, latest logins. */
import type { ReactNode } from 'react';
import type { Account } from '../../../smart/accounts.ts';
import type { Factor } from '../../../smart/login/factors.ts';
import type { RoleAssignment } from '../../../smart/ports.ts';
import type { Hurdle } from '../../../smart/principal.ts';
import type { ListedSession } from '../../../smart/sessions.ts';
import type { RecentLogin } from '../../account/account-deps.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Alert, Button, Tag } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import { formatDate, formatInstant } from '../../ui/format.ts';
import { type OwnPageTexts, ownPageTexts } from '../../ui/own-page-texts.ts';
import { LinkButton } from '../../ui/link-button.tsx';
import type { EndsSoon } from '../../view-models.ts';
import { Logins, SessionList } from './own-sessions.tsx';
import { PostButton, Section, tableOf } from './own-section.tsx';
import { NoticeBox, ProblemBox } from './problem-box.tsx';
import { RoleName } from './role-name.tsx';
import { type Column, RecordTable } from './record-table.tsx';

export type OwnRole = RoleAssignment & {
  readonly registerName: string;
  readonly unitName: string;
  readonly isActive: boolean;
  readonly endsSoon: EndsSoon | undefined;
};

export interface OwnPageModel {
  readonly account: Account;
  readonly roles: readonly OwnRole[];
  readonly factors: readonly Factor[];
  readonly codesLeft: number;
  readonly hasSms: boolean;
  /** How many apps act for the person. */
  readonly apps: number;
  readonly sessions: readonly (ListedSession & { readonly isThis: boolean })[];
  readonly logins: readonly RecentLogin[];
  readonly hurdle: Hurdle | undefined;
}

export function OwnPage({
  model,
  status,
  problem,
}: {
  readonly model: OwnPageModel;
  readonly status: string | undefined;
  readonly problem: string | undefined;
}): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(ownPageTexts);
  return (
    <div className="stack stack--sections">
      <h1 className="page-title">{t.title}</h1>
      <ProblemBox text={a.ownProblems[problem ?? '']} />
      <NoticeBox text={a.notices[status ?? '']} />
      {model.hurdle === 'factor' && (
        <Alert variant="warning" size="small">
          {t.addFactorFirst}
        </Alert>
      )}
      <Ending roles={model.roles} />
      <Details {...model} />
      <Factors {...model} />
      <Roles {...model} />
      <AppsSection {...model} />
      <SessionList {...model} />
      <Logins {...model} />
    </div>
  );
}

const Ending = ({ roles }: Pick<OwnPageModel, 'roles'>): ReactNode => {
  const a = useTexts(accountTexts);
  return roles.map(({ id, role, registerName, unitName, endsSoon }) =>
    endsSoon === undefined ? null : (
      <Alert key={id} variant="warning" size="small">
        {a.roleNames[role]}, {registerName}, {unitName}: {a.endsSoon(endsSoon)} {a.askToRenew}
      </Alert>
    ),
  );
};

function Details({ account }: OwnPageModel): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="opplysninger" title={t.details}>
      <dl className="card facts">
        <dt>{t.name}</dt>
        <dd>{account.name}</dd>
        <dt>{t.username}</dt>
        <dd>{account.username}</dd>
        <dt>{t.position}</dt>
        <dd>{account.position ?? t.notGiven}</dd>
        <dt>{t.mobile}</dt>
        <dd className="row">
          {account.mobile ?? t.notGiven}
          <a href="/min-side/mobil">{account.mobile === undefined ? t.addMobile : t.changeMobile}</a>
        </dd>
        <dt>{t.email}</dt>
        <dd className="row">
          {account.email ?? t.notGiven}
          <EmailState {...account} />
          <a href="/min-side/epost">{emailAction(t, account)}</a>
        </dd>
        <dt>{t.password}</dt>
        <dd>
          <a href="/min-side/passord">{t.changePassword}</a>
        </dd>
      </dl>
    </Section>
  );
}

function EmailState({ email, emailVerified }: Account): ReactNode {
  const t = useTexts(ownPageTexts);
  return email === undefined ? null : (
    <Tag variant={emailVerified === true ? 'success' : 'warning'} size="xsmall">
      {emailVerified === true ? t.confirmed : t.unconfirmed}
    </Tag>
  );
}

function emailAction(t: OwnPageTexts, { email, emailVerified }: Account): string {
  if (email === undefined) {
    return t.addEmail;
  }
  return emailVerified === true ? t.changeEmail : t.confirmEmail;
}

const factorColumns = (t: OwnPageTexts): readonly Column<Factor>[] => [
  { head: t.type, cell: ({ kind }) => t.factorKinds[kind] },
  { head: t.name, cell: ({ label }) => label },
  { head: t.added, cell: ({ created }) => formatDate(created), nowrap: true },
  {
    head: t.lastUsed,
    cell: ({ lastUsed }) => (lastUsed === undefined ? t.notUsed : formatInstant(lastUsed)),
    nowrap: true,
  },
  {
    head: t.action,
    cell: ({ id, label, created }) => (
      <PostButton
        action="/min-side/faktor/fjern"
        id={id}
        text={t.remove}
        about={fill(t.removeAbout, { label, at: formatInstant(created) })}
      />
    ),
  },
];

function Factors({ factors, codesLeft, hasSms, account }: OwnPageModel): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="bekreftelse" title={t.factors}>
      <p>{hasSms ? fill(t.withSms, { mobile: account.mobile ?? '' }) : t.withoutSms}</p>
      {factors.length > 0 && (
        <RecordTable
          label={tableOf(t, t.factors)}
          columns={factorColumns(t)}
          rows={factors}
          keyOf={({ id }) => id}
        />
      )}
      <div className="row">
        <LinkButton href="/min-side/app">{t.addApp}</LinkButton>
        <div className="row" data-passkey="register" hidden>
          <Button type="button" variant="secondary" size="small" data-passkey-start="">
            {t.addPasskey}
          </Button>
          <span role="status" data-passkey-status="" />
        </div>
      </div>
      <form method="post" action="/min-side/gjenoppretting" className="row">
        <span>{codesLeftText(t, codesLeft)}</span>
        <Button type="submit" variant="tertiary" size="small">
          {t.newCodes}
        </Button>
      </form>
    </Section>
  );
}

function codesLeftText(t: OwnPageTexts, left: number): string {
  if (left === 0) {
    return t.noCodes;
  }
  return left === 1 ? t.oneCode : fill(t.codes, { left });
}

const roleColumns = (t: OwnPageTexts): readonly Column<OwnRole>[] => [
  { head: t.register, cell: ({ registerName }) => registerName },
  { head: t.role, cell: ({ role }) => <RoleName role={role} /> },
  { head: t.department, cell: ({ unitName }) => unitName },
  {
    head: t.until,
    cell: ({ until }) => (until === undefined ? t.noEnd : formatDate(until)),
    nowrap: true,
  },
  {
    head: t.status,
    cell: ({ isActive, endsSoon }) => (
      <span className="row">
        {isActive && (
          <Tag variant="info" size="small">
            {t.inUse}
          </Tag>
        )}
        {endsSoon === undefined ? (
          !isActive && t.inForce
        ) : (
          <Tag variant="warning" size="small">
            {t.endsSoon}
          </Tag>
        )}
      </span>
    ),
  },
];

function Roles({ roles }: OwnPageModel): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="roller" title={t.roles}>
      {roles.length === 0 ? (
        <p className="card">{t.noRoles}</p>
      ) : (
        <RecordTable
          label={tableOf(t, t.roles)}
          columns={roleColumns(t)}
          rows={roles}
          keyOf={({ id }) => id}
        />
      )}
      <p className="row">
        {roles.length > 1 && <a href="/velg-rolle">{t.changeRole}</a>}
        <a href="/ny-bruker">{t.applyForRole}</a>
      </p>
    </Section>
  );
}

function AppsSection({ apps }: OwnPageModel): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="apper" title={t.apps}>
      <p>
        {appsText(t, apps)} <a href="/apper">{t.seeApps}</a>
      </p>
    </Section>
  );
}

function appsText(t: OwnPageTexts, count: number): string {
  if (count === 0) {
    return t.noApps;
  }
  return count === 1 ? t.oneApp : fill(t.someApps, { count });
}
