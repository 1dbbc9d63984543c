/**
 * The process that gets killed: writes without pause and notes each acknowledged write in a file.
 * `node storage-writer.ts <data folder> <acks file> [early] [setting=value …]`; `early` acknowledges before the commit.
 */
import { openSync, writeSync } from 'node:fs';
import { hash64 } from '../../src/fhir/id.ts';
import { createDb } from '../../src/storage/db.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { migrateDatabase } from '../../src/storage/open-storage.ts';
import { createDirectIdentifiers } from '../../src/storage/direct-identifiers.ts';
import { keyFile } from '../../src/storage/key-source.ts';
import { createPostgresStore } from '../../src/storage/postgres-store.ts';
import type { StoreTransaction, Write } from '../../src/storage/store.ts';

const [dataDir = '', acksFile = '', ...rest] = process.argv.slice(2);
const isEarly = rest.includes('early');
const settings = Object.fromEntries(rest.filter((word) => word.includes('=')).map((word) => word.split('=')));

const server = await startEmbeddedPostgres({ dataDir, settings, path: process.env['PATH'] ?? '' });
const db = createDb(server.connection);
await migrateDatabase(db);
const store = createPostgresStore(
  db,
  createDirectIdentifiers(db, keyFile(`${dataDir}/keys/identifiers.json`)),
);
const acks = openSync(acksFile, 'a');
const start = Date.now().toString(36);
console.log(`ready ${server.pid}`);
await Promise.all(Array.from({ length: 4 }, (_, writer) => writeForever(writer)));

async function writeForever(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    await writeOnce(`${start}-${writer}-${n}`).catch(endOnlyByKill);
  }
}

/** The database is killed before we are: no acknowledgement, and no end of our own. */
async function endOnlyByKill(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A patient with an observation and a job, then a new version of the patient: two transactions, two acknowledgements. */
async function writeOnce(id: string): Promise<void> {
  await acknowledged(`${id} 1`, async (tx) => {
    await tx.write([version('Patient', id, 1), version('Observation', id, 1)]);
    await tx.enqueue('noted', { id });
  });
  await acknowledged(`${id} 2`, async (tx) => {
    const [previous] = await tx.lockMany([{ type: 'Patient', id }]);
    await tx.write([{ ...version('Patient', id, 2), previous: previous ?? null, op: 'U' }]);
  });
}

async function acknowledged(line: string, work: (tx: StoreTransaction) => Promise<void>): Promise<void> {
  if (isEarly) {
    writeSync(acks, `${line}\n`);
  }
  await store.transaction(work);
  if (!isEarly) {
    writeSync(acks, `${line}\n`);
  }
}

function version(type: string, id: string, versionId: number): Write {
  return {
    type,
    id,
    versionId,
    lastUpdated: new Date().toISOString(),
    content: JSON.stringify({ resourceType: type, id, meta: { versionId: String(versionId) } }),
    labels: { register: null, unit: null, episode: null, national: false },
    index: {
      hot: { patient: id, org: null, canon: null, status: null, dLo: null, dHi: null },
      tokens: [{ param: 1, h: hash64(`${type}/${id}/${versionId}`), hv: null }],
      dates: [],
      texts: [],
      numbers: [],
    },
    uniqueKeys: type === 'Patient' ? [hash64(id)] : [],
    previous: null,
    op: 'C',
  };
}
