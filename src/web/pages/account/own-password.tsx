/** Change of one's own password [Bytt passord]; after the first login there is no way around it. */
import type { ReactNode } from 'react';
import { accountTexts } from '../../ui/account-texts.ts';
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
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{isFirst ? 'Velg et eget passord' : 'Bytt passord'}</h1>
      <ProblemBox text={a.passwordProblems[problem ?? '']} />
      {isFirst && (
        <p>Passordet du fikk på SMS, kan bare brukes til å komme hit. Velg et eget før du går videre.</p>
      )}
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
          label={isFirst ? 'Passordet du fikk på SMS' : 'Nåværende passord'}
          autoComplete="current-password"
        />
        <NewPasswordFields />
        <div>
          <Button type="submit">Oppdater</Button>
        </div>
      </form>
      {!isFirst && (
        <p>
          <a href="/min-side">Til Min side</a>
        </p>
      )}
    </div>
  );
};
