/** Forgotten password: who, then the code and a new one. Says nothing about whether there is such an account. */
import type { ReactNode } from 'react';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, TextField } from '../../ui/aksel.ts';
import { CodeField } from './code-field.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';
import { ProblemBox } from './problem-box.tsx';

export const ForgottenPage = ({ problem }: { readonly problem: string | undefined }): ReactNode => {
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">Glemt passord</h1>
      <ProblemBox text={a.loginProblems[problem ?? '']} />
      <p>Skriv brukernavnet ditt. Du får en kode på e-post eller SMS, og velger så et nytt passord.</p>
      <form method="post" action="/glemt-passord" className="card stack login">
        <TextField
          id="brukernavn"
          name="brukernavn"
          label="Brukernavn"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <div>
          <Button type="submit">Send kode</Button>
        </div>
      </form>
      <p>
        <a href="/logg-inn">Til innlogging</a>
      </p>
    </div>
  );
};

export const NewPasswordPage = ({ problem }: { readonly problem: string | undefined }): ReactNode => {
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">Velg nytt passord</h1>
      <ProblemBox text={a.passwordProblems[problem ?? '']} />
      <p>
        Hvis brukernavnet finnes, har vi sendt en kode til e-postadressen eller mobilnummeret på kontoen.
        Koden gjelder i 10 minutter.
      </p>
      <form method="post" action="/glemt-passord/kode" className="card stack login">
        <CodeField />
        <NewPasswordFields />
        <div>
          <Button type="submit">Bytt passord</Button>
        </div>
      </form>
      <p>
        <a href="/glemt-passord">Send ny kode</a>
      </p>
    </div>
  );
};
