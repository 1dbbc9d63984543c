/**
 * A form as people work in it. Rendered by the server as plain HTML that can be filled in and posted; the browser hydrates the
 * same component and then calculates, shows and hides, and saves by itself.
 */
import {
  useDeferredValue,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { validateResponse } from '../../sdc/validate-response.ts';
import { fill, type FormTexts, formTexts } from '../ui/form-texts.ts';
import { patientFormTexts } from '../ui/patient-form-texts.ts';
import type { FormModel } from '../view-models.ts';
import { ActionBar, FormEnd, type FormEndProps } from './action-bar.tsx';
import type { Engine } from './engine.ts';
import { FilledSummary } from './filled-summary.tsx';
import { FetchedBanner, ProblemSummary, Remaining } from './form-notices.tsx';
import { FormFrameProvider, type FieldIssue, type FormFrame, type Rendering } from './form-context.tsx';
import type { FormState } from './form-state.ts';
import { fields } from './form-fields.ts';
import { TopList } from './item-list.tsx';
import { OptionLists } from './option-lists.tsx';
import { Outline } from './outline.tsx';
import { progressOf, type Progress } from './progress.ts';
import { SaveProblem } from './save-status.tsx';
import { TimeWarning } from './time-warning.tsx';
import type { Saver, SaveState } from './saving.ts';
import { unreadTexts } from './unread-texts.ts';
import { useFirstUnfilled } from './use-first-unfilled.ts';
import { useSubmit } from './use-submit.ts';

export interface FormAppProps {
  readonly model: FormModel;
  readonly engine: Engine;
  /** The browser's saver; none on the server. */
  readonly saver?: Saver;
  /** State that the user had typed before the browser took over. */
  readonly typed?: FormState | undefined;
  readonly newId: () => string;
}

const NO_SUGGESTIONS: FormFrame['suggestions'] = {};
const UNTOUCHED: SaveState = { kind: 'untouched' };
const noSubscription = (): (() => void) => () => undefined;

/** Staff and patients are told the same things in different words. */
const textsOf = ({ reader, lang }: FormModel): FormTexts =>
  reader === 'patient' ? { ...formTexts[lang], ...patientFormTexts[lang] } : formTexts[lang];

export function FormApp({ model, engine, saver, typed, newId }: FormAppProps): ReactNode {
  const [state, dispatch] = useReducer(engine.apply, engine.initial);
  const [comment, setComment] = useState(model.comment ?? '');
  const [isComplete, setComplete] = useState(false);
  const isLive = useLive();
  const t = useMemo(() => textsOf(model), [model]);
  const { suggestions = NO_SUGGESTIONS } = model;
  const isReadOnly = model.state === 'locked' || model.state === 'read-only';
  const saving = useSyncExternalStore(
    saver?.subscribe ?? noSubscription,
    saver?.state ?? (() => UNTOUCHED),
    () => UNTOUCHED,
  );
  useEffect(() => {
    if (typed !== undefined) {
      dispatch({ kind: 'replaced', state: typed });
    }
  }, [typed]);
  useDraft(saver, state, comment, engine.initial, model.comment ?? '');
  useOwnStart(saver, engine.initial, model);
  const { rendering, progress } = useRendering(engine, state, model);
  const folds = model.state === 'open' && !model.isAttempted && model.reader === 'staff';
  const { lang } = model;
  const frame = useMemo<FormFrame>(
    () => ({ form: engine.form, lang, t, suggestions, isReadOnly, folds, isLive, dispatch, newId }),
    [engine, lang, t, suggestions, isReadOnly, folds, isLive, newId],
  );
  const gone = useFirstUnfilled(model, progress, typed !== undefined);
  const unreadAtStart = useMemo(
    () => unreadTexts(engine.initial, engine.form, model.lang),
    [engine, model.lang],
  );
  const { formRef, onSubmit } = useSubmit(saver, isComplete);
  const body = (
    <>
      <header className="form__head">
        <h1 className="form__title">{model.title}</h1>
        <p className="form__count subtle">
          {fill(t.answered, { n: progress.answered, m: progress.total })}
          {progress.fetched > 0 && ` · ${fill(t.fetched, { k: progress.fetched })}`}
        </p>
        <FilledSummary progress={progress} gone={gone} />
      </header>
      <SaveProblem state={saving} saver={saver} model={model} />
      <TimeWarning model={model} />
      {!isReadOnly && (
        <ProblemSummary
          progress={progress}
          isAttempted={model.isAttempted}
          unread={unreadAtStart}
          form={model.issues}
        />
      )}
      {!isReadOnly && progress.toConfirm.length > 0 && <FetchedBanner answers={progress.toConfirm} />}
      <div className="form__columns">
        <Outline view={rendering.view} progress={progress} />
        <div className="form__body">
          <TopList rendering={rendering} />
          {!isReadOnly && (
            <AfterQuestions model={model} progress={progress} comment={comment} onComment={setComment} />
          )}
        </div>
      </div>
      {!isReadOnly && <OptionLists />}
    </>
  );
  return (
    <FormFrameProvider value={frame}>
      {isReadOnly ? (
        <div className="form form--read-only">{body}</div>
      ) : (
        <form
          ref={formRef}
          className="form"
          method="post"
          action={model.address}
          onSubmit={onSubmit}
          noValidate
          autoComplete="off"
        >
          {/* What Enter in a field presses: the first button of the form must never remove a row. */}
          <button
            type="submit"
            name={fields.action}
            value="save"
            className="visually-hidden"
            tabIndex={-1}
            aria-hidden
          >
            {t.save}
          </button>
          <input type="hidden" name={fields.version} defaultValue={model.version ?? ''} />
          {body}
          <ActionBar
            model={model}
            saving={saving}
            unread={unreadTexts(state, engine.form, model.lang).length}
            isComplete={isComplete}
            onComplete={setComplete}
          />
        </form>
      )}
    </FormFrameProvider>
  );
}

/** What is left, and what staff add. For patients the summary on top says it, once they have tried to send in. */
function AfterQuestions({ progress, ...rest }: FormEndProps & { readonly progress: Progress }): ReactNode {
  const { reader, isAttempted } = rest.model;
  return (
    <>
      {(reader === 'staff' || !isAttempted) && <Remaining progress={progress} />}
      {reader === 'staff' && <FormEnd {...rest} />}
    </>
  );
}

/** False in the server's HTML and while hydrating, true from then on. */
function useLive(): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => setLive(true), []);
  return isLive;
}

/** A form that offers another saves itself when it is opened: the other one opens when this one is begun. */
function useOwnStart(saver: Saver | undefined, { response }: FormState, model: FormModel): void {
  const { offers = [], version, comment = '' } = model;
  const isFirst = offers.length > 0 && version === undefined;
  useEffect(() => {
    if (isFirst) {
      saver?.changed({ response, comment });
    }
  }, [isFirst, saver, response, comment]);
}

/** Hand every change to the saver. */
function useDraft(
  saver: Saver | undefined,
  { response }: FormState,
  comment: string,
  { response: first }: FormState,
  firstComment: string,
): void {
  const last = useRef({ response: first, comment: firstComment });
  useEffect(() => {
    if (last.current.response !== response || last.current.comment !== comment) {
      last.current = { response, comment };
      saver?.changed({ response, comment });
    }
  }, [saver, response, comment]);
}

/** What is drawn, and what the engine says about it. Validation may lag behind typing, drawing may not. */
function useRendering(
  engine: Engine,
  state: FormState,
  model: FormModel,
): { readonly rendering: Rendering; readonly progress: Progress } {
  const { response, texts } = state;
  const view = useMemo(() => engine.view(response), [engine, response]);
  const checked = useDeferredValue(response);
  const progress = useMemo(
    () =>
      progressOf(
        engine.view(checked),
        validateResponse(engine.form, checked, 'final', engine.context),
        model.lang,
      ),
    [engine, checked, model.lang],
  );
  const issuesAt = useMemo(() => issueIndex(progress, model.isAttempted), [progress, model.isAttempted]);
  return { rendering: { view, texts, issuesAt }, progress };
}

const NO_ISSUES: readonly FieldIssue[] = [];

/** Messages by field name. What is only missing is marked once completing has been tried. */
function issueIndex(
  { problems, remaining }: Progress,
  isAttempted: boolean,
): (name: string) => readonly FieldIssue[] {
  const shown: readonly FieldIssue[] = [...problems, ...(isAttempted ? remaining : [])];
  const byName = Map.groupBy(shown, ({ name }) => name);
  return (name) => byName.get(name) ?? NO_ISSUES;
}
