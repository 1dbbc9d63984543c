/** A person who has no mouse: goes from field to field with Tab, and answers with keys. */
import type { Locator, Page } from 'playwright-core';

const MOST_TABS = 400;
const MOST_OPTIONS = 30;

export interface Keyboard {
  /** Tab until the element, or something in it, has the focus. Throws when Tab does not lead there. */
  tabTo(target: Locator): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  /** Write into the field with this label, over what is there. */
  write(label: string | RegExp, text: string): Promise<void>;
  /** One option of radio buttons. */
  choose(question: string | RegExp, option: string): Promise<void>;
  /** A number on a scale that lies. */
  scale(question: string | RegExp, value: string): Promise<void>;
  tick(box: string | RegExp, within?: string | RegExp): Promise<void>;
  /** A button or link, with Enter. */
  use(role: 'button' | 'link', name: string | RegExp): Promise<void>;
}

export function keyboardOf(page: Page): Keyboard {
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await page.keyboard.press(key);
    }
  };
  const hasFocus = (target: Locator): Promise<boolean> =>
    target.evaluateAll((elements) => elements.some((element) => element.contains(document.activeElement)));
  const tabTo = async (target: Locator): Promise<void> => {
    for (let count = 0; count < MOST_TABS; count++) {
      if (await hasFocus(target)) {
        return;
      }
      await page.keyboard.press('Tab');
    }
    const where = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
    throw new Error(
      `Tab does not lead to ${String(target)} (${await target.count()} of it); the focus is at ${where ?? ''}`,
    );
  };
  const pick = async (question: string | RegExp, option: string, next: string): Promise<void> => {
    const name = question;
    const group = page.getByRole('radiogroup', { name }).or(page.getByRole('group', { name }));
    const wanted = group.getByRole('radio', { name: option, exact: true });
    await tabTo(group);
    await press('Space');
    for (let count = 0; count < MOST_OPTIONS && !(await wanted.isChecked()); count++) {
      await press(next);
    }
  };
  return {
    tabTo,
    press,
    async write(label, text) {
      const exact = typeof label === 'string';
      await tabTo(
        page
          .getByRole('textbox', { name: label, exact })
          .or(page.getByRole('combobox', { name: label, exact })),
      );
      await press('Control+A');
      await page.keyboard.type(text);
    },
    choose: (question, option) => pick(question, option, 'ArrowDown'),
    scale: (question, value) => pick(question, value, 'ArrowRight'),
    async tick(box, within) {
      const place = within === undefined ? page : page.getByRole('group', { name: within });
      await tabTo(place.getByRole('checkbox', { name: box, exact: typeof box === 'string' }));
      await press('Space');
    },
    async use(role, name) {
      await tabTo(page.getByRole(role, { name, exact: typeof name === 'string' }));
      await press('Enter');
    },
  };
}
