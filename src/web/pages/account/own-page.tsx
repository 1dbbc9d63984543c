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
import { formatDate, formatInstant } from '../../ui/format.ts';
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
  return (
    <div className="stack stack--sections">
      <h1 className="page-title">Min side</h1>
      <ProblemBox text={a.ownProblems[problem ?? '']} />
      <NoticeBox text={a.notices[status ?? '']} />
      {model.hurdle === 'factor' && (
        <Alert variant="warning" size="small">
          Legg til en autentiseringsapp eller en passnøkkel før du går videre.
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

const Details = ({ account }: OwnPageModel): ReactNode => (
  <Section id="opplysninger" title="Opplysninger">
    <dl className="card facts">
      <dt>Navn</dt>
      <dd>{account.name}</dd>
      <dt>Brukernavn</dt>
      <dd>{account.username}</dd>
      <dt>Stilling</dt>
      <dd>{account.position ?? 'Ikke oppgitt'}</dd>
      <dt>Mobil</dt>
      <dd className="row">
        {account.mobile ?? 'Ikke oppgitt'}
        <a href="/min-side/mobil">
          {account.mobile === undefined ? 'Legg til mobilnummer' : 'Bytt mobilnummer'}
        </a>
      </dd>
      <dt>E-post</dt>
      <dd className="row">
        {account.email ?? 'Ikke oppgitt'}
        <EmailState {...account} />
        <a href="/min-side/epost">{emailAction(account)}</a>
      </dd>
      <dt>Passord</dt>
      <dd>
        <a href="/min-side/passord">Bytt passord</a>
      </dd>
    </dl>
  </Section>
);

const EmailState = ({ email, emailVerified }: Account): ReactNode =>
  email === undefined ? null : (
    <Tag variant={emailVerified === true ? 'success' : 'warning'} size="xsmall">
      {emailVerified === true ? 'Bekreftet' : 'Ikke bekreftet'}
    </Tag>
  );

function emailAction({ email, emailVerified }: Account): string {
  if (email === undefined) {
    return 'Legg til e-post';
  }
  return emailVerified === true ? 'Bytt e-post' : 'Bekreft eller bytt e-post';
}

const KINDS = { totp: 'Autentiseringsapp', passkey: 'Passnøkkel' } as const;

const FACTOR: readonly Column<Factor>[] = [
  { head: 'Type', cell: ({ kind }) => KINDS[kind] },
  { head: 'Navn', cell: ({ label }) => label },
  { head: 'Lagt til', cell: ({ created }) => formatDate(created), nowrap: true },
  {
    head: 'Sist brukt',
    cell: ({ lastUsed }) => (lastUsed === undefined ? 'Ikke brukt ennå' : formatInstant(lastUsed)),
    nowrap: true,
  },
  {
    head: 'Handling',
    cell: ({ id, label, created }) => (
      <PostButton
        action="/min-side/faktor/fjern"
        id={id}
        text="Fjern"
        about={`${label}, lagt til ${formatInstant(created)}`}
      />
    ),
  },
];

const Factors = ({ factors, codesLeft, hasSms, account }: OwnPageModel): ReactNode => (
  <Section id="bekreftelse" title="Bekreftelse ved innlogging">
    <p>
      {hasSms
        ? `Når du logger inn, kan du bekrefte med kode på SMS til ${account.mobile ?? ''}. En app eller passnøkkel er sikrere.`
        : 'En app eller passnøkkel gjør kontoen tryggere.'}
    </p>
    {factors.length > 0 && (
      <RecordTable
        label={tableOf('Bekreftelse ved innlogging')}
        columns={FACTOR}
        rows={factors}
        keyOf={({ id }) => id}
      />
    )}
    <div className="row">
      <LinkButton href="/min-side/app">Legg til autentiseringsapp</LinkButton>
      <div className="row" data-passkey="register" hidden>
        <Button type="button" variant="secondary" size="small" data-passkey-start="">
          Legg til passnøkkel
        </Button>
        <span role="status" data-passkey-status="" />
      </div>
    </div>
    <form method="post" action="/min-side/gjenoppretting" className="row">
      <span>{codesLeftText(codesLeft)}</span>
      <Button type="submit" variant="tertiary" size="small">
        Lag nye gjenopprettingskoder
      </Button>
    </form>
  </Section>
);

function codesLeftText(left: number): string {
  if (left === 0) {
    return 'Du har ingen gjenopprettingskoder. De er nyttige hvis du mister telefonen eller nøkkelen.';
  }
  return left === 1 ? 'Du har én gjenopprettingskode igjen.' : `Du har ${left} gjenopprettingskoder igjen.`;
}

const ROLE: readonly Column<OwnRole>[] = [
  { head: 'Register', cell: ({ registerName }) => registerName },
  { head: 'Rolle', cell: ({ role }) => <RoleName role={role} /> },
  { head: 'Avdeling', cell: ({ unitName }) => unitName },
  {
    head: 'Til og med',
    cell: ({ until }) => (until === undefined ? 'Ingen frist' : formatDate(until)),
    nowrap: true,
  },
  {
    head: 'Status',
    cell: ({ isActive, endsSoon }) => (
      <span className="row">
        {isActive && (
          <Tag variant="info" size="small">
            I bruk nå
          </Tag>
        )}
        {endsSoon === undefined ? (
          !isActive && 'Gjelder'
        ) : (
          <Tag variant="warning" size="small">
            Går snart ut
          </Tag>
        )}
      </span>
    ),
  },
];

const Roles = ({ roles }: OwnPageModel): ReactNode => (
  <Section id="roller" title="Roller">
    {roles.length === 0 ? (
      <p className="card">Kontoen din har ingen roller nå.</p>
    ) : (
      <RecordTable label={tableOf('Roller')} columns={ROLE} rows={roles} keyOf={({ id }) => id} />
    )}
    <p className="row">
      {roles.length > 1 && <a href="/velg-rolle">Bytt rolle</a>}
      <a href="/ny-bruker">Søk om ny tilgang</a>
    </p>
  </Section>
);

const AppsSection = ({ apps }: OwnPageModel): ReactNode => (
  <Section id="apper" title="Apper">
    <p>
      {apps === 0
        ? 'Du har ikke gitt noen apper tilgang.'
        : `Du har gitt ${apps} ${apps === 1 ? 'app' : 'apper'} tilgang til opplysninger på dine vegne.`}{' '}
      <a href="/apper">Se apper med tilgang</a>
    </p>
  </Section>
);
