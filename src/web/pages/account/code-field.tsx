/** Where a code of six digits is typed: numbers on the keyboard of a phone, and the phone offers what came by SMS. */
import type { ReactNode } from 'react';
import { TextField } from '../../ui/aksel.ts';

export const CodeField = ({
  label = 'Kode',
  description = 'Seks siffer',
}: {
  readonly label?: string;
  readonly description?: string;
}): ReactNode => (
  <TextField
    id="kode"
    name="kode"
    label={label}
    description={description}
    inputMode="numeric"
    autoComplete="one-time-code"
    className="short-field"
  />
);
