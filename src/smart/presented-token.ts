/**
 * The access token of a request at the resource server (SM-16): as `Bearer`, or as `DPoP` with a proof when the token is
 * bound to a key. https://www.rfc-editor.org/rfc/rfc9449#section-7
 */
import type { CheckProof } from './dpop.ts';
import type { DenyList } from './issued-tokens.ts';
import type { AccessToken, VerifyToken } from './tokens.ts';

/** What is needed of the request. */
export interface TokenRequest {
  readonly method?: string | undefined;
  /** Path and query as the client wrote them. */
  readonly originalUrl?: string | undefined;
  readonly headers: {
    readonly authorization?: string | undefined;
    readonly dpop?: string | readonly string[] | undefined;
  };
}

export interface PresentedTokenOptions {
  readonly verifyToken: VerifyToken;
  readonly denied: DenyList;
  readonly checkProof: CheckProof;
  /** Where clients reach us; a proof names the address below it. */
  readonly publicUrl: string;
}

export type ReadPresentedToken = (request: TokenRequest) => Promise<AccessToken | undefined>;

/** The token, when it is valid here, not revoked, and presented as it must be; undefined in every other case. */
export function presentedTokens(options: PresentedTokenOptions): ReadPresentedToken {
  const { verifyToken, denied, checkProof, publicUrl } = options;

  return async (request) => {
    const [, scheme = '', credentials = ''] =
      /^(Bearer|DPoP) ([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
    const token = credentials === '' ? undefined : await verifyToken(credentials);
    if (token === undefined || (await denied.has(token.jti))) {
      return undefined;
    }
    const isBound = token.jkt !== undefined;
    if (isBound !== (scheme.toLowerCase() === 'dpop')) {
      return undefined;
    }
    return token.jkt === undefined || (await isProven(request, credentials, token.jkt)) ? token : undefined;
  };

  async function isProven(request: TokenRequest, accessToken: string, jkt: string): Promise<boolean> {
    const failure = await checkProof({
      method: request.method ?? 'GET',
      url: `${publicUrl}${request.originalUrl ?? '/'}`,
      proof: request.headers.dpop,
      accessToken,
      jkt,
    });
    return failure === undefined;
  }
}
