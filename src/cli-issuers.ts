/** `account person`: whose account it is, so that the first login at HelseID finds it. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from './cli-command.ts';
import { readConfig } from './config.ts';
import { classifyPersonNumber } from './fhir/identifiers.ts';
import { rememberPerson } from './smart/issuers/identities.ts';
import { openSecretBox } from './storage/secret-box.ts';
import { openStorage } from './storage/open-storage.ts';

/** Reads the national identity number from standard input: an argument would stay in the shell's history. */
export async function linkPerson([username]: readonly string[]): Promise<number> {
  if (username === undefined) {
    throw new UsageError(
      'Usage: account person <username>, and the national identity number on standard input',
    );
  }
  const pid = (await firstLine()).trim();
  if (classifyPersonNumber(pid).kind === 'invalid') {
    throw new UsageError('What was given is no national identity number.');
  }
  const config = readConfig();
  const box = await openSecretBox(config.keyFile);
  await using storage = await openStorage(config);
  const isTheirs = await rememberPerson({ db: storage.db.pool, box }, username, pid);
  process.stdout.write(
    isTheirs
      ? `The account ${username} is this person's.\n`
      : 'The number belongs to another account, or the account to another person.\n',
  );
  return isTheirs ? 0 : 1;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) {
      return line;
    }
    return '';
  } finally {
    lines.close();
  }
}
