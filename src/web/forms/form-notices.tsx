/**
 * What stands above and below the questions: what is wrong, what was fetched, what is left. Each line leads to its field.
 */
import type { MouseEvent, ReactNode } from 'react';
import type { FormIssue } from '../../sdc/validate-response.ts';
import { Button, ErrorSummary } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { sourceTexts } from '../ui/source-texts.ts';
import { useFrame, type FieldIssue } from './form-context.tsx';
import { fields } from './form-fields.ts';
import type { Place, Progress } from './progress.ts';

export interface ProblemSummaryProps {
  readonly progress: Progress;
  readonly isAttempted: boolean;
  /** Texts that the server could not read, each with what to write instead. */
  readonly unread: readonly (FieldIssue & Place)[];
  /** What the server says of the form as a whole. */
  readonly form: readonly FormIssue[];
}

/**
 * Errors, first on the page, once something was sent. While one works, messages stand at their fields and in the outline alone: a
 * box that comes and goes up here would move the field under the pointer.
 */
export function ProblemSummary({ progress, isAttempted, unread, form }: ProblemSummaryProps): ReactNode {
  const { t } = useFrame();
  const { problems, remaining } = progress;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const shown = [...unread, ...(isAttempted ? [...errors, ...remaining] : [])];
  const general = form.filter(({ path }) => path === undefined);
  if (shown.length === 0 && general.length === 0) {
    return null;
  }
  return (
    <ErrorSummary
      size="small"
      heading={isAttempted ? t.errorHeading : t.errorHeadingDraft}
      headingTag="h2"
      className="problems"
      id="feil"
    >
      {general.map(({ diagnostics }) => (
        <ErrorSummary.Item key={diagnostics} href="#skjema">
          {diagnostics}
        </ErrorSummary.Item>
      ))}
      {shown.map((issue) => (
        <ErrorSummary.Item key={`${issue.name}${issue.message}`} href={`#${issue.name}`}>
          {summaryText(issue)}
        </ErrorSummary.Item>
      ))}
    </ErrorSummary>
  );
}

const summaryText = ({ text, message }: FieldIssue & Place): string => {
  const place = /[?!.:]$/.test(text) ? text : `${text}:`;
  return text === '' ? message : `${place} ${message}`;
};

/** Fetched answers that nobody has stood by yet, each with its value and its source: what one confirms is what one sees. */
export function FetchedBanner({ answers }: { readonly answers: Progress['toConfirm'] }): ReactNode {
  const { t, lang, isLive, dispatch } = useFrame();
  const confirm = (event: MouseEvent): void => {
    if (isLive) {
      event.preventDefault();
      dispatch({ kind: 'all-confirmed' });
    }
  };
  return (
    <div className="fetched">
      <p>
        <span aria-hidden="true">↓ </span>
        {fill(t.toConfirm, { n: answers.length })} {t.confirmAllHint}
      </p>
      <ul className="fetched__list" aria-label={sourceTexts[lang].toConfirm}>
        {answers.map(({ name, text, value, from }) => (
          <li key={`${name}${value}`}>
            <a href={`#${name}`}>{text}</a>: <strong>{value}</strong> <span className="subtle">{from}</span>
          </li>
        ))}
      </ul>
      <Button
        type="submit"
        size="small"
        variant="secondary"
        name={fields.action}
        value="confirm-all"
        onClick={confirm}
      >
        {t.confirmAll}
      </Button>
    </div>
  );
}

/** What must still be answered, as links: the nurse's "what is left". */
export function Remaining({ progress }: { readonly progress: Progress }): ReactNode {
  const { t } = useFrame();
  const { remaining } = progress;
  if (remaining.length === 0) {
    return (
      <p className="remaining remaining--none">
        <span aria-hidden="true">✓ </span>
        {t.nothingRemaining}
      </p>
    );
  }
  return (
    <details className="remaining" open={remaining.length <= 8}>
      <summary>{fill(t.remaining, { n: remaining.length })}</summary>
      <ul>
        {remaining.map(({ name, text }) => (
          <li key={name}>
            <a href={`#${name}`}>{text}</a>
          </li>
        ))}
      </ul>
    </details>
  );
}
