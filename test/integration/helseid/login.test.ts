/** Staff who log in at HelseID: auth-security 3.1, norwegian-fhir 4.1; HI-01. */
import { rememberPerson } from '../../../src/smart/issuers/identities.ts';
import { disableAccount } from '../../../src/smart/accounts.ts';
import { HPR, type IssuerServer, startIssuerServer } from './issuer-server.ts';

const ANE = { pid: '15838510156', hpr: HPR };
const BO = { pid: '31925200029' };
const CARL = { pid: '29820450289' };

let server: IssuerServer;

beforeAll(async () => {
  server = await startIssuerServer();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  const { pool } = server.database.db;
  await pool.query('truncate account_identity, account_person');
  await pool.query('update account set disabled = false');
  server.events.length = 0;
  server.helseId.person = ANE;
});

/** A browser: keeps cookies by host and follows redirects until an answer that is none. */
function browser() {
  const cookies = new Map<string, Map<string, string>>();
  const visited: string[] = [];
  async function get(address: string): Promise<Response> {
    visited.push(address);
    const { host } = new URL(address);
    const jar = cookies.get(host) ?? new Map<string, string>();
    cookies.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return response;
  }
  return {
    visited,
    get,
    async follow(address: string): Promise<Response> {
      let response = await get(address);
      for (let i = 0; i < 10 && response.status >= 300 && response.status < 400; i += 1) {
        const next = new URL(response.headers.get('location') ?? '', visited.at(-1)).href;
        if (next.includes('/logg-inn/stans')) {
          visited.push(next);
          return response;
        }
        response = await get(next);
      }
      return response;
    },
  };
}

const start = (): string => `${server.url}/logg-inn/med/helseid?neste=/arbeidsliste`;

/** Where a refused login ended. */
async function stopOf(address = start()): Promise<string | null> {
  const { follow, visited } = browser();
  await follow(address);
  return new URL(visited.at(-1) ?? '').searchParams.get('grunn');
}

describe('A login at HelseID', () => {
  it('is on the login page because it is configured.', () => {
    expect(server.loginChoices).toEqual([{ name: 'HelseID', href: '/logg-inn/med/helseid' }]);
  });

  it('lets a person in whom HelseID knows by the HPR number of a role here (HI-01).', async () => {
    const { follow, visited } = browser();

    const answer = await follow(start());

    expect(await answer.json()).toEqual({ account: 'ane', next: '/arbeidsliste', reason: 'helseid' });
    expect(server.events).toEqual([
      { type: 'identity-linked', outcome: 'success', subject: 'user:ane', reason: 'helseid' },
    ]);
    expect(visited.join(' ')).not.toContain(ANE.pid);
  });

  it('pushes its request: the address that the browser sees says nothing but where it lies.', async () => {
    const response = await browser().get(start());

    const location = new URL(response.headers.get('location') ?? '');

    expect([...location.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    expect(server.helseId.asked).toContain('/request');
  });

  it('lets a person in by the number that the account was given, and the second time by subject alone.', async () => {
    await rememberPerson({ db: server.database.db.pool, box: server.box }, 'bo', BO.pid);
    server.helseId.person = BO;
    expect(await (await browser().follow(start())).json()).toMatchObject({ account: 'bo' });
    await server.database.db.pool.query('delete from account_person');

    const again = await browser().follow(start());

    expect(await again.json()).toMatchObject({ account: 'bo' });
    expect(server.events).toHaveLength(1);
  });

  it('keeps no number, only a keyed hash of it.', async () => {
    await browser().follow(start());

    const { rows } = await server.database.db.pool.query<Record<string, string>>(
      'select pid_mac, p.username, subject from account_person p join account_identity i using (username)',
    );

    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(ANE.pid);
  });

  it('of somebody without an account ends on the page that leads to the application.', async () => {
    server.helseId.person = CARL;

    expect(await stopOf()).toBe('konto');
    expect(server.events).toEqual([
      {
        type: 'login',
        outcome: 'failure',
        subject: 'issuer:helseid',
        reason: 'the person has no open account',
      },
    ]);
  });

  it('of somebody whose account is closed ends there too.', async () => {
    await browser().follow(start());
    await disableAccount(server.database.db.pool, 'ane');

    expect(await stopOf()).toBe('konto');
  });

  it('does not give an account that belongs to one person to another one with the same HPR number.', async () => {
    await browser().follow(start());
    server.helseId.person = { ...CARL, hpr: HPR };

    expect(await stopOf()).toBe('konto');
  });

  it.each(['2', '3'])('at security level %s is not enough.', async (level) => {
    server.helseId.person = { ...ANE, level };

    expect(await stopOf()).toBe('niva');
    expect(server.events).toMatchObject([{ reason: 'not authenticated strongly enough' }]);
  });

  it('that the person breaks off ends on a page, not in an error.', async () => {
    const { get } = browser();
    await get(start());
    const back = await get(`${server.url}/logg-inn/med/helseid/retur?error=access_denied&state=x`);

    expect(back.headers.get('location')).toContain('grunn=svar');
  });

  it('is not finished by an answer for another browser.', async () => {
    const first = browser();
    let location = (await first.get(start())).headers.get('location') ?? '';
    while (!location.includes('/retur')) {
      const at = new URL(location, server.helseId.issuer).href;
      location = (await first.get(at)).headers.get('location') ?? '';
    }

    expect((await browser().get(location)).headers.get('location')).toContain('grunn=svar');
    expect(server.events).toMatchObject([{ reason: 'no login is under way in this browser' }]);
  });

  it.each([
    [
      'names another issuer (RFC 9207)',
      (url: URL) => url.searchParams.set('iss', 'https://elsewhere.example'),
    ],
    ['names no issuer (RFC 9207)', (url: URL) => url.searchParams.delete('iss')],
    ['has another state', (url: URL) => url.searchParams.set('state', 'another')],
    ['has another code', (url: URL) => url.searchParams.set('code', 'another')],
  ])('is refused when the answer %s.', async (_name, change) => {
    const { get } = browser();
    let location = (await get(start())).headers.get('location') ?? '';
    while (!location.includes('/retur')) {
      location = (await get(new URL(location, server.helseId.issuer).href)).headers.get('location') ?? '';
    }
    const answer = new URL(location);
    change(answer);

    expect((await get(answer.href)).headers.get('location')).toContain('grunn=svar');
    expect(server.events).toMatchObject([{ type: 'login', outcome: 'failure' }]);
  });

  it('says so when HelseID does not answer.', async () => {
    await using silent = await startIssuerServer();
    await silent.helseId[Symbol.asyncDispose]();

    expect(await stopOf(`${silent.url}/logg-inn/med/helseid`)).toBe('utilgjengelig');
  });

  it('never leads to another site afterwards.', async () => {
    const answer = await browser().follow(`${server.url}/logg-inn/med/helseid?neste=//elsewhere.example`);

    expect(await answer.json()).toEqual({ account: 'ane', reason: 'helseid' });
  });
});
