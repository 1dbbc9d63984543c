/**
 * One event of the audit trail: what was seen or stored, why, and what a coordinator has done about it (AU-05).
 */
import type { ReactNode } from 'react';
import { VERDICTS } from '../../registry/audit/review.ts';
import { Alert, Button, Radio, RadioGroup } from '../ui/aksel.ts';
import { auditTexts } from '../ui/audit-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { Textarea } from '../ui/textarea.tsx';
import type { EventModel } from '../models/trail.ts';
import { Marks } from './trail-review.tsx';
import { useTexts } from '../ui/page-context.tsx';

export interface TrailEventProps {
  readonly model: EventModel;
  readonly notice?: 'saved' | 'comment-needed' | undefined;
}

export function TrailEventPage({ model, notice }: TrailEventProps): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <div className="stack">
      <p>
        <a href="/tilgangslogg">{a.back}</a>
      </p>
      <h1 className="page-title">{a.event}</h1>
      {notice === 'saved' && (
        <Alert variant="success" size="small">
          {a.saved}
        </Alert>
      )}
      <Facts model={model} />
      <section className="stack stack--tight" aria-labelledby="oppfolging">
        <h2 id="oppfolging" className="section-title">
          {a.followUp}
        </h2>
        <FollowUps model={model} />
        <FollowUpForm id={model.line.id} isRefused={notice === 'comment-needed'} />
      </section>
      <section className="stack stack--tight" aria-labelledby="vist">
        <h2 id="vist" className="section-title">
          {a.seen}
        </h2>
        <ul className="bullets">
          {model.seen.map((reference) => (
            <li key={reference}>
              <a href={`/ressurs/${reference.replace(/\/_history\/.*$/, '')}`}>
                <code>{reference}</code>
              </a>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Facts({ model: { line, requestId, purpose, legalBasis, patients } }: TrailEventProps): ReactNode {
  const a = useTexts(auditTexts);
  const outcome = line.status < 400 ? a.ok : a.refused.replace('{status}', String(line.status));
  const facts: readonly (readonly [string, ReactNode])[] = [
    [a.when, formatInstant(line.at)],
    [a.who, `${line.who} (${line.agent}), ${line.role}`],
    [a.where, line.where],
    [a.what, line.what],
    [a.outcome, outcome],
    [a.purpose, a.purposes[purpose ?? ''] ?? purpose ?? ''],
    [a.legalBasis, legalBasis.join(', ')],
    [a.requestId, <code key="id">{requestId}</code>],
  ];
  return (
    <div className="card stack stack--tight">
      <Marks line={line} />
      <dl className="trail-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value === '' ? '–' : value}</dd>
          </div>
        ))}
        <div>
          <dt>{a.patients}</dt>
          <dd>{patients.length === 0 ? '–' : <Patients ids={patients} />}</dd>
        </div>
      </dl>
    </div>
  );
}

const MOST_SHOWN = 100;

const Patients = ({ ids }: { readonly ids: readonly string[] }): ReactNode => (
  <ul className="trail-patients">
    {ids.slice(0, MOST_SHOWN).map((id) => (
      <li key={id}>
        <a href={`/pasient/${id}`}>{id}</a>
      </li>
    ))}
    {ids.length > MOST_SHOWN && <li>… ({ids.length})</li>}
  </ul>
);

function FollowUps({ model: { followUps } }: TrailEventProps): ReactNode {
  const a = useTexts(auditTexts);
  if (followUps.length === 0) {
    return <p className="subtle">{a.noFollowUp}</p>;
  }
  return (
    <ol className="events">
      {followUps.map(({ at, who, verdict, comment }) => (
        <li key={`${at}${who}`}>
          <time dateTime={at} className="subtle">
            {formatInstant(at)}
          </time>
          <p>
            <strong>{a.verdicts[verdict]}</strong>: {comment}
          </p>
          <p className="subtle">{who}</p>
        </li>
      ))}
    </ol>
  );
}

function FollowUpForm({ id, isRefused }: { readonly id: string; readonly isRefused: boolean }): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <form className="card stack stack--tight" method="post" action={`/tilgangslogg/${id}/oppfolging`}>
      <RadioGroup legend={a.verdict} name="vurdering" size="small" defaultValue={VERDICTS[0]}>
        {VERDICTS.map((verdict) => (
          <Radio key={verdict} value={verdict}>
            {a.verdicts[verdict]}
          </Radio>
        ))}
      </RadioGroup>
      <Textarea
        id="kommentar"
        name="kommentar"
        label={a.comment}
        description={a.commentHint}
        error={isRefused ? a.commentNeeded : undefined}
        maxLength={2000}
      />
      <div>
        <Button type="submit" size="small">
          {a.save}
        </Button>
      </div>
    </form>
  );
}
