/** The fuzzer's short form, for every change; the long one is `npm run fuzz`. */
import { startTestApp, type TestApp } from '../support/app.ts';
import { describeProbe } from './probe.ts';
import { type Figures, fuzz } from './fuzz.ts';
import { examples } from './sources.ts';
import { createSender } from './sender.ts';

const RUNS = 2500;

let server: TestApp;
let figures: Figures;

beforeAll(async () => {
  server = await startTestApp();
  figures = await fuzz({
    target: server,
    query: (text) => server.database.db.query({ text }),
    seed: 20261121,
    runs: RUNS,
    clients: 4,
    slice: RUNS / 2,
    cpuMs: () => process.cpuUsage().user / 1000,
  });
}, 300_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('Under random faults the FHIR API', () => {
  it('answers everything, never with 5xx, refusals with a valid OperationOutcome, and in time (RE-03, LM-01, LM-02).', () => {
    const faults = figures.failures.map(({ fault, probe }) => `${fault}\n${describeProbe(probe)}`);

    expect(faults).toEqual([]);
    expect(figures.sent).toBe(RUNS);
  });

  it('is asked everything: each kind of input, and refusals as well as successes.', () => {
    expect(Object.keys(figures.byKind)).toHaveLength(9);
    expect(Object.keys(figures.byStatus)).toEqual(
      expect.arrayContaining(['200', '201', '204', '400', '401', '404', '406', '412', '415', '422']),
    );
    expect(figures.refusedAgain).toBeGreaterThan(RUNS / 4);
  });

  it('still takes the resources that the faults were put into.', async () => {
    using send = createSender(server, 4);
    const some = examples.filter((_, n) => n % 20 === 0);

    const answers = await Promise.all(
      some.map((example) =>
        send({
          kind: 'resource',
          method: 'POST',
          path: String(example['resourceType']),
          headers: {},
          body: JSON.stringify(example),
          sender: 'ehr',
        }),
      ),
    );

    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  });
});
