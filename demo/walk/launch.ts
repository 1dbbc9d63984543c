/**
 * Step b: a clinician opens the register's form from the EHR (SMART App Launch), sees it filled from the journal, saves a draft,
 * completes it. https://hl7.org/fhir/smart-app-launch/app-launch.html
 */
import type { Resource } from '../../src/fhir/types.ts';
import { browser, type Browser, type Page } from './browser.ts';
import type { FhirClient } from './fhir-client.ts';
import { no, onPage, openForm, option, press, yes } from './fill-form.ts';
import { WalkError } from './narrator.ts';
import type { Registered } from './push.ts';
import type { Walk } from './walk.ts';

/** Have a person admitted in the simulated EHR, and open the register from the patient's row there. */
export async function launchFromEhr(
  walk: Walk,
  ehrId: string,
): Promise<{ readonly browser: Browser; readonly page: Page }> {
  const clinician = browser(walk);
  const ward = await clinician.open('/demo/ehr');
  const admitted = await clinician.submit(ward, undefined, { nummer: ehrId.replace('pasient-', '') });
  const links = [...admitted.html.matchAll(/href="([^"]+[?&;]launch=[^"]+)"/g)].map(([, href = '']) =>
    href.replaceAll('&amp;', '&'),
  );
  const last = links.at(-1);
  if (last === undefined) {
    throw new WalkError(`The simulated EHR shows no patients: ${admitted.text.slice(0, 200)}`);
  }
  const page = await clinician.open(last);
  clinician.stayIn(page);
  return { browser: clinician, page };
}

/** Launch, check the person, fill TO as a draft and B1.1 and B1.2 to the end. */
export async function fillFromEhr(walk: Walk, person: Registered): Promise<void> {
  const { narrator } = walk;
  narrator.say('The clinician presses [Åpne registerskjema] at the patient in the EHR.');
  const { browser: clinician, page } = await launchFromEhr(walk, person.ehrId);
  narrator.check(
    'the launch page names the patient and asks whether it is the right one',
    page.status === 200 && page.text.includes('Kontroller at dette er riktig pasient'),
    page.text.slice(0, 200),
  );
  await draftOfTo(walk, clinician, person);
  await completeB11(walk, clinician, person);
  await completeB12(walk, clinician, person);
}

/** Referral and inclusion; consent is left for later. */
async function draftOfTo({ narrator }: Walk, clinician: Browser, { tasks }: Registered): Promise<void> {
  const task = tasks['to'] ?? '';
  const opened = await openForm(clinician, task);
  narrator.say('TO (additional data) opens, filled from the EHR, every answer marked with its source.');
  narrator.check(
    `fetched: referred ${opened.value('q/referral-date') ?? ''}, admitted ${opened.value('q/start-date') ?? ''}`,
    opened.page.text.includes('Hentet fra') && opened.value('q/referral-date') !== '',
  );
  const confirmed = onPage(await press(clinician, opened, task, 'confirm-all'), task);
  narrator.check(
    '[Bekreft alle hentede svar] confirms them',
    !confirmed.page.text.includes('ikke bekreftet'),
  );
  const draft = await press(clinician, confirmed, task, 'save', {
    'q/start-date': confirmed.value('q/referral-date') ?? '',
    'q/attended': option('smertereg-attended', 'yes'),
    'q/norwegian-speaking': yes,
    'q/cognitively-impaired': no,
  });
  narrator.check('the draft [kladd] is saved', draft.text.includes('lagret'), draft.text.slice(0, 300));
  narrator.check(
    'the server computed age and inclusion, and opened the questions on consent',
    /alder ved startdato/.test(draft.text) && draft.html.includes('"q/consent"'),
  );
}

/** Name of a field in the first row of opioids; which id the row has is the server's to say. */
const firstOpioid = (html: string, field: string): string =>
  `${/name="_row" value="(q\/opioid:[^"]+)"/.exec(html)?.[1] ?? ''}/${field}`;

async function completeB11({ narrator }: Walk, clinician: Browser, { tasks }: Registered): Promise<void> {
  const task = tasks['b11'] ?? '';
  const opened = await openForm(clinician, task);
  const rows = opened.page.html.match(/name="_row" value="q\/diagnosis:[^"]+"/g) ?? [];
  narrator.say('B1.1 (diagnoses, drugs): one row per diagnosis and procedure of the EHR, opioids by route.');
  narrator.check(`${rows.length} pain diagnoses are suggested`, rows.length >= 2);
  const confirmed = onPage(await press(clinician, opened, task, 'confirm-all'), task);
  const answered = onPage(
    await press(clinician, confirmed, task, 'save', {
      ...mainDiagnoses(confirmed.page.html),
      [firstOpioid(confirmed.page.html, 'dose')]: '20',
      'q/inappropriate-use': option('answer', 'no'),
      'q/central-block': option('answer', 'no'),
      'q/peripheral-block': option('answer', 'no'),
      'q/earlier-abuse': option('answer', 'no'),
      'q/current-abuse': option('answer', 'no'),
    }),
    task,
  );
  narrator.check(
    'the server computed the oral morphine equivalents: 20 mg parenteral morphine = 60 mg',
    /\b60\b/.test(answered.page.text.slice(answered.page.text.indexOf('Analgetika'))),
  );
  const done = await press(clinician, answered, task, 'complete');
  narrator.check(
    'B1.1 is completed [ferdigstilt] and locked',
    done.text.includes('ferdigstilt') && done.status === 200,
    problems(done),
  );
}

/** The first row is the main diagnosis. */
function mainDiagnoses(html: string): Readonly<Record<string, string>> {
  const names = [...html.matchAll(/name="_shown" value="(q\/diagnosis:[^"]+\/main-diagnosis)"/g)];
  return Object.fromEntries(names.map(([, name = ''], index) => [name, index === 0 ? yes : no]));
}

async function completeB12({ narrator }: Walk, clinician: Browser, { tasks }: Registered): Promise<void> {
  const task = tasks['b12'] ?? '';
  const opened = await openForm(clinician, task);
  const able = onPage(
    await press(clinician, opened, task, 'save', { 'q/nrs-ability': option('answer', 'yes') }),
    task,
  );
  const wrong = await press(clinician, able, task, 'complete', nrs(2, 5, 8, 4));
  narrator.check(
    'B1.2: a weakest pain above the strongest is refused, with the reason at the question',
    wrong.status === 422 && /høyere enn/.test(wrong.text),
    problems(wrong),
  );
  const done = await press(clinician, onPage(wrong, task), task, 'complete', nrs(6, 2, 8, 4));
  narrator.check(
    'B1.2 is completed and locked',
    done.status === 200 && done.text.includes('ferdigstilt'),
    problems(done),
  );
}

/** Strongest and weakest at rest and in motion, 0-10. */
export const nrs = (...[a, b, c, d]: readonly number[]): Readonly<Record<string, string>> => ({
  'q/strongest-rest': option('nrs', String(a)),
  'q/weakest-rest': option('nrs', String(b)),
  'q/strongest-motion': option('nrs', String(c)),
  'q/weakest-motion': option('nrs', String(d)),
});

/** What a page complains of. */
export function problems({ status, text, url }: Page): string {
  const begun = text.search(/må rettes|Kontroller disse|lot seg ikke|Feil/);
  return `${status} ${url} ${text.slice(Math.max(begun, 0), Math.max(begun, 0) + 400)}`;
}

/** What the locked forms became: facts, each derived from the form. */
export async function checkFacts(
  { narrator }: Walk,
  reader: FhirClient,
  { patient, episode }: Registered,
): Promise<void> {
  const of = async (query: string): Promise<number> => {
    const found = await reader.search<Resource>(
      `${query}${query.includes('?') ? '&' : '?'}patient=${patient}&_count=100`,
    );
    return found.filter(({ meta }) => meta?.source?.startsWith('urn:ryggrad:form:') === true).length;
  };
  const counts = {
    Condition: await of('Condition'),
    MedicationStatement: await of('MedicationStatement'),
    Observation: await of('Observation'),
  };
  narrator.check(
    `facts extracted for pathway ${episode.slice(-6)}: ${Object.entries(counts)
      .map(([type, n]) => `${n} ${type}`)
      .join(', ')}`,
    counts.Condition >= 2 && counts.MedicationStatement === 1 && counts.Observation >= 5,
    counts,
  );
}
