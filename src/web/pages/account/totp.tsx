/** An authenticator app: the QR code for its camera, the secret for typing, and a code as proof. And the recovery codes. */
import type { ReactNode } from 'react';
import { encode } from 'uqr';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Alert, Button, TextField } from '../../ui/aksel.ts';
import { CodeField } from './code-field.tsx';
import { ProblemBox } from './problem-box.tsx';

export const TotpPage = ({
  proposal,
  problem,
}: {
  readonly proposal: { readonly secret: string; readonly address: string; readonly sealed: string };
  readonly problem: 'kode' | undefined;
}): ReactNode => {
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">Legg til autentiseringsapp</h1>
      <ProblemBox text={a.ownProblems[problem ?? '']} />
      <div className="card stack">
        <p>Skann koden med en autentiseringsapp på telefonen, for eksempel Microsoft Authenticator.</p>
        <QrCode text={proposal.address} />
        <p>
          Kan du ikke skanne? Skriv denne nøkkelen i appen:{' '}
          <code className="secret">{grouped(proposal.secret)}</code>
        </p>
        <form method="post" action="/min-side/app" className="stack login">
          <input type="hidden" name="forslag" value={proposal.sealed} />
          <TextField
            id="navn"
            name="navn"
            label="Navn på appen (valgfritt)"
            description="For eksempel «Jobbtelefonen»"
            autoComplete="off"
          />
          <CodeField label="Koden som appen viser" />
          <div>
            <Button type="submit">Legg til</Button>
          </div>
        </form>
      </div>
      <p>
        <a href="/min-side">Til Min side</a>
      </p>
    </div>
  );
};

const grouped = (secret: string): string => secret.replaceAll(/(.{4})(?=.)/g, '$1 ');

/** Drawn as one path: no inline style, no picture from elsewhere. */
function QrCode({ text }: { readonly text: string }): ReactNode {
  const { size, data } = encode(text, { ecc: 'M', border: 3 });
  const path = data
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return (
    <svg
      className="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label="QR-kode for autentiseringsappen"
    >
      <rect width={size} height={size} fill="white" />
      <path d={path} fill="black" />
    </svg>
  );
}

export const RecoveryCodesPage = ({ codes }: { readonly codes: readonly string[] }): ReactNode => (
  <div className="stack">
    <h1 className="page-title">{'Gjenopprettings\u00adkoder'}</h1>
    <Alert variant="warning" size="small">
      Kodene vises bare nå. Skriv dem ut, eller lagre dem et trygt sted. Tidligere koder virker ikke lenger.
    </Alert>
    <p>Bruk en av dem hvis du mister telefonen eller nøkkelen. Hver kode virker én gang.</p>
    <ul className="card plain-list recovery-codes">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ul>
    <p>
      <a href="/min-side">Til Min side</a>
    </p>
  </div>
);
