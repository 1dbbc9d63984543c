/** Oracle: the library's MD5. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { hash32, hash64 } from '../../../src/fhir/id.ts';
import { md5Head } from '../../../src/fhir/md5.ts';

const digest = (text: string): Buffer => hash('md5', text, 'buffer');

describe('The hash of a text', () => {
  it('is the library’s for every text, short or long, ASCII or not.', () => {
    const texts = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }));

    fc.assert(
      fc.property(texts, (text) => {
        expect(hash64(text)).toBe(digest(text).readBigInt64BE(0).toString());
        expect(hash32(text)).toBe(digest(text).readInt32BE(0));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([0, 1, 3, 4, 54, 55])('is worked out here for %i ASCII characters.', (length) => {
    const text = 'x'.repeat(length);

    expect(md5Head(text)?.getBigInt64(0)).toBe(digest(text).readBigInt64BE(0));
  });

  it.each(['x'.repeat(56), 'æ', 'a\u0301'])('is left to the library for %j.', (text) => {
    expect(md5Head(text)).toBeUndefined();
  });
});
