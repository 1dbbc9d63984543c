/** Second factors, forgotten password, limits, sessions: an account from the person's side (ASVS 5.0 chapters 6 and 7) */
import { saveAccount } from '../../../src/smart/accounts.ts';
import { totpCode } from '../../support/authenticator-app.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';
import { codeIn, type AccountServer, startAccountServer } from './account-server.ts';

const PASSWORD = 'Furuskog-7 blåbær';
let server: AccountServer;

beforeAll(async () => {
  server = await startAccountServer({ SECOND_FACTOR: 'required' });
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** An account as a coordinator has let it in, past its first password. */
async function person(username: string, contact: { mobile?: string; email?: string } = {}): Promise<void> {
  const account = { username, name: 'Kari Nordmann', practitionerRoles: ['demo-lu-ane'], ...contact };
  await saveAccount(server.test.database.db.pool, account, PASSWORD);
}

/** Through the password and the code by SMS. */
async function enter(username: string): Promise<Browser> {
  const who = browser();
  await server.post(who, '/logg-inn', { brukernavn: username, passord: PASSWORD });
  const sms = (await server.messages()).find(({ purpose }) => purpose === 'login-code');
  await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: codeIn(sms?.text) });
  return who;
}

/** Add an authenticator app; its secret. */
async function addApp(who: Browser): Promise<string> {
  const page = await server.get(who, '/min-side/app');
  const [, sealed = ''] = /name="forslag" value="([^"]+)"/.exec(page.text) ?? [];
  const [, secret = ''] = /class="secret">([^<]+)</.exec(page.text) ?? [];
  const plain = secret.replaceAll(' ', '');
  await server.post(who, '/min-side/app', {
    forslag: sealed,
    kode: totpCode(plain, server.clock.now()),
    navn: 'Min',
  });
  return plain;
}

describe('An authenticator app', () => {
  it('is added with a code, sealed at rest, and asked for at the next login; its code works once (ASVS 6.5.1).', async () => {
    await person('app.en', { mobile: '+4740000011' });
    const secret = await addApp(await enter('app.en'));
    const stored = await server.test.database.db.query<{ secret: string }>({
      text: `select secret from account_factor where username = 'app.en'`,
    });
    server.clock.advance({ minutes: 2 });
    const kode = totpCode(secret, server.clock.now());
    const who = browser();

    const first = await server.post(who, '/logg-inn', { brukernavn: 'app.en', passord: PASSWORD });
    const right = await server.post(who, '/logg-inn/bekreft', { metode: 'totp', kode });
    const other = browser();
    await server.post(other, '/logg-inn', { brukernavn: 'app.en', passord: PASSWORD });
    const replayed = await server.post(other, '/logg-inn/bekreft', { metode: 'totp', kode });

    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(stored).toHaveLength(1);
    expect(stored[0]?.secret).not.toContain(secret);
    expect(first.to).toBe('/logg-inn/bekreft');
    expect(right.to).toBe('/');
    expect(replayed.to).toBe('/logg-inn/bekreft?metode=totp&feil=kode');
    expect((await server.events('factor-added'))[0]?.agent).toBe('user:app.en');
  });

  it('is replaced by a recovery code, once each (ASVS 6.5.2).', async () => {
    await person('kode.en', { mobile: '+4740000012' });
    const owner = await enter('kode.en');
    await addApp(owner);
    const answer = await owner.post(`${server.url}/min-side/gjenoppretting`, {});
    const [, kode = ''] = /<code>([0-9a-z-]{19})<\/code>/.exec(answer.text) ?? [];
    const tries: string[] = [];
    for (let time = 0; time < 2; time++) {
      const who = browser();
      await server.post(who, '/logg-inn', { brukernavn: 'kode.en', passord: PASSWORD });
      tries.push((await server.post(who, '/logg-inn/bekreft', { metode: 'recovery', kode })).to);
    }
    const stored = await server.test.database.db.query<{ code_hash: string }>({
      text: `select code_hash from account_recovery_code where username = 'kode.en'`,
    });

    expect(answer.status).toBe(200);
    expect(stored).toHaveLength(10);
    expect(stored.map(({ code_hash: hash }) => hash)).not.toContain(kode);
    expect(tries).toEqual(['/', '/logg-inn/bekreft?metode=recovery&feil=kode']);
  });
});

describe('Where a second factor is required', () => {
  it('nobody comes in by the password alone, and no page opens for who has yet to set one up.', async () => {
    await person('uten.faktor');
    await saveAccount(
      server.test.database.db.pool,
      {
        username: 'ny.uten',
        name: 'Ny Uten',
        practitionerRoles: ['demo-lu-ane'],
        firstPasswordUntil: new Date(server.clock.now().getTime() + 86_400_000),
      },
      PASSWORD,
    );
    const who = browser();

    const refused = await server.post(browser(), '/logg-inn', {
      brukernavn: 'uten.faktor',
      passord: PASSWORD,
    });
    await server.post(who, '/logg-inn', { brukernavn: 'ny.uten', passord: PASSWORD });
    const list = await server.get(who, '/arbeidsliste');
    const hurdle = await server.get(who, '/velg-rolle');
    const api = await fetch(`${server.url}/fhir/Patient`, {
      headers: { cookie: `ryggrad=${who.cookies.get('ryggrad') ?? ''}` },
    });

    expect(refused.to).toBe('/logg-inn?feil=faktor');
    expect(list.to).toContain('/velg-rolle');
    expect(hurdle.to).toBe('/min-side');
    expect(api.status).toBe(401);
  });

  it('a first password that is too old opens nothing.', async () => {
    await saveAccount(
      server.test.database.db.pool,
      {
        username: 'for.sent',
        name: 'For Sent',
        practitionerRoles: ['demo-lu-ane'],
        mobile: '+4740000013',
        firstPasswordUntil: new Date(server.clock.now().getTime() - 1000),
      },
      PASSWORD,
    );

    const answer = await server.post(browser(), '/logg-inn', { brukernavn: 'for.sent', passord: PASSWORD });

    expect(answer.to).toBe('/logg-inn?feil=utlopt');
  });
});

describe('A forgotten password', () => {
  it('is replaced by a code to the e-mail address; sessions end, and the owner is told.', async () => {
    await person('glemt.en', { mobile: '+4740000014', email: 'glemt@example.no' });
    const before = await enter('glemt.en');
    const who = browser();

    const asked = await server.post(who, '/glemt-passord', { brukernavn: 'glemt.en' });
    const mail = (await server.messages()).find(({ purpose }) => purpose === 'reset-code');
    const changed = await server.post(who, '/glemt-passord/kode', {
      kode: codeIn(mail?.text),
      nytt: 'Granskog-9 tyttebær',
      gjenta: 'Granskog-9 tyttebær',
    });
    const told = (await server.messages()).find(({ purpose }) => purpose === 'password-reset');
    const old = await server.post(browser(), '/logg-inn', { brukernavn: 'glemt.en', passord: PASSWORD });

    expect(asked.to).toBe('/glemt-passord/kode');
    expect(mail).toMatchObject({ channel: 'email', to: 'glemt@example.no' });
    expect(changed.to).toBe('/logg-inn?status=passord');
    expect(told?.to).toBe('glemt@example.no');
    expect((await server.get(before, '/min-side')).to).toContain('/logg-inn');
    expect(old.to).toBe('/logg-inn?feil=ukjent');
  });

  it('gets the same answer for a name that nobody has, and no message is written.', async () => {
    const who = browser();
    const count = (await server.messages()).length;

    const asked = await server.post(who, '/glemt-passord', { brukernavn: 'finnes.ikke' });
    const tried = await server.post(who, '/glemt-passord/kode', { kode: '000000', nytt: 'x', gjenta: 'x' });

    expect(asked.to).toBe('/glemt-passord/kode');
    expect(tried.status).toBe(422);
    expect(await server.messages()).toHaveLength(count);
  });
});

describe('Guessing at an account', () => {
  it('does not lock its owner out of a browser that has been there before (ASVS 6.1.1).', async () => {
    await person('ettertraktet', { mobile: '+4740000015' });
    const owner = await enter('ettertraktet');
    const stranger = browser();

    for (let attempt = 0; attempt < 6; attempt++) {
      await server.post(stranger, '/logg-inn', { brukernavn: 'ettertraktet', passord: 'feil' });
    }
    const strangers = await server.post(stranger, '/logg-inn', {
      brukernavn: 'ettertraktet',
      passord: PASSWORD,
    });
    const owners = await server.post(owner, '/logg-inn', { brukernavn: 'ettertraktet', passord: PASSWORD });

    expect(strangers.to).toBe('/logg-inn?feil=sperret');
    expect(owners.to).toContain('/logg-inn/bekreft');
  });
});

describe('One’s own page', () => {
  it('lists sessions and ends another of them (ASVS 7.5.2), and shows own logins.', async () => {
    await person('to.okter', { mobile: '+4740000016' });
    const other = await enter('to.okter');
    server.clock.advance({ minutes: 1 });
    const here = await enter('to.okter');
    const page = await server.get(here, '/min-side');
    const [, id = ''] =
      /action="\/min-side\/okt\/avslutt"[^>]*><input type="hidden" name="id" value="([^"]+)"/.exec(
        page.text,
      ) ?? [];

    const ended = await server.post(here, '/min-side/okt/avslutt', { id });

    expect(page.text).toContain('Passord og SMS');
    expect(ended.to).toBe('/min-side?status=okt');
    expect((await server.get(other, '/min-side')).to).toContain('/logg-inn');
    expect((await server.get(here, '/min-side')).status).toBe(200);
  });

  it('changes the e-mail address when the code that was sent there comes back.', async () => {
    await person('ny.epost', { mobile: '+4740000017' });
    const who = await enter('ny.epost');

    await server.post(who, '/min-side/epost', { verdi: 'ny@example.no' });
    const mail = (await server.messages()).find(({ purpose }) => purpose === 'contact-code');
    const wrong = await server.post(who, '/min-side/epost/kode', { kode: '000000' });
    const right = await server.post(who, '/min-side/epost/kode', { kode: codeIn(mail?.text) });

    expect(mail).toMatchObject({ channel: 'email', to: 'ny@example.no' });
    expect([wrong.status, right.to]).toEqual([422, '/min-side?status=epost']);
  });
});
