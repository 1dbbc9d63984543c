/** Where one is logged in, how to end that, and the latest logins. */
import type { ReactNode } from 'react';
import type { ListedSession } from '../../../smart/sessions.ts';
import type { RecentLogin } from '../../account/account-deps.ts';
import { Button } from '../../ui/aksel.ts';
import { browserName } from '../../ui/browser-name.ts';
import { fill } from '../../ui/form-texts.ts';
import { formatInstant } from '../../ui/format.ts';
import { type OwnPageTexts, ownPageTexts } from '../../ui/own-page-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { PostButton, Section, tableOf } from './own-section.tsx';
import { type Column, RecordTable } from './record-table.tsx';

type Shown = ListedSession & { readonly isThis: boolean };

const sessionColumns = (t: OwnPageTexts): readonly Column<Shown>[] => [
  {
    head: t.browser,
    cell: ({ kind, agent }) => (kind === 'launch' ? t.fromJournal : (browserName(agent) ?? t.unknownBrowser)),
  },
  { head: t.started, cell: ({ started }) => formatInstant(started), nowrap: true },
  { head: t.lastUsed, cell: ({ lastUsed }) => formatInstant(lastUsed), nowrap: true },
  {
    head: t.action,
    cell: ({ id, isThis, started }) =>
      isThis ? (
        t.thisSession
      ) : (
        <PostButton
          action="/min-side/okt/avslutt"
          id={id}
          text={t.end}
          about={fill(t.endAbout, { at: formatInstant(started) })}
        />
      ),
  },
];

export function SessionList({ sessions }: { readonly sessions: readonly Shown[] }): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="okter" title={t.sessions}>
      <RecordTable
        label={tableOf(t, t.sessions)}
        columns={sessionColumns(t)}
        rows={sessions}
        keyOf={({ id }) => id}
      />
      <form method="post" action="/min-side/okt/avslutt-alle" className="row">
        <Button type="submit" variant="secondary" size="small" aria-describedby="overalt">
          {t.everywhere}
        </Button>
        <span id="overalt">{t.everywhereHint}</span>
      </form>
    </Section>
  );
}

const loginColumns = (t: OwnPageTexts): readonly Column<RecentLogin>[] => [
  { head: t.at, cell: ({ at }) => formatInstant(at), nowrap: true },
  { head: t.result, cell: ({ isSuccess }) => (isSuccess ? t.loggedIn : t.failed) },
  { head: t.confirmedWith, cell: ({ reason }) => reasonText(t, reason) },
];

export function Logins({ logins }: { readonly logins: readonly RecentLogin[] }): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <Section id="innlogginger" title={t.logins}>
      <p>{t.loginsLead}</p>
      <RecordTable
        label={tableOf(t, t.logins)}
        columns={loginColumns(t)}
        rows={logins}
        keyOf={({ at, reason }) => `${at} ${reason}`}
      />
    </Section>
  );
}

const reasonText = (t: OwnPageTexts, reason: string): string =>
  t.reasons[reason] ?? (reason.startsWith('second factor') ? t.wrongCode : reason);
