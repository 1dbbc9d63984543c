/**
 * The minimal lower layer protocol: where messages begin and end in a stream of bytes.
 * https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF
 */
const START = 0x0b;
const END = 0x1c;
/** Between frames: the carriage return that belongs to the end, and what careless senders add. */
const BETWEEN: ReadonlySet<number> = new Set([0x0d, 0x0a, 0x20, 0x00]);

/** What came in: a message, or bytes that are none. After a `last` one nothing more can be understood. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'fault'; readonly reason: string; readonly isLast: boolean };

/** Frames in the order they came, however the stream was cut into packets; at most `maxBytes` of one are kept. */
export async function* framesOf(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Frame> {
  let parts: Buffer[] | undefined;
  let size = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (parts === undefined) {
        const begin = skipBetween(chunk, at);
        if (begin < chunk.length && chunk[begin] !== START) {
          yield fault('A message begins with the byte 0x0B and ends with 0x1C 0x0D (MLLP).');
          return;
        }
        parts = begin < chunk.length ? [] : undefined;
        size = 0;
        at = begin + 1;
        continue;
      }
      const end = endOf(chunk, at);
      parts.push(chunk.subarray(at, end));
      size += end - at;
      if (size > maxBytes) {
        yield fault(`A message has at most ${maxBytes} bytes.`);
        return;
      }
      if (chunk[end] === END) {
        yield { kind: 'message', bytes: Buffer.concat(parts) };
        parts = undefined;
      } else if (chunk[end] === START) {
        yield { ...fault('A message began before the one before it had ended.'), isLast: false };
        parts = [];
        size = 0;
      }
      at = end + 1;
    }
  }
  if (parts !== undefined) {
    yield fault('The connection ended in the middle of a message.');
  }
}

const fault = (reason: string) => ({ kind: 'fault', reason, isLast: true }) as const;

function skipBetween(chunk: Buffer, from: number): number {
  let at = from;
  while (at < chunk.length && BETWEEN.has(chunk[at] as number)) {
    at += 1;
  }
  return at;
}

/** The first byte that ends or begins a message; the chunk's length when there is none. */
function endOf(chunk: Buffer, from: number): number {
  const marks = [chunk.indexOf(END, from), chunk.indexOf(START, from)].filter((at) => at !== -1);
  return marks.length === 0 ? chunk.length : Math.min(...marks);
}

/** A message between its marks. */
export const framed = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.of(START), bytes, Buffer.of(END, 0x0d)]);
