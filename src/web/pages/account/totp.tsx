/** An authenticator app: the QR code for its camera, the secret for typing, and a code as proof. And the recovery codes. */
import type { ReactNode } from 'react';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Alert, Button, TextField } from '../../ui/aksel.ts';
import { ownPageTexts } from '../../ui/own-page-texts.ts';
import { CodeField } from './code-field.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { ProblemBox } from './problem-box.tsx';

export const TotpPage = ({
  proposal,
  problem,
}: {
  readonly proposal: { readonly secret: string; readonly address: string; readonly sealed: string };
  readonly problem: 'kode' | undefined;
}): ReactNode => {
  const a = useTexts(accountTexts);
  const t = useTexts(ownPageTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.addApp}</h1>
      <ProblemBox text={a.ownProblems[problem ?? '']} />
      <div className="card stack">
        <p>{t.scan}</p>
        <QrCode text={proposal.address} label={t.qrCode} />
        <p>
          {t.cannotScan} <code className="secret">{grouped(proposal.secret)}</code>
        </p>
        <form method="post" action="/min-side/app" className="stack login">
          <input type="hidden" name="forslag" value={proposal.sealed} />
          <TextField id="navn" name="navn" label={t.appName} description={t.appNameHint} autoComplete="off" />
          <CodeField label={t.appCode} />
          <div>
            <Button type="submit">{t.add}</Button>
          </div>
        </form>
      </div>
      <p>
        <a href="/min-side">{t.toOwnPage}</a>
      </p>
    </div>
  );
};

const grouped = (secret: string): string => secret.replaceAll(/(.{4})(?=.)/g, '$1 ');

export function RecoveryCodesPage({ codes }: { readonly codes: readonly string[] }): ReactNode {
  const t = useTexts(ownPageTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.recoveryTitle}</h1>
      <Alert variant="warning" size="small">
        {t.recoveryOnce}
      </Alert>
      <p>{t.recoveryUse}</p>
      <ul className="card plain-list recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>
        <a href="/min-side">{t.toOwnPage}</a>
      </p>
    </div>
  );
}
