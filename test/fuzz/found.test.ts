/** Requests that the fuzzer once found wrong answers to, kept as they were cut down. */
import { startTestApp, type TestApp } from '../support/app.ts';
import { faultOf } from './oracle.ts';
import type { Probe } from './probe.ts';
import { createSender, type Send } from './sender.ts';

let server: TestApp;
let send: Send & Disposable;

beforeAll(async () => {
  server = await startTestApp();
  send = createSender(server, 1);
});
afterAll(async () => {
  send[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const plain: Probe = { kind: 'path', method: 'GET', path: 'Patient', headers: {}, sender: 'ehr' };

describe('What the fuzzer found before', () => {
  it.each<readonly [string, number, Partial<Probe>]>([
    ['an expectation that nobody meets', 417, { headers: { expect: 'the impossible' } }],
    [
      'a narrative in no namespace that there is',
      422,
      {
        method: 'POST',
        path: 'Basic',
        body: '{"resourceType":"Basic","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xheml\\">x</div>"},"code":{"text":"x"}}',
      },
    ],
    [
      'a parameter without a name',
      400,
      { path: 'Group/fuzz/$export?=x', headers: { prefer: 'respond-async' } },
    ],
    [
      'an id that is none, in a conditional update',
      400,
      {
        method: 'PUT',
        path: 'Basic?code=a',
        body: '{"resourceType":"Basic","id":"\\u0000","code":{"text":"x"}}',
      },
    ],
  ])('is answered well: %s.', async (_what, status, parts) => {
    const probe = { ...plain, ...parts };

    const answer = await send(probe);

    expect(faultOf(probe, answer)).toBeUndefined();
    expect(answer.status).toBe(status);
  });
});
