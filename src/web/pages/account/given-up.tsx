/** Messages that did not arrive, for the system coordinator (SC): what each was, why it was given up, and a way to send it again. */
import type { ReactNode } from 'react';
import type { GivenUp } from '../../../adapters/message/given-up.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import { formatInstant } from '../../ui/format.ts';
import { type UsersTexts, usersTexts } from '../../ui/users-texts.ts';
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
  const t = useTexts(usersTexts);
  return (
    <div className="stack">
      <h1 id="meldinger" className="page-title">
        {t.givenUp}
      </h1>
      <NoticeBox text={a.notices[status ?? '']} />
      <p>{t.givenUpLead}</p>
      {messages.length === 0 ? (
        <p className="card empty">{t.noneGivenUp}</p>
      ) : (
        <RecordTable labelledBy="meldinger" columns={columnsOf(t)} rows={messages} keyOf={({ id }) => id} />
      )}
      <p>
        <a href="/brukere">{t.toUsers}</a>
      </p>
    </div>
  );
};

const columnsOf = (t: UsersTexts): readonly Column<GivenUp>[] => [
  { head: t.givenUpAt, cell: ({ failed }) => formatInstant(failed), nowrap: true },
  { head: t.message, cell: ({ purpose }) => <Purpose purpose={purpose} /> },
  { head: t.about, cell: ({ about }) => aboutText(t, about) },
  {
    head: t.to,
    cell: ({ channel, receiver }) => `${t.channels[channel]} ${receiver ?? ''}`,
    nowrap: true,
  },
  { head: t.why, cell: ({ problem }) => problemText(t, problem) },
  { head: t.action, cell: (message) => <Action message={message} /> },
];

function aboutText(t: UsersTexts, about: string | undefined): string {
  const [kind, name] = about?.split(':') ?? [];
  if (kind === 'user') {
    return name ?? '';
  }
  return kind === 'application' ? t.application : t.patient;
}

/** What the sender's side said, in words; the rest as it stands. */
function problemText(t: UsersTexts, problem: string): string {
  const [, who, code = ''] = /^(The SMS gateway answered|SMTP) (\S+)/.exec(problem) ?? [];
  if (who !== undefined) {
    return fill(who === 'SMTP' ? t.mailAnswered : t.smsAnswered, { code });
  }
  if (problem.startsWith('nothing carries')) {
    return t.notSetUp;
  }
  return problem === 'too late' ? t.tooLate : problem;
}

function Action({ message: { id, state, purpose } }: { readonly message: GivenUp }): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(usersTexts);
  if (state !== 'open') {
    return state === 'again' ? t.sentAgain : t.tooOld;
  }
  return (
    <form method="post" action={`/brukere/meldinger/${id}`}>
      <Button
        type="submit"
        size="xsmall"
        variant="secondary"
        aria-label={fill(t.sendAgainOf, { what: a.purposes[purpose] ?? purpose })}
      >
        {t.sendAgain}
      </Button>
    </form>
  );
}
