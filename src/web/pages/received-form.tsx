/** [Pasientregistrering klar til import]: how much is answered, the scores, import or discard. */
import type { ReactNode } from 'react';
import type { ReceivedModel } from '../models/received-form.ts';
import { Alert, Button, Radio, RadioGroup } from '../ui/aksel.ts';
import { formatInstant } from '../ui/format.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { usePage } from '../ui/page-context.tsx';
import { receivedTexts } from '../ui/received-texts.ts';
import { FormScores } from './form-scores.tsx';

export function ReceivedFormPage({
  model,
  isBack,
  problem,
}: {
  readonly model: ReceivedModel;
  /** It was discarded, and has just been brought back. */
  readonly isBack: boolean;
  /** Why what was asked for was not done. */
  readonly problem?: string | undefined;
}): ReactNode {
  const { lang } = usePage();
  const t = receivedTexts[lang];
  const { patient, taskId, title, sentInAt, answered, total, scores, reasons } = model;
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.toPatient}</a>
      </PatientBanner>
      {isBack && (
        <Alert variant="success" role="status">
          {t.isBack}
        </Alert>
      )}
      {problem !== undefined && (
        <Alert variant="error" role="alert">
          {problem}
        </Alert>
      )}
      <div>
        <h1 className="page-title">{t.title}</h1>
        <p className="received__lead">{title}</p>
      </div>
      <p>
        {sentInAt !== undefined && `${t.sentIn(formatInstant(sentInAt))} `}
        <strong>{t.answered(answered, total)}</strong>
      </p>
      <FormScores scores={scores} lang={lang} />
      <p>
        <a href={`/skjema/${taskId}/utskrift`}>{t.seeAnswers}</a>
      </p>
      <div className="card stack received__choice">
        <p>{t.importLead}</p>
        <form method="post" action={`/skjema/${taskId}/importer`}>
          <Button type="submit">{t.import}</Button>
        </form>
      </div>
      <details className="received__discard">
        <summary>{t.discard}</summary>
        <form method="post" action={`/skjema/${taskId}/forkast`} className="stack">
          <p>{t.discardLead}</p>
          <RadioGroup legend={t.why} name="arsak" size="small">
            {reasons.map(({ code, text }) => (
              <Radio key={code} value={code}>
                {text}
              </Radio>
            ))}
          </RadioGroup>
          <div>
            <Button type="submit" variant="danger">
              {t.discardSure}
            </Button>
          </div>
        </form>
      </details>
    </div>
  );
}
