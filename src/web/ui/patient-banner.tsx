/**
 * Who this is about: the same line on top of every page about a patient.
 */
import type { ReactNode } from 'react';
import type { PatientHead } from '../view-models.ts';
import { fill } from './form-texts.ts';
import { formatDate, formatNationalId } from './format.ts';
import { usePage } from './page-context.tsx';

export interface PatientBannerProps {
  readonly patient: PatientHead;
  /** Links of the banner. */
  readonly children?: ReactNode;
}

export function PatientBanner({ patient, children }: PatientBannerProps): ReactNode {
  const { t, needsBanner } = usePage();
  // the EHR shows the rest around us; name and birth date stay in sight before anything is saved (AP-03)
  const isShort = needsBanner === false;
  return (
    <section className={isShort ? 'banner banner--short' : 'banner'} aria-label={t.patient}>
      <p className="banner__name">{patient.name ?? t.identityHidden}</p>
      <dl className="banner__facts">
        {!isShort && (
          <Fact label={t.nationalId} value={patient.nationalId && formatNationalId(patient.nationalId)} />
        )}
        <Fact label={t.born} value={patient.birthDate && formatDate(patient.birthDate)} />
        {!isShort && <Fact label={t.patientNumber} value={patient.patientNumber} />}
      </dl>
      {patient.deceased !== undefined && (
        <p className="banner__deceased">{fill(t.deceased, { date: formatDate(patient.deceased) })}</p>
      )}
      {children !== undefined && <div className="banner__links no-print">{children}</div>}
    </section>
  );
}

function Fact({ label, value }: { readonly label: string; readonly value: string | undefined }): ReactNode {
  if (value === undefined || value === '') {
    return null;
  }
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
