/** Small parts of the way in for patients: auth-security 2.6. */
import { networkOf } from '../../../../src/smart/patient-access/limits.ts';
import { parseBirthDate } from '../../../../src/smart/patient-access/birth-date.ts';
import { mobileOf } from '../../../../src/registry/sending/contact.ts';
import { hashCode, newCode, newLinkToken } from '../../../../src/smart/patient-access/secrets.ts';
import { createSecretBox } from '../../../../src/storage/secret-box.ts';

describe('A birth date', () => {
  it.each([
    ['24.12.1965', '1965-12-24'],
    ['24121965', '1965-12-24'],
    [' 1.2.2004 ', '2004-02-01'],
    ['29.02.2004', '2004-02-29'],
    ['29.02.2005', undefined],
    ['24.12.65', undefined],
    ['1965-12-24', undefined],
    ['i går', undefined],
  ])('typed as "%s" is read as %s.', (typed, read) => {
    expect(parseBirthDate(typed)).toBe(read);
  });
});

describe('A mobile number', () => {
  it.each([
    ['40 00 00 01', '+4740000001'],
    ['0047 900 00 001', '+4790000001'],
    ['+46 70 000 00 01', '+46700000001'],
    ['22 00 00 01', undefined],
    ['', undefined],
  ])('kept as "%s" is sent to as %s.', (value, number) => {
    expect(mobileOf({ resourceType: 'Patient', telecom: [{ system: 'phone', value }] })).toBe(number);
  });

  it('that is out of use is not sent to.', () => {
    const telecom = [{ system: 'phone', use: 'old', value: '40000001' }] as const;

    expect(mobileOf({ resourceType: 'Patient', telecom: [...telecom] })).toBeUndefined();
  });
});

describe('A code', () => {
  const box = createSecretBox(Buffer.alloc(32, 7));

  it('has ten letters and digits that are not mistaken for each other (PA-01).', () => {
    const codes = Array.from({ length: 50 }, newCode);

    expect(codes.filter((code) => !/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/.test(code))).toEqual([]);
    expect(new Set(codes).size).toBe(50);
  });

  it('is looked up alike however it is spelled, and otherwise under another key (PA-01).', async () => {
    const hash = await hashCode(box, 'K1M0Q-9XT4B');

    expect(await hashCode(box, ' klmoq 9xt4b')).toBe(hash);
    expect(await hashCode(box, 'K1M0Q-9XT4C')).not.toBe(hash);
    expect(await hashCode(createSecretBox(Buffer.alloc(32, 8)), 'K1M0Q-9XT4B')).not.toBe(hash);
  });

  it('in a link has 256 bits (PA-01).', () => {
    expect(Buffer.from(newLinkToken(), 'base64url')).toHaveLength(32);
  });
});

describe('A network', () => {
  it('is a /24 of IPv4 and a /64 of IPv6 (PA-01).', () => {
    expect(networkOf('192.0.2.1')).toBe(networkOf('192.0.2.200'));
    expect(networkOf('::ffff:192.0.2.1')).toBe(networkOf('192.0.2.1'));
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.3.1'));
    expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff::1'));
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
  });
});
