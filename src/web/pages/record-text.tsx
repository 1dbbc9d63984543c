/** A locked form as text for the record: to read, copy and print; and whether it has gone to the EHR by itself. */
import type { ReactNode } from 'react';
import type { RecordTextModel, WriteBackModel } from '../models/record-text.ts';
import { Alert, Button } from '../ui/aksel.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { recordTexts } from '../ui/record-texts.ts';

const TEXT_ID = 'journaltekst';

export function RecordTextPage({ model }: { readonly model: RecordTextModel }): ReactNode {
  const t = useTexts(recordTexts);
  const { task, title, text, writeBack } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.title}</h1>
      <p className="lead">
        {title}. {t.lead}
      </p>
      {writeBack !== undefined && <WriteBackNote writeBack={writeBack} />}
      <div className="row no-print">
        <Button type="button" size="small" data-copy={TEXT_ID} hidden>
          {t.copy}
        </Button>
        <Button type="button" size="small" variant="secondary" data-print="" hidden>
          {t.print}
        </Button>
        <a href={`/skjema/${task}/journaltekst.txt`}>{t.file}</a>
        <a href={`/skjema/${task}`}>{t.back}</a>
        <span role="status" data-copied={t.copied} />
      </div>
      <pre id={TEXT_ID} className="card record-text" tabIndex={0} aria-label={t.label} role="region">
        {text}
      </pre>
      {writeBack?.mayRetry === true && (
        <form method="post" action={`/skjema/${task}/journaltekst`} className="no-print">
          <Button type="submit" size="small" variant="secondary">
            {t.retry}
          </Button>
        </form>
      )}
    </div>
  );
}

const VARIANTS = { waiting: 'info', written: 'success', refused: 'warning', 'given-up': 'warning' } as const;

/** Where it stands, in words; on the form's page, too. */
export function WriteBackNote({
  writeBack: { state, ehr, at, why },
}: {
  readonly writeBack: WriteBackModel;
}): ReactNode {
  const t = useTexts(recordTexts);
  return (
    <Alert variant={VARIANTS[state]} size="small" inline={false} className="no-print">
      {t.states[state](ehr)}
      {state === 'written' && at !== undefined && ` ${formatInstant(at)}`}
      {why !== undefined && ` ${t.why[why]}`}
    </Alert>
  );
}
