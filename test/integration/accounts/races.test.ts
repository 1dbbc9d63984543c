/** What may happen once, when it is tried many times in the same moment (ASVS 5.0 2.3.4, 6.5.1) */
import { saveAccount } from '../../../src/smart/accounts.ts';
import { totpCode } from '../../support/authenticator-app.ts';
import { softAuthenticator } from '../../support/authenticator.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';
import { application, codeIn, type AccountServer, startAccountServer } from './account-server.ts';

const PASSWORD = 'Furuskog-7 blåbær';
const TRIES = 8;
let server: AccountServer;

beforeAll(async () => {
  server = await startAccountServer();
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const savePerson = (username: string, mobile: string): Promise<void> =>
  saveAccount(
    server.test.database.db.pool,
    { username, name: 'Kari Nordmann', practitionerRoles: ['demo-lu-ane'], mobile },
    PASSWORD,
  );

/** Past the password, with the code that was sent. */
async function begin(username: string): Promise<{ who: Browser; code: string }> {
  const who = browser();
  await server.post(who, '/logg-inn', { brukernavn: username, passord: PASSWORD });
  const sms = (await server.messages()).find(({ purpose }) => purpose === 'login-code');
  return { who, code: codeIn(sms?.text) };
}

/** So many browsers with the same cookies, each with the same answer at the same time; how many came in. */
async function atOnce(who: Browser, form: Readonly<Record<string, string>>): Promise<number> {
  const copies = Array.from({ length: TRIES }, () => {
    const copy = browser();
    who.cookies.forEach((value, name) => copy.cookies.set(name, value));
    return copy;
  });
  await Promise.all(copies.map((copy) => server.post(copy, '/logg-inn/bekreft', form)));
  return copies.filter(({ cookies }) => cookies.has('ryggrad')).length;
}

const post = (who: Browser, path: string, body: object): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      origin: server.url,
      cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    },
    body: JSON.stringify(body),
  });

describe('In the same moment', () => {
  it('a code by SMS opens one session.', async () => {
    await savePerson('race.sms', '+4740000061');
    const { who, code } = await begin('race.sms');

    expect(await atOnce(who, { metode: 'sms', kode: code })).toBe(1);
  });

  it('a code of an authenticator app opens one session, for two logins under way, too.', async () => {
    await savePerson('race.app', '+4740000062');
    const { who, code } = await begin('race.app');
    await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: code });
    const page = await server.get(who, '/min-side/app');
    const [, forslag = ''] = /name="forslag" value="([^"]+)"/.exec(page.text) ?? [];
    const [, shown = ''] = /class="secret">([^<]+)</.exec(page.text) ?? [];
    const secret = shown.replaceAll(' ', '');
    const first = totpCode(secret, server.clock.now());
    await server.post(who, '/min-side/app', { forslag, kode: first, navn: '' });
    server.clock.advance({ minutes: 2 });
    const logins = [browser(), browser()];
    for (const login of logins) {
      await server.post(login, '/logg-inn', { brukernavn: 'race.app', passord: PASSWORD });
    }
    const form = { metode: 'totp', kode: totpCode(secret, server.clock.now()) };

    const opened = await Promise.all(logins.map((login) => atOnce(login, form)));

    expect(opened.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('two coordinators decide once: one role, one account, one password.', async () => {
    await server.post(browser(), '/ny-bruker', application({ brukernavn: 'race.ny', mobil: '40000063' }));
    const [stored] = await server.test.database.db.query<{ id: string }>({
      text: `select id from account_application where username = 'race.ny'`,
    });
    const coordinators = [await server.logIn('lc-bjorn'), await server.logIn('sc-siri')];

    const answers = await Promise.all(
      Array.from({ length: TRIES }, (_, at) =>
        server.post(coordinators[at % 2] ?? browser(), `/brukere/soknader/${stored?.id ?? ''}`, {
          svar: 'ja',
        }),
      ),
    );

    const accounts = await server.test.database.db.query<{ roles: number }>({
      text: `select cardinality(practitioner_role_ids) as roles from account where username like 'race.ny%'`,
    });
    const sent = (await server.messages()).filter(({ to }) => to.endsWith('40000063'));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(TRIES - 1).fill(409)]);
    expect(accounts).toEqual([{ roles: 1 }]);
    expect(sent).toHaveLength(1);
  });
});

describe('A passkey at the login', () => {
  it('opens a session with a signature over the challenge of this login, and never a second time.', async () => {
    await savePerson('race.nokkel', '+4740000064');
    const { who, code } = await begin('race.nokkel');
    await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: code });
    const device = softAuthenticator();
    const said = { origin: server.url, host: new URL(server.url).hostname };
    const asked = await post(who, '/min-side/passnokkel/valg', {});
    const { challenge: first } = (await asked.json()) as { challenge: string };
    const response = device.register({ ...said, challenge: first });
    const kept = await post(who, '/min-side/passnokkel', { response, label: 'Nøkkelen' });
    const again = await post(who, '/min-side/passnokkel', { response, label: 'En til' });
    const login = browser();
    await server.post(login, '/logg-inn', { brukernavn: 'race.nokkel', passord: PASSWORD });
    const offered = await post(login, '/logg-inn/passnokkel/valg', {});
    const { challenge } = (await offered.json()) as { challenge: string };
    const signed = device.authenticate({ ...said, challenge, counter: 1 });

    const answers = await Promise.all(
      Array.from({ length: TRIES }, () => post(login, '/logg-inn/passnokkel', signed)),
    );

    const [other, stale] = [browser(), device.authenticate({ ...said, challenge, counter: 2 })];
    await server.post(other, '/logg-inn', { brukernavn: 'race.nokkel', passord: PASSWORD });
    expect([kept.status, again.status]).toEqual([200, 422]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(TRIES - 1).fill(401)]);
    expect((await post(other, '/logg-inn/passnokkel', stale)).status).toBe(401);
  });
});
