/** A day of the simulated hospital against the running server: every message ends as it must, and what is known then is what it says. */
import { CLEAN, dayOf, type HospitalMessage, stateAfter } from '../../../demo/hospital/day/day.ts';
import { sendDay } from '../../../demo/hospital/push/send-day.ts';
import type { OperationOutcome } from '../../../src/fhir/types.ts';
import { httpClient } from '../../support/http-client.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { hospitalClients, known, pathwaySystems, toldBy } from './hospital-pair.ts';

const SEED = 7;
const MESSAGES = 60;

const answersOf = async (app: TestApp, messages: readonly HospitalMessage[]) =>
  sendDay(messages, { clients: await hospitalClients(app) });

describe('A clean hospital day', () => {
  const day = dayOf(SEED, MESSAGES, { rates: CLEAN });
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ RATE_LIMITS: 'off' });
  });

  afterAll(() => app[Symbol.asyncDispose]());

  it('is stored, every message of it.', async () => {
    const delivered = await answersOf(app, day);

    expect(delivered).toHaveLength(MESSAGES);
    expect(delivered.filter(({ isAsExpected }) => !isAsExpected).map(toldBy)).toEqual([]);
  });

  it('leaves the register with what the hospital has said last of each thing.', async () => {
    const clients = await hospitalClients(app);

    const { expected, found } = await known(clients, stateAfter(day));

    expect(Object.keys(expected).length).toBeGreaterThan(100);
    expect(found).toEqual(expected);
  });

  it('opens pathways in every register that the hospital sends to.', async () => {
    const opened = await pathwaySystems(await hospitalClients(app));

    expect(opened).toEqual(['gastronet', 'nkr', 'nnrr', 'norhiv', 'smertereg']);
  });

  it('changes nothing when it comes again (IR-03).', async () => {
    const before = await known(await hospitalClients(app), stateAfter(day));

    const again = await answersOf(app, day.slice(0, 10));

    expect(again.filter(({ isAsExpected }) => !isAsExpected).map(toldBy)).toEqual([]);
    expect(await known(await hospitalClients(app), stateAfter(day))).toEqual(before);
  });
});

describe('A hospital day as days are', () => {
  // faults are many here, so that sixty messages have them all
  const rates = {
    late: 60,
    repeated: 10,
    'unknown-unit': 5,
    'missing-unit': 20,
    'unknown-status': 4,
    'broken-json': 4,
  };
  const day = dayOf(14, MESSAGES, { rates });
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ RATE_LIMITS: 'off' });
  });

  afterAll(() => app[Symbol.asyncDispose]());

  it('ends for every message as it must, and refuses with a reason.', async () => {
    const delivered = await answersOf(app, day);

    const refused = delivered.filter(({ message }) => message.expectation.becomes === 'refused');
    expect(delivered.filter(({ isAsExpected }) => !isAsExpected).map(toldBy)).toEqual([]);
    expect(new Set(day.map(({ expectation }) => expectation.becomes))).toEqual(
      new Set(['stored', 'repeated', 'late', 'refused']),
    );
    expect(new Set(day.map(({ kind }) => kind))).toEqual(new Set(['transaction', 'message', 'single']));
    expect(refused.length).toBeGreaterThan(3);
    for (const { answer } of refused) {
      const { issue } = JSON.parse(answer?.body ?? '') as OperationOutcome;
      expect(issue?.[0]?.details?.coding?.[0]?.code).toMatch(/^[a-z-]+$/);
    }
  });

  it('leaves the register with what the hospital has said last of each thing.', async () => {
    const { expected, found } = await known(await hospitalClients(app), stateAfter(day));

    expect(found).toEqual(expected);
  });

  it('has one person for one number, whichever system sent first.', async () => {
    const numbers = [
      ...new Set(
        day.flatMap(({ body = '' }) => /"resourceType":"Patient".*?"value":"(\d{11})"/.exec(body)?.[1] ?? []),
      ),
    ];
    const client = httpClient(app.url, await app.token('ehr'));
    const counts = await Promise.all(
      numbers.slice(0, 20).map(async (identifier) => {
        const { body } = await client.postForm('fhir/Patient/_search', { identifier });
        return (body as { readonly total?: number }).total;
      }),
    );

    expect(numbers.length).toBeGreaterThan(5);
    expect(counts.filter((count) => (count ?? 2) > 1)).toEqual([]);
  });
});
