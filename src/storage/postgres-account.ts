/**
 * Which account PostgreSQL runs as. It refuses to run as root, so root hands it to `postgres` or else `nobody`;
 * that account must then be able to reach the programs and the data.
 */
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { StorageError } from './errors.ts';

/** `uid` and `gid` are set only when they differ from our own, that is when we are root. */
export interface Account {
  readonly name: string;
  readonly ids?: { readonly uid: number; readonly gid: number };
}

/** The account to run PostgreSQL as. Throws `permission` for root on a machine with neither account. */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) {
    return { name: 'self' };
  }
  const accounts = await readFile('/etc/passwd', 'utf8');
  const account = findAccount(accounts, 'postgres') ?? findAccount(accounts, 'nobody');
  if (account === undefined) {
    throw new StorageError(
      'permission',
      'PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as. ' +
        'Start as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

function findAccount(accounts: string, name: string): Account | undefined {
  const fields = accounts
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return fields !== undefined && uid > 0 && gid > 0 ? { name, ids: { uid, gid } } : undefined;
}

/** What the account may do with paths is asked of the system itself: access lists and mounts count as well as modes. */
export async function canReach(account: Account, kind: 'program' | 'folder', path: string): Promise<boolean> {
  const test = kind === 'program' ? 'test -x "$1" && test -r "$1"' : 'test -x "$1" && test -d "$1"';
  return await new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', test, 'sh', path], { cwd: '/', stdio: 'ignore', ...account.ids });
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
}

const run = promisify(execFile);

/** Run a program as the account; gives its output, throws the failed run with `stdout` and `stderr`. */
export async function runAs(
  account: Account,
  program: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  return await run(program, args, { cwd: '/', ...account.ids, env: programEnvironment() });
}

/** Nothing of our environment (locale, PG* variables, secrets) may steer the database. */
export const programEnvironment = (): Record<string, string> => ({
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});
