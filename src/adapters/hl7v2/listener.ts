/** The ports on which messages are taken: one connection of the settings, one port, over TCP or TLS. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { error } from '../../fhir/outcome.ts';
import { SettingsError } from '../settings-file.ts';
import { answerTo } from './answer.ts';
import { framed, framesOf } from './frames.ts';
import type { Connection } from './settings.ts';
import { type TakeDeps, takeBytes } from './take.ts';

export interface Listener {
  readonly name: string;
  readonly port: number;
  /** No new connections; what is being taken is taken and answered first. */
  stop(): Promise<void>;
}

/** How a socket stands. */
interface Line {
  readonly socket: Socket;
  isBusy: boolean;
}

/** Listen. Throws SettingsError when the port cannot be had, or the certificates cannot be used. */
export async function listen(deps: TakeDeps, connection: Connection): Promise<Listener> {
  const lines = new Set<Line>();
  let isStopping = false;
  const serve = (socket: Socket): void => {
    const line: Line = { socket, isBusy: false };
    lines.add(line);
    converse(deps, connection, line, () => isStopping)
      .catch((cause: unknown) => {
        if (!isBroken(cause)) {
          deps.onFailure(cause, connection.name);
        }
      })
      .finally(() => {
        lines.delete(line);
        socket.destroy();
      });
  };
  const server = serverOf(connection, serve);
  server.maxConnections = connection.maxConnections;
  await opened(server, connection);
  server.on('error', (cause) => deps.onFailure(cause, connection.name));
  return {
    name: connection.name,
    port: (server.address() as AddressInfo).port,
    async stop() {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      [...lines].filter(({ isBusy }) => !isBusy).forEach(({ socket }) => socket.destroy());
      await closed;
    },
  };
}

function serverOf({ tls, name }: Connection, serve: (socket: Socket) => void): Server {
  const options = { allowHalfOpen: true, noDelay: true };
  if (tls === undefined) {
    return createServer(options, serve);
  }
  try {
    return createTlsServer({ ...options, ...tls, requestCert: true, rejectUnauthorized: true }, serve);
  } catch (cause) {
    throw new SettingsError(`The certificates of the connection ${name} cannot be used.`, { cause });
  }
}

function opened(server: Server, { name, port, bind }: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
      reject(
        new SettingsError(
          code === 'EADDRINUSE'
            ? `Port ${port} of the connection ${name} (HL7V2_FILE) is taken by another program. Stop it, or choose another port.`
            : `The connection ${name} (HL7V2_FILE) cannot listen on ${bind}:${port} (${code}).`,
        ),
      );
    });
    server.listen(port, bind, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** One message after the other, each answered before the next is read: a sender that is faster waits. */
async function converse(
  deps: TakeDeps,
  connection: Connection,
  line: Line,
  isStopping: () => boolean,
): Promise<void> {
  const { socket } = line;
  socket.setTimeout(connection.idleMs, () => {
    if (!line.isBusy) {
      socket.destroy();
    }
  });
  for await (const frame of framesOf(socket as AsyncIterable<Buffer>, connection.maxBytes)) {
    line.isBusy = true;
    const answer =
      frame.kind === 'message'
        ? await takeBytes(deps, connection, frame.bytes)
        : Buffer.from(brokenFrame(deps, frame.reason));
    await write(socket, framed(answer));
    line.isBusy = false;
    if ((frame.kind === 'fault' && frame.isLast) || isStopping()) {
      break;
    }
  }
  await ended(socket);
}

function brokenFrame({ clock, newId }: TakeDeps, reason: string): string {
  const now = clock.now();
  const issues = [error('structure', reason, undefined, 'mllp')];
  return answerTo(undefined, { verdict: 'AR', issues }, { id: newId(now), now });
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (cause) => (cause == null ? resolve() : reject(cause)));
  });
}

/** What was written is sent before the line is cut. */
const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) {
      resolve();
      return;
    }
    socket.end(() => resolve());
    socket.once('close', () => resolve());
  });

const BROKEN: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
]);

/** The sender, or the idle time, has cut the line. */
const isBroken = (cause: unknown): boolean => BROKEN.has((cause as NodeJS.ErrnoException).code);
