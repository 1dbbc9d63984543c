/** A sender of HL7 version 2 messages over MLLP, as simple as they come. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface MllpClient extends Disposable {
  readonly socket: Socket;
  /** Send a message, segments by line, and give the answer's segments. */
  send(message: string): Promise<readonly string[]>;
  /** Send bytes as they are. */
  write(bytes: Buffer): void;
  /** The next answer; undefined when the line was cut. */
  answer(): Promise<readonly string[] | undefined>;
}

export async function mllpClient(port: number): Promise<MllpClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  let isClosed = false;
  let heard = Promise.withResolvers<undefined>();
  const hear = (): void => {
    heard.resolve(undefined);
    heard = Promise.withResolvers();
  };
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    hear();
  });
  socket.on('close', () => {
    isClosed = true;
    hear();
  });
  socket.on('error', () => undefined);
  const answer = async (): Promise<readonly string[] | undefined> => {
    for (;;) {
      const end = received.indexOf(0x1c);
      if (end !== -1) {
        const text = received.subarray(received.indexOf(0x0b) + 1, end).toString('utf8');
        received = received.subarray(end + 2);
        return text.split('\r').filter((segment) => segment !== '');
      }
      if (isClosed) {
        return undefined;
      }
      await heard.promise;
    }
  };
  const write = (bytes: Buffer): void => {
    socket.write(bytes);
  };
  return {
    socket,
    write,
    answer,
    async send(message) {
      write(mllpFrame(message));
      return (await answer()) ?? [];
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Lines as segments, between the marks. */
export const mllpFrame = (message: string, encoding: BufferEncoding = 'utf8'): Buffer =>
  Buffer.concat([
    Buffer.of(0x0b),
    Buffer.from(
      `${message
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .join('\r')}\r`,
      encoding,
    ),
    Buffer.of(0x1c, 0x0d),
  ]);
