/** Login, logout, sessions and choice of role (ASVS 5.0 chapters 6 and 7) */
import { disableAccount, saveAccount } from '../../../src/smart/accounts.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';
import { startSmartServer, type SmartServer } from './smart-server.ts';

const PASSWORD = 'Rett-passord-1';
let server: SmartServer;

beforeEach(async () => {
  server = await startSmartServer();
  const db = server.database.db.pool;
  await saveAccount(db, { username: 'lu-ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] }, PASSWORD);
  await saveAccount(
    db,
    { username: 'lc-bjorn', name: 'Bjørn Li', practitionerRoles: ['role-lc', 'role-lc2', 'role-gone'] },
    PASSWORD,
  );
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const logIn = (who: Browser, brukernavn: string, passord = PASSWORD, neste = '') =>
  who.post(`${server.url}/logg-inn`, { brukernavn, passord, neste });
const whoami = async (who: Browser): Promise<Record<string, unknown>> =>
  JSON.parse((await who.get(`${server.url}/whoami`)).text) as Record<string, unknown>;
const path = (location: string): string => location.slice(server.url.length);

describe('Login', () => {
  it('opens a session in the only role of the account.', async () => {
    const who = browser();

    const answer = await logIn(who, 'lu-ane', PASSWORD, '/arbeidsliste');

    expect(answer.status).toBe(303);
    expect(path(answer.location)).toBe('/arbeidsliste');
    expect(await whoami(who)).toMatchObject({
      kind: 'staff',
      subject: 'user:lu-ane',
      name: 'Ane Lund',
      role: 'LU',
      register: 'r1',
      units: ['dep-1'],
      practitioner: 'p-ane',
    });
  });

  it('keeps the session in a cookie that scripts and other sites do not get.', async () => {
    const answer = await logIn(browser(), 'lu-ane');

    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^ryggrad=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('answers an unknown name and a wrong password alike.', async () => {
    const unknown = await logIn(browser(), 'ingen', 'x');
    const wrong = await logIn(browser(), 'lu-ane', 'x');

    expect([unknown.status, path(unknown.location)]).toEqual([303, '/logg-inn?feil=ukjent']);
    expect([wrong.status, wrong.location]).toEqual([unknown.status, unknown.location]);
    expect(server.events.map(({ subject }) => subject)).toEqual(['user:unknown', 'user:lu-ane']);
  });

  it('stops after five wrong passwords for that name, and leaves others alone.', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      await logIn(browser(), 'lu-ane', 'x');
    }

    const sixth = await logIn(browser(), 'lu-ane');
    const colleague = await logIn(browser(), 'lc-bjorn');

    expect(path(sixth.location)).toBe('/logg-inn?feil=sperret');
    expect(sixth.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(path(colleague.location)).toBe('/velg-rolle');
  });

  it('stops for an unknown name in the same way.', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      await logIn(browser(), 'ingen', 'x');
    }

    expect(path((await logIn(browser(), 'ingen', 'x')).location)).toBe('/logg-inn?feil=sperret');
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'x'])(
    'does not lead away to %s.',
    async (neste) => {
      expect(path((await logIn(browser(), 'lu-ane', PASSWORD, neste)).location)).toBe('/');
    },
  );

  it('is refused when another site’s page sends it.', async () => {
    const body = new URLSearchParams({ brukernavn: 'lu-ane', passord: PASSWORD });
    const send = (headers: Record<string, string>) =>
      fetch(`${server.url}/logg-inn`, { method: 'POST', body, headers, redirect: 'manual' });

    const otherOrigin = await send({ origin: 'https://evil.example' });
    const otherSite = await send({ 'sec-fetch-site': 'cross-site', origin: server.url });
    const silent = await send({});

    expect([otherOrigin.status, otherSite.status, silent.status]).toEqual([403, 403, 403]);
  });

  it('gives a new session each time, and ends the one before.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');
    const first = who.cookies.get('ryggrad')!;

    await logIn(who, 'lu-ane');
    const second = who.cookies.get('ryggrad')!;
    who.cookies.set('ryggrad', first);

    expect(second).not.toBe(first);
    expect(await whoami(who)).toEqual({ kind: 'nobody' });
  });

  it('does not take over a session id that somebody planted.', async () => {
    const who = browser();
    who.cookies.set('ryggrad', 'planted');

    await logIn(who, 'lu-ane');

    expect(who.cookies.get('ryggrad')).not.toBe('planted');
  });
});

describe('The choice of role', () => {
  it('is asked for when there are several, and nobody is logged in before it is made.', async () => {
    const who = browser();

    const answer = await logIn(who, 'lc-bjorn', PASSWORD, '/arbeidsliste');

    expect(path(answer.location)).toBe('/velg-rolle?neste=%2Farbeidsliste');
    expect(await whoami(who)).toEqual({ kind: 'nobody' });
  });

  it('makes the principal, under a new session id.', async () => {
    const who = browser();
    await logIn(who, 'lc-bjorn');
    const before = who.cookies.get('ryggrad')!;

    const answer = await who.post(`${server.url}/velg-rolle`, { rolle: 'role-lc2', neste: '/arbeidsliste' });

    expect(path(answer.location)).toBe('/arbeidsliste');
    expect(await whoami(who)).toMatchObject({ role: 'LC', units: ['dep-2'] });
    expect(who.cookies.get('ryggrad')).not.toBe(before);
    who.cookies.set('ryggrad', before);
    expect(await whoami(who)).toEqual({ kind: 'nobody' });
  });

  it.each(['role-sc', 'role-gone', ''])(
    'refuses the role "%s", which the account does not have.',
    async (rolle) => {
      const who = browser();
      await logIn(who, 'lc-bjorn');

      const answer = await who.post(`${server.url}/velg-rolle`, { rolle });

      expect(path(answer.location)).toBe('/velg-rolle?feil=rolle');
      expect(await whoami(who)).toEqual({ kind: 'nobody' });
    },
  );
});

describe('A session', () => {
  it('ends after 30 minutes without a request.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');

    server.clock.advance({ minutes: 29 });
    const inTime = await whoami(who);
    server.clock.advance({ minutes: 29 });
    const kept = await whoami(who);
    server.clock.advance({ minutes: 31 });
    const late = await whoami(who);

    expect([inTime.kind, kept.kind, late.kind]).toEqual(['staff', 'staff', 'nobody']);
  });

  it('ends after ten hours, however busy.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');

    const kinds: unknown[] = [];
    for (let quarters = 0; quarters < 41; quarters++) {
      server.clock.advance({ minutes: 15 });
      kinds.push((await whoami(who)).kind);
    }

    expect(kinds.indexOf('nobody')).toBe(39);
  });

  it('ends at logout, and the browser is told to forget.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');
    const token = who.cookies.get('ryggrad')!;

    const answer = await who.post(`${server.url}/logg-ut`, {});
    who.cookies.set('ryggrad', token);

    expect(path(answer.location)).toBe('/logg-inn');
    expect(answer.headers.get('clear-site-data')).toContain('storage');
    expect(await whoami(who)).toEqual({ kind: 'nobody' });
  });

  it('ends with the account.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');

    await disableAccount(server.database.db.pool, 'lu-ane');

    expect(await whoami(who)).toEqual({ kind: 'nobody' });
  });

  it('is stored as a hash.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');

    const { rows } = await server.database.db.pool.query('select s::text as text from session s');

    expect(rows).toHaveLength(1);
    expect((rows[0] as { text: string }).text).not.toContain(who.cookies.get('ryggrad'));
  });

  it('does not change anything for a page of another site.', async () => {
    const who = browser();
    await logIn(who, 'lu-ane');
    const headers = { cookie: `ryggrad=${who.cookies.get('ryggrad')}`, origin: 'https://evil.example' };

    const write = await fetch(`${server.url}/whoami`, { method: 'PUT', headers });
    const own = await fetch(`${server.url}/whoami`, {
      method: 'PUT',
      headers: { ...headers, origin: server.url },
    });

    expect([write.status, own.status]).toEqual([403, 200]);
  });
});
