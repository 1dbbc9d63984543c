/** The pages of a running server in a real browser: each who logs in has a profile of their own. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { TestApp } from './app.ts';
import { launchBrowser } from './chromium.ts';

export interface TestPages extends AsyncDisposable {
  /** A page with the work list of one of the demo's accounts. */
  logIn(account: string): Promise<Page>;
  /** Close what was opened since: after each test. */
  clear(): Promise<void>;
}

export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { level: 1, name });

export async function startPagesOf({ url, hints }: Pick<TestApp, 'url' | 'hints'>): Promise<TestPages> {
  const chromium = await launchBrowser();
  const contexts: BrowserContext[] = [];
  return {
    async logIn(account) {
      const context = await chromium.newContext({ width: 1280, height: 900 });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      const password = hints.accounts.find(({ username }) => username === account)?.password ?? '';
      await page.goto(`${url}/arbeidsliste`);
      await page.getByLabel('Brukernavn').fill(account);
      await page.getByLabel('Passord').fill(password);
      await page.getByRole('button', { name: 'Logg inn' }).click();
      await heading(page, 'Arbeidsliste').waitFor();
      return page;
    },
    async clear() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
    [Symbol.asyncDispose]: () => chromium.close(),
  };
}
