/** From the application to the first login, and what coordinators do with accounts (FA-01, ASVS 5.0 chapters 6 to 8) */
import { browser } from '../launch/ehr-server.ts';
import { application, codeIn, type AccountServer, startAccountServer } from './account-server.ts';

const OWN_PASSWORD = 'Furuskog-7 blåbær';
let server: AccountServer;

beforeAll(async () => {
  server = await startAccountServer();
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Apply, and the coordinator says yes; user name and password as the SMS tells them. */
async function letIn(
  username: string,
  mobil: string,
  rolle = 'LU',
): Promise<{ username: string; password: string }> {
  await server.post(browser(), '/ny-bruker', application({ brukernavn: username, mobil, rolle }));
  const coordinator = await server.logIn('lc-bjorn');
  const [stored] = await server.test.database.db.query<{ id: string }>({
    text: `select id from account_application where username = $1 and status = 'new'`,
    values: [username],
  });
  const id = stored?.id ?? '';
  await server.post(coordinator, `/brukere/soknader/${id}`, { svar: 'ja', grunn: '' });
  const sms = (await server.messages()).find(
    ({ to, purpose }) => to.endsWith(mobil) && purpose === 'first-password',
  );
  const [, name = '', password = ''] = /Brukernavn: (\S+) Passord: (\S+)/.exec(sms?.text ?? '') ?? [];
  return { username: name, password };
}

/** Through the password and the code by SMS. */
async function enter({ username, password }: { username: string; password: string }) {
  const who = browser();
  const first = await server.post(who, '/logg-inn', { brukernavn: username, passord: password });
  const [sms] = (await server.messages()).filter(({ purpose }) => purpose === 'login-code');
  const second = await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: codeIn(sms?.text) });
  return { who, first, second };
}

describe('An application for access', () => {
  it('leads to an account with a role for twelve months, decided by the LC of the unit, told to SC (FA-01).', async () => {
    const made = await letIn('kari.nordmann', '40000001');

    const roles = await server.test.database.db.query<{ ids: string[] }>({
      text: 'select practitioner_role_ids as ids from account where username = $1',
      values: ['kari.nordmann'],
    });
    const [role] = await server.test.app.accounts.findRolesSince(roles[0]?.ids ?? [], '2000-01-01');
    const nextYear = String(server.clock.now().getFullYear() + 1);
    expect(made).toEqual({
      username: 'kari.nordmann',
      password: expect.stringMatching(/^\S{14}$/) as string,
    });
    expect(role).toMatchObject({ role: 'LU', unit: 'demo-smerteklinikk', register: 'smertereg' });
    expect(role?.until?.startsWith(nextYear)).toBe(true);
    expect((await server.events('application-approved'))[0]).toMatchObject({ agent: 'user:lc-bjorn' });
  });

  it('answers alike whether the user name is taken or not, and a taken one gets a number.', async () => {
    const free = await server.post(browser(), '/ny-bruker', application({ brukernavn: 'sc-siri-ny' }));
    const made = await letIn('sc-siri', '40000002');

    expect(free).toEqual({ status: 303, to: '/ny-bruker/sendt' });
    expect(made.username).toBe('sc-siri2');
  });

  it('that lacks something comes back with what was typed, and what to do.', async () => {
    const who = browser();
    const answer = await fetch(`${server.url}/ny-bruker`, {
      method: 'POST',
      headers: { origin: server.url },
      body: new URLSearchParams(application({ mobil: '123', etternavn: '', avdeling: 'demo-hf' })),
    });
    const text = await answer.text();

    expect(answer.status).toBe(422);
    expect(text).toContain('Skriv mobilnummeret med åtte siffer');
    expect(text).toContain('Fyll ut etternavn');
    expect(text).toContain('value="kari.nordmann"');
    expect(who.cookies.size).toBe(0);
  });

  it('is decided by nobody but the coordinators: not by a local user, nor for SC by LC.', async () => {
    await server.post(browser(), '/ny-bruker', application({ brukernavn: 'vil-bli-sc', rolle: 'SC' }));
    const [stored] = await server.test.database.db.query<{ id: string }>({
      text: `select id from account_application where username = 'vil-bli-sc'`,
    });
    const path = `/brukere/soknader/${stored?.id ?? ''}`;

    const byUser = await server.post(await server.logIn('lu-ane'), path, { svar: 'ja' });
    const byLc = await server.post(await server.logIn('lc-bjorn'), path, { svar: 'ja' });
    const bySc = await server.post(await server.logIn('sc-siri'), path, {
      svar: 'nei',
      grunn: 'Ukjent søker',
    });

    expect([byUser.status, byLc.status]).toEqual([403, 403]);
    expect(bySc).toEqual({ status: 303, to: '/brukere?status=avslatt' });
    expect(
      (await server.messages()).find(({ purpose }) => purpose === 'application-refused')?.text,
    ).toContain('Ukjent søker');
  });

  it('is refused with a reason only, and decided once.', async () => {
    await server.post(browser(), '/ny-bruker', application({ brukernavn: 'to.ganger' }));
    const [stored] = await server.test.database.db.query<{ id: string }>({
      text: `select id from account_application where username = 'to.ganger'`,
    });
    const path = `/brukere/soknader/${stored?.id ?? ''}`;
    const coordinator = await server.logIn('lc-bjorn');

    const without = await server.post(coordinator, path, { svar: 'nei', grunn: '' });
    const first = await server.post(coordinator, path, { svar: 'nei', grunn: 'Arbeider ikke her' });
    const second = await server.post(coordinator, path, { svar: 'ja', grunn: '' });

    expect([without.status, first.status, second.status]).toEqual([422, 303, 409]);
  });
});

describe('A first login', () => {
  it('needs the code by SMS, and a password of one’s own before anything is open.', async () => {
    const made = await letIn('ny.bruker', '40000003');

    const { who, first, second } = await enter(made);
    const held = await server.get(who, '/arbeidsliste');
    const hurdle = await server.get(who, '/velg-rolle');
    const weak = await server.post(who, '/min-side/passord', {
      gammelt: made.password,
      nytt: 'Sommer2026!',
      gjenta: 'Sommer2026!',
    });
    const chosen = await server.post(who, '/min-side/passord', {
      gammelt: made.password,
      nytt: OWN_PASSWORD,
      gjenta: OWN_PASSWORD,
    });

    expect(first.to).toBe('/logg-inn/bekreft?metode=sms');
    expect(second.to).toBe('/velg-rolle');
    expect([held.to, hurdle.to]).toEqual(['/velg-rolle?neste=%2Farbeidsliste', '/min-side/passord']);
    expect([weak.status, chosen.status]).toEqual([422, 303]);
    expect((await server.get(who, '/arbeidsliste')).status).toBe(200);
  });

  it('does not take a code twice, nor another person’s (ASVS 6.5.1).', async () => {
    const made = await letIn('kode.to', '40000004');
    const who = browser();
    await server.post(who, '/logg-inn', { brukernavn: made.username, passord: made.password });
    const pending = new Map(who.cookies);
    const [sms] = (await server.messages()).filter(({ purpose }) => purpose === 'login-code');
    const other = browser();
    await server.post(other, '/logg-inn', { brukernavn: made.username, passord: made.password });

    const ofAnother = await server.post(other, '/logg-inn/bekreft', {
      metode: 'sms',
      kode: codeIn(sms?.text),
    });
    const right = await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: codeIn(sms?.text) });
    pending.forEach((value, name) => who.cookies.set(name, value));
    const again = await server.post(who, '/logg-inn/bekreft', { metode: 'sms', kode: codeIn(sms?.text) });

    expect(ofAnother.to).toBe('/logg-inn/bekreft?metode=sms&feil=kode');
    expect(right.to).toBe('/velg-rolle');
    expect(again.to).toBe('/logg-inn?feil=tid');
  });
});

describe('A coordinator', () => {
  it('ends an account, and its sessions end at once (ASVS 8.3.2, 7.4.2).', async () => {
    const made = await letIn('skal.slutte', '40000005');
    const { who } = await enter(made);
    const coordinator = await server.logIn('lc-bjorn');
    const before = await server.get(who, '/min-side');

    const closed = await server.post(coordinator, `/brukere/${made.username}/steng`, {});

    expect(before.status).toBe(200);
    expect(closed.to).toBe('/brukere?status=stengt');
    expect((await server.get(who, '/min-side')).to).toContain('/logg-inn');
    expect((await server.events('account-closed'))[0]?.agent).toBe('user:lc-bjorn');
  });

  it('ends a role while its owner works in it, and renews another (ASVS 8.3.2).', async () => {
    const coordinator = await server.logIn('sc-siri');
    const made = await letIn('rolle.slutt', '40000006');
    const { who } = await enter(made);
    await server.post(who, '/min-side/passord', {
      gammelt: made.password,
      nytt: OWN_PASSWORD,
      gjenta: OWN_PASSWORD,
    });
    const open = await server.get(who, '/arbeidsliste');
    const [account] = await server.test.database.db.query<{ ids: string[] }>({
      text: 'select practitioner_role_ids as ids from account where username = $1',
      values: [made.username],
    });
    const rolle = account?.ids[0] ?? '';

    server.clock.advance({ minutes: 1 });
    const renewed = await server.post(coordinator, `/brukere/${made.username}/forny`, { rolle });
    const ended = await server.post(coordinator, `/brukere/${made.username}/avslutt`, { rolle });

    expect(open.status).toBe(200);
    expect([renewed.to, ended.to]).toEqual(['/brukere?status=fornyet', '/brukere?status=avsluttet']);
    expect((await server.get(who, '/arbeidsliste')).to).toContain('/velg-rolle');
  });

  it('shows again who they are when that was more than five minutes ago (ASVS 7.5.3).', async () => {
    const coordinator = await server.logIn('lc-bjorn');
    server.clock.advance({ minutes: 6 });

    const held = await server.get(coordinator, '/brukere');
    const forms = [
      await server.post(coordinator, '/brukere/lu-ane/forny', { rolle: 'demo-lu-ane' }),
      await server.post(coordinator, '/brukere/soknader/1', { svar: 'ja' }),
      await server.post(coordinator, '/min-side/mobil', { verdi: '40000099' }),
    ];
    const passord =
      server.test.hints.accounts.find(({ username }) => username === 'lc-bjorn')?.password ?? '';
    const token = coordinator.cookies.get('ryggrad');
    const shown = await server.post(coordinator, '/bekreft-deg', { passord, neste: '/brukere' });

    expect(held.to).toBe('/bekreft-deg?neste=%2Fbrukere');
    expect(forms.map(({ to }) => decodeURIComponent(to))).toEqual([
      '/bekreft-deg?neste=/brukere',
      '/bekreft-deg?neste=/brukere/soknader/1',
      '/bekreft-deg?neste=/min-side/mobil',
    ]);
    expect(shown.to).toBe('/brukere');
    expect(coordinator.cookies.get('ryggrad')).not.toBe(token);
    expect((await server.get(coordinator, '/brukere')).status).toBe(200);
  });

  it('does not renew or end their own role.', async () => {
    const coordinator = await server.logIn('lc-bjorn');

    const own = await server.post(coordinator, '/brukere/lc-bjorn/forny', { rolle: 'demo-lc-bjorn' });

    expect(own.status).toBe(403);
  });
});

describe('The pages about accounts', () => {
  it('are in English for who has chosen it, and in bokmål for others.', async () => {
    const norwegian =
      /\b(?:ikke|eller|Bytt|Legg|Brukernavn|Stilling|søknader?|tilganger|Handling|Velg|Avslutt|Navn)\b/;
    const pages = [
      '/ny-bruker',
      '/brukere',
      '/brukere/meldinger',
      '/min-side',
      '/min-side/epost',
      '/min-side/app',
    ];
    const who = await server.logIn('sc-siri');
    const mainOf = async (path: string): Promise<string> => {
      const { text } = await server.get(who, path);
      return /<main.*<\/main>/s.exec(text)?.[0].replaceAll(/<[^>]*>/g, ' ') ?? '';
    };
    const found = async (): Promise<readonly (string | undefined)[]> => {
      const texts: string[] = [];
      for (const path of pages) {
        texts.push(await mainOf(path));
      }
      return texts.map((text) => norwegian.exec(text)?.[0]);
    };

    const before = await found();
    await server.post(who, '/sprak', { sprak: 'en', tilbake: '/min-side' });
    const after = await found();

    expect(before).not.toContain(undefined);
    expect(after).toEqual(pages.map(() => undefined));
    expect(await mainOf('/min-side')).toContain('My page');
  });
});
