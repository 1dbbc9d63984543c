/**
 * Step c: register staff at work: work list, consent, locking, a correction with its reason.
 */
import { browser, type Browser, type Page } from './browser.ts';
import { onPage, openForm, option, press } from './fill-form.ts';
import { nrs, problems } from './launch.ts';
import { WalkError } from './narrator.ts';
import type { Registered } from './push.ts';
import { readKeyFile, type Walk } from './walk.ts';

/** Log in as one of the demo's people; the work list. */
export async function logIn(
  walk: Walk,
  account: string,
): Promise<{ readonly browser: Browser; readonly page: Page }> {
  const passwords = await readKeyFile<Readonly<Record<string, string>>>(walk, 'passwords.json');
  const user = browser(walk);
  const login = await user.open('/logg-inn?neste=/arbeidsliste');
  const page = await user.submit(login, '/logg-inn', {
    brukernavn: account,
    passord: passwords[account] ?? '',
    neste: '/arbeidsliste',
  });
  if (!page.url.endsWith('/arbeidsliste')) {
    throw new WalkError(`${account} did not get to the work list: ${page.status} ${page.url}`);
  }
  return { browser: user, page };
}

/** A local user takes consent and locks TO: yes with a date, or no with a type. */
export async function lockTo(walk: Walk, person: Registered, consent: 'yes' | 'no'): Promise<void> {
  const { narrator } = walk;
  const { browser: user, page } = await logIn(walk, 'lu-ane');
  narrator.check(
    `the work list [Arbeidsliste] leads to the forms of ForløpsID ${person.pathwayNumber}`,
    page.html.includes(`/skjema/${person.tasks['to'] ?? '-'}`),
  );
  const task = person.tasks['to'] ?? '';
  const opened = await openForm(user, task);
  const asked = onPage(await press(user, opened, task, 'save', referral(opened.value)), task);
  const answered = await press(user, asked, task, 'save', { 'q/consent': consentOption(consent) });
  const confirmed = await press(user, onPage(answered, task), task, 'confirm-all');
  const done = await press(user, onPage(confirmed, task), task, 'complete', detailOf(consent));
  narrator.check(
    `TO is locked with consent ${consent === 'yes' ? 'Yes, dated today' : 'No [Aktivt]'}`,
    done.status === 200 && done.text.includes('ferdigstilt'),
    problems(done),
  );
}

const consentOption = (consent: 'yes' | 'no'): string => option(CONSENT_SYSTEM[consent], consent);
const CONSENT_SYSTEM = { yes: 'smertereg-written-consent', no: 'smertereg-written-consent' } as const;

/** What TO needs before consent can be asked for; leaves what is answered. */
function referral(value: (name: string) => string | undefined): Readonly<Record<string, string>> {
  return {
    'q/start-date': value('q/referral-date') ?? '',
    'q/attended': option('smertereg-attended', 'yes'),
    'q/norwegian-speaking': option('answer', 'yes'),
    'q/cognitively-impaired': option('answer', 'no'),
  };
}

const detailOf = (consent: 'yes' | 'no'): Readonly<Record<string, string>> =>
  consent === 'yes'
    ? { 'q/consent-date': today() }
    : { 'q/missing-consent-type': option('missing-consent-type', 'active') };

/** Norwegian date, as people type it. */
export function today(): string {
  const parts = new Intl.DateTimeFormat('nb-NO', {
    timeZone: 'Europe/Oslo',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
  });
  return parts.format(new Date());
}

const REASON = 'Tallet var lest feil av papirskjemaet';

/** A locked form: closed for the local user, corrected by the coordinator with a reason. */
export async function correctB12(walk: Walk, person: Registered): Promise<void> {
  const { narrator } = walk;
  const task = person.tasks['b12'] ?? '';
  const { browser: user } = await logIn(walk, 'lu-ane');
  const seen = await user.open(`/skjema/${task}`);
  narrator.check(
    'the local user (LU) sees the locked form, and no way to change it',
    seen.status === 200 && seen.forms.every(({ action }) => !action.endsWith('/rett')),
  );
  const { browser: coordinator } = await logIn(walk, 'lc-bjorn');
  const locked = await coordinator.open(`/skjema/${task}`);
  const opened = await coordinator.submit(locked, `/skjema/${task}/rett`, {
    _reason: REASON,
  });
  narrator.check(
    'the coordinator (LC) opens it for correction with a reason',
    opened.status === 200,
    problems(opened),
  );
  const done = await press(coordinator, onPage(opened, task), task, 'save', nrs(7, 2, 8, 4));
  narrator.check('the corrected form is stored', done.status === 200, problems(done));
  await checkHistory(walk, coordinator, task);
}

async function checkHistory({ narrator }: Walk, coordinator: Browser, task: string): Promise<void> {
  const versions = await coordinator.open(`/skjema/${task}/historikk`);
  const [newest = 0, before = 0] = [...versions.html.matchAll(/<option value="(\d+)"/g)].map(([, n]) =>
    Number(n),
  );
  const compared = await coordinator.open(`/skjema/${task}/historikk?fra=${before}&til=${newest}`);
  narrator.check(
    'the history keeps every version, who saved it, why, and what differs: 6 → 7',
    compared.text.includes(REASON) &&
      /\b6\b.*\b7\b/.test(compared.text.slice(compared.text.lastIndexOf('Forskjell'))),
    compared.text.slice(0, 900),
  );
}
