/** A new mobile number or e-mail address: it takes effect when the code that was sent there comes back. */
import type { ReactNode } from 'react';
import type { FieldProblem } from '../../../smart/people/application-form.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, TextField } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import { ownPageTexts } from '../../ui/own-page-texts.ts';
import { CodeField } from './code-field.tsx';
import { ProblemBox } from './problem-box.tsx';

export function ContactPage({
  field,
  value,
  step,
  problem,
}: {
  readonly field: 'mobil' | 'epost';
  readonly value: string;
  readonly step: 'value' | 'code';
  readonly problem: FieldProblem | 'mange' | 'kode' | undefined;
}): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(ownPageTexts);
  const isMobile = field === 'mobil';
  const isOfField = problem !== undefined && problem !== 'mange' && problem !== 'kode';
  return (
    <div className="stack">
      <h1 className="page-title">{isMobile ? t.contactMobile : t.contactEmail}</h1>
      <ProblemBox text={isOfField ? undefined : a.ownProblems[problem ?? '']} />
      {step === 'value' ? (
        <form method="post" action={`/min-side/${field}`} className="card stack login">
          <TextField
            id="verdi"
            name="verdi"
            label={isMobile ? t.mobileNumber : a.fieldLabels.epost}
            type={isMobile ? 'tel' : 'email'}
            autoComplete={isMobile ? 'tel' : 'email'}
            defaultValue={value}
            error={isOfField ? a.fieldProblem(field, problem) : undefined}
          />
          <div>
            <Button type="submit">{t.sendCodeThere}</Button>
          </div>
        </form>
      ) : (
        <form method="post" action={`/min-side/${field}/kode`} className="card stack login">
          <p>{fill(t.codeSent, { to: value })}</p>
          <input type="hidden" name="verdi" value={value} />
          <CodeField />
          <div>
            <Button type="submit">{t.confirm}</Button>
          </div>
        </form>
      )}
      <p>
        <a href="/min-side">{t.toOwnPage}</a>
      </p>
    </div>
  );
}
