/**
 * What it costs to know who asks, whether they may, and to write down that they did: CPU of a read and of a create over HTTP
 * beside the CPU of the parts alone, in one run. `node bench/auth.ts` after a build.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide } from '../src/access/decide.ts';
import { accessOf, rowFilter } from '../src/access/filter.ts';
import type { EhrPrincipal } from '../src/access/principal.ts';
import { newUuid, systemClock } from '../src/fhir/id.ts';
import { auditRead } from '../src/repository/audit.ts';
import { readSql } from '../src/repository/rows.ts';
import { makeKey, publicJwk, type SigningKeys } from '../src/smart/signing-keys.ts';
import { tokenVerifier } from '../src/smart/tokens.ts';
import { createAuditLog } from '../src/storage/audit-log.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { EVERYTHING } from '../src/storage/row-access.ts';
import { importJWK, SignJWT } from 'jose';
import { fhirClient, idOf } from './client.ts';
import { cpuSeconds, load, processTree } from './measure.ts';
import { requestToken, startServer } from './server.ts';
import { observation } from './synthetic.ts';

const CLIENTS = 32;
const MS = 6000;
const WARM_UP_MS = 2000;
const FHIR_BASE = 'https://register.example.no/fhir';

const whole = await wholeRequests();
const parts = await partsAlone();

const totals = { read: whole.read, create: whole.create };
console.log(
  `\n${'Part'.padEnd(34)}${'µs CPU'.padStart(9)}${'of a read'.padStart(11)}${'of a create'.padStart(13)}`,
);
for (const [name, micros] of [...Object.entries(parts), ['together', sum(Object.values(parts))] as const]) {
  const share = (of: number): string => `${((100 * micros) / of).toFixed(0)} %`;
  console.log(
    `${name.padEnd(34)}${micros.toFixed(1).padStart(9)}${share(totals.read).padStart(11)}${share(totals.create).padStart(13)}`,
  );
}
process.exit(0);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** CPU of server and database for a request over HTTP, in microseconds. */
async function wholeRequests(): Promise<{ readonly read: number; readonly create: number }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
  await chmod(dataDir, 0o711);
  await using server = await startServer({ dataDir });
  const send = fhirClient(server.url, await requestToken(dataDir, 'ehr'));
  const person = await send(
    'POST',
    'Patient',
    JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Prøve' }] }),
  );
  const subject = `Patient/${idOf(person)}`;
  let count = 0;
  const figure = async (name: string, call: () => Promise<unknown>): Promise<number> => {
    await load(CLIENTS, WARM_UP_MS, async () => void (await call()));
    const before = cpuSeconds(processTree(server.pid));
    const { count: calls } = await load(CLIENTS, MS, async () => void (await call()));
    const micros = ((cpuSeconds(processTree(server.pid)) - before) * 1e6) / calls;
    console.log(`${name} over HTTP, ${CLIENTS} clients: ${micros.toFixed(0)} µs CPU of server and database`);
    return micros;
  };
  const read = await figure('read', () => send('GET', subject));
  const create = await figure('create', () =>
    send('POST', 'Observation', JSON.stringify(observation(subject, count++))),
  );
  await rm(dataDir, { recursive: true, force: true }).catch(() => undefined);
  return { read, create };
}

async function partsAlone(): Promise<Readonly<Record<string, number>>> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
  await using storage = await openStorage({
    dataDir: folder,
    keysFile: join(folder, 'keys', 'identifiers.json'),
  });
  const [{ pid } = { pid: 0 }] = await storage.owner.query<{ pid: number }>({
    text: 'select pg_backend_pid() as pid',
  });
  const backends = (): readonly number[] => processTree(process.pid).filter((one) => one !== process.pid);
  if (!backends().includes(pid)) {
    throw new Error('The database is not below this process: its CPU would not be counted.');
  }
  const ehr: EhrPrincipal = {
    kind: 'ehr',
    subject: 'client:bench',
    name: 'Bench',
    scopes: ['system/*.cruds'],
    units: ['u1', 'u2'],
  };

  const measure = async (call: () => Promise<unknown>): Promise<number> => {
    await load(CLIENTS, WARM_UP_MS / 4, async () => void (await call()));
    const before = [cpuSeconds(backends()), process.cpuUsage()] as const;
    const { count } = await load(CLIENTS, MS / 2, async () => void (await call()));
    const { user, system } = process.cpuUsage(before[1]);
    return ((cpuSeconds(backends()) - before[0]) * 1e6 + user + system) / count;
  };
  const idle = await measure(() => Promise.resolve());

  const signing = await makeKey('ES256', 'bench');
  const issuer = 'https://register.example.no';
  const ring = { accessTokens: [signing] } as unknown as SigningKeys;
  const keys = { current: () => ring };
  const verify = tokenVerifier({ issuer, audience: FHIR_BASE, keys, clock: systemClock });
  const token = await new SignJWT({ client_id: 'bench', jti: 'a', scope: 'system/*.cruds' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: publicJwk(signing).kid ?? '' })
    .setIssuer(issuer)
    .setSubject('bench')
    .setAudience(FHIR_BASE)
    .setExpirationTime('1h')
    .sign(await importJWK(signing, 'ES256'));
  if ((await verify(token)) === undefined) {
    throw new Error('The token of the bench is refused: its figures would mean nothing.');
  }

  await storage.owner.query({
    text: `insert into resource (cmp, type, rid, lu, ver, op, unit, natl, id, patient, content)
      select hashtext('p' || p), 103, p, now(), 1, 'C', 'u1', false, 'p' || p, 'p' || p, repeat('x', 800) from generate_series(1, 2000) p`,
  });
  await storage.owner.query({ text: 'analyze resource' });
  const read = readSql({ type: 'Patient', id: 'p7' }, rowFilter(ehr));
  const guarded = storage.db.as(accessOf(ehr));
  const plain = {
    name: 'plain',
    text: read.text.split(' and (')[0] as string,
    values: read.values.slice(0, 2),
  };
  const audit = createAuditLog(storage.db.as(EVERYTHING));
  const deps = { audit, clock: systemClock, newId: newUuid, fhirBase: FHIR_BASE };

  const withRows = await measure(() => guarded.lane.query(read));
  const withoutRows = await measure(() => storage.owner.lane.query(plain));
  const figures = {
    'token: hash, signature each minute': (await measure(() => verify(token))) - idle,
    'decision and filter':
      (await measure(() => {
        decide(ehr, 'read', 'Patient');
        rowFilter(ehr, 'r');
        accessOf(ehr);
        return Promise.resolve();
      })) - idle,
    'filter and row-level security': withRows - withoutRows,
    'audit event, durable':
      (await measure(() =>
        auditRead(deps as never, { principal: ehr, requestId: 'bench', interaction: 'read' } as never, {
          status: 200,
          entities: [{ type: 'Patient', id: 'p7', versionId: '1' }],
          patients: ['p7'],
        }),
      )) - idle,
  };
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return figures;
}
