/** The real server as its own process, from dist/, on a folder and a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { importJWK, type JWK, SignJWT } from 'jose';

const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));

/** A started server. */
export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Fulfilled when the process has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
}

export interface ServerOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** The one that the server had before, say; otherwise any that is free. */
  readonly port?: number;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the server and waits until it is healthy. Throws with its output when it ends before that. */
export async function startServer({
  dataDir,
  databaseUrl,
  port: wanted,
  env = {},
}: ServerOptions): Promise<RunningServer> {
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ['--max-semi-space-size=16', MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      ...env,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const output = collect(child);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The server ended before it was ready:\n${output()}`);
    }
    await delay(25);
  }
  return { url, pid: child.pid as number, ended, [Symbol.asyncDispose]: stop };
}

/** Take the data of a run away; a database that does not run as root lies elsewhere, and is taken away there too. */
export async function removeData(dataDir: string): Promise<void> {
  const location = (await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => '')).trim();
  const folders = location === '' ? [dataDir] : [dirname(location), dataDir];
  for (const folder of folders) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A token for a demo client, by a signed assertion as any system would get it. */
export async function requestToken(dataDir: string, kind: 'ehr' | 'analytics' | 'staff'): Promise<string> {
  const path = join(dataDir, 'demo', `${kind}-client.json`);
  const client = JSON.parse(await readFile(path, 'utf8')) as {
    readonly client_id: string;
    readonly jwk: JWK;
    readonly scope: string;
    readonly token_endpoint: string;
  };
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: client.jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(client.client_id)
    .setSubject(client.client_id)
    .setAudience(client.token_endpoint)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(crypto.randomUUID())
    .sign(await importJWK(client.jwk, 'ES384'));
  const response = await fetch(client.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: client.scope,
    }),
  });
  const answer = (await response.json()) as { readonly access_token?: string };
  if (answer.access_token === undefined) {
    throw new Error(`No token from ${client.token_endpoint}: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer.access_token;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4000);
    });
  }
  return () => text;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
