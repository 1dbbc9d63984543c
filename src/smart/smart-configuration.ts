/**
 * `[base]/.well-known/smart-configuration`: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
 * Lists only what works here (SM-04).
 */
import type { JsonObject } from '../fhir/types.ts';
import { BRANDS_PATH, brandIdentifier } from './brands.ts';

export const ASSERTION_ALGORITHMS = ['RS384', 'ES384'] as const;

/** Where a person sees what apps have, and takes it back. */
const GRANTS_PAGE = '/apper';

/** Each is a promise; test/conformance/rows/smart.json names the tests that keep it. */
export const CAPABILITIES = [
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-standalone-patient',
  'permission-patient',
  'permission-user',
  'permission-offline',
  'permission-online',
  'permission-v1',
  'permission-v2',
] as const;

/** The document of a server at `publicUrl` (no trailing slash), whose authorisation server is `<publicUrl>/auth`; SM-01 – SM-03. */
export function smartConfiguration(publicUrl: string): JsonObject {
  const issuer = `${publicUrl}/auth`;
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/auth`,
    pushed_authorization_request_endpoint: `${issuer}/request`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/token/revocation`,
    management_endpoint: `${publicUrl}${GRANTS_PAGE}`,
    user_access_brand_bundle: `${publicUrl}${BRANDS_PATH}`,
    user_access_brand_identifier: brandIdentifier({ publicUrl }),
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    scopes_supported: [
      'openid',
      'fhirUser',
      'launch/patient',
      'online_access',
      'offline_access',
      'patient/*.rs',
      'user/*.cruds',
      'system/*.cruds',
      'system/*.rs',
    ],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    capabilities: [...CAPABILITIES],
  };
}
