/** A surgeon's form of more than a hundred questions in a real browser: it opens, scrolls and calculates; figures are printed. */
import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { readQuestionnaire } from './form-files.ts';
import { type PageServer, startPages } from './page-server.ts';

const questionnaire = readQuestionnaire('nkr', 'nkr-rygg-surgeon');

interface Frames {
  readonly longest: number;
  readonly tasks: readonly number[];
}
type Watched = Window & { watched: { frames: number[]; tasks: number[] } };

let chromium: TestBrowser;
let pages: PageServer;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  chromium = await launchBrowser();
  pages = await startPages({}, { surgeon: questionnaire }, ['shared', 'nkr']);
  context = await chromium.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
});
afterAll(async () => {
  await context.close();
  await pages[Symbol.asyncDispose]();
  await chromium.close();
});

/** Count the time between frames, and tasks of more than 50 ms, from now on. */
const watch = (): Promise<void> =>
  page.evaluate(() => {
    const watched = { frames: [] as number[], tasks: [] as number[] };
    (window as unknown as Watched).watched = watched;
    new PerformanceObserver((list) => {
      watched.tasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const next = (): void => {
      const now = performance.now();
      watched.frames.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
const watched = (): Promise<Frames> =>
  page.evaluate(() => {
    const { frames, tasks } = (window as unknown as Watched).watched;
    return { longest: Math.max(...frames), tasks };
  });

const say = (text: string): void => {
  process.stdout.write(`nkr-rygg-surgeon in Chromium: ${text}\n`);
};

describe('A surgeon’s form of more than a hundred questions', () => {
  it('opens until it can be written in.', async () => {
    const open = async (): Promise<number> => {
      const begun = performance.now();
      await page.goto(`${pages.url}/skjema/surgeon`);
      await page.getByRole('button', { name: 'Lagre kladd' }).waitFor();
      return performance.now() - begun;
    };
    const first = await open();
    const again = await open();
    const shown = await page.locator('input, select, textarea').count();
    say(`usable after ${first.toFixed(0)} ms, again after ${again.toFixed(0)} ms, ${shown} fields`);

    expect([errors, shown > 100]).toEqual([[], true]);
  });

  it('scrolls from the first question to the last.', async () => {
    await watch();
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.mouse.move(600, 400);
    for (let at = 0; at < height; at += 300) {
      await page.mouse.wheel(0, 300);
      await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => next(undefined))));
    }
    const { longest, tasks } = await watched();
    say(`scrolled ${height} px, longest frame ${longest.toFixed(0)} ms, ${tasks.length} tasks over 50 ms`);

    const end = await page.evaluate(() => Math.ceil(window.scrollY + window.innerHeight));
    expect(end).toBeGreaterThanOrEqual(height - 1);
  });

  it('takes each key, with all that is calculated from it.', async () => {
    const minutes = page.locator('[id$="knife-minutes"]').first();
    await minutes.scrollIntoViewIfNeeded();
    await minutes.focus();
    await watch();
    await page.keyboard.type('123456', { delay: 60 });
    await page.waitForFunction(() => (window as unknown as Watched).watched.frames.length > 30);
    const { longest, tasks } = await watched();
    say(
      `typed 6 keys, longest frame ${longest.toFixed(0)} ms, tasks ${tasks.map((ms) => ms.toFixed(0)).join(', ')}`,
    );

    expect(await minutes.inputValue()).toBe('123456');
    expect(errors).toEqual([]);
  });
});
