/** The browser of the page tests: a Chromium found or brought by scripts/chromium.mjs, driven by playwright-core. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from '../../scripts/chromium.mjs';

/** How a test's browser differs from the usual one. */
export interface BrowserOptions {
  /** Language of the browser, which decides how it shows and reads numbers and dates. Bokmål unless told. */
  readonly locale?: string;
}

/** A running browser; `await using` closes it with its pages and removes its profile folder. */
export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** A fresh profile without cookies, in the browser's language and the registers' time zone. */
  newContext(options?: { readonly width?: number; readonly height?: number }): Promise<BrowserContext>;
  close(): Promise<void>;
}

/**
 * Starts a browser with a new, empty profile.
 *
 * @throws Error saying what to install when no Chromium can be found
 */
export async function launchBrowser({ locale = 'nb-NO' }: BrowserOptions = {}): Promise<TestBrowser> {
  const found = await findChromium();
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: [...chromiumFlags, `--lang=${locale}`],
    env: { ...process.env, ...found.env, LANGUAGE: locale },
  });
  const close = () => browser.close();
  return {
    browser,
    newContext: ({ width = 1280, height = 800 } = {}) =>
      browser.newContext({ locale, timezoneId: 'Europe/Oslo', viewport: { width, height } }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
