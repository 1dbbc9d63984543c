/** Five minutes before a patient's page is shut: when that is, and what to do then. https://www.w3.org/TR/WCAG22/#timing-adjustable */
import { useEffect, useState, type ReactNode } from 'react';
import { Alert } from '../ui/aksel.ts';
import { formatTime } from '../ui/format.ts';
import { patientSaveTexts } from '../ui/patient-form-texts.ts';
import type { FormModel } from '../view-models.ts';

const WARN_MS = 5 * 60_000;

export function TimeWarning({ model: { now, endsAt, lang } }: { readonly model: FormModel }): ReactNode {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (endsAt === undefined) {
      return undefined;
    }
    const left = Date.parse(endsAt) - Date.parse(now) - WARN_MS;
    const timer = setTimeout(() => setNear(true), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [now, endsAt]);
  return isNear && endsAt !== undefined ? (
    <Alert variant="warning" size="small" role="alert">
      {patientSaveTexts[lang].timeSoon(formatTime(endsAt))}
    </Alert>
  ) : null;
}
