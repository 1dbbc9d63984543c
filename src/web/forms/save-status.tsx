/**
 * Whether what is written is stored, always in sight; and what to do when someone else saved in between.
 */
import type { ReactNode } from 'react';
import { formatInstant, formatTime } from '../ui/format.ts';
import { fill } from '../ui/form-texts.ts';
import { patientSaveTexts } from '../ui/patient-form-texts.ts';
import { Alert, Button } from '../ui/aksel.ts';
import type { FormModel } from '../view-models.ts';
import { useFrame } from './form-context.tsx';
import type { Saver, SaveState } from './saving.ts';

export interface SaveStatusProps {
  readonly state: SaveState;
  readonly saved: FormModel['saved'];
  /** Fields whose text could not be understood. */
  readonly unread: number;
  /** What saved answers are not yet. */
  readonly addition?: string;
}

export function SaveStatus({ state, saved, unread, addition }: SaveStatusProps): ReactNode {
  const { t } = useFrame();
  return (
    <p className={`save-status save-status--${state.kind}`} role="status">
      {textOf(state, saved, t)}
      {state.kind === 'saved' && addition !== undefined && ` ${addition}`}
      {unread > 0 && <span className="save-status__unread"> {fill(t.notUnderstood, { n: unread })}</span>}
    </p>
  );
}

function textOf(state: SaveState, saved: FormModel['saved'], t: ReturnType<typeof useFrame>['t']): string {
  switch (state.kind) {
    case 'saved':
      return fill(t.stateSaved, { time: formatTime(state.at) });
    case 'unsaved':
    case 'conflict':
      return t.stateUnsaved;
    case 'saving':
      return t.stateSaving;
    case 'failed':
      return t.stateFailed;
    case 'logged-out':
      return t.stateLoggedOut;
    case 'untouched':
      return saved === undefined
        ? t.stateNew
        : fill(saved.by === undefined ? t.stateSavedAt : t.stateSavedBy, {
            when: formatInstant(saved.at),
            who: saved.by ?? '',
          });
  }
}

export interface SaveProblemProps {
  readonly state: SaveState;
  readonly saver: Saver | undefined;
  readonly model: Pick<FormModel, 'address' | 'reader'>;
}

/** Conflict and lost login: what happened, that nothing is lost, and the ways on. */
export function SaveProblem({ state, saver, model: { address, reader } }: SaveProblemProps): ReactNode {
  const { t, lang } = useFrame();
  if (state.kind === 'logged-out' && reader === 'patient') {
    return (
      <Alert variant="warning" size="small">
        {patientSaveTexts[lang].timeIsUp}
      </Alert>
    );
  }
  if (state.kind === 'logged-out') {
    return (
      <Alert variant="warning" size="small">
        {t.stateLoggedOut}{' '}
        <a href={`${address.replace(/\/skjema\/.*$/, '')}/logg-inn`} target="_blank" rel="noreferrer">
          {t.logIn}
        </a>
      </Alert>
    );
  }
  if (state.kind !== 'conflict') {
    return null;
  }
  return (
    <Alert variant="warning" size="small" role="alert">
      <p>{fill(t.conflict, { who: state.by ?? t.conflictUnknown, when: formatInstant(state.at) })}</p>
      <div className="row">
        {reader === 'staff' && (
          <a href={`${address}/historikk`} target="_blank" rel="noreferrer">
            {t.conflictSee}
          </a>
        )}
        <Button type="button" size="small" variant="secondary" onClick={() => void saver?.overwrite()}>
          {t.conflictMine}
        </Button>
        <a href={address}>{t.conflictTheirs}</a>
      </div>
    </Alert>
  );
}
