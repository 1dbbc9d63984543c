/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html (SM-01 – SM-04) */
import { smartConfiguration } from '../../../src/smart/smart-configuration.ts';

const ISSUER = 'https://ryggrad.example/auth';

describe('The smart-configuration', () => {
  it('has all that is required, with absolute addresses (SM-01, SM-02).', () => {
    const document = smartConfiguration(ISSUER);

    expect(document).toMatchObject({
      token_endpoint: `${ISSUER}/token`,
      grant_types_supported: ['client_credentials'],
      code_challenge_methods_supported: ['S256'],
    });
    for (const [name, value] of Object.entries(document).filter(([key]) => key.endsWith('_endpoint'))) {
      expect([name, value]).toEqual([name, expect.stringMatching(/^https:\/\/ryggrad\.example\//)]);
    }
  });

  it('lists the algorithms for client assertions (SM-03).', () => {
    expect(smartConfiguration(ISSUER)).toMatchObject({
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    });
  });

  it('promises no launch and no identity, and so names no issuer and no authorisation endpoint (SM-02, SM-04).', () => {
    const document = smartConfiguration(ISSUER);

    expect(document.capabilities).toEqual([
      'client-confidential-asymmetric',
      'permission-v1',
      'permission-v2',
    ]);
    expect(document).not.toHaveProperty('issuer');
    expect(document).not.toHaveProperty('jwks_uri');
    expect(document).not.toHaveProperty('authorization_endpoint');
  });
});
