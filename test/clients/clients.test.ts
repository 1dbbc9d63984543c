/** Client libraries that others wrote, against the running server: each runs the same script. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { Patient } from '../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { fhirKit, fhirKitTokenUrl } from './fhir-kit.ts';
import { medplum } from './medplum.ts';
import { EXPECTED, runScript } from './script.ts';

interface ClientFile {
  readonly client_id: string;
  readonly jwk: JWK;
  readonly token_endpoint: string;
}

let server: TestApp;

beforeAll(async () => {
  server = await startTestApp();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A client library', () => {
  it('runs the script: fhir-kit-client, with the token endpoint that it finds, by private_key_jwt.', async () => {
    const base = `${server.url}/fhir`;
    const tokenUrl = await fhirKitTokenUrl(base);
    const { assertion } = await assertionOf(server, tokenUrl);
    const client = fhirKit(base, await tokenFor(tokenUrl, assertion));

    expect(tokenUrl).toBe(`${server.url}/auth/token`);
    expect(await runScript(client, 'fhir-kit')).toEqual(EXPECTED);
  });

  it('runs the script: MedplumClient, logging in by private_key_jwt.', async () => {
    const { file, assertion } = await assertionOf(server);
    const client = await medplum(server.url, file.token_endpoint, assertion);

    expect(await runScript(client, 'medplum')).toEqual(EXPECTED);
  });

  it('is told why when its assertion counts no more: MedplumClient.', async () => {
    const { file, assertion } = await assertionOf(server);
    await medplum(server.url, file.token_endpoint, assertion);

    await expect(medplum(server.url, file.token_endpoint, assertion)).rejects.toThrow(/token|client/i);
  });

  it('reads and searches as far as its scopes go, and no further: fhir-kit-client.', async () => {
    const base = `${server.url}/fhir`;
    const all = fhirKit(base, await server.token('ehr'));
    const patient = await all.create<Patient>({ resourceType: 'Patient', name: [{ family: 'Klientprøve' }] });
    const reader = fhirKit(base, await server.token('ehr', 'system/Patient.rs'));
    const refused = await reader.create({ resourceType: 'Patient' }).then(
      () => undefined,
      (failure: unknown) => reader.reasonOf(failure),
    );
    const unseen = await reader.pages('Observation', {}).then(
      () => undefined,
      (failure: unknown) => reader.reasonOf(failure),
    );

    expect((await reader.read('Patient', patient.id ?? '')).id).toBe(patient.id);
    expect([refused, unseen]).toEqual(['forbidden', 'forbidden']);
  });
});

/** By a script's own means: the library only takes tokens. */
async function tokenFor(tokenUrl: string, assertion: string): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: 'system/*.cruds',
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function assertionOf(
  { config }: TestApp,
  audience?: string,
): Promise<{ file: ClientFile; assertion: string }> {
  const file = JSON.parse(
    await readFile(join(config.dataDir, 'demo', 'ehr-client.json'), 'utf8'),
  ) as ClientFile;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: file.jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(file.client_id)
    .setSubject(file.client_id)
    .setAudience(audience ?? file.token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(crypto.randomUUID())
    .sign(await importJWK(file.jwk, 'ES384'));
  return { file, assertion };
}
