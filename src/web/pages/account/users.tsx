/** Users of the department or the register: applications to decide, and who has which role until when. */
import type { ReactNode } from 'react';
import type { StoredApplication } from '../../../smart/people/applications.ts';
import type { ReviewedRole } from '../../../smart/people/role-review.ts';
import { notices, roleNames } from '../../ui/account-texts.ts';
import { Button, Tag } from '../../ui/aksel.ts';
import { formatDate, formatInstant } from '../../ui/format.ts';
import { NoticeBox } from './problem-box.tsx';

type Applied = StoredApplication & { readonly unitName: string };
type Reviewed = ReviewedRole & { readonly unitName: string };

export function UsersPage({
  applications,
  roles,
  status,
}: {
  readonly applications: readonly Applied[];
  readonly roles: readonly Reviewed[];
  readonly status: string | undefined;
}): ReactNode {
  const open = applications.filter((one) => one.status === 'new');
  const decided = applications.filter((one) => one.status !== 'new');
  return (
    <div className="stack">
      <h1 className="page-title">Brukere</h1>
      <NoticeBox text={notices[status ?? '']} />
      <h2 id="nye" className="section-title">
        Søknader om tilgang ({open.length})
      </h2>
      {open.length === 0 ? (
        <p className="card empty">Ingen søknader venter på svar.</p>
      ) : (
        <Applications labelledBy="nye" rows={open} />
      )}
      <h2 id="tilganger" className="section-title">
        Tilganger
      </h2>
      <p>
        En tilgang varer i tolv måneder. De som går ut først, står øverst. Forny dem som fortsatt trengs, og
        avslutt resten.
      </p>
      <Roles rows={roles} />
      {decided.length > 0 && (
        <>
          <h2 id="avgjort" className="section-title">
            Avgjort siste 30 dager
          </h2>
          <Applications labelledBy="avgjort" rows={decided} />
        </>
      )}
    </div>
  );
}

const STATUS = { new: 'Ny', approved: 'Innvilget', refused: 'Ikke innvilget' } as const;

const Applications = ({
  labelledBy,
  rows,
}: {
  readonly labelledBy: string;
  readonly rows: readonly Applied[];
}): ReactNode => (
  <div className="table-scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
    <table className="plain-table">
      <Head names={['Navn', 'Rolle', 'Avdeling', 'Stilling', 'Sendt', 'Status']} />
      <tbody>
        {rows.map(({ id, given, family, role, unitName, position, created, status, decidedBy }) => (
          <tr key={id}>
            <td>
              <a href={`/brukere/soknader/${id}`}>
                {given} {family}
              </a>
            </td>
            <td>{roleNames[role]}</td>
            <td>{unitName}</td>
            <td>{position}</td>
            <td className="nowrap">{formatInstant(created)}</td>
            <td>
              {STATUS[status]}
              {decidedBy !== undefined && ` av ${decidedBy.replace('user:', '')}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const STATES = {
  active: { variant: 'neutral', text: 'Gjelder' },
  soon: { variant: 'warning', text: 'Går snart ut' },
  ended: { variant: 'error', text: 'Gått ut' },
} as const;

const Roles = ({ rows }: { readonly rows: readonly Reviewed[] }): ReactNode => (
  <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="tilganger">
    <table className="plain-table">
      <Head names={['Navn', 'Brukernavn', 'Rolle', 'Avdeling', 'Til og med', 'Status', 'Handling']} />
      <tbody>
        {rows.map(({ username, name, role, unitName, state, isOwn }) => (
          <tr key={role.id}>
            <td>{name}</td>
            <td>{username}</td>
            <td>{roleNames[role.role]}</td>
            <td>{unitName}</td>
            <td className="nowrap">{role.until === undefined ? 'Ingen frist' : formatDate(role.until)}</td>
            <td>
              <Tag variant={STATES[state].variant} size="small">
                {STATES[state].text}
              </Tag>
            </td>
            <td>{isOwn ? 'Din egen' : <Actions username={username} name={name} role={role.id} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Actions = ({
  username,
  name,
  role,
}: {
  readonly username: string;
  readonly name: string;
  readonly role: string;
}): ReactNode => (
  <form method="post" className="row">
    <input type="hidden" name="rolle" value={role} />
    {(
      [
        ['forny', 'Forny'],
        ['avslutt', 'Avslutt'],
        ['steng', 'Steng konto'],
      ] as const
    ).map(([action, text]) => (
      <Button
        key={action}
        type="submit"
        size="xsmall"
        variant={action === 'forny' ? 'secondary' : 'tertiary'}
        formAction={`/brukere/${encodeURIComponent(username)}/${action}`}
        aria-label={`${text}: ${name}`}
      >
        {text}
      </Button>
    ))}
  </form>
);

const Head = ({ names }: { readonly names: readonly string[] }): ReactNode => (
  <thead>
    <tr>
      {names.map((name) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
