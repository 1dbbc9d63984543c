/**
 * [Tilgangslogg]: what people at work have opened and changed, with marks, a sample, and what has been followed up (AU-05).
 */
import type { ReactNode } from 'react';
import { Alert, Button, Table, Tag, TextField } from '../ui/aksel.ts';
import { auditTexts } from '../ui/audit-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import type { ReviewLine, ReviewModel, ReviewRequest } from '../models/trail.ts';
import { reviewHref } from './trail-review-query.ts';
import { useTexts } from '../ui/page-context.tsx';

export function TrailReviewPage({ model }: { readonly model: ReviewModel }): ReactNode {
  const a = useTexts(auditTexts);
  const { request, lines, isCut, newSeed, counts } = model;
  return (
    <div className="stack">
      <div className="row row--apart">
        <h1 className="page-title">{a.title}</h1>
        <Filters model={model} />
      </div>
      <p className="lead">{request.seed === undefined ? a.lead : fill(a.sampleLead, { n: counts.all })}</p>
      <div className="row trail-period">
        <Period request={request} />
        <a href={reviewHref({ ...request, seed: newSeed, filter: 'all', page: 1 })}>
          {request.seed === undefined ? a.sample : a.sampleNew}
        </a>
      </div>
      {isCut && (
        <Alert variant="info" size="small">
          {fill(a.cut, { n: counts.all })}
        </Alert>
      )}
      {lines.length === 0 ? <p className="card empty">{a.none}</p> : <Lines lines={lines} />}
      <Pages model={model} />
    </div>
  );
}

const FILTERS = ['all', 'marked', 'open'] as const satisfies readonly ReviewRequest['filter'][];

function Filters({ model: { request, counts } }: { readonly model: ReviewModel }): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <nav aria-label={a.show}>
      <ul className="chips">
        {FILTERS.map((filter) => (
          <li key={filter}>
            <a
              className="chip"
              href={reviewHref({ ...request, filter, page: 1 })}
              aria-current={filter === request.filter ? 'true' : undefined}
            >
              {a[filter]} <span className="chip__count">{counts[filter]}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Typed dates, as Norwegians write them; a plain form, so that the address holds what is shown. */
function Period({ request }: { readonly request: ReviewModel['request'] }): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <form className="row trail-period" method="get" action="/tilgangslogg" aria-label={a.period}>
      <input type="hidden" name="vis" value={request.filter} />
      <TextField
        size="small"
        name="fra"
        label={a.from}
        defaultValue={formatInstant(request.from)}
        autoComplete="off"
      />
      <TextField
        size="small"
        name="til"
        label={a.to}
        defaultValue={formatInstant(request.to)}
        autoComplete="off"
      />
      <TextField
        size="small"
        name="hvem"
        label={a.user}
        defaultValue={userName(request.agent ?? '')}
        autoComplete="off"
      />
      <Button type="submit" size="small" variant="secondary">
        {a.show}
      </Button>
    </form>
  );
}

function Lines({ lines }: { readonly lines: readonly ReviewLine[] }): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={a.title}>
      <Table size="small">
        <thead>
          <tr>
            {[a.when, a.who, a.where, a.what, a.patients, a.marks, a.followUp].map((head) => (
              <th key={head} scope="col" className={head === a.patients ? 'number' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <td className="nowrap tabular">{formatInstant(line.at)}</td>
              <td>
                {line.who}
                <span className="subtle trail-agent">
                  {userName(line.agent)}, {line.role}
                </span>
              </td>
              <td>{line.where}</td>
              <td>{line.what}</td>
              <td className="number">{line.patients}</td>
              <td>
                <Marks line={line} />
              </td>
              <td className="nowrap">
                <a href={`/tilgangslogg/${line.id}`}>
                  {line.isFollowedUp ? a.followedUp : a.openEvent}
                  <span className="visually-hidden">
                    {' '}
                    {line.who}, {line.what}, {formatInstant(line.at)}
                  </span>
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** The name that somebody logs in with. */
const userName = (agent: string): string => agent.replace(/^user:/, '');

/** The marks of an event, as words. */
export function Marks({ line: { deviations } }: { readonly line: ReviewLine }): ReactNode {
  const a = useTexts(auditTexts);
  return (
    <span className="row trail-marks">
      {deviations.map((deviation) => (
        <Tag key={deviation} size="small" variant="warning">
          {a.deviations[deviation]}
        </Tag>
      ))}
    </span>
  );
}

function Pages({ model: { pages, request } }: { readonly model: ReviewModel }): ReactNode {
  const a = useTexts(auditTexts);
  if (pages <= 1) {
    return null;
  }
  return (
    <nav aria-label={a.pages}>
      <ul className="chips">
        {Array.from({ length: pages }, (_, index) => index + 1).map((page) => (
          <li key={page}>
            <a
              className="chip"
              href={reviewHref({ ...request, page })}
              aria-label={fill(a.page, { n: page })}
              aria-current={page === request.page ? 'page' : undefined}
            >
              {page}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
