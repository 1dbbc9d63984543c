/**
 * `ryggrad keys …`: the keys of national identity numbers and other direct identifiers.
 */
import { print, refuseArguments } from './cli-command.ts';
import { readConfig } from './config.ts';
import { readVersions } from './storage/key-ring.ts';
import { keyFile } from './storage/key-source.ts';
import { openStorage } from './storage/open-storage.ts';
import { rotateKeys } from './storage/rotate-keys.ts';

/** A new key, and everything anew with it, while servers on the same DATABASE_URL go on. */
export async function rotate(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'keys rotate');
  const config = readConfig();
  await using storage = await openStorage(config);
  const result = await rotateKeys(storage.owner, keyFile(config.keysFile), ({ version, done, total }) =>
    print(`key ${version}: ${done} of ${total} values`),
  );
  print(
    `Key ${result.version} is in use. Keep a copy of ${config.keysFile} apart from the database's backups;`,
  );
  print('backups from before need the older keys in it.');
  return 0;
}

/** Only make the key: to be copied to every server before it is used. */
export async function addKey(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'keys add');
  const { keysFile } = readConfig();
  const { version } = await keyFile(keysFile).add();
  print(`Key ${version} is in ${keysFile}. Copy the file to every server, then run: ryggrad keys rotate`);
  return 0;
}

/** Which keys the database needs, and how many values each has; also takes identifiers out of versions from before. */
export async function listKeys(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'keys list');
  const config = readConfig();
  await using storage = await openStorage({
    ...config,
    report: ({ part, done }) => print(`${part}: ${done} versions looked at`),
  });
  const { owner } = storage;
  const counts = await owner.query<{ version: number; n: number }>({
    text: 'select key_version as version, count(*)::int as n from direct_identifier group by 1',
  });
  for (const { version, state } of await readVersions(owner)) {
    print(`key ${version}  ${state}  ${counts.find((row) => row.version === version)?.n ?? 0} values`);
  }
  return 0;
}
