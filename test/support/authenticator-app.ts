/** The app on a phone that shows codes: https://www.rfc-editor.org/rfc/rfc6238 */
import { Secret, TOTP } from 'otpauth';

/** The six digits that it shows at an instant. */
export const totpCode = (secret: string, now: Date): string =>
  new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
    timestamp: now.getTime(),
  });
