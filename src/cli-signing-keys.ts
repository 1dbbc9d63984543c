/**
 * `ryggrad signing-keys …`: the keys that sign access tokens and id_tokens (src/smart/signing-keys.ts).
 */
import { print, refuseArguments, withStorage } from './cli-command.ts';
import {
  KEPT_AFTER_MS,
  PUBLISHED_FIRST_MS,
  replaceSigningKeys,
  rotateSigningKeys,
  signingKeyStates,
} from './smart/signing-keys.ts';

/** New keys, while servers go on: published now, signing when everybody has had time to see them. */
export async function rotateTokenKeys(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'signing-keys rotate');
  return withStorage(async ({ db }) => {
    const now = new Date();
    const made = await rotateSigningKeys(db.pool, now);
    const signs = new Date(now.getTime() + PUBLISHED_FIRST_MS);
    const kept = new Date(signs.getTime() + KEPT_AFTER_MS);
    print(`${made.join(' and ')} are published now, and sign from ${signs.toISOString()}.`);
    print(`Those before them stay published until ${kept.toISOString()}, for what they have signed.`);
    return 0;
  });
}

/** New keys at once, for when somebody may have the others: nothing that those have signed is taken any more. */
export async function replaceTokenKeys(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'signing-keys replace');
  return withStorage(async ({ db }) => {
    const made = await replaceSigningKeys(db.pool, new Date());
    print(`${made.join(' and ')} sign now. Servers take no token of the keys before within a minute.`);
    return 0;
  });
}

/** Every key by its name, and what it does now. */
export async function listTokenKeys(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'signing-keys list');
  return withStorage(async ({ db }) => {
    for (const { kid, state, created } of await signingKeyStates(db.pool, new Date())) {
      print(`${kid}  ${state}  since ${created.toISOString()}`);
    }
    return 0;
  });
}
