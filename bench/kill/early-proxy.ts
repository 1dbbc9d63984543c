/** A fault made on purpose: answers 201 to every write before it passes the write on. The kill test must notice. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts the proxy in front of the server at `target`. */
export async function startEarlyProxy(target: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => void answerThenForward(target, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answerThenForward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  response.writeHead(201).end();
  try {
    await fetch(target + (request.url ?? ''), {
      method: request.method ?? 'POST',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': request.headers['content-type'] ?? '',
      },
      body: Buffer.concat(chunks),
    });
  } catch {
    request.socket.destroy(); // the server has been killed: now the clients may know
  }
}
