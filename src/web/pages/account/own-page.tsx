/** One's own account [Min side]: details, password, second factors, roles, sessions, latest logins. */
import type { ReactNode } from 'react';
import type { Account } from '../../../smart/accounts.ts';
import type { Factor } from '../../../smart/login/factors.ts';
import type { RoleAssignment } from '../../../smart/ports.ts';
import type { Hurdle } from '../../../smart/principal.ts';
import type { ListedSession } from '../../../smart/sessions.ts';
import type { RecentLogin } from '../../account/account-deps.ts';
import { notices, ownProblems, roleNames } from '../../ui/account-texts.ts';
import { Alert, Button, Tag } from '../../ui/aksel.ts';
import { formatDate, formatInstant } from '../../ui/format.ts';
import { NoticeBox, ProblemBox } from './problem-box.tsx';

export interface OwnPageModel {
  readonly account: Account;
  readonly roles: readonly (RoleAssignment & {
    readonly registerName: string;
    readonly unitName: string;
    readonly isActive: boolean;
  })[];
  readonly factors: readonly Factor[];
  readonly codesLeft: number;
  readonly hasSms: boolean;
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
  return (
    <div className="stack">
      <h1 className="page-title">Min side</h1>
      <ProblemBox text={ownProblems[problem ?? '']} />
      <NoticeBox text={notices[status ?? '']} />
      {model.hurdle === 'factor' && (
        <Alert variant="warning" size="small">
          Legg til en autentiseringsapp eller en passnøkkel før du går videre.
        </Alert>
      )}
      <Details {...model} />
      <Factors {...model} />
      <Roles {...model} />
      <SessionList {...model} />
      <Logins {...model} />
    </div>
  );
}

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
      <dd>
        {account.mobile ?? 'Ikke oppgitt'} <a href="/min-side/mobil">Bytt mobilnummer</a>
      </dd>
      <dt>E-post</dt>
      <dd>
        {account.email ?? 'Ikke oppgitt'}{' '}
        {account.email !== undefined && (account.emailVerified === true ? '(bekreftet)' : '(ikke bekreftet)')}{' '}
        <a href="/min-side/epost">Bytt eller bekreft e-post</a>
      </dd>
      <dt>Passord</dt>
      <dd>
        <a href="/min-side/passord">Bytt passord</a>
      </dd>
      <dt>Apper</dt>
      <dd>
        <a href="/apper">Apper du har gitt tilgang</a>
      </dd>
    </dl>
  </Section>
);

const KINDS = { totp: 'Autentiseringsapp', passkey: 'Passnøkkel' } as const;

const Factors = ({ factors, codesLeft, hasSms, account }: OwnPageModel): ReactNode => (
  <Section id="bekreftelse" title="Bekreftelse ved innlogging">
    <p>
      {hasSms
        ? `Når du logger inn, kan du bekrefte med kode på SMS til ${account.mobile ?? ''}. En app eller passnøkkel er sikrere.`
        : 'En app eller passnøkkel gjør kontoen tryggere.'}
    </p>
    {factors.length > 0 && (
      <Table labelledBy="bekreftelse" heads={['Type', 'Navn', 'Lagt til', 'Sist brukt', 'Handling']}>
        {factors.map(({ id, kind, label, created, lastUsed }) => (
          <tr key={id}>
            <td>{KINDS[kind]}</td>
            <td>{label}</td>
            <td className="nowrap">{formatDate(created)}</td>
            <td className="nowrap">{lastUsed === undefined ? 'Aldri' : formatInstant(lastUsed)}</td>
            <td>
              <PostButton action="/min-side/faktor/fjern" id={id} text="Fjern" about={label} />
            </td>
          </tr>
        ))}
      </Table>
    )}
    <div className="row">
      <a href="/min-side/app">Legg til autentiseringsapp</a>
      <div className="row" data-passkey="register" hidden>
        <Button type="button" variant="secondary" size="small" data-passkey-start="">
          Legg til passnøkkel
        </Button>
        <span role="status" data-passkey-status="" />
      </div>
    </div>
    <form method="post" action="/min-side/gjenoppretting" className="row">
      <span>
        Gjenopprettingskoder igjen: <strong>{codesLeft}</strong>
      </span>
      <Button type="submit" variant="secondary" size="small">
        Lag nye gjenopprettingskoder
      </Button>
    </form>
  </Section>
);

const Roles = ({ roles }: OwnPageModel): ReactNode => (
  <Section id="roller" title="Roller">
    {roles.length === 0 ? (
      <p className="card">Kontoen din har ingen roller nå.</p>
    ) : (
      <Table labelledBy="roller" heads={['Register', 'Rolle', 'Avdeling', 'Til og med', '']}>
        {roles.map(({ id, registerName, role, unitName, until, isActive }) => (
          <tr key={id}>
            <td>{registerName}</td>
            <td>{roleNames[role]}</td>
            <td>{unitName}</td>
            <td className="nowrap">{until === undefined ? 'Ingen frist' : formatDate(until)}</td>
            <td>
              {isActive && (
                <Tag variant="info" size="small">
                  I bruk nå
                </Tag>
              )}
            </td>
          </tr>
        ))}
      </Table>
    )}
    <p className="row">
      {roles.length > 1 && <a href="/velg-rolle">Bytt rolle</a>}
      <a href="/ny-bruker">Søk om ny tilgang</a>
    </p>
  </Section>
);

const SessionList = ({ sessions }: OwnPageModel): ReactNode => (
  <Section id="okter" title="Innloggede økter">
    <Table labelledBy="okter" heads={['Nettleser', 'Startet', 'Sist brukt', 'Handling']}>
      {sessions.map(({ id, kind, agent, started, lastUsed, isThis }) => (
        <tr key={id}>
          <td>{kind === 'launch' ? 'Åpnet fra journalen' : browserName(agent)}</td>
          <td className="nowrap">{formatInstant(started)}</td>
          <td className="nowrap">{formatInstant(lastUsed)}</td>
          <td>
            {isThis ? (
              'Denne økten'
            ) : (
              <PostButton
                action="/min-side/okt/avslutt"
                id={id}
                text="Avslutt"
                about={formatInstant(started)}
              />
            )}
          </td>
        </tr>
      ))}
    </Table>
  </Section>
);

const Logins = ({ logins }: OwnPageModel): ReactNode => (
  <Section id="innlogginger" title="Siste innlogginger">
    <p>Kjenner du ikke igjen en innlogging? Bytt passord, og si fra til lokal koordinator.</p>
    <Table labelledBy="innlogginger" heads={['Tidspunkt', 'Resultat', 'Bekreftet med']}>
      {logins.map(({ at, isSuccess, reason }) => (
        <tr key={`${at} ${reason}`}>
          <td className="nowrap">{formatInstant(at)}</td>
          <td>{isSuccess ? 'Logget inn' : 'Mislyktes'}</td>
          <td>{reasonText(reason)}</td>
        </tr>
      ))}
    </Table>
  </Section>
);

const REASONS: Readonly<Record<string, string>> = {
  password: 'passord',
  'password, sms': 'passord og SMS',
  'password, totp': 'passord og app',
  'password, passkey': 'passord og passnøkkel',
  'password, recovery': 'passord og gjenopprettingskode',
  'name or password': 'feil passord',
  'too many attempts': 'for mange forsøk',
};

const reasonText = (reason: string): string =>
  REASONS[reason] ?? (reason.startsWith('second factor') ? 'feil kode' : reason);

/** The browser's name out of what it says about itself. */
function browserName(agent: string | undefined): string {
  const [name] = (['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'] as const).filter((one) =>
    agent?.includes(one),
  );
  const known = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' };
  return name === undefined ? 'Ukjent nettleser' : known[name];
}

const Section = ({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode => (
  <section className="stack stack--tight" aria-labelledby={id}>
    <h2 id={id} className="section-title">
      {title}
    </h2>
    {children}
  </section>
);

const Table = ({
  labelledBy,
  heads,
  children,
}: {
  readonly labelledBy: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}): ReactNode => (
  <div className="table-scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
    <table className="plain-table">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head === '' ? <span className="visually-hidden">I bruk</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

const PostButton = ({
  action,
  id,
  text,
  about,
}: {
  readonly action: string;
  readonly id: string;
  readonly text: string;
  readonly about: string;
}): ReactNode => (
  <form method="post" action={action}>
    <input type="hidden" name="id" value={id} />
    <Button type="submit" variant="tertiary" size="xsmall" aria-label={`${text}: ${about}`}>
      {text}
    </Button>
  </form>
);
