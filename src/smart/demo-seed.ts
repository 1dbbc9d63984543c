/**
 * Accounts, clients and key files of the demo: so that a laptop has everything to log in and to connect with.
 * Files `<dataDir>/demo/{ehr,analytics,staff}-client.json`, readable by the owner alone; keys stay the same from start to
 * start, and the token endpoint follows the port.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { saveAccount } from './accounts.ts';
import { saveClient, type OAuthClient } from './clients.ts';
import type { SqlClient } from './ports.ts';
import { makeKey, publicJwk } from './signing-keys.ts';

export interface DemoSeed {
  readonly dataDir: string;
  /** Register that the demo clients and people belong to. */
  readonly register: string;
  /** Organization id of the department that the demo plays in. */
  readonly department: string;
  /** Organization id that the demo EHR speaks for: the department or something above it. */
  readonly ehrUnit: string;
  /** PractitionerRole ids by account name: `{ 'lu-ane': ['role-1'] }`. */
  readonly accounts: Readonly<
    Record<string, { readonly name: string; readonly practitionerRoles: readonly string[] }>
  >;
  /** More systems that send, each with a key file `<id>-client.json`. */
  readonly systems?: readonly DemoSystem[];
}

/** A system that sends data of some units to some registers. */
export interface DemoSystem {
  /** Client id. */
  readonly id: string;
  readonly name: string;
  readonly units: readonly string[];
  readonly registers: readonly string[];
}

export interface DemoSeedResult {
  /** To be shown at start: password by account name. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Paths of the client files. */
  readonly clientFiles: readonly string[];
}

/** What a client file holds. */
export interface DemoClientFile {
  readonly client_id: string;
  readonly jwk: JWK;
  readonly scope: string;
  readonly token_endpoint: string;
}

type DemoClient = Pick<OAuthClient, 'id' | 'kind' | 'name' | 'scopes' | 'units' | 'registers'> & {
  /** Name of its key file, without the end. */
  readonly file: string;
};

/** Make or refresh everything; safe to run at every start. */
export async function seedDemo(
  db: SqlClient,
  tokenEndpoint: string,
  seed: DemoSeed,
): Promise<DemoSeedResult> {
  const folder = join(seed.dataDir, 'demo');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const clientFiles: string[] = [];
  for (const client of demoClients(seed)) {
    clientFiles.push(await seedClient(db, folder, tokenEndpoint, client));
  }
  return { passwords: await seedAccounts(db, folder, seed), clientFiles };
}

function demoClients({ department, ehrUnit, register, systems = [] }: DemoSeed): readonly DemoClient[] {
  const own = (
    kind: DemoClient['kind'],
    name: string,
    scope: string,
    units: readonly string[],
  ): DemoClient => ({
    id: `${kind}-demo`,
    file: kind,
    kind,
    name,
    scopes: [scope],
    units,
    registers: [register],
  });
  return [
    own('ehr', 'Demojournal', 'system/*.cruds', [ehrUnit]),
    own('analytics', 'Demoanalyse', 'system/*.rs', []),
    own('staff', 'Demo lokal koordinator', 'system/*.cruds', [department]),
    ...systems.map((system): DemoClient => ({
      ...system,
      file: system.id,
      kind: 'ehr',
      scopes: ['system/*.cruds'],
    })),
  ];
}

async function seedClient(
  db: SqlClient,
  folder: string,
  tokenEndpoint: string,
  { file: name, ...client }: DemoClient,
): Promise<string> {
  const path = join(folder, `${name}-client.json`);
  const known = await readJson<DemoClientFile>(path);
  const jwk = known?.jwk ?? (await makeKey('ES384', `${client.id}-${randomBytes(6).toString('hex')}`));
  await saveClient(db, { ...client, jwks: { keys: [publicJwk(jwk)] }, jwksUri: undefined });
  const file: DemoClientFile = {
    client_id: client.id,
    jwk,
    scope: client.scopes.join(' '),
    token_endpoint: tokenEndpoint,
  };
  await writeSecret(path, file);
  return path;
}

/** Random passwords, kept in a file beside the keys so that they survive a restart. */
async function seedAccounts(
  db: SqlClient,
  folder: string,
  { accounts }: DemoSeed,
): Promise<Record<string, string>> {
  const path = join(folder, 'passwords.json');
  const known = (await readJson<Record<string, string>>(path)) ?? {};
  const passwords = Object.fromEntries(
    Object.keys(accounts).map((username) => [username, known[username] ?? newPassword()] as const),
  );
  await Promise.all(
    Object.entries(accounts).map(([username, { name, practitionerRoles }]) =>
      saveAccount(db, { username, name, practitionerRoles }, passwords[username] as string),
    ),
  );
  await writeSecret(path, passwords);
  return passwords;
}

/** Upper, lower, digit and sign, as the password rule wants. */
const newPassword = (): string => `Ry-${randomBytes(6).toString('hex')}-1`;

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new Error(`${path} cannot be read; delete it to have it made again`, { cause });
  }
}

async function writeSecret(path: string, content: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}
