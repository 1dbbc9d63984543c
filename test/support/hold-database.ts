/**
 * Run as its own process: `node hold-database.ts <data folder>` starts the embedded database, says so on one line and
 * holds it until killed. A refusal is one line too: `refused <code> <message>`.
 */
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { StorageError } from '../../src/storage/errors.ts';

try {
  const server = await startEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    path: process.env.PATH ?? '',
  });
  console.log(`ready ${server.pid} ${server.connection.host ?? ''}`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(
    error instanceof StorageError ? `refused ${error.code} ${error.message}` : `crashed ${String(error)}`,
  );
  process.exitCode = 1;
}
