/** A process that runs one export and is killed in the middle of its lines: `node export-child.ts <database> <folder> <job>`. */
import { systemClock, newUuid } from '../../../src/fhir/id.ts';
import { runExport } from '../../../src/operations/export/run.ts';
import { Repository } from '../../../src/repository/repository.ts';
import { createAuditLog } from '../../../src/storage/audit-log.ts';
import { createDb } from '../../../src/storage/db.ts';
import { createDirectIdentifiers } from '../../../src/storage/direct-identifiers.ts';
import { memoryKeys } from '../../support/memory-keys.ts';
import { createPostgresStore } from '../../../src/storage/postgres-store.ts';

const LINES_BEFORE_DEATH = 150;
const [databaseUrl = '', folder = '', id = ''] = process.argv.slice(2);
const db = createDb({ connectionString: databaseUrl });
const repository = new Repository({
  store: createPostgresStore(db, createDirectIdentifiers(db, memoryKeys())),
  audit: createAuditLog(db),
  clock: systemClock,
  newId: newUuid,
  fhirBase: 'http://127.0.0.1/fhir',
  validator: { inspect: () => ({ issues: [], references: [] }) },
  findIds: () => Promise.resolve([]),
  rules: [],
  indexer() {
    throw new Error('An export writes nothing.');
  },
} as unknown as ConstructorParameters<typeof Repository>[0]);

let lines = 0;
await runExport(
  {
    db,
    repository,
    parameters: { of: () => new Map(), find: () => undefined },
    clock: systemClock,
    folder,
    fileBytes: 1,
    subset(content: string) {
      if (++lines > LINES_BEFORE_DEATH) {
        process.kill(process.pid, 'SIGKILL');
      }
      return content;
    },
  } as unknown as Parameters<typeof runExport>[0],
  { id },
);
