/**
 * What is the same for everyone who uses an issuer, so that the issuers file holds only what is one's own.
 * HelseID: security profile for clients and APIs, https://utviklerportal.nhn.no/informasjonstjenester/helseid
 */
import type { ClaimNames } from './issuer.ts';

export interface Preset {
  readonly name: string;
  readonly claims: ClaimNames;
  readonly levels?: readonly string[];
  readonly algorithms: readonly string[];
  readonly proof: 'required' | 'optional';
  readonly login: {
    readonly scopes: readonly string[];
    readonly acr?: string;
    readonly proof: 'required' | 'none';
  };
}

const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

const HELSEID: Preset = {
  name: 'HelseID',
  claims: {
    organisation: [
      'helseid://claims/client/claims/orgnr_child',
      'helseid://claims/client/claims/orgnr_parent',
    ],
    pid: 'helseid://claims/identity/pid',
    hpr: 'helseid://claims/hpr/hpr_number',
    level: 'helseid://claims/identity/security_level',
    clientName: 'helseid://claims/client/client_name',
  },
  levels: ['4'],
  algorithms: ASYMMETRIC,
  proof: 'required',
  login: {
    scopes: [
      'openid',
      'profile',
      'helseid://scopes/identity/pid',
      'helseid://scopes/identity/security_level',
      'helseid://scopes/hpr/hpr_number',
    ],
    acr: 'Level4',
    proof: 'required',
  },
};

/** Any other OpenID Connect issuer: everything that is not here is named in the file. */
const OIDC: Preset = {
  name: 'OpenID Connect',
  claims: { organisation: [] },
  algorithms: ASYMMETRIC,
  proof: 'required',
  login: { scopes: ['openid', 'profile'], proof: 'none' },
};

export const PRESETS: Readonly<Record<string, Preset>> = { helseid: HELSEID, oidc: OIDC };
