/**
 * State as symbol and text: never colour alone. The symbols are those that registrars know from the register's own list:
 * empty, half, full.
 */
import type { ReactNode } from 'react';
import type { ConsentState, FormStatus } from '../view-models.ts';
import { usePage } from './page-context.tsx';

/** Symbol with its text beside it, or hidden where space is scarce and a legend stands below. */
export function FormStatusMark({
  status,
  text = 'shown',
}: {
  readonly status: FormStatus;
  readonly text?: 'shown' | 'hidden';
}): ReactNode {
  const { t } = usePage();
  return (
    <span className={`status status--${status}`}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
        {shapes[status]}
      </svg>
      <span className={text === 'hidden' ? 'visually-hidden' : undefined}>{t[`status-${status}`]}</span>
    </span>
  );
}

/** A sheet that has come into the tray. */
export const tray = (
  <>
    <path
      d="M10 2v8.2M6.4 7l3.6 3.6L13.6 7"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
    <path d="M2 11h4.2l1.3 2.4h5L13.8 11H18v6.5H2z" fill="currentColor" />
  </>
);

const shapes: Readonly<Record<FormStatus, ReactNode>> = {
  submitted: tray,
  'not-open': (
    <circle
      cx="10"
      cy="10"
      r="7.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2.6 2.6"
    />
  ),
  new: <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" strokeWidth="2" />,
  'in-progress': (
    <>
      <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />
    </>
  ),
  completed: (
    <>
      <circle cx="10" cy="10" r="8.5" fill="currentColor" />
      <path
        d="m6 10.3 2.8 2.8L14.2 7.4"
        fill="none"
        stroke="white"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  'not-applicable': <path d="M5 10h10" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
};

const consentSymbols: Readonly<Record<ConsentState, string>> = { yes: '✓', no: '✕', unknown: '?' };

export function ConsentMark({
  consent,
  note,
}: {
  readonly consent: ConsentState;
  readonly note?: string | undefined;
}): ReactNode {
  const { t } = usePage();
  return (
    <span className={`consent consent--${consent}`}>
      <span aria-hidden="true">{consentSymbols[consent]} </span>
      {t[`consent-${consent}`]}
      {note !== undefined && <span className="subtle"> – {note}</span>}
    </span>
  );
}
