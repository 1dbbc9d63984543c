/** Client libraries that others wrote, against the running server: each runs the same script. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { startTestApp, type TestApp } from '../support/app.ts';
import { fhirKit } from './fhir-kit.ts';
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
  it('runs the script: fhir-kit-client.', async () => {
    const client = fhirKit(`${server.url}/fhir`, await server.token('ehr'));

    expect(await runScript(client, 'fhir-kit')).toEqual(EXPECTED);
  });

  it('runs the script: MedplumClient, logging in by private_key_jwt.', async () => {
    const { file, assertion } = await assertionOf(server);
    const client = await medplum(server.url, file.token_endpoint, assertion);

    expect(await runScript(client, 'medplum')).toEqual(EXPECTED);
  });
});

async function assertionOf({ config }: TestApp): Promise<{ file: ClientFile; assertion: string }> {
  const file = JSON.parse(
    await readFile(join(config.dataDir, 'demo', 'ehr-client.json'), 'utf8'),
  ) as ClientFile;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: file.jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(file.client_id)
    .setSubject(file.client_id)
    .setAudience(file.token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(crypto.randomUUID())
    .sign(await importJWK(file.jwk, 'ES384'));
  return { file, assertion };
}
