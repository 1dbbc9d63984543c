/**
 * What an issuer says of itself, and its keys: https://openid.net/specs/openid-connect-discovery-1_0.html
 * Keys come from here alone; whatever a token's header points to is not looked at (ASVS 9.1.3).
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { ServerMetadata } from 'openid-client';
import type { Fetch } from '../../adapters/guarded-fetch.ts';
import type { Clock } from '../../fhir/id.ts';
import { cachedDocument, requireSafe } from './documents.ts';
import { isObject } from '../../adapters/settings-file.ts';
import type { Issuer } from './issuer.ts';

export interface IssuerMetadata {
  /** Endpoints. The same object as long as the document is kept. */
  read(): Promise<ServerMetadata>;
  /** The key for a token, by its `kid` and `alg`; asks the issuer once more for a key that is not known. */
  readonly key: JWTVerifyGetKey;
}

export function issuerMetadata(issuer: Issuer, clock: Clock, get?: Fetch): IssuerMetadata {
  const metadata = cachedDocument({
    url: () => Promise.resolve(issuer.metadataUrl),
    clock,
    parse: (document) => toMetadata(document, issuer.issuer),
    ...(get !== undefined && { fetch: get }),
  });
  const keys = cachedDocument({
    url: async () => (await metadata.read()).jwks_uri ?? '',
    clock,
    parse: (document) => createLocalJWKSet(document as JSONWebKeySet),
    ...(get !== undefined && { fetch: get }),
  });
  return {
    read: () => metadata.read(),
    async key(header, token) {
      try {
        return await (
          await keys.read()
        )(header, token);
      } catch (cause) {
        if (!(cause instanceof errors.JWKSNoMatchingKey)) {
          throw cause;
        }
        return (await keys.refresh())(header, token);
      }
    },
  };
}

function toMetadata(document: unknown, issuer: string): ServerMetadata {
  if (!isObject(document) || document['issuer'] !== issuer) {
    throw new Error('The metadata is by another issuer than the configured one');
  }
  for (const [name, value] of Object.entries(document)) {
    if (/(?:_endpoint|^jwks_uri)$/.test(name)) {
      requireSafe(String(value));
    }
  }
  return document as unknown as ServerMetadata;
}
