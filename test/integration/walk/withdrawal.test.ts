/** Withdrawal of consent (registers.md section 3; CO-03): stated by SC, in force at once and everywhere. */
import type { Registered } from '../../../demo/walk/push.ts';
import type { Consent } from '../../../src/fhir/types.ts';
import {
  asSender,
  b11,
  b12,
  rulesOf,
  type Sender,
  startWalkServer,
  to,
  type WalkServer,
} from './walk-server.ts';

const MISSING_CONSENT = 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type';

let server: WalkServer;
let national: Sender;

beforeAll(async () => {
  server = await startWalkServer();
  await server.app.app.jobs.start();
  national = asSender(await server.user('sc-siri'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const locked = { status: 'completed' } as const;

/** TO locked with a Yes, B1.1 a draft, B1.2 not begun. */
async function consenting(): Promise<Registered> {
  const person = await server.person();
  await server.save(person, 'to', to.consenting, locked);
  await server.save(person, 'b11', b11);
  return person;
}

async function consentOf({ patient }: Registered): Promise<Consent> {
  const [consent] = await server.coordinator.search<Consent>(`Consent?patient=${patient}`);
  if (consent === undefined) {
    throw new Error('There is no Consent.');
  }
  return consent;
}

const asWithdrawn = (consent: Consent, change: Partial<Consent> = {}): Consent => ({
  ...consent,
  extension: [
    {
      url: MISSING_CONSENT,
      valueCodeableConcept: {
        coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type', code: 'withdrawn' }],
      },
    },
  ],
  provision: { type: 'deny' },
  ...change,
});

async function put(ask: Sender, consent: Consent) {
  const answer = await ask(`Consent/${consent.id ?? ''}`, {
    method: 'PUT',
    body: JSON.stringify(consent),
    headers: { 'content-type': 'application/fhir+json' },
  });
  return { status: answer.status, body: (await answer.json()) as never, version: '' };
}

const count = async (client: WalkServer['analytics'], query: string): Promise<number> =>
  (await client.search(query)).length;

describe('A withdrawal by SC', () => {
  it('takes the person out of the national store, ends what waits, and keeps the date (CO-03).', async () => {
    const person = await consenting();
    const consent = await consentOf(person);
    const before = await count(server.analytics, `QuestionnaireResponse?patient=${person.patient}`);

    const answer = await put(national, asWithdrawn(consent));

    expect(before).toBe(1);
    expect(answer.status).toBe(200);
    for (const type of ['EpisodeOfCare', 'QuestionnaireResponse', 'Observation', 'Consent', 'Condition']) {
      expect(await count(server.analytics, `${type}?patient=${person.patient}`)).toBe(0);
    }
    expect((await server.analytics.request(`Patient/${person.patient}`)).status).toBe(404);
    expect((await national(`EpisodeOfCare/${person.episode}`)).status).toBe(404);
    const { to: locked, ...others } = await server.taskStates(person);
    expect([locked, new Set(Object.values(others))]).toEqual(['completed', new Set(['cancelled'])]);
    expect(await consentOf(person)).toMatchObject({
      id: consent.id,
      status: 'active',
      provision: { type: 'deny' },
      dateTime: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
    });
    expect(await consentOf(person)).toHaveProperty('meta.versionId', '2');
  });

  it('leaves the department its own data, and refuses what comes after it with the reason.', async () => {
    const person = await consenting();
    await put(national, asWithdrawn(await consentOf(person)));

    const draft = await server.save(person, 'b11', b11);
    const begun = await server.save(person, 'b12', b12('6'), locked);
    const reason = 'Skrivefeil';
    const corrected = await server.save(person, 'to', to.consenting, { status: 'amended', reason });

    expect(await count(server.coordinator, `QuestionnaireResponse?patient=${person.patient}`)).toBe(2);
    expect([draft, begun, corrected].map(({ status }) => status)).toEqual([422, 422, 422]);
    expect([draft, begun, corrected].map(rulesOf)).toEqual(
      Array.from({ length: 3 }, () => ['consent-withdrawn']),
    );
    expect(await count(server.analytics, `EpisodeOfCare?patient=${person.patient}`)).toBe(0);
  });

  it('is listed as deleted in the next export, and leaves no line in a file that waits to be fetched.', async () => {
    const person = await consenting();
    const started = new Date(Date.now() - 1000).toISOString();
    const earlier = await filesOf('$export');
    await put(national, asWithdrawn(await consentOf(person)));

    const late = await contents(earlier.output);
    const next = await filesOf(`$export?_since=${started}`);

    expect(late).not.toContain(person.episode);
    expect(await contents(next.output)).not.toContain(person.episode);
    expect(await contents(next.deleted)).toContain(`EpisodeOfCare/${person.episode}`);
  });

  it.each<[string, (consent: Consent) => Consent, string]>([
    ['a Yes again', (consent) => ({ ...consent, dateTime: '2026-01-01' }), 'consent-withdrawal'],
    [
      'a No without being withdrawn',
      (consent) => ({ ...consent, provision: { type: 'deny' } }),
      'consent-withdrawal',
    ],
    ['a day to come', (consent) => asWithdrawn(consent, { dateTime: '2099-01-01' }), 'withdrawal-date'],
    [
      'a day before it was given',
      (consent) => asWithdrawn(consent, { dateTime: '2001-01-01' }),
      'withdrawal-date',
    ],
  ])('that states %s is refused, and changes nothing.', async (_what, change, rule) => {
    const person = await consenting();
    const consent = await consentOf(person);

    const refused = await put(national, change(consent));

    expect(refused.status).toBe(422);
    expect(rulesOf(refused)).toEqual([rule]);
    expect(await consentOf(person)).toEqual(consent);
    expect(await server.taskStates(person)).toMatchObject({ b11: 'in-progress' });
  });

  it('is not stated twice.', async () => {
    const person = await consenting();
    const consent = await consentOf(person);
    await put(national, asWithdrawn(consent));

    const again = await put(national, asWithdrawn(consent, { dateTime: '2026-11-01' }));

    expect(again.status).toBe(404); // it is not in the national store any more
  });

  it('keeps of the given consent all but the answer, whatever else the caller sends.', async () => {
    const person = await consenting();
    const consent = await consentOf(person);

    await put(national, asWithdrawn(consent, { policy: [{ uri: 'https://example.org/other' }] }));

    expect((await consentOf(person)).policy).toEqual(consent.policy);
  });
});

describe('A reservation', () => {
  it('is not stated in a register that asks for consent.', async () => {
    const person = await consenting();
    const consent = await consentOf(person);
    const { id: _id, meta: _meta, ...stated } = asWithdrawn(consent);

    const refused = await national('Consent', {
      method: 'POST',
      body: JSON.stringify(stated),
      headers: { 'content-type': 'application/fhir+json' },
    });

    expect(refused.status).toBe(422);
    expect(rulesOf({ status: 422, body: (await refused.json()) as never, version: '' })).toEqual([
      'reservation-mode',
    ]);
    expect(await consentOf(person)).toEqual(consent);
  });
});

describe('Others', () => {
  it('withdraw no consent: LU, LC, the EHR.', async () => {
    const person = await consenting();
    const stated = asWithdrawn(await consentOf(person));
    const user = asSender(await server.user('lu-ane'));

    const answers = [
      await put(user, stated),
      await put(server.coordinator.request, stated),
      await put(server.ehr.request, stated),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(await count(server.analytics, `EpisodeOfCare?patient=${person.patient}`)).toBe(1);
  });
});

interface Manifest {
  readonly output: readonly { readonly url: string }[];
  readonly deleted: readonly { readonly url: string }[];
}

async function filesOf(path: string): Promise<Manifest> {
  const started = await server.analytics.request(path, { headers: { prefer: 'respond-async' } });
  const address = started.headers.get('content-location') ?? '';
  let answer = await server.analytics.request(address);
  while (answer.status === 202 || answer.status === 429) {
    answer = await server.analytics.request(address);
  }
  return (await answer.json()) as Manifest;
}

async function contents(files: readonly { readonly url: string }[]): Promise<string> {
  const texts = files.map(async ({ url }) =>
    (await server.analytics.request(url, { headers: { accept: 'application/fhir+ndjson' } })).text(),
  );
  return (await Promise.all(texts)).join('');
}
