/** Forgotten password: who, then the code and a new one. Says nothing about whether there is such an account. */
import type { ReactNode } from 'react';
import { accountTexts } from '../../ui/account-texts.ts';
import { accountPageTexts } from '../../ui/account-page-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, TextField } from '../../ui/aksel.ts';
import { CodeField } from './code-field.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';
import { ProblemBox } from './problem-box.tsx';

export const ForgottenPage = ({ problem }: { readonly problem: string | undefined }): ReactNode => {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{p.forgottenTitle}</h1>
      <ProblemBox text={a.loginProblems[problem ?? '']} />
      <p>{p.forgottenLead}</p>
      <form method="post" action="/glemt-passord" className="card stack login">
        <TextField
          id="brukernavn"
          name="brukernavn"
          label={p.username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <div>
          <Button type="submit">{p.sendCode}</Button>
        </div>
      </form>
      <p>
        <a href="/logg-inn">{p.toLogin}</a>
      </p>
    </div>
  );
};

export const NewPasswordPage = ({ problem }: { readonly problem: string | undefined }): ReactNode => {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{p.newTitle}</h1>
      <ProblemBox text={a.passwordProblems[problem ?? '']} />
      <p>{p.newLead}</p>
      <form method="post" action="/glemt-passord/kode" className="card stack login">
        <CodeField />
        <NewPasswordFields />
        <div>
          <Button type="submit">{p.change}</Button>
        </div>
      </form>
      <p>
        <a href="/glemt-passord">{p.sendAgain}</a>
      </p>
    </div>
  );
};
