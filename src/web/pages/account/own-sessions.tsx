/** Where one is logged in, how to end that, and the latest logins. */
import type { ReactNode } from 'react';
import type { ListedSession } from '../../../smart/sessions.ts';
import type { RecentLogin } from '../../account/account-deps.ts';
import { Button } from '../../ui/aksel.ts';
import { browserName } from '../../ui/browser-name.ts';
import { formatInstant } from '../../ui/format.ts';
import { PostButton, Section, tableOf } from './own-section.tsx';
import { type Column, RecordTable } from './record-table.tsx';

type Shown = ListedSession & { readonly isThis: boolean };

const SESSION: readonly Column<Shown>[] = [
  {
    head: 'Nettleser',
    cell: ({ kind, agent }) =>
      kind === 'launch' ? 'Åpnet fra journalen' : (browserName(agent) ?? 'Ukjent nettleser'),
  },
  { head: 'Startet', cell: ({ started }) => formatInstant(started), nowrap: true },
  { head: 'Sist brukt', cell: ({ lastUsed }) => formatInstant(lastUsed), nowrap: true },
  {
    head: 'Handling',
    cell: ({ id, isThis, started }) =>
      isThis ? (
        'Denne økten'
      ) : (
        <PostButton
          action="/min-side/okt/avslutt"
          id={id}
          text="Avslutt"
          about={`økten fra ${formatInstant(started)}`}
        />
      ),
  },
];

export const SessionList = ({ sessions }: { readonly sessions: readonly Shown[] }): ReactNode => (
  <Section id="okter" title="Innloggede økter">
    <RecordTable
      label={tableOf('Innloggede økter')}
      columns={SESSION}
      rows={sessions}
      keyOf={({ id }) => id}
    />
    <form method="post" action="/min-side/okt/avslutt-alle" className="row">
      <Button type="submit" variant="secondary" size="small" aria-describedby="overalt">
        Logg ut overalt
      </Button>
      <span id="overalt">Avslutter alle økter, også denne, og tar tilbake tilgangen til alle apper.</span>
    </form>
  </Section>
);

const LOGIN: readonly Column<RecentLogin>[] = [
  { head: 'Tidspunkt', cell: ({ at }) => formatInstant(at), nowrap: true },
  { head: 'Resultat', cell: ({ isSuccess }) => (isSuccess ? 'Logget inn' : 'Mislyktes') },
  { head: 'Bekreftet med', cell: ({ reason }) => reasonText(reason) },
];

export const Logins = ({ logins }: { readonly logins: readonly RecentLogin[] }): ReactNode => (
  <Section id="innlogginger" title="Siste innlogginger">
    <p>Kjenner du ikke igjen en innlogging? Bytt passord, og si fra til lokal koordinator.</p>
    <RecordTable
      label={tableOf('Siste innlogginger')}
      columns={LOGIN}
      rows={logins}
      keyOf={({ at, reason }) => `${at} ${reason}`}
    />
  </Section>
);

const REASONS: Readonly<Record<string, string>> = {
  password: 'Passord',
  'password, sms': 'Passord og SMS',
  'password, totp': 'Passord og app',
  'password, passkey': 'Passord og passnøkkel',
  'password, recovery': 'Passord og gjenopprettingskode',
  'name or password': 'Feil passord',
  'too many attempts': 'For mange forsøk',
  'no second factor is set up': 'Ingen bekreftelse er satt opp',
  'the first password is too old': 'Det første passordet var for gammelt',
};

const reasonText = (reason: string): string =>
  REASONS[reason] ?? (reason.startsWith('second factor') ? 'Feil kode' : reason);
