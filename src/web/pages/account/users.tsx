/** Users of the department or the register: applications to decide, whose access ends, and who has which role until when. */
import type { ReactNode } from 'react';
import type { StoredApplication } from '../../../smart/people/applications.ts';
import type { ReviewedRole } from '../../../smart/people/role-review.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, Tag, TextField } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import { type UsersTexts, usersTexts } from '../../ui/users-texts.ts';
import { formatDate, formatInstant } from '../../ui/format.ts';
import { NoticeBox } from './problem-box.tsx';
import { RoleName } from './role-name.tsx';
import { type Column, RecordTable } from './record-table.tsx';

type Applied = StoredApplication & { readonly unitName: string };
type Reviewed = ReviewedRole & { readonly unitName: string };

export interface UsersProps {
  readonly applications: readonly Applied[];
  readonly roles: readonly Reviewed[];
  /** Words to find people by; empty: everybody is shown. */
  readonly sought: string;
  /** Messages that did not arrive and can be sent again; undefined for those whose business they are not. */
  readonly givenUp: number | undefined;
  readonly status: string | undefined;
}

export function UsersPage({ applications, roles, sought, givenUp, status }: UsersProps): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(usersTexts);
  const open = applications.filter((one) => one.status === 'new');
  const decided = applications.filter((one) => one.status !== 'new');
  const soon = roles.filter(({ state }) => state === 'soon');
  const others = roles.filter(({ state }) => state !== 'soon');
  const found = others.filter((role) => isSought(role, sought));
  return (
    <div className="stack">
      <h1 className="page-title">{t.title}</h1>
      <NoticeBox text={a.notices[status ?? '']} />
      {givenUp !== undefined && (
        <p>
          <a href="/brukere/meldinger">{fill(t.givenUpLink, { count: givenUp })}</a>
        </p>
      )}
      <Heading id="nye" text={fill(t.applications, { count: open.length })} />
      {open.length === 0 ? (
        <p className="card empty">{t.noApplications}</p>
      ) : (
        <Applications labelledBy="nye" rows={open} />
      )}
      <Heading id="snart" text={fill(t.soon, { count: soon.length })} />
      {soon.length === 0 ? (
        <p className="card empty">{t.noneSoon}</p>
      ) : (
        <>
          <p>{t.renewLead}</p>
          <Roles labelledBy="snart" rows={soon} />
        </>
      )}
      <Heading id="tilganger" text={t.others} />
      <p>{t.othersLead}</p>
      {others.length > MANY && <Search sought={sought} />}
      {sought !== '' && <p role="status">{fill(t.found, { found: found.length, all: others.length })}</p>}
      {found.length > 0 && <Roles labelledBy="tilganger" rows={found} />}
      {decided.length > 0 && (
        <>
          <Heading id="avgjort" text={t.decidedLately} />
          <Applications labelledBy="avgjort" rows={decided} />
        </>
      )}
    </div>
  );
}

/** From so many on, nobody reads the list from above. */
const MANY = 15;

/** Does each word stand in the name, the user name or the department? */
function isSought({ name, username, unitName }: Reviewed, sought: string): boolean {
  const text = [name, username, unitName].join(' ').toLocaleLowerCase('nb');
  return sought
    .toLocaleLowerCase('nb')
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const Search = ({ sought }: { readonly sought: string }): ReactNode => {
  const t = useTexts(usersTexts);
  return (
    <form method="get" action="/brukere#tilganger" role="search" className="row">
      <TextField
        id="sok"
        name="sok"
        label={t.findLabel}
        size="small"
        defaultValue={sought}
        autoComplete="off"
      />
      <Button type="submit" variant="secondary" size="small">
        {t.find}
      </Button>
      {sought !== '' && <a href="/brukere#tilganger">{t.showAll}</a>}
    </form>
  );
};

const Heading = ({ id, text }: { readonly id: string; readonly text: string }): ReactNode => (
  <h2 id={id} className="section-title">
    {text}
  </h2>
);

const applicationColumns = (t: UsersTexts): readonly Column<Applied>[] => [
  {
    head: t.name,
    cell: ({ id, given, family }) => (
      <a href={`/brukere/soknader/${id}`}>
        {given} {family}
      </a>
    ),
  },
  { head: t.role, cell: ({ role }) => <RoleName role={role} /> },
  { head: t.department, cell: ({ unitName }) => unitName },
  { head: t.position, cell: ({ position }) => position },
  { head: t.sent, cell: ({ created }) => formatInstant(created), nowrap: true },
  {
    head: t.status,
    cell: ({ status, decidedBy }) =>
      decidedBy === undefined
        ? t.statuses[status]
        : `${t.statuses[status]} ${fill(t.by, { name: decidedBy.replace('user:', '') })}`,
  },
];

function Applications(props: { readonly labelledBy: string; readonly rows: readonly Applied[] }): ReactNode {
  const columns = applicationColumns(useTexts(usersTexts));
  return <RecordTable {...props} columns={columns} keyOf={({ id }) => id} />;
}

const VARIANTS = { active: 'neutral', soon: 'warning', ended: 'error' } as const;

const roleColumns = (t: UsersTexts): readonly Column<Reviewed>[] => [
  { head: t.name, cell: ({ name }) => name },
  { head: t.username, cell: ({ username }) => username },
  { head: t.role, cell: ({ role }) => <RoleName role={role.role} /> },
  { head: t.department, cell: ({ unitName }) => unitName },
  {
    head: t.until,
    cell: ({ role: { until } }) => (until === undefined ? t.noEnd : formatDate(until)),
    nowrap: true,
  },
  {
    head: t.status,
    cell: ({ state }) => (
      <Tag variant={VARIANTS[state]} size="small">
        {t.states[state]}
      </Tag>
    ),
    nowrap: true,
  },
  {
    head: t.action,
    cell: ({ username, name, role, isOwn }) =>
      isOwn ? t.yourOwn : <Actions username={username} name={name} role={role.id} />,
  },
];

function Roles(props: { readonly labelledBy: string; readonly rows: readonly Reviewed[] }): ReactNode {
  const columns = roleColumns(useTexts(usersTexts));
  return <RecordTable {...props} columns={columns} keyOf={({ role }) => role.id} />;
}

/** What ends something asks for one press more. */
function Actions({
  username,
  name,
  role,
}: {
  readonly username: string;
  readonly name: string;
  readonly role: string;
}): ReactNode {
  const t = useTexts(usersTexts);
  return (
    <form method="post" className="row">
      <input type="hidden" name="rolle" value={role} />
      <Button
        type="submit"
        size="xsmall"
        variant="secondary"
        formAction={pathOf(username, 'forny')}
        aria-label={fill(t.renewOf, { name })}
      >
        {t.renew}
      </Button>
      <details className="more">
        <summary aria-label={fill(t.endOf, { name })}>{t.end}</summary>
        <div className="stack stack--tight">
          <Button
            type="submit"
            size="xsmall"
            variant="secondary"
            formAction={pathOf(username, 'avslutt')}
            aria-label={fill(t.endAccessOf, { name })}
          >
            {t.endAccess}
          </Button>
          <Button
            type="submit"
            size="xsmall"
            variant="danger"
            formAction={pathOf(username, 'steng')}
            aria-label={fill(t.closeOf, { name })}
          >
            {t.close}
          </Button>
        </div>
      </details>
    </form>
  );
}

const pathOf = (username: string, action: string): string =>
  `/brukere/${encodeURIComponent(username)}/${action}`;
