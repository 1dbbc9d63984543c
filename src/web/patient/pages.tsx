/** The pages for patients, and the two that staff hand over from. */
import type { ReactNode } from 'react';
import { Alert, BodyLong, Button, Link, TextField } from '../ui/aksel.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { patientTexts } from '../ui/patient-texts.ts';

const Problem = ({ isShown }: { readonly isShown: boolean }): ReactNode => {
  const t = useTexts(patientTexts);
  return isShown ? (
    <Alert variant="error" role="alert">
      {t.wrong}
    </Alert>
  ) : null;
};

/** Birth date and the code from the ward. What was typed is not shown again: it is the next person's screen too. */
export const CodePage = ({ isWrong }: { readonly isWrong: boolean }): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.codeTitle}</h1>
      <BodyLong>{t.codeLead}</BodyLong>
      <Problem isShown={isWrong} />
      <form method="post" action="/pasientskjema" className="card stack login" autoComplete="off">
        <TextField
          id="fodt"
          name="fodt"
          label={t.birthDate}
          description={t.birthDateHint}
          inputMode="numeric"
          autoComplete="off"
        />
        <TextField
          id="kode"
          name="kode"
          label={t.code}
          description={t.codeHint}
          autoCapitalize="characters"
          autoComplete="off"
          spellCheck={false}
        />
        <div>
          <Button type="submit">{t.open}</Button>
        </div>
      </form>
    </div>
  );
};

/** Where a link leads. With script the form is filled from the address and sent by itself. */
export const LinkPage = (): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.linkTitle}</h1>
      <BodyLong>{t.linkLead}</BodyLong>
      <form method="post" action="/skjema-til-deg" id="lenke" className="card stack login" autoComplete="off">
        <TextField
          id="nokkel"
          name="nokkel"
          label={t.linkPaste}
          description={t.linkPasteHint}
          autoComplete="off"
          spellCheck={false}
        />
        <div>
          <Button type="submit">{t.continue}</Button>
        </div>
      </form>
    </div>
  );
};

/** Ask for a code; then write it. */
export const SmsPage = ({
  isSent,
  isWrong,
}: {
  readonly isSent: boolean;
  readonly isWrong: boolean;
}): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{isSent ? t.smsTitle : t.linkTitle}</h1>
      <BodyLong>{isSent ? t.smsLead : t.linkLead}</BodyLong>
      <Problem isShown={isWrong} />
      {isSent && (
        <form method="post" action="/skjema-til-deg/kode" className="card stack login" autoComplete="off">
          <TextField
            id="kode"
            name="kode"
            label={t.smsCode}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={10}
          />
          <div>
            <Button type="submit">{t.open}</Button>
          </div>
        </form>
      )}
      <form method="post" action="/skjema-til-deg/send">
        <Button type="submit" variant={isSent ? 'secondary' : 'primary'}>
          {isSent ? t.sendAgain : t.sendCode}
        </Button>
      </form>
    </div>
  );
};

export const FailedPage = (): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.failedTitle}</h1>
      <BodyLong>{t.failed}</BodyLong>
    </div>
  );
};

export const EndPage = ({ isSentIn }: { readonly isSentIn: boolean }): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{isSentIn ? t.thanksTitle : t.closedTitle}</h1>
      <BodyLong>{isSentIn ? t.thanks : t.closed}</BodyLong>
    </div>
  );
};

/** A sheet to hand over: address, code, and how long it is good. Nothing of the patient. */
export function HandOutPage({ model }: { readonly model: HandOut }): ReactNode {
  const t = useTexts(patientTexts);
  const { code, address, expiresAt, patientId } = model;
  const texts = t.forStaff;
  return (
    <div className="stack">
      <h1 className="page-title">{texts.title}</h1>
      <BodyLong className="no-print">{texts.lead}</BodyLong>
      <div className="card stack hand-out">
        <p>
          {texts.go} <strong>{address}</strong>
        </p>
        <p>{texts.with}</p>
        <p className="one-time-code">{code}</p>
        <p>{texts.until(formatInstant(expiresAt))}</p>
      </div>
      <div className="row no-print">
        <button type="button" className="print-button" data-print hidden>
          {texts.print}
        </button>
        <form method="post" action="/pasientskjema/her">
          <Button type="submit" variant="secondary">
            {texts.here}
          </Button>
        </form>
      </div>
      <p className="no-print">
        <Link href={`/pasient/${patientId}`}>{texts.back}</Link>
      </p>
    </div>
  );
}

export interface HandOut {
  readonly code: string;
  readonly address: string;
  readonly expiresAt: string;
  readonly patientId: string;
}

export const LinkSentPage = ({
  isSent,
  patientId,
}: {
  readonly isSent: boolean;
  readonly patientId: string;
}): ReactNode => {
  const t = useTexts(patientTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{isSent ? t.forStaff.sentTitle : t.forStaff.title}</h1>
      <Alert variant={isSent ? 'success' : 'warning'}>{isSent ? t.forStaff.sent : t.forStaff.notSent}</Alert>
      <p>
        <Link href={`/pasient/${patientId}`}>{t.forStaff.back}</Link>
      </p>
    </div>
  );
};
