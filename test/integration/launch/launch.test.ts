/** Launch from an EHR: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html (AP-01 – AP-05) */
import type { Patient } from '../../../src/fhir/types.ts';
import { saveAccount } from '../../../src/smart/accounts.ts';
import type { LaunchContext } from '../../../src/smart/launch-context.ts';
import { CLINICIAN_HPR } from '../../../demo/ehr/patients.ts';
import { ROLES, startSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { browser, launch, launchUrl, startEhrServer, startPair, type EhrServer } from './ehr-server.ts';

let registry: SmartServer;
let ehr: EhrServer;

beforeAll(async () => {
  ({ registry, ehr } = await startPair());
  const db = registry.database.db.pool;
  await saveAccount(
    db,
    { username: 'lu-ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] },
    'Hemmelig-1',
  );
  registry.hprRoles[CLINICIAN_HPR] = ROLES.filter(({ id }) => id === 'role-lu');
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await ehr[Symbol.asyncDispose]();
});

type Who = ReturnType<typeof browser>;

/** The page that a launch ended at answers its context here. */
const contextAt = async (who: Who, page: string): Promise<LaunchContext> =>
  JSON.parse((await who.get(page)).text) as LaunchContext;

/** An address in the space of a launch. */
const beside = (page: string, path: string): string => page.replace('/skjema/launch', path);

/** The space's path, with a pattern for its number. */
const SPACE = /\/oppstart\/demojournal\/[\w-]{12}\/skjema\/launch$/;

describe('A launch from a registered EHR', () => {
  it('ends at the form with patient, encounter and what the EHR has about them.', async () => {
    const who = browser();

    const answer = await launch(who, ehr, 1);

    expect(answer.status).toBe(303);
    expect(answer.location).toMatch(SPACE);
    const context = await contextAt(who, answer.location);
    expect((context.patient as Patient).identifier?.[0]?.value).toBe('15838510237');
    expect(context.encounter?.id).toBe('pasient-1-opphold');
    expect(context.missing).toEqual([]);
    expect(countByType(context)).toEqual({
      Patient: 1,
      Encounter: 1,
      Condition: 2,
      Procedure: 1,
      MedicationStatement: 3,
      Observation: 2,
      ServiceRequest: 1,
    });
  });

  it('opens a session of the mapped account as LU, limited to that patient (AP-04).', async () => {
    const who = browser();

    const { location } = await launch(who, ehr, 2);
    const principal = JSON.parse((await who.get(beside(location, '/whoami'))).text) as object;

    expect(principal).toMatchObject({
      kind: 'staff',
      subject: 'user:lu-ane',
      role: 'LU',
      register: 'r1',
      units: ['dep-1'],
    });
    expect(principal).toHaveProperty('launch');
    expect(principal).not.toHaveProperty('patient');
  });

  it('keeps the first patient that the session is bound to.', async () => {
    const who = browser();
    const { location } = await launch(who, ehr, 2);
    const [, session] = [...who.cookies].find(([key]) => key.startsWith('o.ryggrad ')) ?? [];
    const headers = { cookie: `ryggrad=${session}` };

    await registry.smart.bindPatient({ headers }, 'patient-a');
    await registry.smart.bindPatient({ headers }, 'patient-b');

    expect(JSON.parse((await who.get(beside(location, '/whoami'))).text)).toMatchObject({
      patient: 'patient-a',
      carries: { patient: 'patient-a' },
    });
  });

  it('never shows the browser a token of the EHR.', async () => {
    const who = browser();

    const { location } = await launch(who, ehr, 1);

    const kept = who.lines.join(' ') + JSON.stringify(await contextAt(who, location));
    expect(kept).not.toMatch(/access_token|Bearer|eyJ/);
  });

  it('has a session of its own: one in another tab goes on beside it, and the work of a login too (AP-01).', async () => {
    const who = browser();
    await who.post(`${registry.url}/logg-inn`, { brukernavn: 'lu-ane', passord: 'Hemmelig-1' });

    // both begin before either comes back
    const [first, second] = await Promise.all(
      [1, 2].map(async (patient) => who.get(await launchUrl(ehr, patient as 1 | 2))),
    );
    const [backFirst, backSecond] = [await who.get(first!.location), await who.get(second!.location)];
    const [tabTwo, tabOne] = [await who.get(backSecond.location), await who.get(backFirst.location)];

    expect((await contextAt(who, tabOne.location)).patient.id).toBe('pasient-1');
    expect((await contextAt(who, tabTwo.location)).patient.id).toBe('pasient-2');
    expect(JSON.parse((await who.get(`${registry.url}/whoami`)).text)).toMatchObject({
      kind: 'staff',
      subject: 'user:lu-ane',
    });
    expect(JSON.parse((await who.get(`${registry.url}/whoami`)).text)).not.toHaveProperty('launch');
    await who.post(beside(tabOne.location, '/logg-ut'), {});
    expect((await who.get(tabOne.location)).status).toBe(401);
    expect((await contextAt(who, tabTwo.location)).patient.id).toBe('pasient-2');
  });

  it('sends a user without an account here to the login, which then has the launch (AP-04).', async () => {
    const roles = registry.hprRoles[CLINICIAN_HPR]!;
    registry.hprRoles[CLINICIAN_HPR] = [];
    const who = browser();

    const answer = await launch(who, ehr, 3);
    const page = new URL(answer.location).searchParams.get('neste')!;
    const before = await who.get(`${registry.url}${page}`);
    const login = await who.post(`${registry.url}/logg-inn`, {
      brukernavn: 'lu-ane',
      passord: 'Hemmelig-1',
      neste: page,
    });
    const adopted = await who.get(login.location);
    registry.hprRoles[CLINICIAN_HPR] = roles;

    expect(new URL(answer.location).pathname).toBe('/logg-inn');
    expect(before.status).toBe(401);
    expect(login.location).toBe(`${registry.url}${page}`);
    expect(adopted.location).toBe(login.location);
    expect((await contextAt(who, login.location)).patient.id).toBe('pasient-3');
    expect(JSON.parse((await who.get(beside(login.location, '/whoami'))).text)).not.toHaveProperty('launch');
  });

  it('is taken by whoever is at work here in the same browser, when nobody is mapped (AP-04).', async () => {
    const roles = registry.hprRoles[CLINICIAN_HPR]!;
    registry.hprRoles[CLINICIAN_HPR] = [];
    const who = browser();
    await who.post(`${registry.url}/logg-inn`, { brukernavn: 'lu-ane', passord: 'Hemmelig-1' });

    const answer = await launch(who, ehr, 3);
    registry.hprRoles[CLINICIAN_HPR] = roles;

    expect(answer.location).toMatch(SPACE);
    expect((await contextAt(who, answer.location)).patient.id).toBe('pasient-3');
  });

  it('tells the audit trail whom it was taken for, and by what (AP-04).', async () => {
    await launch(browser(), ehr, 1);

    expect(registry.events.at(-1)).toMatchObject({
      type: 'launch',
      outcome: 'success',
      subject: 'user:lu-ane',
      reason: `${ehr.ehr.fhirBase}, Practitioner/lege-1 by HPR number ${CLINICIAN_HPR}`,
      role: { id: 'role-lu', unit: 'dep-1' },
    });
  });

  it.each([
    ['of another organisation than the EHR’s', { unit: 'hospital-2' }],
    ['of another register than it opens', { registers: ['r2'] }],
    ['where mapping is not agreed', { staffMapping: 'none' as const }],
  ])('takes nobody for a user %s (AP-04).', async (_about, settings) => {
    const pair = await startPair(undefined, settings);
    await using other = pair.registry;
    await using theirs = pair.ehr;
    other.hprRoles[CLINICIAN_HPR] = ROLES.filter(({ id }) => id === 'role-lu');
    await saveAccount(
      other.database.db.pool,
      { username: 'lu-ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] },
      'Hemmelig-1',
    );

    const answer = await launch(browser(), theirs, 1);

    expect(new URL(answer.location).pathname).toBe('/logg-inn');
  });
});

describe('A launch that is not as it should be', () => {
  it('is refused before any outgoing request when iss is not registered (AP-01).', async () => {
    await using stranger = await startEhrServer();
    await stranger.connect(registry.url);
    const known = ehr.requests.length;

    for (const iss of [`${stranger.url}/fhir`, `${ehr.ehr.fhirBase}/`, `${ehr.ehr.fhirBase}x`, '']) {
      const query = new URLSearchParams({ iss, launch: 'x' });
      const answer = await browser().get(`${registry.url}/launch?${query}`);
      expect(answer.status).toBe(400);
    }

    expect(stranger.requests).toEqual([]);
    expect(ehr.requests).toHaveLength(known);
    expect(registry.events.at(-1)).toMatchObject({ type: 'launch-refused', outcome: 'failure' });
  });

  it('is refused in another browser than the one it began in.', async () => {
    const victim = browser();
    const toEhr = await browser().get(await launchUrl(ehr));
    const back = await victim.get(toEhr.location);

    const answer = await victim.get(back.location);

    expect(answer.status).toBe(400);
    expect(victim.cookies.size).toBe(0);
    expect(registry.events.at(-1)).toMatchObject({
      type: 'launch-refused',
      reason: expect.stringContaining('expired'),
    });
  });

  it.each([
    ['iss', 'https://other.example/fhir'],
    ['code', 'x'],
    ['state', 'x'],
  ])('is refused when %s of the answer is changed (AP-01).', async (name, value) => {
    const who = browser();
    const toEhr = await who.get(await launchUrl(ehr));
    const back = new URL((await who.get(toEhr.location)).location);
    back.searchParams.set(name, value);

    const answer = await who.get(back.href);

    expect(answer.status).toBe(name === 'code' ? 502 : 400);
    expect([...who.cookies.keys()].filter((key) => key.startsWith('o.'))).toEqual([]);
  });

  it.each(['nonce', 'code_challenge'])(
    'is refused when %s was changed on the way to the EHR.',
    async (name) => {
      const who = browser();
      const toEhr = new URL((await who.get(await launchUrl(ehr))).location);
      toEhr.searchParams.set(name, 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq');
      const back = await who.get(toEhr.href);

      const answer = await who.get(back.location);

      expect(answer.status).toBe(name === 'nonce' ? 400 : 502);
      expect([...who.cookies.keys()].filter((key) => key.startsWith('o.'))).toEqual([]);
    },
  );

  it('is refused when the answer comes a second time.', async () => {
    const who = browser();
    const toEhr = await who.get(await launchUrl(ehr));
    const back = await who.get(toEhr.location);
    const first = await who.get(back.location);

    const second = await who.get(back.location);

    expect([first.status, second.status]).toEqual([303, 400]);
  });

  it('is refused when the code has expired at the EHR.', async () => {
    const who = browser();
    const toEhr = await who.get(await launchUrl(ehr));
    const back = await who.get(toEhr.location);

    ehr.clock.advance({ seconds: 61 });
    const answer = await who.get(back.location);
    ehr.clock.set(new Date().toISOString());

    expect(answer.status).toBe(502);
  });

  it('answers plainly when the EHR is not there.', async () => {
    await using silent = await startEhrServer();
    await using alone = await startSmartServer({ ehrs: [silent.ehr] });

    const answer = await browser().get(
      `${alone.url}/launch?${new URLSearchParams({ iss: silent.ehr.fhirBase, launch: 'x' })}`,
    );

    expect(answer.status).toBe(502);
    expect(alone.events.at(-1)).toMatchObject({
      type: 'launch-refused',
      subject: silent.ehr.fhirBase,
      reason: 'ehr-unreachable: smart-configuration: 503',
    });
  });
});

describe('An EHR that grants less than was asked for', () => {
  it('gives a poorer context that says what is missing (AP-02).', async () => {
    const pair = await startPair((scope) => !/MedicationStatement|Observation/.test(scope));
    await using poor = pair.registry;
    await using less = pair.ehr;
    poor.hprRoles[CLINICIAN_HPR] = ROLES.filter(({ id }) => id === 'role-lu');
    await saveAccount(
      poor.database.db.pool,
      { username: 'lu-ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] },
      'Hemmelig-1',
    );
    const who = browser();

    const { location } = await launch(who, less, 1);

    const context = await contextAt(who, location);
    expect(context.grantedScopes).not.toContain('patient/Observation.rs');
    expect(context.missing).toEqual([
      { query: 'MedicationStatement?patient=pasient-1', reason: 'the EHR answered 403' },
      { query: 'Observation?patient=pasient-1', reason: 'the EHR answered 403' },
    ]);
    expect(countByType(context)).toMatchObject({ Patient: 1, Condition: 2 });
  });

  it('leads to the login when it does not say who the user is.', async () => {
    const pair = await startPair((scope) => !/openid|fhirUser/.test(scope));
    await using registryOfStranger = pair.registry;
    await using nameless = pair.ehr;

    const answer = await launch(browser(), nameless, 1);

    expect(answer.status).toBe(303);
    expect(answer.location.startsWith(`${registryOfStranger.url}/logg-inn?neste=%2Foppstart%2F`)).toBe(true);
  });
});

describe('An EHR that shows us in a frame', () => {
  it('has the login in the frame, too, with cookies for that page alone; others may not frame it.', async () => {
    const pair = await startPair(undefined, {
      frameOrigins: ['https://journal.example.no'],
      staffMapping: 'none',
    });
    await using register = pair.registry;
    await using framing = pair.ehr;
    await saveAccount(
      register.database.db.pool,
      { username: 'lu-ane', name: 'Ane Lund', practitionerRoles: ['role-lu'] },
      'Hemmelig-1',
    );
    const who = browser();
    who.headers['sec-fetch-dest'] = 'iframe';

    const answer = await launch(who, framing, 1);
    const login = new URL(answer.location);
    const [, root = ''] = /^(\/ramme\/demojournal\/[\w-]{12})\/logg-inn$/.exec(login.pathname) ?? [];
    const entered = await who.post(`${register.url}${root}/logg-inn`, {
      brukernavn: 'lu-ane',
      passord: 'Hemmelig-1',
      neste: '/skjema/launch',
    });
    const page = await who.get(entered.location);

    const session = who.lines.findLast((line) => line.startsWith('o.ryggrad='));
    expect(entered.location).toBe(`${register.url}${root}/skjema/launch`);
    expect((JSON.parse(page.text) as LaunchContext).patient.id).toBe('pasient-1');
    expect(session).toContain(`; Path=${root}; HttpOnly; SameSite=None; Partitioned; Secure`);
    expect(page.headers.get('content-security-policy')).toContain(
      'frame-ancestors https://journal.example.no',
    );
    expect(page.headers.has('x-frame-options')).toBe(false);
  });

  it('is not framed where the browser says nothing of a frame.', async () => {
    const pair = await startPair(undefined, { frameOrigins: ['https://journal.example.no'] });
    await using register = pair.registry;
    await using framing = pair.ehr;

    const answer = await launch(browser(), framing, 1);

    expect(register.url).not.toBe('');
    expect(answer.location).toMatch(/%2Foppstart%2F|\/oppstart\//);
    expect(answer.headers.get('content-security-policy') ?? '').not.toContain('journal.example.no');
  });
});

describe('An EHR that knows us by a secret', () => {
  it('is told it at its token endpoint, and nobody else is (AP-01).', async () => {
    const secret = 's3cret:with/signs';
    const pair = await startPair(undefined, { authentication: { method: 'client_secret', secret } });
    await using register = pair.registry;
    await using knowing = pair.ehr;
    const told: string[] = [];
    knowing.fault = (request) => {
      const { authorization = '' } = request.headers;
      told.push(...(authorization.startsWith('Basic ') ? [`${request.url} ${authorization}`] : []));
      return false;
    };

    await launch(browser(), knowing, 1);

    const basic = Buffer.from(`ryggrad:${encodeURIComponent(secret)}`).toString('base64');
    expect(told).toEqual([`/token Basic ${basic}`]);
    expect(register.events.at(-1)).toMatchObject({ type: 'launch-refused' }); // this one wants a signature
    expect(JSON.stringify(register.events)).not.toContain('s3cret');
  });
});

describe('Our keys as a client of EHRs', () => {
  it('are published without their private halves.', async () => {
    const { keys } = (await (await fetch(`${registry.url}/.well-known/jwks.json`)).json()) as {
      keys: object[];
    };

    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-384', alg: 'ES384', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
  });
});

function countByType({ resources }: LaunchContext): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { resourceType } of resources) {
    counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  }
  return counts;
}
