/** The new password, twice. */
import type { ReactNode } from 'react';
import { TextField } from '../../ui/aksel.ts';
import { passwordRule } from '../../ui/account-texts.ts';

export const NewPasswordFields = (): ReactNode => (
  <>
    <TextField
      id="nytt"
      name="nytt"
      type="password"
      label="Nytt passord"
      description={passwordRule}
      autoComplete="new-password"
    />
    <TextField
      id="gjenta"
      name="gjenta"
      type="password"
      label="Gjenta nytt passord"
      autoComplete="new-password"
    />
  </>
);
