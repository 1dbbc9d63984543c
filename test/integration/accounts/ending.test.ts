/** What ends, and at once: accounts, roles, logins, and the apps that act for people (ASVS 5.0 7.4.2, 8.3.2, 10.4.9) */
import { dayInOslo } from '../../../src/sdc/expression.ts';
import { saveAccount } from '../../../src/smart/accounts.ts';
import { letIn } from '../../../src/smart/people/let-in.ts';
import { daysAfter } from '../../../src/smart/people/dates.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';
import { type AccountServer, startAccountServer } from './account-server.ts';
import { giveAccess } from './app-access.ts';
import { saveRole } from './role.ts';

const PASSWORD = 'Furuskog-7 blåbær';
let server: AccountServer;

beforeAll(async () => {
  server = await startAccountServer();
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Somebody with a role of their own until a day, logged in; `first` is where the login led. */
async function worker(
  username: string,
  until?: string,
): Promise<{ who: Browser; role: string; first: string }> {
  const role = `role-${username}`;
  await saveRole(server.test.app, role, until);
  const account = { username, name: 'Kari Nordmann', practitionerRoles: [role] };
  await saveAccount(server.test.database.db.pool, account, PASSWORD);
  const who = browser();
  const { to } = await server.post(who, '/logg-inn', { brukernavn: username, passord: PASSWORD });
  return { who, role, first: to };
}

const today = (): string => dayInOslo(server.clock.now());

describe('What acts for a person', () => {
  it('ends when a coordinator closes the account.', async () => {
    const { who } = await worker('stengt.konto');
    const app = await giveAccess(server, who);
    const before = await app.read();

    await server.post(await server.logIn('lc-bjorn'), '/brukere/stengt.konto/steng', {});

    expect(before).toBe(200);
    expect([await app.read(), await app.refresh()]).toEqual([401, 400]);
    expect((await server.get(who, '/min-side')).to).toContain('/logg-inn');
  });

  it('ends when the person logs out everywhere, and so does every login.', async () => {
    const { who } = await worker('overalt');
    const other = browser();
    await server.post(other, '/logg-inn', { brukernavn: 'overalt', passord: PASSWORD });
    const app = await giveAccess(server, who);
    const own = await server.get(who, '/min-side');

    const out = await server.post(who, '/min-side/okt/avslutt-alle', {});

    expect(own.text).toContain('Du har gitt 1 app tilgang');
    expect(own.text).toContain('href="/apper"');
    expect(out.to).toBe('/logg-inn?status=overalt');
    expect([await app.read(), await app.refresh()]).toEqual([401, 400]);
    expect((await server.get(other, '/min-side')).to).toContain('/logg-inn');
    expect((await server.events('session-ended'))[0]).toMatchObject({ agent: 'user:overalt' });
  });

  it('ends with the role that it acts in, at the next request.', async () => {
    const { who, role } = await worker('rolle.app');
    const app = await giveAccess(server, who);
    const before = await app.read();

    await server.post(await server.logIn('lc-bjorn'), '/brukere/rolle.app/avslutt', { rolle: role });

    expect(before).toBe(200);
    expect([await app.read(), await app.refresh()]).toEqual([401, 400]);
  });
});

describe('An account that is made anew by whoever runs the server', () => {
  it('opens with its new password alone: logins and apps of before have ended, also where it was closed.', async () => {
    const { who, role } = await worker('mistet.alt');
    const app = await giveAccess(server, who);
    const before = await app.read();
    await server.post(await server.logIn('lc-bjorn'), '/brukere/mistet.alt/steng', {});
    const again = { username: 'mistet.alt', name: 'Kari Nordmann', practitionerRoles: [role] };
    const firstPasswordUntil = new Date(server.clock.now().getTime() + 86_400_000);

    await letIn(
      server.test.database.db.pool,
      server.clock,
      { ...again, firstPasswordUntil },
      'Granskog-9 tyttebær',
    );
    const fresh = browser();
    const old = await server.post(browser(), '/logg-inn', { brukernavn: 'mistet.alt', passord: PASSWORD });
    const passord = 'Granskog-9 tyttebær';
    const entered = await server.post(fresh, '/logg-inn', { brukernavn: 'mistet.alt', passord });

    expect(before).toBe(200);
    expect([await app.read(), await app.refresh()]).toEqual([401, 400]);
    expect(old.to).toBe('/logg-inn?feil=ukjent');
    expect(entered.to).toBe('/velg-rolle');
    expect((await server.get(fresh, '/velg-rolle')).to).toBe('/min-side/passord');
    expect((await server.get(who, '/min-side')).to).toContain('/logg-inn');
  });
});

describe('A role', () => {
  it('is over at midnight after its last day, also for who works in it then (ASVS 8.3.2).', async () => {
    server.clock.set(`${daysAfter(today(), 1)}T20:50:00Z`);
    const { who } = await worker('til.midnatt', today());
    const before = await server.get(who, '/arbeidsliste');

    for (let minutes = 0; minutes < 140; minutes += 20) {
      server.clock.advance({ minutes: 20 });
      await server.get(who, '/min-side');
    }

    expect(before.status).toBe(200);
    expect((await server.get(who, '/arbeidsliste')).to).toContain('/velg-rolle');
    expect((await server.get(who, '/min-side')).text).toContain('Kontoen din har ingen roller nå');
  });

  it('that ends within thirty days is said at the login and on one’s own page.', async () => {
    const until = daysAfter(today(), 12);
    const { who, first } = await worker('snart.ute', until);

    const choice = await server.get(who, '/velg-rolle');
    const own = await server.get(who, '/min-side');
    const later = await worker('ikke.snart', daysAfter(today(), 31));

    const [year, month, day] = until.split('-');
    const said = `Tilgangen går ut ${day ?? ''}.${month ?? ''}.${year ?? ''}, om 12 dager.`;
    expect(first).toBe('/velg-rolle');
    expect(choice.text).toContain(said);
    expect(own.text).toContain(said);
    expect(later.first).toBe('/');
    expect((await server.get(later.who, '/min-side')).text).not.toContain('Tilgangen går ut');
  });

  it('that ends within thirty days is on the coordinator’s list of them.', async () => {
    const coordinator = await server.logIn('lc-bjorn');

    const { text } = await server.get(coordinator, '/brukere');

    const [, list = ''] = /Går ut innen 30 dager \(\d+\)([\s\S]*?)Andre tilganger/.exec(text) ?? [];
    expect(list).toContain('snart.ute');
    expect(list).not.toContain('ikke.snart');
  });
});

describe('The coordinator’s list', () => {
  it('is searched by name and department once it is long.', async () => {
    for (let number = 0; number < 16; number++) {
      await worker(`liste.${number}`);
    }
    const coordinator = await server.logIn('lc-bjorn');

    const all = await server.get(coordinator, '/brukere');
    const some = await server.get(coordinator, '/brukere?sok=LISTE.7+smerteklinikken');

    expect(all.text).toContain('Finn navn, brukernavn eller avdeling');
    expect(some.text).toMatch(/1 av \d+ tilganger passer/);
    expect(some.text).toContain('liste.7');
    expect(some.text).not.toContain('liste.8');
  });
});

describe('The audit trail', () => {
  it('keeps logins under the registers of the person’s roles, right ones with the role.', async () => {
    const { who } = await worker('i.loggen');
    await server.post(who, '/logg-inn', { brukernavn: 'i.loggen', passord: 'feil' });

    const events = await server.test.database.db.query<{ registers: string[]; role: string | null }>({
      text: `select registers, role, outcome from audit where kind = 'login' and agent = 'user:i.loggen' order by seq`,
    });

    expect(events).toEqual([
      { registers: ['smertereg'], role: 'LU', outcome: 200 },
      { registers: ['smertereg'], role: null, outcome: 401 },
    ]);
  });

  it('keeps a system’s tokens under the registers that it is registered for.', async () => {
    await server.test.token('analytics');

    const [event] = await server.test.database.db.query<{ agent: string; registers: string[] }>({
      text: `select agent, registers from audit where kind = 'token-issued' order by seq desc limit 1`,
    });

    expect(event).toEqual({ agent: 'client:analytics-demo', registers: ['smertereg'] });
  });
});
