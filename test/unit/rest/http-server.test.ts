/** Slow and talkative clients, below every route (LM-01, ASVS 5.0 13.1.2). */
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createHttpServer, type ServerTimes } from '../../../src/rest/http-server.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function listening(times: Partial<ServerTimes>): Promise<{ server: Server; port: number }> {
  const server = createHttpServer({ checkMs: 10, ...times });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Everything that comes until the server hangs up. */
const heard = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });

describe('The HTTP server', () => {
  it.each([
    ['its headers', { headersMs: 50 }, 'GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'its body',
      { headersMs: 40, requestMs: 50 },
      'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    ],
  ])('does not wait for a client that keeps %s back.', async (_what, times, text) => {
    const { server, port } = await listening(times);
    server.on('request', () => undefined);
    const socket = connect(port, '127.0.0.1');

    socket.write(text);
    const answer = await heard(socket);

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"resourceType":"OperationOutcome"');
    expect(answer).toContain('X-Content-Type-Options: nosniff');
  });

  it('hangs up on a client that does not read its answer.', async () => {
    const { server, port } = await listening({ silenceMs: 100 });
    const closed = new Promise<string>((resolve) => {
      server.on('request', (_request, response) => {
        response.on('close', () => resolve(response.writableFinished ? 'read' : 'cut off'));
        response.write(Buffer.alloc(64 * 1024 * 1024));
      });
    });
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => undefined);

    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');

    expect(await closed).toBe('cut off');
    socket.destroy();
  });

  it('takes 16 kB of headers, and keeps connections longer than a proxy does.', async () => {
    const { server, port } = await listening({});
    const socket = connect(port, '127.0.0.1');

    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);

    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 431 /);
    expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  });
});
