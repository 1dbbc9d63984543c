/** Connections [Forbindelser]: who sends, what was refused and why, and carrying it out again. */
import type { ReactNode } from 'react';
import type { ConnectionsModel, MessageLine, MessageModel, SourceLine } from '../models/connections.ts';
import { Alert, Button, Table, Tag } from '../ui/aksel.ts';
import { connectionTexts } from '../ui/connection-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { Part } from '../ui/part.tsx';
import { TableHead } from '../ui/table-head.tsx';

export const CONNECTIONS = '/forbindelser';

export type ConnectionNotice = keyof (typeof connectionTexts)['nb']['notices'];

interface Noticed {
  readonly notice?: ConnectionNotice | undefined;
}

export function ConnectionsPage({
  model,
  notice,
}: Noticed & { readonly model: ConnectionsModel }): ReactNode {
  const t = useTexts(connectionTexts);
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{t.title}</h1>
        <p className="lead">{t.lead}</p>
      </div>
      <Notice notice={notice} />
      <Part id="avsendere" title={t.sources}>
        {model.sources.length === 0 ? (
          <p className="card empty">{t.noSources}</p>
        ) : (
          <Senders sources={model.sources} />
        )}
      </Part>
      <Part id="avviste" title={t.refusedTitle}>
        <p>{t.refusedLead}</p>
        {model.refused.length === 0 ? (
          <p className="card empty">{t.noRefused}</p>
        ) : (
          <Refused lines={model.refused} />
        )}
        {model.next !== undefined && (
          <p>
            <a href={`${CONNECTIONS}?${new URLSearchParams({ fra: model.next })}#avviste`}>{t.older}</a>
          </p>
        )}
      </Part>
    </div>
  );
}

function Notice({ notice }: Noticed): ReactNode {
  const t = useTexts(connectionTexts);
  return notice === undefined ? null : (
    <Alert variant={notice === 'refused' ? 'warning' : 'success'} size="small" role="status">
      {t.notices[notice]}
    </Alert>
  );
}

function Senders({ sources }: { readonly sources: readonly SourceLine[] }): ReactNode {
  const t = useTexts(connectionTexts);
  const heads = [
    ...[t.source, t.door, t.lastAt, t.taken, t.unchanged, t.repeated, t.late, t.replayed, t.refused],
    t.action,
  ];
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="avsendere">
      <Table size="small">
        <TableHead columns={heads} />
        <tbody>
          {sources.map(({ source, name, door, lastAt, refused, ...counts }) => (
            <tr key={`${source} ${door}`}>
              <th scope="row">{name}</th>
              <td>{t.doors[door]}</td>
              <td className="nowrap tabular">{formatInstant(lastAt)}</td>
              {[counts.taken, counts.unchanged, counts.repeated, counts.late, counts.replayed].map(
                (n, at) => (
                  <td key={at} className="tabular">
                    {n}
                  </td>
                ),
              )}
              <td>
                <Tag size="xsmall" variant={refused > 0 ? 'warning' : 'success'}>
                  {refused}
                </Tag>
              </td>
              <td>
                {refused > 0 && (
                  <form method="post" action={`${CONNECTIONS}/kjor-pa-nytt`}>
                    <input type="hidden" name="avsender" value={source} />
                    <Button
                      type="submit"
                      size="small"
                      variant="secondary"
                      aria-label={fill(t.replayAllOf, { name })}
                    >
                      {t.replayAll}
                    </Button>
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Refused({ lines }: { readonly lines: readonly MessageLine[] }): ReactNode {
  const t = useTexts(connectionTexts);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="avviste">
      <Table size="small">
        <TableHead columns={[t.when, t.source, t.door, t.message, t.times, t.reason, t.show]} />
        <tbody>
          {lines.map(({ id, name, door, message, lastAt, times, reason, more }) => (
            <tr key={id}>
              <td className="nowrap tabular">{formatInstant(lastAt)}</td>
              <td>{name}</td>
              <td>{t.doors[door]}</td>
              <td className="message-id">{message ?? '–'}</td>
              <td className="tabular">{times}</td>
              <td lang="en">
                {reason}
                {more > 0 && <span className="subtle"> {fill(t.more, { n: String(more) })}</span>}
              </td>
              <td>
                <a
                  href={`${CONNECTIONS}/${id}`}
                  aria-label={fill(t.showOf, { name, when: formatInstant(lastAt) })}
                >
                  {t.show}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

export function MessagePage({ model, notice }: Noticed & { readonly model: MessageModel }): ReactNode {
  const t = useTexts(connectionTexts);
  const { id, outcome, settled, status } = model;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t.source, model.name],
    [t.door, t.doors[model.door]],
    [t.message, model.message],
    [t.received, formatInstant(model.receivedAt)],
    [t.sent, model.sentAt && formatInstant(model.sentAt)],
    [t.times, String(model.times)],
    [t.status, status === undefined ? undefined : String(status)],
    [t.outcome, `${t.outcomes[outcome]}${settled === undefined ? '' : `, ${formatInstant(settled.at)}`}`],
  ];
  return (
    <div className="stack">
      <p>
        <a href={CONNECTIONS}>{t.title}</a>
      </p>
      <h1 className="page-title">{t.one}</h1>
      <Notice notice={notice} />
      <dl className="card facts">
        {facts.flatMap(([name, value]) =>
          value === undefined ? [] : [<dt key={name}>{name}</dt>, <dd key={`${name}:`}>{value}</dd>],
        )}
      </dl>
      {model.issues.length > 0 && (
        <Part id="grunner" title={t.reasons}>
          <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="grunner">
            <Table size="small">
              <TableHead columns={[t.element, t.what, t.rule]} />
              <tbody>
                {model.issues.map(({ expression, diagnostics, rule }, at) => (
                  <tr key={at}>
                    <td>
                      <code>{expression ?? '–'}</code>
                    </td>
                    <td lang="en">{diagnostics}</td>
                    <td>{rule === undefined ? '–' : <code>{rule}</code>}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </div>
        </Part>
      )}
      {outcome === 'refused' && !model.mayReplay && <p className="card">{t.notKept}</p>}
      {outcome === 'refused' && (
        <div className="row">
          {model.mayReplay && (
            <form method="post" action={`${CONNECTIONS}/${id}/kjor-pa-nytt`}>
              <Button type="submit">{t.replay}</Button>
            </form>
          )}
          <form method="post" action={`${CONNECTIONS}/${id}/legg-bort`}>
            <Button type="submit" variant="secondary" aria-describedby="bort">
              {t.dismiss}
            </Button>
          </form>
          <p id="bort" className="subtle">
            {t.dismissLead}
          </p>
        </div>
      )}
    </div>
  );
}
