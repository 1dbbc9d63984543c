/** Where a code of six digits is typed: numbers on the keyboard of a phone, and the phone offers what came by SMS. */
import type { ReactNode } from 'react';
import { accountPageTexts } from '../../ui/account-page-texts.ts';
import { TextField } from '../../ui/aksel.ts';
import { useTexts } from '../../ui/page-context.tsx';

export function CodeField({
  label,
  description,
}: {
  readonly label?: string;
  readonly description?: string;
}): ReactNode {
  const p = useTexts(accountPageTexts);
  return (
    <TextField
      id="kode"
      name="kode"
      label={label ?? p.code}
      description={description ?? p.sixDigits}
      inputMode="numeric"
      autoComplete="one-time-code"
      className="short-field"
    />
  );
}
