/** The demo's inbox: what would have left by SMS and e-mail. There is no such page in production. */
import type { ReactNode } from 'react';
import type { ReadMessage } from '../../../adapters/message/messages.ts';
import { formatInstant } from '../../ui/format.ts';

const STATES = { waiting: 'venter', sent: 'sendt', failed: 'ikke sendt' } as const;

export const InboxPage = ({ messages }: { readonly messages: readonly ReadMessage[] }): ReactNode => (
  <div className="stack">
    <h1 className="page-title">Innboks (demo)</h1>
    <p>
      Her vises SMS og e-post som serveren har skrevet. I demo forlater de ikke maskinen. Last siden på nytt
      for å se nye.
    </p>
    {messages.length === 0 ? (
      <p className="card empty">Ingen meldinger ennå.</p>
    ) : (
      <ol className="plain-list stack">
        {messages.map(({ id, channel, to, subject, text, created, state }) => (
          <li key={id} className="card stack stack--tight">
            <h2 className="section-title">
              {channel === 'sms' ? 'SMS' : 'E-post'} til {to}
            </h2>
            <p className="subtle">
              {formatInstant(created)}, {STATES[state]}
            </p>
            {channel === 'email' && subject !== undefined && <p>Emne: {subject}</p>}
            <p className="message-text">{text}</p>
          </li>
        ))}
      </ol>
    )}
  </div>
);
