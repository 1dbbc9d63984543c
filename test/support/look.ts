/**
 * A page as people meet it, on a phone and on a PC: what axe finds, and whether it fits the screen. With SCREENSHOTS=<folder>
 * each look is kept as a picture.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const WIDTHS = [375, 1280];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Everything that is wrong with the page as it stands, at both widths; the window is as wide as before afterwards. */
export async function look(page: Page, name: string): Promise<readonly unknown[]> {
  const before = page.viewportSize();
  const found: unknown[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    found.push(...(await problemsAt(page, width)).map((problem) => [name, width, problem]));
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) {
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
    }
  }
  if (before !== null) {
    await page.setViewportSize(before);
  }
  return found;
}

/** What a page complains of from now on: errors of its scripts, and what the browser refuses; answers of 4xx are no fault of it. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/responded with a status of 4/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

/** What axe finds on the page as it stands, and whether it is wider than this. */
export async function problemsAt(page: Page, width: number): Promise<readonly unknown[]> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
  const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
  return scrollWidth > width ? [...violations, `${scrollWidth} pixels wide`] : violations;
}
