/**
 * The browser's part: takes over a form that the server has drawn. Pages without a form need no script.
 */
import '../ui/theme.css';
import { hydrateRoot } from 'react-dom/client';
import type { PathCompiler } from '../../sdc/fragment.ts';
import { createEngine, needsPaths } from '../forms/engine.ts';
import { FormApp } from '../forms/form-app.tsx';
import { readForm } from '../forms/form-data.ts';
import type { FormState } from '../forms/form-state.ts';
import { DATA_ID, ID_PREFIX, ROOT_ID } from '../forms/island.ts';
import type { FormModel } from '../view-models.ts';
import { createDraftSaver } from './draft-saver.ts';

const root = document.getElementById(ROOT_ID);
const data = document.getElementById(DATA_ID)?.textContent;
if (root !== null && data !== undefined) {
  void takeOver(root, inLaunch(JSON.parse(data) as FormModel));
}

/** Below the path of the launch, where the page belongs to one (smart/launch-space.ts). */
function inLaunch(model: FormModel): FormModel {
  return { ...model, address: `${document.documentElement.dataset['root'] ?? ''}${model.address}` };
}

/** Fetch what the form needs, keep what has been typed meanwhile, and go on from there. */
async function takeOver(element: HTMLElement, model: FormModel): Promise<void> {
  const engine = createEngine(model, await pathCompiler(model));
  const saver = createDraftSaver({
    url: `${model.address}/kladd`,
    version: model.version,
    fetch: (input, init) => fetch(input, init),
    timers: {
      set: (run, delay) => window.setTimeout(run, delay),
      clear: (timer) => window.clearTimeout(timer as number | undefined),
      now: () => Date.now(),
    },
  });
  const form = element.querySelector('form');
  const before = form === null ? undefined : typedState(form, engine.initial, engine);
  hydrateRoot(
    element,
    <FormApp
      model={model}
      engine={engine}
      newId={() => crypto.randomUUID().slice(0, 8)}
      {...(form !== null && model.state === 'open' && { saver })}
      typed={before}
    />,
    { identifierPrefix: ID_PREFIX },
  );
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      saver.saveOnHide();
    }
  });
}

/** A form without expressions does without the FHIRPath engine. */
async function pathCompiler(model: FormModel): Promise<PathCompiler> {
  if (!needsPaths(model)) {
    return () => () => [];
  }
  const { compilePath } = await import('../../fhir/path.ts');
  return compilePath;
}

/** What the user did before the script had come; undefined when the form stands as it was served. */
function typedState(
  form: HTMLFormElement,
  initial: FormState,
  engine: ReturnType<typeof createEngine>,
): FormState | undefined {
  if (!isTouched(form)) {
    return undefined;
  }
  const posted = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const { response, texts } = readForm(posted, initial.response, engine.form);
  return { response, texts };
}

/** Whether any field differs from what the server drew: fetched answers alone are no change, and are not saved. */
function isTouched(form: HTMLFormElement): boolean {
  return [...form.elements].some((element) => {
    if (element instanceof HTMLInputElement) {
      return element.checked !== element.defaultChecked || element.value !== element.defaultValue;
    }
    if (element instanceof HTMLTextAreaElement) {
      return element.value !== element.defaultValue;
    }
    return (
      element instanceof HTMLSelectElement &&
      [...element.options].some((option) => option.selected !== option.defaultSelected)
    );
  });
}
