/** What people and operators are told when something fails inside (ASVS 5.0 16.5.1, 16.5.3). */
import { Writable } from 'node:stream';
import pino from 'pino';
import { health } from '../../../src/app/failures.ts';
import { systemClock } from '../../../src/fhir/id.ts';
import { browser } from '../launch/ehr-server.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

const lines: Record<string, unknown>[] = [];
const log = pino(
  { level: 'error' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  }),
);
let server: TestApp;

beforeAll(async () => {
  server = await startTestApp({}, systemClock, log);
  await server.database.db.query({ text: 'alter table account rename to account_elsewhere' });
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A page that fails inside', () => {
  it('tells its number and nothing of the inside, and the log has the line with that number.', async () => {
    const answer = await browser().post(`${server.url}/logg-inn`, { brukernavn: 'lu-ane', passord: 'x' });

    const number = answer.headers.get('x-request-id');
    expect(answer.status).toBe(500);
    expect(answer.text).toContain(number);
    expect(answer.text).not.toMatch(/account|\.ts:|at \w+ \(|select /);
    expect(lines.filter(({ requestId }) => requestId === number)).toMatchObject([
      { msg: 'page failed', method: 'POST', err: { message: expect.stringContaining('account') as string } },
    ]);
  });

  it('says only that it could not be read when the address is none.', async () => {
    const answer = await fetch(`${server.url}/pasient/%E0%A4%A`);

    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toMatch(/URIError|node_modules/);
  });
});

describe('The health of the server', () => {
  const ask = async (query: () => Promise<never[]>) => {
    let answer: unknown[] = [];
    const response = {
      status: (status: number) => ({ json: (body: unknown) => (answer = [status, body]) }),
    };
    await health({ query })({} as never, response as never, () => undefined);
    return answer;
  };

  it('is 200 while the database answers, and 503 while it does not.', async () => {
    expect(await ask(() => Promise.resolve([]))).toEqual([200, { status: 'ok' }]);
    expect(await ask(() => Promise.reject(new Error('connection refused')))).toEqual([
      503,
      { status: 'the database does not answer' },
    ]);
  });
});
