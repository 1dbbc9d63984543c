/** What sources say, in a real browser: side by side, confirmed together, and the page at the first question that waits. */
import type { BrowserContext, Page } from 'playwright-core';
import { compilePath } from '../../src/fhir/path.ts';
import type { Extension, QuestionnaireResponse } from '../../src/fhir/types.ts';
import { withSources } from '../../src/sdc/answer-source.ts';
import { withSourceValues, type SourceValue } from '../../src/sdc/source-value.ts';
import { createEngine } from '../../src/web/forms/engine.ts';
import { answersAt } from '../../src/web/forms/response-tree.ts';
import { parseName } from '../../src/web/forms/names.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { look } from '../support/look.ts';
import { readQuestionnaire, readValueSets } from './form-files.ts';
import { NOW, startPages, type PageServer } from './page-server.ts';

const DIPS = 'https://dips.nord.example/fhir';
const METAVISION = 'https://metavision.nord.example/fhir';

const source = (display: string, system: string, recorded: string) => ({
  reference: `${system}/Encounter/1`,
  display,
  version: '2',
  system,
  recorded,
});
const dips = source('DIPS: Encounter', DIPS, '2026-11-20');
const metavision = source('MetaVision: Encounter', METAVISION, '2026-11-21');
const referral = source('DIPS: ServiceRequest', DIPS, '2026-11-19');

const inConflict = (valueDate: string, from: typeof dips): SourceValue => ({
  kind: 'conflict',
  value: { valueDate },
  source: from,
  isDeclined: false,
});

/** The TO form: the referral is filled, two records disagree about when it began. */
const draft = {
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'https://ryggrad.no/fhir/Questionnaire/smertereg-to|1.0.0',
  status: 'in-progress',
  item: [
    {
      linkId: 'referral',
      item: [
        { linkId: 'birth-date', answer: [{ valueDate: '1970-01-01' }] },
        {
          linkId: 'referral-date',
          answer: [withSources({ valueDate: '2026-11-19' }, [referral], 'captured')],
        },
        {
          linkId: 'referred-via',
          answer: [
            withSources(
              {
                valueCoding: {
                  system: 'https://ryggrad.no/fhir/CodeSystem/smertereg-referred-via',
                  code: 'request',
                  display: 'Tilsynsanmodning',
                },
              },
              [referral],
            ),
          ],
        },
        withSourceValues({ linkId: 'start-date' }, [
          inConflict('2026-11-21', metavision),
          inConflict('2026-11-20', dips),
        ]),
      ],
    },
  ],
} as QuestionnaireResponse;

const { form } = createEngine(
  {
    questionnaire: readQuestionnaire('smertereg', 'smertereg-to'),
    valueSets: readValueSets('shared', 'smertereg'),
    launch: {},
    now: NOW,
    response: draft,
    texts: {},
  },
  compilePath,
);

let pages: PageServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  chromium = await launchBrowser();
});
beforeEach(async () => {
  pages = await startPages({ to: draft });
  context = await chromium.newContext();
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await pages[Symbol.asyncDispose]();
});
afterAll(() => chromium.close());

const answers = (name: string) => answersAt(pages.stored.get('to')!.response, form, parseName(name)!);
const adopted = (name: string) =>
  answers(name).map(({ extension }) =>
    extension?.map(
      ({ extension: parts }: Extension) => parts?.find(({ url }) => url === 'adopted')?.valueCode,
    ),
  );

async function goLive(): Promise<void> {
  await page.goto(`${pages.url}/skjema/to`);
  await page.getByRole('button', { name: 'Lagre kladd' }).waitFor();
}

describe('Sources that disagree, on the page', () => {
  it('stand side by side with source and time, on a phone and on a PC; clean in axe.', async () => {
    await goLive();

    const group = page.getByRole('group', { name: /Kildene sier ulikt om/ });
    expect(await group.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/21\.11\.2026[\s\S]*MetaVision: oppholdet 21\.11\.2026/),
      expect.stringMatching(/20\.11\.2026[\s\S]*DIPS: oppholdet 20\.11\.2026/),
    ]);
    expect(await look(page, 'sources')).toEqual([]);
  });

  it('are chosen between by keyboard alone: the page opens there.', async () => {
    await goLive();
    await page.getByText('Du står ved det første som ikke er fylt ut').waitFor({ state: 'attached' });

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Lagre kladd' }).click();
    await page.getByRole('status').filter({ hasText: 'Lagret kl.' }).waitFor();

    expect(answers('q/start-date').map(({ valueDate }) => valueDate)).toEqual(['2026-11-20']);
    expect(adopted('q/start-date')).toEqual([['confirmed']]);
  });

  it('are chosen between without JavaScript as well.', async () => {
    const plain = await (await chromium.browser.newContext({ javaScriptEnabled: false })).newPage();
    await plain.goto(`${pages.url}/skjema/to`);

    await plain.getByRole('button', { name: /Velg 21\.11\.2026/ }).click();
    await plain.waitForURL(/#q\/start-date$/);

    expect(answers('q/start-date').map(({ valueDate }) => valueDate)).toEqual(['2026-11-21']);
  });
});

describe('A form that is partly filled', () => {
  it('says who has filled how much, and leads to the first question that waits.', async () => {
    await goLive();

    await page.getByText('Hentet: 2 fra DIPS.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Velg');
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  });

  it('shows what is to be confirmed, and confirms it all at once; locking lists what is not.', async () => {
    await goLive();

    const list = page.getByRole('list', { name: 'Disse er hentet og må bekreftes' });
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/Tilsynsanmodning.*DIPS: henvisningen 19\.11\.2026/),
    ]);
    await page.getByRole('button', { name: 'Bekreft alle hentede svar' }).click();
    await list.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Lagre kladd' }).click();
    await page.getByRole('status').filter({ hasText: 'Lagret kl.' }).waitFor();

    expect(adopted('q/referred-via')).toEqual([['confirmed']]);
    expect(adopted('q/referral-date')).toEqual([['captured']]);
  });
});
