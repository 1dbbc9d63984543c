/**
 * Launches in a real browser: from the EHR and by the page where one is picked, to a locked form and back; in the EHR's frame; and
 * every way that a launch fails, with the page that says what to do.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BrowserContext, FrameLocator, Page } from 'playwright-core';
import type { Registered } from '../../demo/walk/push.ts';
import { buildIfStale } from '../../scripts/build.mjs';
import { launchTexts } from '../../src/web/ui/launch-texts.ts';
import { LAUNCH_FAILURES, type LaunchFailureKind } from '../../src/smart/launch-failure.ts';
import { ehrFile } from '../integration/launch/ehr-file.ts';
import { startEhrServer, type EhrServer } from '../integration/launch/ehr-server.ts';
import { startWalkServer, to, type WalkServer } from '../integration/walk/walk-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look } from '../support/look.ts';

let ehr: EhrServer;
let server: WalkServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;

/** The EHR's own pages are at another site than its FHIR API and the register: third parties in a frame. */
const pagesOf = ({ url }: EhrServer): string => url.replace('127.0.0.1', 'localhost');

beforeAll(async () => {
  await buildIfStale();
  ehr = await startEhrServer();
  const settings = { writeBack: 'DocumentReference', frameOrigins: [pagesOf(ehr)] };
  server = await startWalkServer(undefined, { EHRS_FILE: await ehrFile([ehr, settings]) });
  await ehr.connect(server.app.url);
  chromium = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
  await ehr[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
});

afterEach(async () => {
  ehr.fault = () => false;
  ehr.context = {};
  await context.close();
});

/** A patient with B1.2 open, admitted at the EHR; and the launch address behind the button there. */
async function admitted(): Promise<{ readonly person: Registered; readonly link: string }> {
  const person = await server.person();
  await server.save(person, 'to', to.included);
  await fetch(`${ehr.url}/innleggelse`, {
    method: 'POST',
    body: new URLSearchParams({ nummer: person.ehrId.replace('pasient-', '') }),
    redirect: 'manual',
  });
  const html = await (await fetch(`${ehr.url}/`)).text();
  const link = [...html.matchAll(/href="([^"]+launch=[^"]+)"/g)].at(-1)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return { person, link };
}

/** Fill B1.2, and lock it. */
async function fillB12(where: Page | FrameLocator): Promise<void> {
  const scale = (question: string, value: number): Promise<void> =>
    where
      .getByRole('group', { name: question })
      .getByRole('radio', { name: String(value), exact: true })
      .check();
  await where.getByRole('link', { name: /Behandlerdel 1\.2/ }).click();
  await where.getByRole('radiogroup', { name: /Er pasienten i stand til å angi/ }).waitFor();
  // the form's script has taken over
  await ('frames' in where ? where : page.frames().at(-1))?.waitForLoadState('networkidle');
  await where
    .getByRole('radiogroup', { name: /Er pasienten i stand til å angi/ })
    .getByRole('radio', { name: 'Ja', exact: true })
    .check();
  await scale('Sterkeste smerte i ro', 6);
  await scale('Svakeste smerte i ro', 2);
  await scale('Sterkeste smerte i bevegelse', 8);
  await scale('Svakeste smerte i bevegelse', 4);
  await where.getByRole('checkbox', { name: /Ferdigstille skjema/ }).check();
  await where.getByRole('button', { name: 'Lagre og ferdigstill' }).click();
  await where.getByText('Skjemaet er ferdigstilt og låst.').waitFor();
}

describe('A launch in a browser', () => {
  it('leads from the EHR to a locked form, its text, and back in the record.', async () => {
    const { person, link } = await admitted();
    const problems = complaintsOf(page);
    const found: unknown[] = [];

    await page.goto(link);
    await page.getByText('Kontroller at dette er riktig pasient.').waitFor();
    found.push(...(await look(page, 'launch-1-page')));
    await fillB12(page);
    found.push(...(await look(page, 'launch-2-locked')));
    await page.getByRole('link', { name: 'Journaltekst' }).click();
    await page.getByText('Sterkeste smerte i ro: 6').waitFor();
    found.push(...(await look(page, 'launch-3-text')));
    await server.app.app.jobs.runOnce();
    await page.reload();
    await page.getByText('Skjemaet er skrevet til Journal 1.').waitFor();
    found.push(...(await look(page, 'launch-4-written')));
    await page.goto(`${ehr.url}/dokumenter`);

    expect(await page.getByText('Sterkeste smerte i ro: 6').count()).toBeGreaterThan(0);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(await server.taskStates(person)).toMatchObject({ b12: 'completed' });
  });

  it('begins here, too: the EHR is picked, the patient is chosen there, and the form is locked (AP-03).', async () => {
    const { person } = await admitted();
    const problems = complaintsOf(page);
    const found: unknown[] = [];

    await page.goto(`${server.app.url}/fra-journal`);
    found.push(...(await look(page, 'launch-5-pick')));
    await page.getByRole('link', { name: 'Journal 1' }).click();
    await page.getByRole('heading', { name: 'Velg pasient' }).waitFor();
    await page.locator(`a[href*="patient=${person.ehrId}"]`).click();
    await page.getByText('Kontroller at dette er riktig pasient.').waitFor();
    await fillB12(page);

    expect(page.url()).toMatch(/\/oppstart\/journal-1\//);
    expect([found, problems]).toEqual([[], []]);
    expect(await server.taskStates(person)).toMatchObject({ b12: 'completed' });
  });

  it('goes on in two tabs for two patients, each with its own session (AP-01).', async () => {
    const [first, second] = [await admitted(), await admitted()];
    const other = await context.newPage();

    await page.goto(first.link);
    await other.goto(second.link);
    await fillB12(page);
    await fillB12(other);

    expect(await server.taskStates(first.person)).toMatchObject({ b12: 'completed' });
    expect(await server.taskStates(second.person)).toMatchObject({ b12: 'completed' });
  });

  it('shows one line about the patient where the EHR shows the rest (need_patient_banner, AP-03), whatever the intent.', async () => {
    const { link } = await admitted();
    ehr.context = { need_patient_banner: false, intent: 'something-of-the-ehr' };

    await page.goto(link);

    await page.getByText('Kontroller at dette er riktig pasient.').waitFor();
    expect(await page.locator('.banner').innerText()).toMatch(/Født/);
    expect(await page.locator('.banner').innerText()).not.toMatch(/Fødselsnummer/);
    expect(await look(page, 'launch-6-short-banner')).toEqual([]);
  });
});

/** The EHR shows the launch in a frame of its page. */
function framing(address: string): void {
  ehr.fault = (request, response) => {
    const isPage = request.url === '/vis';
    if (isPage) {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        `<!doctype html><title>EHR</title><iframe title="Register" width="1000" height="800" src="${address.replaceAll('&', '&amp;')}"></iframe>`,
      );
    }
    return isPage;
  };
}

describe('In the frame of an EHR', () => {
  it('a form is filled and locked, with cookies that the page around it does not share.', async () => {
    const { person, link } = await admitted();
    framing(link);

    await page.goto(`${pagesOf(ehr)}/vis`);
    const frame = page.frameLocator('iframe');
    await frame.getByText('Kontroller at dette er riktig pasient.').waitFor();
    await fillB12(frame);
    if (process.env['SCREENSHOTS'] !== undefined) {
      await page.screenshot({ path: `${process.env['SCREENSHOTS']}/launch-7-frame.png` });
    }

    const cookies = (await context.cookies()).filter(({ name }) => name.startsWith('o.ryggrad'));
    expect(page.frames().at(-1)?.url()).toMatch(/\/ramme\/journal-1\//);
    expect(cookies.length).toBeGreaterThan(0);
    expect(cookies.map(({ sameSite, secure, httpOnly }) => [sameSite, secure, httpOnly])).toEqual(
      cookies.map(() => ['None', true, true]),
    );
    expect(await server.taskStates(person)).toMatchObject({ b12: 'completed' });
  });

  it.each([
    ['a launch, for a page of another origin', (link: string) => link, () => ehr.url],
    ['any other page of ours', () => `${server.app.url}/logg-inn`, () => pagesOf(ehr)],
    [
      'a page of a launch that began in a tab',
      () => `${server.app.url}/oppstart/journal-1/abcdefghijkl/logg-inn`,
      () => pagesOf(ehr),
    ],
  ])('there is not %s.', async (_about, address, origin) => {
    const { link } = await admitted();
    framing(address(link));

    await page.goto(`${origin()}/vis`);

    expect(page.frames()).toHaveLength(2);
    await page
      .frames()
      .at(-1)
      ?.waitForURL(/^chrome-error:/, { waitUntil: 'commit' });
  });
});

/** Answer a path of the EHR. */
const answering =
  (path: string, answer: (request: IncomingMessage, response: ServerResponse) => void): EhrServer['fault'] =>
  (request, response) => {
    const isIt = request.url?.startsWith(path) === true;
    if (isIt) {
      answer(request, response);
    }
    return isIt;
  };

const status =
  (code: number, body = '{}') =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(body);
  };

/** Send the browser back with these instead of a code. */
const backWith =
  (given: Record<string, string>) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const query = new URL(request.url ?? '', ehr.url).searchParams;
    const back = new URL(query.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      state: query.get('state') ?? '',
      iss: `${ehr.url}/fhir`,
      ...given,
    }).toString();
    response.writeHead(302, { location: back.href }).end();
  };

const CONFIGURATION = '/fhir/.well-known/smart-configuration';

/** How each way to fail is brought about; answers where the browser goes, the launch unless it is elsewhere. */
const FAULTS: Readonly<Record<LaunchFailureKind, () => string | undefined>> = {
  'unknown-ehr': () =>
    `/launch?${new URLSearchParams({ iss: 'https://stranger.example/fhir', launch: 'x' })}`,
  'ehr-unreachable': () => {
    ehr.fault = answering(CONFIGURATION, (request) => request.socket.destroy());
    return undefined;
  },
  'ehr-broken': () => {
    ehr.fault = answering(CONFIGURATION, status(200, '{"issuer":"x"}'));
    return undefined;
  },
  expired: () => '/launch/callback?state=x&code=y',
  'not-confirmed': () => {
    ehr.fault = answering('/authorize', backWith({ code: 'x', iss: 'https://stranger.example/fhir' }));
    return undefined;
  },
  // what an EHR answers to a wrong aud, redirect address or launch
  'request-refused': () => {
    ehr.fault = answering('/authorize', backWith({ error: 'invalid_request' }));
    return undefined;
  },
  denied: () => {
    ehr.fault = answering('/authorize', backWith({ error: 'access_denied' }));
    return undefined;
  },
  'scope-denied': () => {
    ehr.fault = answering('/authorize', backWith({ error: 'invalid_scope' }));
    return undefined;
  },
  'token-refused': () => {
    ehr.fault = answering('/token', status(401, '{"error":"invalid_client"}'));
    return undefined;
  },
  'no-patient': () => {
    ehr.context = { patient: undefined };
    return undefined;
  },
  'patient-unknown': () => {
    ehr.fault = answering('/fhir/Patient/', status(404));
    return undefined;
  },
  'patient-unreadable': () => {
    ehr.fault = answering('/fhir/Patient/', status(403));
    return undefined;
  },
  'ehr-down': () => {
    ehr.fault = answering('/token', (request) => request.socket.destroy());
    return undefined;
  },
  'session-ended': () => '/oppstart/journal-1/abcdefghijkl/skjema/launch',
};

describe('A launch that fails', () => {
  it.each(Object.keys(FAULTS) as readonly LaunchFailureKind[])(
    'as %s has a page that says what to do.',
    async (kind) => {
      const { link } = await admitted();
      const elsewhere = await FAULTS[kind]();

      const response = await page.goto(
        typeof elsewhere === 'string' ? `${server.app.url}${elsewhere}` : link,
      );

      const { title, whatToDo } = launchTexts.nb.failures[kind];
      expect(response?.status()).toBe(LAUNCH_FAILURES[kind]);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(title);
      expect(await page.locator('.lead').innerText()).toBe(whatToDo('Journal 1'));
      expect(await page.getByRole('link', { name: 'Logg inn her i stedet' }).count()).toBe(1);
      expect(await look(page, `launch-fails-${kind}`)).toEqual([]);
    },
  );

  it.each(['nn', 'en'] as const)('says so in %s, too.', async (lang) => {
    const { link } = await admitted();
    const name = server.app.url.startsWith('https') ? '__Host-ryggrad-language' : 'ryggrad-language';
    await context.addCookies([{ name, value: lang, url: server.app.url }]);
    ehr.fault = answering('/authorize', backWith({ error: 'access_denied' }));

    await page.goto(link);

    const { title, whatToDo } = launchTexts[lang].failures.denied;
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(title);
    expect(await page.locator('.lead').innerText()).toBe(whatToDo(lang === 'en' ? 'Record 1' : 'Journal 1'));
  });
});
