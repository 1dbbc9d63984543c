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

const contextOf = async (who: ReturnType<typeof browser>): Promise<LaunchContext> =>
  JSON.parse((await who.get(`${registry.url}/skjema/launch`)).text) as LaunchContext;

describe('A launch from a registered EHR', () => {
  it('ends at the form with patient, encounter and what the EHR has about them.', async () => {
    const who = browser();

    const answer = await launch(who, ehr, 1);

    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`${registry.url}/skjema/launch`);
    const context = await contextOf(who);
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

    await launch(who, ehr, 2);
    const principal = JSON.parse((await who.get(`${registry.url}/whoami`)).text) as object;

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
    await launch(who, ehr, 2);
    const headers = { cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };

    await registry.smart.bindPatient({ headers }, 'patient-a');
    await registry.smart.bindPatient({ headers }, 'patient-b');

    expect(await registry.smart.authenticate({ method: 'GET', headers })).toMatchObject({
      patient: 'patient-a',
    });
  });

  it('never shows the browser a token of the EHR.', async () => {
    const who = browser();

    await launch(who, ehr, 1);

    const kept = [...who.cookies.values()].join(' ') + JSON.stringify(await contextOf(who));
    expect(kept).not.toMatch(/access_token|Bearer|eyJ/);
  });

  it('sends a user without an account here to the login, which then has the launch.', async () => {
    const roles = registry.hprRoles[CLINICIAN_HPR]!;
    registry.hprRoles[CLINICIAN_HPR] = [];
    const who = browser();

    const answer = await launch(who, ehr, 3);
    const before = await who.get(`${registry.url}/whoami`);
    const login = await who.post(`${registry.url}/logg-inn`, {
      brukernavn: 'lu-ane',
      passord: 'Hemmelig-1',
      neste: '/skjema/launch',
    });
    registry.hprRoles[CLINICIAN_HPR] = roles;

    expect(answer.location).toBe(`${registry.url}/logg-inn?neste=%2Fskjema%2Flaunch`);
    expect(JSON.parse(before.text)).toEqual({ kind: 'nobody' });
    expect(login.location).toBe(`${registry.url}/skjema/launch`);
    expect((await contextOf(who)).patient.id).toBe('pasient-3');
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
  });

  it.each([
    ['state', 'x'],
    ['iss', 'https://other.example/fhir'],
    ['code', 'x'],
  ])('is refused when %s of the answer is changed.', async (name, value) => {
    const who = browser();
    const toEhr = await who.get(await launchUrl(ehr));
    const back = new URL((await who.get(toEhr.location)).location);
    back.searchParams.set(name, value);

    const answer = await who.get(back.href);

    expect(answer.status).toBe(400);
    expect(who.cookies.has('ryggrad')).toBe(false);
  });

  it.each(['nonce', 'code_challenge'])(
    'is refused when %s was changed on the way to the EHR.',
    async (name) => {
      const who = browser();
      const toEhr = new URL((await who.get(await launchUrl(ehr))).location);
      toEhr.searchParams.set(name, 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq');
      const back = await who.get(toEhr.href);

      const answer = await who.get(back.location);

      expect(answer.status).toBe(400);
      expect(who.cookies.has('ryggrad')).toBe(false);
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

    expect(answer.status).toBe(400);
  });

  it('answers plainly when the EHR is not there.', async () => {
    await using silent = await startEhrServer();
    await using alone = await startSmartServer({ ehrs: [silent.ehr] });

    const answer = await browser().get(
      `${alone.url}/launch?${new URLSearchParams({ iss: silent.ehr.fhirBase, launch: 'x' })}`,
    );

    expect(answer.status).toBe(502);
    expect(answer.text).toContain('Journalsystemet svarte ikke');
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

    await launch(who, less, 1);

    const context = JSON.parse((await who.get(`${poor.url}/skjema/launch`)).text) as LaunchContext;
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
    expect(answer.location).toBe(`${registryOfStranger.url}/logg-inn?neste=%2Fskjema%2Flaunch`);
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
