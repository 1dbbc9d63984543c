/** The form page in a real browser, with the real B1.1 and everything behind the pages in memory. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import { compilePath } from '../../src/fhir/path.ts';
import { answersAt } from '../../src/web/forms/response-tree.ts';
import { createEngine } from '../../src/web/forms/engine.ts';
import { parseName } from '../../src/web/forms/names.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { b11Draft } from './drafts.ts';
import { readQuestionnaire, readValueSets } from './form-files.ts';
import { NOW, startPages, type PageServer } from './page-server.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const { form } = createEngine(
  {
    questionnaire: readQuestionnaire('smertereg', 'smertereg-b11'),
    valueSets: readValueSets('shared', 'smertereg'),
    launch: {},
    now: NOW,
    response: b11Draft,
    texts: {},
  },
  compilePath,
);

let pages: PageServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
  chromium = await launchBrowser();
});

beforeEach(async () => {
  pages = await startPages({ b11: b11Draft });
  context = await chromium.newContext();
  page = await open(context);
});

afterEach(async () => {
  await context.close();
  await pages[Symbol.asyncDispose]();
});

afterAll(() => chromium.close());

/** A page that keeps what the browser complains of: script errors, blocked styles, failed hydration. */
async function open(from: BrowserContext): Promise<Page> {
  const opened = await from.newPage();
  problems = [];
  opened.on('pageerror', (error) => problems.push(error.message));
  opened.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/the server responded with a status of 4/.test(text)) {
      problems.push(text);
    }
  });
  return opened;
}

/** Open B1.1 and wait until the browser has taken over. */
async function goLive(at: Page = page, task = 'b11'): Promise<void> {
  await at.goto(`${pages.url}/skjema/${task}`);
  await at.getByRole('button', { name: 'Lagre kladd' }).waitFor();
}

const field = (name: string, at: Page = page) => at.locator(`[id="${name}"]`);
const savedText = (at: Page = page) => at.getByRole('status').filter({ hasText: 'Lagret kl.' });
const storedAnswers = (name: string) =>
  answersAt(pages.stored.get('b11')!.response, form, parseName(name)!).map(
    ({ extension: _, ...value }) => value,
  );

async function violations(at: Page): Promise<unknown[]> {
  await at.evaluate(axeSource);
  return at.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: unknown[] }> };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations: found } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return found;
  });
}

describe('The form page', () => {
  it('takes over without an error, a blocked style or a changed page.', async () => {
    await goLive();

    expect(problems).toEqual([]);
  });

  it.each(['en-US', 'nb-NO'])('reads 7,5 as 7.5 in a browser that speaks %s.', async (locale) => {
    await using other = await launchBrowser({ locale });
    const foreign = await open(await other.newContext());
    await goLive(foreign);

    await field('q/opioid:r1/dose', foreign).fill('');
    await field('q/opioid:r1/dose', foreign).pressSequentially('7,5');
    await foreign.getByRole('button', { name: 'Lagre kladd' }).click();
    await savedText(foreign).waitFor();

    expect(storedAnswers('q/opioid:r1/dose')).toEqual([{ valueDecimal: 7.5 }]);
    expect(await field('q/opioid:r1/omeq', foreign).textContent()).toContain('7,5');
  });

  it('rule 13: keeps drug and dose of both opioid rows when the draft is loaded, a row is added and one deleted.', async () => {
    await goLive();
    expect(await field('q/opioid:r1/opioid-form').inputValue()).toBe('Morfin depottablett (Dolcontin)');
    expect(await field('q/opioid:r2/dose').inputValue()).toBe('7,5');
    expect(await field('q/omeq-total').textContent()).toContain('67,5');

    await page.getByRole('button', { name: /Legg til opioid/ }).click();
    const drug = page.getByLabel('Opioid og administrasjonsform').last();
    await drug.fill('Oksykodon');
    await page.getByRole('button', { name: 'Fjern Opioid, rad 1' }).click();
    await page.getByRole('button', { name: 'Lagre kladd' }).click();
    await savedText().waitFor();

    expect(storedAnswers('q/opioid:r1/dose')).toEqual([]);
    expect(storedAnswers('q/opioid:r2/dose')).toEqual([{ valueDecimal: 7.5 }]);
    expect(storedAnswers('q/opioid:r2/opioid-form')).toMatchObject([
      { valueCoding: { code: 'morphine-po' } },
    ]);
    await page.reload();
    expect(await field('q/opioid:r2/opioid-form').inputValue()).toBe('Morfin tablett/mikstur');
    expect(problems).toEqual([]);
  });

  it('rule 14: locks the other analgesics while "Ingen" is ticked.', async () => {
    await goLive();
    const admission = page.getByRole('group', { name: '4a Analgetika ved innleggelse' });

    await admission.getByLabel('Benzodiazepiner').check();
    await admission.getByLabel('Ingen').check();

    expect(await admission.getByLabel('Benzodiazepiner').isChecked()).toBe(false);
    expect(await admission.getByLabel('Benzodiazepiner').isDisabled()).toBe(true);
    await admission.getByLabel('Ingen').uncheck();
    expect(await admission.getByLabel('Benzodiazepiner').isDisabled()).toBe(false);
  });

  it('rule 15: sets LAR to "Nei" when both abuse questions are "Nei", and says so.', async () => {
    await goLive();

    await page.getByRole('radiogroup', { name: '6 Pågående rusmiddelmisbruk' }).getByLabel('Nei').check();

    const lar = field('q/lar');
    await lar.filter({ hasText: 'Nei' }).waitFor();
    expect(await page.getByText('Satt automatisk ut fra andre svar.').isVisible()).toBe(true);
  });

  it('moves nothing at the top while one works: messages stand at their fields.', async () => {
    await goLive();

    await field('q/opioid:r1/dose').fill('4000');
    await page
      .getByText(/3000|3 000/)
      .first()
      .waitFor();

    expect(await page.getByRole('heading', { name: 'Dette må rettes' }).count()).toBe(0);
    expect(await page.getByText(/[1-9] feil/).isVisible()).toBe(true);
  });

  it('saves by itself soon after one stops writing.', async () => {
    await goLive();

    await field('q/department').fill('Kirurgisk sengepost');
    await savedText().waitFor();

    expect(storedAnswers('q/department')).toEqual([{ valueString: 'Kirurgisk sengepost' }]);
    expect(pages.saves.at(-1)?.ifMatch).toBe('1');
  });

  it('says who saved in between, keeps what was written, and saves it when told to.', async () => {
    await goLive();
    const stored = pages.stored.get('b11')!;
    pages.stored.set('b11', { ...stored, version: 5, by: 'Per Sand' });

    await field('q/department').fill('Kirurgisk sengepost');
    await page.getByRole('alert').filter({ hasText: 'Per Sand' }).waitFor();
    expect(await field('q/department').inputValue()).toBe('Kirurgisk sengepost');
    await page.getByRole('button', { name: 'Lagre mine svar likevel' }).click();
    await savedText().waitFor();

    expect(storedAnswers('q/department')).toEqual([{ valueString: 'Kirurgisk sengepost' }]);
  });

  it('stays, with everything written, when the login has ended.', async () => {
    await goLive();
    pages.isLoggedIn = false;

    await field('q/department').fill('Kirurgisk sengepost');
    await page.getByText('Du er logget ut.').first().waitFor();

    expect(await field('q/department').inputValue()).toBe('Kirurgisk sengepost');
  });

  it('leads from each error of a refused completion to its field.', async () => {
    await goLive();

    await page.getByLabel('Ferdigstille skjema?').check();
    await page.getByRole('button', { name: 'Lagre og ferdigstill' }).click();
    const heading = page.getByRole('heading', { name: 'Rett dette før skjemaet kan ferdigstilles' });
    await heading.waitFor();
    await page
      .getByRole('link', { name: /4d|Sentral blokade.*Må besvares/ })
      .first()
      .click();

    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q/central-block');
  });

  it('is filled in and completed by keyboard alone.', async () => {
    await goLive();
    await page.getByRole('button', { name: 'Bekreft alle hentede svar' }).focus();
    await page.keyboard.press('Enter');
    await field('q/analgesics-admission').focus();
    await page.keyboard.press('Space');
    await answerByKeyboard('q/inappropriate-use', 0);
    await answerByKeyboard('q/central-block', 1);
    await answerByKeyboard('q/peripheral-block', 1);
    await answerByKeyboard('q/current-abuse', 0);
    await page.getByText('Alt som må fylles ut, er besvart.').waitFor();

    await page.getByLabel('Ferdigstille skjema?').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Lagre og ferdigstill' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Skjemaet er ferdigstilt og låst.').first().waitFor();

    expect(pages.stored.get('b11')?.state).toBe('locked');
    expect(await page.locator('input:visible').count()).toBeLessThanOrEqual(1);
    expect(problems).toEqual([]);
  });

  it('has no accessibility violation, as opened, with errors, and locked.', async () => {
    // Tall enough for the whole form, so that no box is half behind the bar at the lower edge.
    await page.setViewportSize({ width: 1280, height: 5000 });
    await goLive();
    expect(await violations(page)).toEqual([]);

    await field('q/opioid:r1/dose').fill('7,5 mg');
    await field('q/department').focus();
    expect(await violations(page)).toEqual([]);

    pages.stored.set('b11', { ...pages.stored.get('b11')!, state: 'locked' });
    await page.goto('about:blank');
    await page.goto(`${pages.url}/skjema/b11`);
    expect(await violations(page)).toEqual([]);
  });

  it('fits 320 pixels without sideways scrolling.', async () => {
    await page.setViewportSize({ width: 320, height: 640 });

    for (const task of ['b11', 'b12', 'to']) {
      await goLive(page, task);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    }
  });
});

/** Go to a radio group and press the arrow as often as needed. */
async function answerByKeyboard(name: string, index: number): Promise<void> {
  await field(name).focus();
  await page.keyboard.press('Space');
  for (let presses = 0; presses < index; presses++) {
    await page.keyboard.press('ArrowDown');
  }
}

describe('The form page without JavaScript', () => {
  let plain: Page;

  beforeEach(async () => {
    const without = await chromium.browser.newContext({ javaScriptEnabled: false });
    plain = await open(without);
    await plain.goto(`${pages.url}/skjema/b11`);
  });

  afterEach(() => plain.context().close());

  it('saves a draft.', async () => {
    await field('q/opioid:r1/dose', plain).fill('30');
    await plain.getByRole('button', { name: 'Lagre', exact: true }).last().click();
    await plain.getByText('Skjemaet er lagret.').waitFor();

    expect(storedAnswers('q/opioid:r1/dose')).toEqual([{ valueDecimal: 30 }]);
    expect(await field('q/omeq-total', plain).textContent()).toContain('37,5');
  });

  it('adds and removes rows by its buttons.', async () => {
    await plain.getByRole('button', { name: /Legg til opioid/ }).click();
    expect(await plain.getByLabel('Opioid og administrasjonsform').count()).toBe(3);

    await plain.getByRole('button', { name: 'Fjern Opioid, rad 1' }).click();

    expect(await field('q/opioid:r2/dose', plain).inputValue()).toBe('7,5');
    expect(storedAnswers('q/opioid:r1/dose')).toEqual([]);
  });

  it('shows a text that is no number again, and saves the rest.', async () => {
    await field('q/opioid:r1/dose', plain).fill('7,5 mg');
    await field('q/department', plain).fill('Kirurgisk');
    await field('q/department', plain).press('Enter');
    await plain.getByRole('link', { name: /^Dose: Skriv et tall/ }).waitFor();

    expect(await field('q/opioid:r1/dose', plain).inputValue()).toBe('7,5 mg');
    expect(storedAnswers('q/department')).toEqual([{ valueString: 'Kirurgisk' }]);
    expect(storedAnswers('q/opioid:r2/dose')).toEqual([{ valueDecimal: 7.5 }]);
  });

  it('shows what was written, unsaved, when someone else has saved.', async () => {
    pages.stored.set('b11', { ...pages.stored.get('b11')!, version: 5 });

    await field('q/department', plain).fill('Kirurgisk');
    await plain.getByRole('button', { name: 'Lagre', exact: true }).last().click();
    await plain.getByText('Skjemaet er lagret av en annen mens du skrev').waitFor();

    expect(await field('q/department', plain).inputValue()).toBe('Kirurgisk');
    expect(storedAnswers('q/department')).toEqual([{ valueString: 'Ortopedisk sengepost' }]);
  });

  it('asks for what is missing when completing is refused, and locks when nothing is.', async () => {
    await plain.getByLabel('Ferdigstille skjema?').check();
    await plain.getByRole('button', { name: 'Lagre', exact: true }).last().click();
    await plain.getByRole('heading', { name: 'Rett dette før skjemaet kan ferdigstilles' }).waitFor();
    await plain
      .getByRole('link', { name: /Hentet fra en kilde, og ikke bekreftet/ })
      .first()
      .waitFor();
    await plain.getByRole('button', { name: 'Bekreft alle hentede svar' }).click();

    for (const name of [
      '4d Sentral blokade ved 1. tilsyn',
      '4e Perifer blokade ved 1. tilsyn',
      '6 Pågående rusmiddelmisbruk',
    ]) {
      await plain.getByRole('radiogroup', { name }).getByLabel('Nei').check();
    }
    await plain.getByRole('radiogroup', { name: /4c/ }).getByLabel('Nei').check();
    await plain.getByRole('group', { name: '4a Analgetika ved innleggelse' }).getByLabel('Ingen').check();
    await plain.getByLabel('Ferdigstille skjema?').check();
    await plain.getByRole('button', { name: 'Lagre', exact: true }).last().click();
    await plain.getByText('Skjemaet er ferdigstilt og låst.').first().waitFor();

    expect(pages.stored.get('b11')?.state).toBe('locked');
  });
});
