/** Users of the department or the register: applications to decide, whose access ends, and who has which role until when. */
import type { ReactNode } from 'react';
import type { StoredApplication } from '../../../smart/people/applications.ts';
import type { ReviewedRole } from '../../../smart/people/role-review.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, Tag, TextField } from '../../ui/aksel.ts';
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
  const open = applications.filter((one) => one.status === 'new');
  const decided = applications.filter((one) => one.status !== 'new');
  const soon = roles.filter(({ state }) => state === 'soon');
  const others = roles.filter(({ state }) => state !== 'soon');
  const found = others.filter((role) => isSought(role, sought));
  return (
    <div className="stack">
      <h1 className="page-title">Brukere</h1>
      <NoticeBox text={a.notices[status ?? '']} />
      {givenUp !== undefined && (
        <p>
          <a href="/brukere/meldinger">Meldinger som ikke kom fram ({givenUp})</a>
        </p>
      )}
      <Heading id="nye" text={`Søknader om tilgang (${open.length})`} />
      {open.length === 0 ? (
        <p className="card empty">Ingen søknader venter på svar.</p>
      ) : (
        <Applications labelledBy="nye" rows={open} />
      )}
      <Heading id="snart" text={`Går ut innen 30 dager (${soon.length})`} />
      {soon.length === 0 ? (
        <p className="card empty">Ingen tilganger går ut de neste 30 dagene.</p>
      ) : (
        <>
          <p>Forny tilgangene som fortsatt trengs. De andre slutter å gjelde av seg selv.</p>
          <Roles labelledBy="snart" rows={soon} />
        </>
      )}
      <Heading id="tilganger" text="Andre tilganger" />
      <p>En tilgang varer i tolv måneder. De som gikk ut for mindre enn 90 dager siden, kan fornyes.</p>
      {others.length > MANY && <Search sought={sought} />}
      {sought !== '' && (
        <p role="status">
          {found.length} av {others.length} tilganger passer.
        </p>
      )}
      {found.length > 0 && <Roles labelledBy="tilganger" rows={found} />}
      {decided.length > 0 && (
        <>
          <Heading id="avgjort" text="Avgjort siste 30 dager" />
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

const Search = ({ sought }: { readonly sought: string }): ReactNode => (
  <form method="get" action="/brukere#tilganger" role="search" className="row">
    <TextField
      id="sok"
      name="sok"
      label="Finn navn, brukernavn eller avdeling"
      size="small"
      defaultValue={sought}
      autoComplete="off"
    />
    <Button type="submit" variant="secondary" size="small">
      Finn
    </Button>
    {sought !== '' && <a href="/brukere#tilganger">Vis alle</a>}
  </form>
);

const Heading = ({ id, text }: { readonly id: string; readonly text: string }): ReactNode => (
  <h2 id={id} className="section-title">
    {text}
  </h2>
);

const STATUS = { new: 'Ny', approved: 'Innvilget', refused: 'Ikke innvilget' } as const;

const APPLICATION: readonly Column<Applied>[] = [
  {
    head: 'Navn',
    cell: ({ id, given, family }) => (
      <a href={`/brukere/soknader/${id}`}>
        {given} {family}
      </a>
    ),
  },
  { head: 'Rolle', cell: ({ role }) => <RoleName role={role} /> },
  { head: 'Avdeling', cell: ({ unitName }) => unitName },
  { head: 'Stilling', cell: ({ position }) => position },
  { head: 'Sendt', cell: ({ created }) => formatInstant(created), nowrap: true },
  {
    head: 'Status',
    cell: ({ status, decidedBy }) =>
      [STATUS[status], decidedBy?.replace('user:', 'av ')].filter((text) => text !== undefined).join(' '),
  },
];

const Applications = (props: {
  readonly labelledBy: string;
  readonly rows: readonly Applied[];
}): ReactNode => <RecordTable {...props} columns={APPLICATION} keyOf={({ id }) => id} />;

const STATES = {
  active: { variant: 'neutral', text: 'Gjelder' },
  soon: { variant: 'warning', text: 'Går snart ut' },
  ended: { variant: 'error', text: 'Gått ut' },
} as const;

const ROLE: readonly Column<Reviewed>[] = [
  { head: 'Navn', cell: ({ name }) => name },
  { head: 'Brukernavn', cell: ({ username }) => username },
  { head: 'Rolle', cell: ({ role }) => <RoleName role={role.role} /> },
  { head: 'Avdeling', cell: ({ unitName }) => unitName },
  {
    head: 'Til og med',
    cell: ({ role: { until } }) => (until === undefined ? 'Ingen frist' : formatDate(until)),
    nowrap: true,
  },
  {
    head: 'Status',
    cell: ({ state }) => (
      <Tag variant={STATES[state].variant} size="small">
        {STATES[state].text}
      </Tag>
    ),
    nowrap: true,
  },
  {
    head: 'Handling',
    cell: ({ username, name, role, isOwn }) =>
      isOwn ? 'Din egen' : <Actions username={username} name={name} role={role.id} />,
  },
];

const Roles = (props: { readonly labelledBy: string; readonly rows: readonly Reviewed[] }): ReactNode => (
  <RecordTable {...props} columns={ROLE} keyOf={({ role }) => role.id} />
);

/** What ends something asks for one press more. */
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
    <Button
      type="submit"
      size="xsmall"
      variant="secondary"
      formAction={pathOf(username, 'forny')}
      aria-label={`Forny: ${name}`}
    >
      Forny
    </Button>
    <details className="more">
      <summary aria-label={`Avslutt eller steng: ${name}`}>Avslutt …</summary>
      <div className="stack stack--tight">
        <Button
          type="submit"
          size="xsmall"
          variant="secondary"
          formAction={pathOf(username, 'avslutt')}
          aria-label={`Avslutt tilgangen: ${name}`}
        >
          Avslutt tilgangen
        </Button>
        <Button
          type="submit"
          size="xsmall"
          variant="danger"
          formAction={pathOf(username, 'steng')}
          aria-label={`Steng kontoen: ${name}`}
        >
          Steng kontoen
        </Button>
      </div>
    </details>
  </form>
);

const pathOf = (username: string, action: string): string =>
  `/brukere/${encodeURIComponent(username)}/${action}`;
