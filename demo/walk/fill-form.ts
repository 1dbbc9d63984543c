/**
 * Filling one of the register's forms on its page, as a person without JavaScript would.
 */
import type { Browser, Fields, Page } from './browser.ts';
import { WalkError } from './narrator.ts';

const CODES = 'https://ryggrad.no/fhir/CodeSystem/';

/** Value of an option: code system (ours, by name) and code. */
export const option = (system: string, code: string): string => `${CODES}${system}|${code}`;

export const yes = option('answer', 'yes');
export const no = option('answer', 'no');

export interface FormOnPage {
  readonly page: Page;
  /** A field's value as the page has it now. */
  value(name: string): string | undefined;
}

/** The form of a task, opened. */
export async function openForm(browser: Browser, taskId: string): Promise<FormOnPage> {
  return onPage(await browser.open(`/skjema/${taskId}`), taskId);
}

/** Press a button of the form: `save`, `next`, `confirm-all`, `add:…`, or `complete` (tick and save). */
export async function press(
  browser: Browser,
  { page }: FormOnPage,
  taskId: string,
  button: string,
  changes: Fields = {},
): Promise<Page> {
  const isComplete = button === 'complete';
  return browser.submit(page, `/skjema/${taskId}`, {
    ...changes,
    _action: isComplete ? 'save' : button,
    _complete: isComplete ? '1' : null,
  });
}

/** A form that a page shows after a button; throws WalkError with what the page says when it shows none. */
export function onPage(page: Page, taskId: string): FormOnPage {
  const form = page.forms.find(({ action }) => action.endsWith(`/skjema/${taskId}`));
  if (form === undefined) {
    throw new WalkError(`No form at ${page.url}: ${page.status} ${page.text.slice(0, 400)}`);
  }
  return { page, value: (name) => form.fields.find(([field]) => field === name)?.[1] };
}
