/** Tokens as HelseID gives them to a system (machine to machine), by way of openid-client, as a real sender would. */
import { importJWK } from 'jose';
import * as client from 'openid-client';
import { type IssuerServer, M2M_CLIENT, ORGANISATION } from './issuer-server.ts';

export interface SystemToken {
  readonly token: string;
  readonly keys: CryptoKeyPair;
}

export interface TokenWish {
  readonly scope?: string;
  /** `NO:ORGNR:<parent>:<child>`. */
  readonly organisation?: string;
  readonly assertion?: Record<string, unknown>;
  readonly parameters?: Record<string, string>;
}

/** The client that sends for an organisation. */
export async function systemToken(server: IssuerServer, wish: TokenWish = {}): Promise<SystemToken> {
  const { organisation = `NO:ORGNR:998877662:${ORGANISATION}`, scope = 'nhn:ryggrad/lever' } = wish;
  const { privateJwk } = server.ehrKey;
  const key = (await importJWK(privateJwk, 'ES256')) as CryptoKey;
  const authentication = client.PrivateKeyJwt(
    { key, kid: privateJwk.kid ?? '' },
    {
      [client.modifyAssertion]: (header, payload) => {
        header['typ'] = 'client-authentication+jwt';
        payload['authorization_details'] = detailsOf(organisation) as never;
        Object.assign(payload, wish.assertion);
      },
    },
  );
  const allowHttp = client.allowInsecureRequests;
  const config = await client.discovery(new URL(server.helseId.issuer), M2M_CLIENT, {}, authentication, {
    execute: [allowHttp],
  });
  const keys = await client.randomDPoPKeyPair('ES256', { extractable: true });
  const DPoP = client.getDPoPHandle(config, keys);
  const answer = await client.clientCredentialsGrant(config, { scope, ...wish.parameters }, { DPoP });
  return { token: answer.access_token, keys };
}

export const detailsOf = (value: string) => [
  {
    type: 'helseid_authorization',
    practitioner_role: { organization: { identifier: { system: 'urn:oid:1.0.6523', type: 'ENH', value } } },
  },
];
