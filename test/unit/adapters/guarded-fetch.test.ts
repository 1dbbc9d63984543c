/** The one road to other servers: what it does not reach, follow, unpack, wait for or read (LM-05, OWASP API7). */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type FetchGuard, guardedFetch } from '../../../src/adapters/guarded-fetch.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A server on this machine; its port. */
async function listening(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const bounds: FetchGuard = { reach: 'any', timeoutMs: 5000, maxBytes: 1000 };
const failure = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const PRIVATE = 'FetchRefused: addresses of private networks are not reached';

describe('An address that a stranger chose', () => {
  const ask = guardedFetch({
    ...bounds,
    reach: 'public',
    resolve: () => Promise.reject(new Error('a name was resolved')),
  });

  it.each([
    ['http://example.org/', 'FetchRefused: it must use https'],
    ['file:///etc/passwd', 'FetchRefused: it must use https'],
    ['https://127.0.0.1/', PRIVATE],
    ['https://2130706433/', PRIVATE],
    ['https://0177.0.0.1/', PRIVATE],
    ['https://0x7f.1/', PRIVATE],
    ['https://127.1/', PRIVATE],
    ['https://10.0.0.1/', PRIVATE],
    ['https://169.254.169.254/latest/meta-data', PRIVATE],
    ['https://[::]/', PRIVATE],
    ['https://[::1]/', PRIVATE],
    ['https://[::ffff:127.0.0.1]/', PRIVATE],
    ['https://[64:ff9b::10.0.0.1]/', PRIVATE],
    ['https://[fd00::1]/', PRIVATE],
  ])('is not asked: %s', async (url, reason) => {
    expect(await failure(ask(url))).toBe(reason);
  });

  it('may carry no name and password.', async () => {
    expect(await failure(ask('https://user:secret@example.org/'))).toMatch(/^TypeError/);
  });

  it.each([
    ['to this machine', ['127.0.0.1']],
    ['to a public and a private address', ['8.8.8.8', '10.0.0.1']],
    ['to a private address of IPv6', ['fd00::1']],
    ['to nothing', []],
  ])('is not connected to when its name resolves %s.', async (_, addresses) => {
    const byName = guardedFetch({
      ...bounds,
      reach: 'public',
      resolve: () =>
        Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    });

    expect(await failure(byName('https://example.org/'))).toBe(PRIVATE);
  });
});

describe('An address of the settings', () => {
  const ask = guardedFetch({ ...bounds, reach: 'configured' });

  it('may be on this machine or in a network of the operator.', async () => {
    const port = await listening((_request, response) => response.end('here'));

    expect(await (await ask(`http://127.0.0.1:${port}/`)).text()).toBe('here');
  });

  it.each(['http://169.254.169.254/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/'])(
    'is never where a cloud tells a machine its secrets: %s',
    async (url) => {
      expect(await failure(ask(url))).toBe(PRIVATE);
    },
  );
});

describe('A request', () => {
  it('asks for the name once, and connects to what was looked at.', async () => {
    const port = await listening((_request, response) => response.end('here'));
    const answers = ['127.0.0.1', '10.0.0.1'];
    const ask = guardedFetch({
      ...bounds,
      resolve: () => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]),
    });

    expect(await (await ask(`http://rebinding.test:${port}/`)).text()).toBe('here');
    expect(answers).toEqual(['10.0.0.1']);
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %i is the answer.', async (status) => {
    const asked: (string | undefined)[] = [];
    const port = await listening((request, response) => {
      asked.push(request.url);
      response.writeHead(status, { location: '/other' }).end();
    });

    const answer = await guardedFetch(bounds)(`http://127.0.0.1:${port}/first`, { redirect: 'follow' });

    expect([answer.status, answer.ok, asked]).toEqual([status, false, ['/first']]);
  });

  it('reads no more than was agreed, whatever length is announced.', async () => {
    const port = await listening((_request, response) => {
      response.write('x'.repeat(600));
      response.end('x'.repeat(600));
    });

    expect(await failure(guardedFetch(bounds)(`http://127.0.0.1:${port}/`))).toBe(
      'FetchRefused: the answer is too long',
    );
  });

  it('unpacks nothing: it asks for no encoding, and counts the bytes that come.', async () => {
    const encodings: unknown[] = [];
    const packed = gzipSync('0'.repeat(100_000));
    const port = await listening((request, response) => {
      encodings.push(request.headers['accept-encoding']);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    });

    const answer = await guardedFetch(bounds)(`http://127.0.0.1:${port}/`);

    expect(encodings).toEqual(['identity']);
    expect((await answer.arrayBuffer()).byteLength).toBe(packed.length);
  });

  it.each([
    ['headers', () => undefined],
    [
      'the rest of its answer',
      (_request, response) => {
        response.write('x');
      },
    ],
  ] satisfies [string, RequestListener][])(
    'ends in time when the server keeps %s to itself.',
    async (_, answer) => {
      const port = await listening(answer);

      const failed = await failure(guardedFetch({ ...bounds, timeoutMs: 50 })(`http://127.0.0.1:${port}/`));

      expect(failed).toMatch(/^TimeoutError/);
    },
  );

  it('is given up when its caller gives up.', async () => {
    const port = await listening(() => undefined);

    const failed = failure(
      guardedFetch(bounds)(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort(new Error('enough')) }),
    );

    expect(await failed).toMatch(/enough|abort/);
  });

  it('refuses headers without end.', async () => {
    const port = await listening((_request, response) => {
      response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end();
    });

    expect(await failure(guardedFetch(bounds)(`http://127.0.0.1:${port}/`))).toMatch(/Header overflow/);
  });

  it('carries method, headers and content, and brings status, headers and content back.', async () => {
    const port = await listening((request, response) => {
      request.setEncoding('utf8').on('data', (content: string) => {
        const { 'content-type': type, 'x-one': one } = request.headers;
        response.writeHead(201, { 'x-two': '2' }).end(JSON.stringify([request.method, type, one, content]));
      });
    });

    const answer = await guardedFetch(bounds)(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { 'x-one': '1' },
      body: new URLSearchParams({ navn: 'Åse' }),
    });

    expect([answer.status, answer.headers.get('x-two')]).toEqual([201, '2']);
    expect(await answer.json()).toEqual([
      'POST',
      'application/x-www-form-urlencoded;charset=UTF-8',
      '1',
      'navn=%C3%85se',
    ]);
  });

  it('takes an answer without content.', async () => {
    const port = await listening((_request, response) => response.writeHead(204).end());

    expect((await guardedFetch(bounds)(`http://127.0.0.1:${port}/`)).status).toBe(204);
  });
});
