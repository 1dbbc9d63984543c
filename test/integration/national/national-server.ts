/** The national stand-in with one client, and the file of settings that leads to it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type NationalStandIn, startNationalStandIn } from '../../../demo/national/stand-in.ts';
import { KARI, OLA } from './people.ts';

const POPULATION = 'nhn:hgd-persontjenesten-api/read-with-legal-basis';
const CONTACT = 'krr:global/kontaktinformasjon.read';

export interface NationalServer extends AsyncDisposable {
  readonly standIn: NationalStandIn;
  readonly settings: ReturnType<typeof settingsOf>;
  /** Write a file of settings; answers its path. */
  write(settings: object): Promise<string>;
}

const settingsOf = (url: string) => ({
  population: {
    url,
    account: {
      kind: 'helseid',
      issuer: `${url}/helseid`,
      clientId: 'ryggrad',
      scope: POPULATION,
      keyFile: 'key.json',
    },
  },
  contact: {
    url,
    account: {
      kind: 'maskinporten',
      issuer: `${url}/maskinporten/`,
      clientId: 'ryggrad',
      scope: CONTACT,
      keyFile: 'key.json',
    },
  },
});

export async function startNationalServer(): Promise<NationalServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-national-'));
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const named = async (key: CryptoKey): Promise<JWK> => ({
    ...(await exportJWK(key)),
    kid: 'key-1',
    alg: 'ES256',
  });
  await writeFile(join(folder, 'key.json'), JSON.stringify(await named(privateKey)));
  const client = { id: 'ryggrad', jwk: await named(publicKey), scopes: [POPULATION, CONTACT] };
  const standIn = await startNationalStandIn([client], [KARI, OLA]);
  return {
    standIn,
    settings: settingsOf(standIn.url),
    async write(settings) {
      const file = join(folder, 'registries.json');
      await writeFile(file, JSON.stringify(settings));
      return file;
    },
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
