/** Passkeys: https://www.w3.org/TR/webauthn-3/#sctn-rp-operations */
import {
  authenticationOptions,
  registrationOptions,
  relyingParty,
  verifyAuthentication,
  verifyRegistration,
} from '../../../src/smart/login/passkeys.ts';
import { type Said, softAuthenticator } from '../../support/authenticator.ts';

const party = relyingParty('https://register.example.no');
const said = (challenge: string): Said => ({ challenge, origin: party.origin, host: party.id });

async function registered() {
  const device = softAuthenticator();
  const { challenge } = await registrationOptions(party, { username: 'kari', name: 'Kari', known: [] });
  const passkey = await verifyRegistration(party, challenge, device.register(said(challenge)));
  return { device, passkey: passkey! };
}

describe('A passkey', () => {
  it('is asked for with its owner recognised, and without attestation.', async () => {
    const options = await registrationOptions(party, { username: 'kari', name: 'Kari', known: [] });

    expect(options.rp).toEqual({ id: 'register.example.no', name: 'Ryggrad' });
    expect(options.attestation).toBe('none');
    expect(options.authenticatorSelection?.userVerification).toBe('required');
    expect(Buffer.from(options.challenge, 'base64url').length).toBeGreaterThanOrEqual(16);
  });

  it('signs the challenge that it was given, and its counter comes back.', async () => {
    const { device, passkey } = await registered();
    const { challenge } = await authenticationOptions(party, [passkey]);

    const answer = device.authenticate({ ...said(challenge), counter: 7 });

    expect(await verifyAuthentication(party, challenge, [passkey], answer)).toEqual({
      id: passkey.id,
      counter: 7,
    });
  });

  it.each<[string, Partial<Said>]>([
    ['another site', { origin: 'https://register-example.no' }],
    ['another host', { host: 'example.no' }],
    ['another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['an owner who was not recognised', { isVerified: false }],
  ])('is refused for %s.', async (_what, wrong) => {
    const { device, passkey } = await registered();
    const { challenge } = await authenticationOptions(party, [passkey]);

    const login = device.authenticate({ ...said(challenge), ...wrong });
    const registration = softAuthenticator().register({ ...said(challenge), ...wrong });

    expect(await verifyAuthentication(party, challenge, [passkey], login)).toBeUndefined();
    expect(await verifyRegistration(party, challenge, registration)).toBeUndefined();
  });

  it('of somebody else does not open the account.', async () => {
    const { passkey } = await registered();
    const other = await registered();
    const { challenge } = await authenticationOptions(party, [passkey]);

    expect(
      await verifyAuthentication(party, challenge, [passkey], other.device.authenticate(said(challenge))),
    ).toBeUndefined();
  });
});
