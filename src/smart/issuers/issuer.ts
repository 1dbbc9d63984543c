/**
 * Trusted issuers beside our own authorisation server: HelseID, a hospital's identity provider, Maskinporten.
 * What each of them is trusted with stands in the issuers file (docs/operations.md); nothing here comes from a request.
 */
import type { JWK } from 'jose';

/** Claims by meaning; the names are the issuer's own. */
export interface ClaimNames {
  /** Organisation number that the client speaks for, most exact first. */
  readonly organisation: readonly string[];
  /** National identity number of the person. */
  readonly pid?: string;
  /** Health personnel number. */
  readonly hpr?: string;
  /** How strongly the person was authenticated. */
  readonly level?: string;
  readonly clientName?: string;
}

/** What a scope of the issuer opens here. */
export interface Grant {
  readonly scope: string;
  readonly kind: 'ehr' | 'analytics' | 'staff';
  /** SMART scopes that it stands for. */
  readonly opens: readonly string[];
  /** Of `analytics`: registers that may be read. */
  readonly registers: readonly string[];
}

/** The issuer's tokens at our FHIR API. */
export interface IssuerApi {
  /** Our name at the issuer; a token has it as its only audience. */
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** `optional` takes bearer tokens too; a token that is bound to a key always needs the proof. */
  readonly proof: 'required' | 'optional';
  /** How old a proof may be. */
  readonly proofSeconds: number;
  readonly grants: readonly Grant[];
  /** Client ids that may come; undefined: every client that the issuer gives one of our scopes. */
  readonly clients?: readonly string[];
}

/** The issuer as a way for staff to log in. */
export interface IssuerLogin {
  readonly clientId: string;
  /** Our private key there, for `private_key_jwt`. */
  readonly key: JWK;
  readonly scopes: readonly string[];
  /** Asked for in `acr_values`. */
  readonly acr?: string;
  /** DPoP with the code exchange. */
  readonly proof: 'required' | 'none';
}

export interface Issuer {
  /** Short name in addresses and in the audit trail: `helseid`. */
  readonly id: string;
  /** Shown on the login page. */
  readonly name: string;
  /** Exactly as in `iss`. */
  readonly issuer: string;
  /** Where its metadata is: fixed, never read from a token. */
  readonly metadataUrl: string;
  readonly claims: ClaimNames;
  /** Values of the level claim that are strong enough for a person; undefined: the level is not asked for. */
  readonly levels?: readonly string[];
  readonly api?: IssuerApi;
  readonly login?: IssuerLogin;
}

/** Claims of a verified token, or of an id_token. */
export type Claims = Readonly<Record<string, unknown>>;

/** The text of a claim; a number counts as its digits, everything else as absent. */
export function claimText(claims: Claims, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : claims[name];
  if (typeof value === 'number') {
    return String(value);
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Is the person authenticated strongly enough? */
export function isStrong({ claims: names, levels }: Issuer, claims: Claims): boolean {
  return levels === undefined || levels.includes(claimText(claims, names.level) ?? '');
}
