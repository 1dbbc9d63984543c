/** The new password, twice. */
import type { ReactNode } from 'react';
import { TextField } from '../../ui/aksel.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { accountPageTexts } from '../../ui/account-page-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';

export const NewPasswordFields = (): ReactNode => {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  return (
    <>
      <TextField
        id="nytt"
        name="nytt"
        type="password"
        label={p.newPassword}
        description={a.passwordRule}
        autoComplete="new-password"
      />
      <TextField id="gjenta" name="gjenta" type="password" label={p.repeat} autoComplete="new-password" />
    </>
  );
};
