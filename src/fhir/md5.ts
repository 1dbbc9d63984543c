/**
 * MD5 of short texts (RFC 1321): the library's takes a microsecond to set up, a third of what indexing a resource costs.
 * Keys of the index, not secrets.
 */

/** Texts up to this length fill one block with their padding. */
const MAX_LENGTH = 55;

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const SINES = Int32Array.from({ length: 64 }, (_, step) =>
  Math.trunc(Math.abs(Math.sin(step + 1)) * 2 ** 32),
);
const ROTATIONS = Uint8Array.from({ length: 64 }, (_, step) => SHIFTS[step >> 4]?.[step & 3] ?? 0);
const WORDS = Uint8Array.from({ length: 64 }, (_, step) => wordOf(step));

function wordOf(step: number): number {
  const places = [step, 5 * step + 1, 3 * step + 5, 7 * step];
  return (places[step >> 4] ?? 0) % 16;
}

const START = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476] as const;

const block = new Int32Array(16);
const head = new DataView(new ArrayBuffer(8));

/** The first 8 bytes of the digest; undefined for longer texts and for those that are not ASCII. Valid until the next call. */
export function md5Head(text: string): DataView | undefined {
  if (!fillBlock(text)) {
    return undefined;
  }
  let [a, b, c, d] = START as readonly number[] as [number, number, number, number];
  for (let step = 0; step < 64; step++) {
    const sum =
      (a + mix(step, b, c, d) + (SINES[step] as number) + (block[WORDS[step] as number] as number)) | 0;
    const rotation = ROTATIONS[step] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0;
  }
  head.setInt32(0, (a + START[0]) | 0, true);
  head.setInt32(4, (b + START[1]) | 0, true);
  return head;
}

function mix(step: number, b: number, c: number, d: number): number {
  if (step < 16) {
    return d ^ (b & (c ^ d));
  }
  if (step < 32) {
    return c ^ (d & (b ^ c));
  }
  return step < 48 ? b ^ c ^ d : c ^ (b | ~d);
}

/** The text, a bit, zeros, and the number of bits. */
function fillBlock(text: string): boolean {
  const { length } = text;
  if (length > MAX_LENGTH) {
    return false;
  }
  block.fill(0);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) {
      return false;
    }
    block[at >> 2] = (block[at >> 2] as number) | (code << ((at & 3) << 3));
  }
  block[length >> 2] = (block[length >> 2] as number) | (0x80 << ((length & 3) << 3));
  block[14] = length << 3;
  return true;
}
