/**
 * `[base]/.well-known/smart-configuration`: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
 * Lists only what works here (SM-04).
 */
import type { JsonObject } from '../fhir/types.ts';

export const ASSERTION_ALGORITHMS = ['RS384', 'ES384'] as const;

/** The document for the authorisation server at `issuer` (absolute URL, no trailing slash); SM-01 – SM-03. */
export function smartConfiguration(issuer: string): JsonObject {
  return {
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/*.cruds', 'system/*.rs'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  };
}
