/** Change of one's own password [Bytt passord]; after the first login there is no way around it. */
import type { ReactNode } from 'react';
import { accountTexts } from '../../ui/account-texts.ts';
import { accountPageTexts } from '../../ui/account-page-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, TextField } from '../../ui/aksel.ts';
import { NewPasswordFields } from './new-password-fields.tsx';
import { ProblemBox } from './problem-box.tsx';

export const OwnPasswordPage = ({
  isFirst,
  username,
  problem,
}: {
  readonly isFirst: boolean;
  readonly username: string;
  readonly problem: string | undefined;
}): ReactNode => {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{isFirst ? p.firstTitle : p.change}</h1>
      <ProblemBox text={a.passwordProblems[problem ?? '']} />
      {isFirst && <p>{p.firstLead}</p>}
      <form method="post" action="/min-side/passord" className="card stack login">
        <input
          type="text"
          name="brukernavn"
          defaultValue={username}
          autoComplete="username"
          hidden
          readOnly
        />
        <TextField
          id="gammelt"
          name="gammelt"
          type="password"
          label={isFirst ? p.firstOld : p.old}
          autoComplete="current-password"
        />
        <NewPasswordFields />
        <div>
          <Button type="submit">{p.update}</Button>
        </div>
      </form>
      {!isFirst && (
        <p>
          <a href="/min-side">{p.toOwnPage}</a>
        </p>
      )}
    </div>
  );
};
