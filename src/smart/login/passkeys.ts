/**
 * Passkeys: https://www.w3.org/TR/webauthn-3/. The authenticator must have seen its owner (user verification), so that a
 * passkey is two factors in one; attestation is not asked for.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Passkey } from './factors.ts';

/** Whom the browser says that it talks to. */
export interface RelyingParty {
  readonly origin: string;
  /** The host name. */
  readonly id: string;
  readonly name: string;
}

export const relyingParty = (publicUrl: string): RelyingParty => {
  const { origin, hostname } = new URL(publicUrl);
  return { origin, id: hostname, name: 'Ryggrad' };
};

const TIMEOUT_MS = 5 * 60_000;

/** What `navigator.credentials.create` is called with. */
export const registrationOptions = (
  party: RelyingParty,
  {
    username,
    name,
    known,
  }: { readonly username: string; readonly name: string; readonly known: readonly Passkey[] },
) =>
  generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userName: username,
    userDisplayName: name,
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });

/** The new passkey; undefined when the answer is not the one that was asked for. */
export async function verifyRegistration(
  party: RelyingParty,
  challenge: string,
  response: unknown,
): Promise<Passkey | undefined> {
  const result = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
  }).catch(() => undefined);
  if (result?.verified !== true) {
    return undefined;
  }
  const { id, publicKey, counter, transports } = result.registrationInfo.credential;
  return { id, publicKey, counter, transports: transports ?? [] };
}

/** What `navigator.credentials.get` is called with. */
export const authenticationOptions = (party: RelyingParty, known: readonly Passkey[]) =>
  generateAuthenticationOptions({
    rpID: party.id,
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
  });

/** Id and new counter of the passkey that signed; undefined when none of these did. */
export async function verifyAuthentication(
  party: RelyingParty,
  challenge: string,
  known: readonly Passkey[],
  response: unknown,
): Promise<{ readonly id: string; readonly counter: number } | undefined> {
  const answer = response as AuthenticationResponseJSON;
  const passkey = known.find(({ id }) => id === answer.id);
  if (passkey === undefined) {
    return undefined;
  }
  const result = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    credential: { ...passkey, transports: [...passkey.transports] },
  }).catch(() => undefined);
  return result?.verified === true
    ? { id: passkey.id, counter: result.authenticationInfo.newCounter }
    : undefined;
}
