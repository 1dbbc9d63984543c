/** What PostgreSQL's log says, as advice. */
import { explain } from '../../../src/storage/postmaster.ts';

describe('A database that did not start', () => {
  it.each([
    [
      'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device',
      'no-space',
      'the disk is full',
    ],
    ['FATAL:  lock file "postmaster.pid" already exists', 'in-use', 'another PostgreSQL still uses it'],
    [
      'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use',
      'in-use',
      'another PostgreSQL',
    ],
    [
      'FATAL:  could not open file "global/pg_control": Permission denied',
      'permission',
      'Check owner and modes',
    ],
    ['FATAL:  database files are incompatible with server', 'version', 'another PostgreSQL version'],
    [
      'PANIC:  could not locate a valid checkpoint record at 0/1',
      'broken',
      'could not locate a valid checkpoint record',
    ],
    ['', 'broken', 'no message'],
  ])('says what to do about "%s".', (log, code, message) => {
    const error = explain(
      `2026-01-01 UTC [1] LOG:  starting PostgreSQL\n2026-01-01 UTC [1] ${log}\n`,
      '/data/postgres',
    );

    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error.message).toContain('/data/postgres');
  });
});
