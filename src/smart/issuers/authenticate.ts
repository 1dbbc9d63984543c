/**
 * Tokens of external issuers at the FHIR API: https://www.rfc-editor.org/rfc/rfc9449 section 7
 * Every refusal is the same 401; which check failed is in the audit trail alone.
 */
import { decodeJwt } from 'jose';
import type { Principal } from '../../access/principal.ts';
import type { Clock } from '../../fhir/id.ts';
import { unauthorized } from '../../fhir/outcome.ts';
import { type CheckProof, proofCheck, type UsedProofs, PROOF_ALGORITHMS } from '../dpop.ts';
import type { SecurityLog } from '../ports.ts';
import type { Authenticate, IncomingRequest } from '../principal.ts';
import { claimText, type Claims, type Issuer, type IssuerApi } from './issuer.ts';
import type { IssuerMetadata } from './metadata.ts';
import { type Directory, issuerPrincipal } from './to-principal.ts';
import { TokenRefused, verifyIssuerToken } from './verify-token.ts';

export interface IssuerAuthenticatorOptions {
  readonly issuers: readonly Issuer[];
  readonly metadata: (issuer: Issuer) => IssuerMetadata;
  readonly directory: Directory;
  readonly used: UsedProofs;
  readonly clock: Clock;
  readonly log: SecurityLog;
  /** `https://register.example.no`: what a proof's address must begin with. */
  readonly publicUrl: string;
}

/** One issuer's tokens: everything that is decided once. */
interface Gate {
  readonly issuer: Issuer;
  readonly api: IssuerApi;
  readonly metadata: IssuerMetadata;
  readonly checkProof: CheckProof;
}

interface Presented {
  readonly scheme: string;
  readonly token: string;
}

const MAX_TOKEN_CHARS = 8192;

/** `inner`, with the tokens of the issuers before it: what none of them has issued goes on unchanged. */
export function withIssuers(options: IssuerAuthenticatorOptions, inner: Authenticate): Authenticate {
  const { clock, used, log } = options;
  const gates = options.issuers.flatMap((issuer): Gate[] =>
    issuer.api === undefined
      ? []
      : [
          {
            issuer,
            api: issuer.api,
            metadata: options.metadata(issuer),
            checkProof: proofCheck({ used, clock, maxAgeSeconds: issuer.api.proofSeconds }),
          },
        ],
  );
  if (gates.length === 0) {
    return inner;
  }
  return async (request) => {
    const presented = credentialsOf(request);
    const iss = presented && issuerOf(presented.token);
    const gate = gates.find(({ issuer }) => issuer.issuer === iss);
    if (presented === undefined || gate === undefined) {
      return inner(request);
    }
    try {
      return await admit(options, gate, presented, request);
    } catch (cause) {
      const refusal = toRefusal(gate, cause);
      const reason = cause instanceof TokenRefused ? cause.message : 'no scope of this server';
      await log({ type: 'token-refused', outcome: 'failure', subject: `issuer:${gate.issuer.id}`, reason });
      throw refusal;
    }
  };
}

async function admit(
  options: IssuerAuthenticatorOptions,
  gate: Gate,
  { scheme, token }: Presented,
  request: IncomingRequest & { readonly originalUrl?: string | undefined },
): Promise<Principal> {
  const { issuer, api } = gate;
  const claims = await verifyIssuerToken(token, { ...gate, clock: options.clock });
  const jkt = thumbprintOf(claims);
  if (jkt === undefined && (api.proof === 'required' || scheme === 'dpop')) {
    throw new TokenRefused('the token is bound to no key');
  }
  if (jkt !== undefined) {
    if (scheme !== 'dpop') {
      throw new TokenRefused('the token is bound to a key and was sent without proof');
    }
    const url = `${options.publicUrl}${request.originalUrl ?? ''}`;
    const proof = request.headers['dpop'];
    const sent = { method: request.method ?? 'GET', url, proof, accessToken: token, jkt };
    const failure = await gate.checkProof(sent);
    if (failure !== undefined) {
      throw new TokenRefused(`DPoP: ${failure}`);
    }
  }
  return issuerPrincipal(issuer, api, claims, options.directory);
}

function credentialsOf({ headers }: IncomingRequest): Presented | undefined {
  const [, scheme = '', token = ''] =
    /^(Bearer|DPoP) ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(headers.authorization ?? '') ?? [];
  return token === '' || token.length > MAX_TOKEN_CHARS ? undefined : { scheme: scheme.toLowerCase(), token };
}

/** As the token itself says: only to choose whose keys it must be signed with. */
function issuerOf(token: string): string | undefined {
  try {
    return claimText(decodeJwt(token), 'iss');
  } catch {
    return undefined;
  }
}

function thumbprintOf({ cnf }: Claims): string | undefined {
  return claimText((cnf ?? {}) as Claims, 'jkt');
}

/** 401 for whatever is wrong with the token; other refusals (403) as they are; our own failures pass. */
function toRefusal({ api }: Gate, cause: unknown): unknown {
  if (!(cause instanceof TokenRefused)) {
    return cause;
  }
  const error = cause.message.startsWith('DPoP: ') ? 'invalid_dpop_proof' : 'invalid_token';
  const bearer = api.proof === 'optional' && error === 'invalid_token' ? [`Bearer error="${error}"`] : [];
  const challenge = [`DPoP error="${error}", algs="${PROOF_ALGORITHMS.join(' ')}"`, ...bearer].join(', ');
  return unauthorized('The access token is unknown, expired or meant for another server.', {
    'WWW-Authenticate': challenge,
  });
}
