/** How a patient's form stands, as symbol and text: a paper plane for what is sent, a lock for what is locked; never colour alone. */
import type { ReactNode } from 'react';
import type { PatientFormState } from '../models/patient-forms.ts';
import { useTexts } from './page-context.tsx';
import { patientFormsTexts } from './patient-forms-texts.ts';
import { tray } from './status.tsx';

export function SendingStatus({ state }: { readonly state: PatientFormState }): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <span className={`status sending sending--${state}`}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
        {SHAPES[state]}
      </svg>
      <span>{t.state[state]}</span>
    </span>
  );
}

const ring = <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" strokeWidth="2" />;
const plane = (
  <path
    d="M2 9.5 18 2l-5.5 16-3-6.5z"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinejoin="round"
  />
);
const lock = (
  <>
    <rect x="4" y="9" width="12" height="8.5" rx="1.5" fill="currentColor" />
    <path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9" fill="none" stroke="currentColor" strokeWidth="2" />
  </>
);

const SHAPES: Readonly<Record<PatientFormState, ReactNode>> = {
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
  waiting: (
    <>
      {ring}
      <path d="M10 6v4.5l3 2" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  'not-ready': (
    <>
      {ring}
      <path d="M10 5.5v5.5M10 13.5v1" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  'no-content': (
    <>
      {ring}
      <path d="M10 5.5v5.5M10 13.5v1" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  available: (
    <path
      d="m10 2.2 2.3 5 5.4.6-4 3.7 1.1 5.4L10 14.2l-4.8 2.7 1.1-5.4-4-3.7 5.4-.6z"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinejoin="round"
    />
  ),
  ordered: plane,
  sent: <path d="M2 9.5 18 2l-5.5 16-3-6.5z" fill="currentColor" />,
  reminded: (
    <path
      d="M10 2.5a5 5 0 0 1 5 5V12l1.5 2.5h-13L5 12V7.5a5 5 0 0 1 5-5zM8 16.5a2 2 0 0 0 4 0z"
      fill="currentColor"
    />
  ),
  'not-reachable': (
    <>
      {plane}
      <path d="M3 17 17 3" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  stopped: (
    <>
      {ring}
      <path d="M5 15 15 5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  started: (
    <>
      {ring}
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />
    </>
  ),
  answered: (
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
  locked: lock,
  submitted: tray,
  imported: (
    <>
      {ring}
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />
    </>
  ),
};
