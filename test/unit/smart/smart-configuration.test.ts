/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html (SM-01 – SM-04) */
import { brandBundle, brandIdentifier } from '../../../src/smart/brands.ts';
import { smartConfiguration } from '../../../src/smart/smart-configuration.ts';

const PUBLIC = 'https://ryggrad.example';
const document = smartConfiguration(PUBLIC);

describe('The smart-configuration', () => {
  it('has all that is required, with absolute addresses (SM-01, SM-02).', () => {
    expect(document).toMatchObject({
      issuer: `${PUBLIC}/auth`,
      jwks_uri: `${PUBLIC}/auth/jwks`,
      authorization_endpoint: `${PUBLIC}/auth/auth`,
      token_endpoint: `${PUBLIC}/auth/token`,
      code_challenge_methods_supported: ['S256'],
    });
    for (const [name, value] of Object.entries(document).filter(([key]) =>
      /_(?:endpoint|uri|bundle)$/.test(key),
    )) {
      expect([name, value]).toEqual([name, expect.stringMatching(/^https:\/\/ryggrad\.example\//)]);
    }
  });

  it('has what is recommended, and not what is deprecated (SM-03).', () => {
    expect(document).toMatchObject({
      scopes_supported: expect.arrayContaining(['openid', 'fhirUser', 'launch/patient']) as unknown,
      response_types_supported: ['code'],
      introspection_endpoint: `${PUBLIC}/auth/introspect`,
      revocation_endpoint: `${PUBLIC}/auth/token/revocation`,
      management_endpoint: `${PUBLIC}/apper`,
      user_access_brand_bundle: `${PUBLIC}/brands.json`,
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    });
    expect(document).not.toHaveProperty('smart_app_state_endpoint');
  });

  it('names the brand by an identifier that one organisation of the bundle has (BR-01).', () => {
    const { entry } = brandBundle({
      name: 'Registeret',
      publicUrl: PUBLIC,
      fhirBase: `${PUBLIC}/fhir`,
      timestamp: '2026-01-01T00:00:00Z',
    });
    const organizations = (entry as { resource: { resourceType: string; identifier?: unknown[] } }[])
      .map(({ resource }) => resource)
      .filter(({ resourceType }) => resourceType === 'Organization');

    expect(document['user_access_brand_identifier']).toEqual(brandIdentifier({ publicUrl: PUBLIC }));
    expect(organizations.map(({ identifier }) => identifier)).toEqual([
      [brandIdentifier({ publicUrl: PUBLIC })],
    ]);
  });
});
