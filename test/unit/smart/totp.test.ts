/** https://www.rfc-editor.org/rfc/rfc6238 appendix B, and one use per time step (ASVS 5.0 6.5.1) */
import { newTotpSecret, totpAddress, totpStep } from '../../../src/smart/login/totp.ts';
import { totpCode } from '../../support/authenticator-app.ts';

/** The secret of the RFC's table, `12345678901234567890`. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('A code of an authenticator app', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [2_000_000_000, '279037'],
  ])('at %s seconds is the one of the RFC’s table.', (seconds, code) => {
    expect(totpStep(RFC_SECRET, code, at(seconds), -1)).toBe(Math.floor(seconds / 30));
  });

  it('is taken one step early or late, and no more.', () => {
    const code = totpCode(RFC_SECRET, at(600));

    const steps = [600, 570, 630, 540, 660].map((seconds) => totpStep(RFC_SECRET, code, at(seconds), -1));

    expect(steps).toEqual([20, 20, 20, undefined, undefined]);
  });

  it('is spent with its time step, and so are those before it.', () => {
    const code = totpCode(RFC_SECRET, at(600));

    expect(totpStep(RFC_SECRET, code, at(600), 19)).toBe(20);
    expect(totpStep(RFC_SECRET, code, at(600), 20)).toBeUndefined();
    expect(totpStep(RFC_SECRET, code, at(600), 21)).toBeUndefined();
  });

  it.each(['', '12345', '1234567', 'abcdef'])('is not "%s".', (code) => {
    expect(totpStep(RFC_SECRET, code, at(600), -1)).toBeUndefined();
  });

  it('belongs to a secret of 160 bits, named for the app.', () => {
    const secret = newTotpSecret();

    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpAddress(secret, 'kari', 'Ryggrad')).toContain(`otpauth://totp/Ryggrad:kari?`);
  });
});
