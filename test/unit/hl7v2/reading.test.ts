/** HL7 version 2 as it is read: frames, fields, escapes, times, character sets; and the parser that we build on. */
import { Hl7Message } from '@medplum/core';
import { decode } from '../../../src/adapters/hl7v2/charset.ts';
import { type Frame, framed, framesOf } from '../../../src/adapters/hl7v2/frames.ts';
import { readMessage } from '../../../src/adapters/hl7v2/message.ts';
import { momentOf, readTime } from '../../../src/adapters/hl7v2/time.ts';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}
async function framesIn(bytes: Buffer, size: number, max = 1000): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of framesOf(cut(bytes, size), max)) {
    frames.push(frame);
  }
  return frames;
}

describe('A stream of MLLP', () => {
  const [one, two] = ['MSH|one', 'MSH|two'].map((text) => Buffer.from(text)) as [Buffer, Buffer];

  it.each([1, 2, 3, 7, 100])('has the same messages when it is cut every %d bytes.', async (size) => {
    const found = await framesIn(Buffer.concat([framed(one), Buffer.from('\r\n'), framed(two)]), size);

    expect(found).toEqual([
      { kind: 'message', bytes: one },
      { kind: 'message', bytes: two },
    ]);
  });

  it.each([
    ['does not begin as one', Buffer.from('MSH|'), 1],
    ['ends too early', framed(one).subarray(0, 5), 1],
    ['is too large', framed(Buffer.alloc(2000, 'x')), 1],
  ])('that %s has a fault, and nothing after it.', async (_what, bytes, count) => {
    const found = await framesIn(Buffer.concat([bytes, Buffer.alloc(0)]), 64);

    expect(found).toHaveLength(count);
    expect(found[0]).toMatchObject({ kind: 'fault', isLast: true });
  });
});

describe('A message of HL7 v2', () => {
  const read = (segment: string) => readMessage(`MSH|^~\\&|A|B\r${segment}`).segments[1];

  it('has its escapes undone, also within components.', () => {
    const nte = read('NTE|1||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\XE6\\\\H\\h\\N\\\\Zxx\\');

    expect(nte?.value(3)).toBe('a|b^c&d~e\\f\ngæh\\Zxx\\');
  });

  it('is empty where there is nothing, whatever is asked for.', () => {
    const pid = read('PID|1||a^b~c');

    expect([pid?.value(3, 2), pid?.value(3, 1, 1), pid?.value(3, 1, 7), pid?.value(99, 9, 9)]).toEqual([
      'b',
      'c',
      '',
      '',
    ]);
    expect([pid?.count(3), pid?.count(4), pid?.count(99)]).toEqual([2, 0, 0]);
  });

  it('tells what is to be taken away from what it does not tell of.', () => {
    const pid = read('PID|1||""|');

    expect([pid?.isCleared(3), pid?.value(3), pid?.isCleared(4)]).toEqual([true, '', false]);
  });

  it('may have other separators.', () => {
    const message = readMessage('MSH#*~\\&#LAB#H\rPID#1##7*x');

    expect([message.header.value(3), message.segments[1]?.value(3, 2)]).toEqual(['LAB', 'x']);
  });

  it.each(['', 'MSH', 'MSH|', 'MSH|^^^^|', 'MSHxabcd|', 'PID|1', '\uFEFFMSH|^~\\&|'])(
    'does not begin with %j.',
    (text) => {
      expect(() => readMessage(text)).toThrow('begins with the segment MSH');
    },
  );

  it('needs these guards: the parser takes such headers, leaves escapes, and breaks on what is not there.', () => {
    const parsed = Hl7Message.parse('MSH|^~\\&|A\rNTE|1||a\\T\\b');

    expect(parsed.getSegment('NTE')?.getComponent(3, 1)).toBe('a\\T\\b');
    expect(() => parsed.getSegment('NTE')?.getComponent(3, 1, undefined, 4)).toThrow(TypeError);
    expect(() => Hl7Message.parse('MSH')).not.toThrow();
  });
});

describe('A time of HL7 v2', () => {
  it.each([
    ['2026', '2026'],
    ['202602', '2026-02'],
    ['20260218', '2026-02-18'],
    ['2026021808', '2026-02-18T08:00:00+01:00'],
    ['20260718083015.25', '2026-07-18T08:30:15.25+02:00'],
    ['20260218083000+0000', '2026-02-18T08:30:00+00:00'],
  ])('%s is %s.', (text, time) => {
    expect(readTime(text)).toBe(time);
  });

  it.each(['', '20261301', '20260230', '2026021825', 'i går', '2026-02-18'])('%j is none.', (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it('without a zone is a moment of the clock in Norway.', () => {
    expect(momentOf(readTime('20260718083000') ?? '')?.toISOString()).toBe('2026-07-18T06:30:00.000Z');
  });
});

describe('The bytes of a message', () => {
  const bytes = (charset: string, encoding: BufferEncoding): Buffer =>
    Buffer.from(`MSH|^~\\&|A|B||||||||||||||${charset}\rNTE|1||æøå`, encoding);

  it.each([
    ['8859/1', 'latin1'],
    ['UNICODE UTF-8', 'utf8'],
    ['', 'utf8'],
  ] as const)('are read by their header: %s.', (charset, encoding) => {
    expect(decode(bytes(charset, encoding), 'UTF-8').text).toContain('æøå');
  });

  it('in another character set than they say are refused, and so are sets that nobody knows.', () => {
    expect(() => decode(bytes('UNICODE UTF-8', 'latin1'), 'UTF-8')).toThrow(
      'not written in its character set',
    );
    expect(() => decode(bytes('KLINGON', 'utf8'), 'UTF-8')).toThrow('is not known here');
  });
});
