/** Messages that did not arrive, for the system coordinator (SC): what each was, why it was given up, and a way to send it again. */
import type { ReactNode } from 'react';
import type { GivenUp } from '../../../adapters/message/given-up.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button } from '../../ui/aksel.ts';
import { formatInstant } from '../../ui/format.ts';
import { NoticeBox } from './problem-box.tsx';
import { Purpose } from './role-name.tsx';
import { type Column, RecordTable } from './record-table.tsx';

export const GivenUpPage = ({
  messages,
  status,
}: {
  readonly messages: readonly GivenUp[];
  readonly status: string | undefined;
}): ReactNode => {
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 id="meldinger" className="page-title">
        Meldinger som ikke kom fram
      </h1>
      <NoticeBox text={a.notices[status ?? '']} />
      <p>
        Serveren har gitt opp å sende disse. Rett feilen først, for eksempel et galt mobilnummer eller en
        tjeneste som er nede. Meldingene slettes etter 30 dager.
      </p>
      {messages.length === 0 ? (
        <p className="card empty">Alle meldinger har kommet fram.</p>
      ) : (
        <RecordTable labelledBy="meldinger" columns={COLUMNS} rows={messages} keyOf={({ id }) => id} />
      )}
      <p>
        <a href="/brukere">Til brukere</a>
      </p>
    </div>
  );
};

const CHANNELS = { sms: 'SMS', email: 'E-post' } as const;

const COLUMNS: readonly Column<GivenUp>[] = [
  { head: 'Gitt opp', cell: ({ failed }) => formatInstant(failed), nowrap: true },
  { head: 'Melding', cell: ({ purpose }) => <Purpose purpose={purpose} /> },
  { head: 'Gjelder', cell: ({ about }) => aboutText(about) },
  {
    head: 'Til',
    cell: ({ channel, receiver }) => `${CHANNELS[channel]} ${receiver ?? ''}`,
    nowrap: true,
  },
  { head: 'Grunn', cell: ({ problem }) => problemText(problem) },
  { head: 'Handling', cell: (message) => <Action message={message} /> },
];

function aboutText(about: string | undefined): string {
  const [kind, name] = about?.split(':') ?? [];
  return kind === 'user' ? (name ?? '') : ({ application: 'Søknad om tilgang' }[kind ?? ''] ?? 'Pasient');
}

/** What the sender's side said, in words; the rest as it stands. */
function problemText(problem: string): string {
  const [, who, code] = /^(The SMS gateway answered|SMTP) (\S+)/.exec(problem) ?? [];
  if (who !== undefined) {
    return who === 'SMTP' ? `E-postserveren svarte ${code}` : `SMS-tjenesten svarte ${code}`;
  }
  if (problem.startsWith('nothing carries')) {
    return 'Ikke satt opp på denne serveren';
  }
  return { 'too late': 'Ble for gammel før den kunne sendes' }[problem] ?? problem;
}

function Action({ message: { id, state, purpose } }: { readonly message: GivenUp }): ReactNode {
  const a = useTexts(accountTexts);
  if (state !== 'open') {
    return state === 'again' ? 'Sendt på nytt' : 'For gammel til å sendes';
  }
  return (
    <form method="post" action={`/brukere/meldinger/${id}`}>
      <Button
        type="submit"
        size="xsmall"
        variant="secondary"
        aria-label={`Send på nytt: ${a.purposes[purpose] ?? purpose}`}
      >
        Send på nytt
      </Button>
    </form>
  );
}
