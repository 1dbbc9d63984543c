/** An authenticator in software: makes a passkey and signs with it, as a browser would send it. https://www.w3.org/TR/webauthn-3/ */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What the authenticator says about its owner and itself. */
export interface Said {
  readonly challenge: string;
  readonly origin: string;
  readonly host: string;
  /** False: the owner was there, but was not recognised. */
  readonly isVerified?: boolean;
  readonly counter?: number;
}

/** A passkey on the ES256 curve. */
export function softAuthenticator() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(16);
  const credential = { id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' };
  const clientData = (type: string, { challenge, origin }: Said): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const head = ({ host, isVerified = true, counter = 0 }: Said, flags: number): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(Buffer.from(host)), Buffer.from([flags | 1 | (isVerified ? 4 : 0)]), count]);
  };
  return {
    register(said: Said) {
      const cose = Buffer.concat([
        Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
        bytes(Buffer.from(x, 'base64url')),
        Buffer.from([0x22]),
        bytes(Buffer.from(y, 'base64url')),
      ]);
      const data = Buffer.concat([head(said, 0x40), Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]);
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Buffer.from([0xa0]),
        text('authData'),
        bytes(data),
      ]);
      return {
        ...credential,
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', said).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    authenticate(said: Said) {
      const data = head(said, 0);
      const client = clientData('webauthn.get', said);
      return {
        ...credential,
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey).toString('base64url'),
        },
      };
    },
  };
}

const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest();

/** CBOR: https://www.rfc-editor.org/rfc/rfc8949 */
const bytes = (data: Buffer): Buffer => Buffer.concat([Buffer.from([0x58, data.length]), data]);
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
