/**
 * What can go wrong between the server and its database, as vocabulary: a stable code and a message that says what to
 * do. Shown to operators at start-up; `unavailable` becomes 503 at the REST edge (RE-03).
 */

export type StorageErrorCode =
  /** Another live process uses the same data folder. */
  | 'in-use'
  /** No PostgreSQL program was found for this machine. */
  | 'no-postgres'
  /** The data folder was made by another PostgreSQL major version. */
  | 'version'
  /** The data folder is damaged, or is not a data folder. */
  | 'broken'
  | 'permission'
  | 'no-space'
  /** The database does not answer, is shutting down, or has no room for more connections. */
  | 'unavailable'
  /** The database refuses the user, the password or the database name. */
  | 'refused'
  /** A setting would let an acknowledged write be lost (RE-01). */
  | 'not-durable'
  /** A migration file was changed after it was applied, or is newer than this program. */
  | 'migration'
  /** The keys of direct identifiers are missing, wrong, or open to others. */
  | 'keys'
  /** A direct identifier's row is gone, or was changed outside of the server. */
  | 'identifiers'
  /** The database role is missing, or may do more or less than the server's role should. */
  | 'role'
  /** A statement took longer than the statement time-out. */
  | 'too-slow';

/** A storage failure that an operator can act on. `cause` holds the original error for the log. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** `code` of a Node or PostgreSQL error ('ENOENT', '23505'), or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

const BY_SYSTEM_CODE: Readonly<Record<string, readonly [StorageErrorCode, string]>> = {
  EACCES: [
    'permission',
    'may not be read or written by this user. Change its owner or mode, or set DATA_DIR',
  ],
  EPERM: ['permission', 'may not be changed by this user. Change its owner or mode, or set DATA_DIR'],
  EROFS: ['permission', 'is on a read-only file system. Set DATA_DIR to a folder that can be written'],
  ENOSPC: ['no-space', 'is on a full disk. Free some space and start again'],
  EDQUOT: ['no-space', 'is over its disk quota. Free some space and start again'],
  ENOTDIR: [
    'broken',
    'cannot be a folder, because a part of its path is a file. Set DATA_DIR to another place',
  ],
  EEXIST: ['broken', 'cannot be a folder, because a file has that name. Set DATA_DIR to another place'],
};

/** A file-system error about `path` as a StorageError; errors of other kinds are returned unchanged. */
export function fromFileSystem(error: unknown, path: string): unknown {
  const known = BY_SYSTEM_CODE[errorCode(error) ?? ''];
  return known === undefined ? error : new StorageError(known[0], `${path} ${known[1]}.`, { cause: error });
}
