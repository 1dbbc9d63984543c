/**
 * The end of a form: comment, [Ferdigstille skjema?], save and go on. Sticks to the lower edge, with the state of the saving.
 */
import type { ReactNode } from 'react';
import { Button, Checkbox, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { patientSaveTexts } from '../ui/patient-form-texts.ts';
import { Textarea } from '../ui/textarea.tsx';
import type { FormModel } from '../view-models.ts';
import { useFrame } from './form-context.tsx';
import { fields } from './form-fields.ts';
import { SaveStatus } from './save-status.tsx';
import type { SaveState } from './saving.ts';

export interface FormEndProps {
  readonly model: FormModel;
  readonly comment: string;
  readonly onComment: (text: string) => void;
}

/** What belongs to the form as a whole. */
export function FormEnd({ model, comment, onComment }: FormEndProps): ReactNode {
  const { t } = useFrame();
  return (
    <div className="form__end card">
      <Textarea
        id="kommentar"
        name={fields.comment}
        label={t.comment}
        description={t.commentHint}
        value={comment}
        onChange={(event) => onComment(event.target.value)}
      />
      {model.state === 'correcting' && (
        <TextField
          size="small"
          id="grunn"
          name={fields.reason}
          label={t.reopenReason}
          description={t.reopenHint}
          defaultValue={model.reason ?? ''}
        />
      )}
    </div>
  );
}

export interface ActionBarProps {
  readonly model: FormModel;
  readonly saving: SaveState;
  readonly unread: number;
  readonly isComplete: boolean;
  readonly onComplete: (isComplete: boolean) => void;
}

/** A patient saves, or is done and sees how much is answered: two plain buttons that say what they do. */
function PatientActions({
  model,
  saving,
  unread,
}: Pick<ActionBarProps, 'model' | 'saving' | 'unread'>): ReactNode {
  const t = patientSaveTexts[model.lang];
  return (
    <div className="action-bar no-print">
      <SaveStatus state={saving} saved={model.saved} unread={unread} addition={t.notSentIn} />
      <div className="action-bar__buttons">
        <Button type="submit" variant="secondary" name={fields.action} value="save">
          {t.save}
        </Button>
        <Button type="submit" name={fields.action} value="done">
          {t.done}
        </Button>
      </div>
    </div>
  );
}

/** Forms for the patient that this one offers: it is saved first. */
function Offers({ offers }: Required<Pick<FormModel, 'offers'>>): ReactNode {
  const { t } = useFrame();
  return offers.map(({ taskId, title }) => (
    <Button
      key={taskId}
      type="submit"
      size="small"
      variant="secondary"
      name={fields.action}
      value={`offer:${taskId}`}
    >
      {fill(t.makeForm, { form: title })}
    </Button>
  ));
}

export function ActionBar({ model, saving, unread, isComplete, onComplete }: ActionBarProps): ReactNode {
  const { t, isLive } = useFrame();
  if (model.reader === 'patient') {
    return <PatientActions model={model} saving={saving} unread={unread} />;
  }
  const isCorrection = model.state === 'correcting';
  const liveText = isComplete ? t.saveAndComplete : t.saveDraft;
  const saveText = isLive ? liveText : t.save;
  return (
    <div className="action-bar no-print">
      <SaveStatus state={saving} saved={model.saved} unread={unread} />
      <div className="action-bar__buttons">
        {!isCorrection && (
          <Checkbox
            size="small"
            name={fields.complete}
            value="1"
            checked={isComplete}
            onChange={(event) => onComplete(event.target.checked)}
            description={t.completeHint}
          >
            {t.complete}
          </Checkbox>
        )}
        {!isComplete && !isCorrection && <Offers offers={model.offers ?? []} />}
        {model.next !== undefined && !isComplete && !isCorrection && (
          <Button type="submit" size="small" variant="secondary" name={fields.action} value="next">
            {fill(t.next, { form: model.next })}
          </Button>
        )}
        <Button type="submit" size="small" variant="primary" name={fields.action} value="save">
          {isCorrection ? t.saveCorrection : saveText}
        </Button>
      </div>
    </div>
  );
}
