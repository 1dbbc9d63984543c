/** A local coordinator withdraws a form that what the EHR has sent has filled, with a reason (docs/adr/0025). */
import type { ReactNode } from 'react';
import { fields } from '../forms/form-fields.ts';
import { Button, TextField } from '../ui/aksel.ts';
import { useTexts } from '../ui/page-context.tsx';
import { withdrawTexts } from '../ui/withdraw-texts.ts';
import type { FormPageModel } from '../view-models.ts';

export function WithdrawForm({ model: { form, withdrawal } }: { readonly model: FormPageModel }): ReactNode {
  const t = useTexts(withdrawTexts);
  return withdrawal === undefined ? null : (
    <form
      method="post"
      action={`/skjema/${form.taskId}/trekk`}
      className="card stack no-print reopen"
      aria-labelledby="trekk"
    >
      <h2 id="trekk" className="section-title">
        {t.title}
      </h2>
      <p>{t.lead}</p>
      <input type="hidden" name={fields.version} value={form.version ?? ''} />
      <TextField
        size="small"
        id="trekkegrunn"
        name={fields.reason}
        label={t.reason}
        error={withdrawal === 'reason-missing' && t.reasonMissing}
        maxLength={500}
        autoComplete="off"
      />
      <div>
        <Button type="submit" size="small" variant="danger">
          {t.button}
        </Button>
      </div>
    </form>
  );
}
