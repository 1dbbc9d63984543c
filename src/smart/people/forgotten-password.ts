/**
 * Forgotten password [Glemt passord]: a code to the e-mail address of the account, or by SMS where it has none, and a new
 * password. Whoever asks gets the same answer in the same time, account or not: what is looked up is looked up by a job.
 * The code replaces the password alone; the next login asks for the second factor as ever (ASVS 5.0 6.4.3).
 */
import { hash, randomBytes } from 'node:crypto';
import { findAccount, setPassword } from '../accounts.ts';
import { CODE_MINUTES, issueCode, redeemCode } from '../login/one-time-codes.ts';
import { type PasswordProblem, passwordProblem } from '../password-rules.ts';
import { sqlOf } from '../transaction-client.ts';
import type { PeopleDeps } from './deps.ts';
import { resetCodeText } from './message-texts.ts';
import { changed } from './own-account.ts';

export const FORGOTTEN_PASSWORD = 'forgotten-password';

interface Asked {
  readonly username: string;
  readonly key: string;
}

/** Ask for a code. The key for the browser, whether there is an account or not; undefined after too many from the address. */
export async function askForCode(
  { store, limits }: PeopleDeps,
  username: string,
  address: string,
): Promise<string | undefined> {
  if ((await limits.takeOther('forgotten', address)) > 0) {
    return undefined;
  }
  const key = randomBytes(32).toString('base64url');
  const asked: Asked = { username: username.slice(0, 100), key: keyOf(key) };
  await store.transaction((tx) => tx.enqueue(FORGOTTEN_PASSWORD, asked));
  return key;
}

/** The job: make the code and its message, if there is such an account. */
export async function sendResetCode(deps: PeopleDeps, payload: unknown): Promise<void> {
  const { username, key } = payload as Asked;
  const account = await findAccount(deps.db, username);
  const channel = account?.email !== undefined && deps.messages.has('email') ? 'email' : 'sms';
  const to = channel === 'email' ? account?.email : account?.mobile;
  if (account === undefined || to === undefined || !deps.messages.has(channel)) {
    return;
  }
  if ((await deps.limits.takeOther('code', account.username)) > 0) {
    return;
  }
  await deps.store.transaction(async (tx) => {
    const code = await issueCode(sqlOf(tx), deps.box, {
      key,
      target: account.username,
      now: deps.clock.now(),
    });
    await deps.messages.queue(
      tx,
      { channel, to, subject: 'Nytt passord', text: resetCodeText(code), purpose: 'reset-code' },
      { minutes: CODE_MINUTES, about: `user:${account.username}` },
    );
    const subject = `user:${account.username}`;
    await deps.log(
      { type: 'code-sent', outcome: 'success', subject, reason: `new password, ${channel}` },
      tx,
    );
  });
}

/** Take the code and the new password; every session of the account ends, and every app that acts for it. `kode`: wrong, spent or too late. */
export async function resetPassword(
  deps: PeopleDeps,
  key: string,
  { code, chosen }: { readonly code: string; readonly chosen: string },
): Promise<PasswordProblem | 'kode' | undefined> {
  const early = passwordProblem(chosen, []);
  if (early !== undefined) {
    return early;
  }
  const redeemed = await redeemCode(deps.db, deps.box, { key: keyOf(key), code, now: deps.clock.now() });
  const account = await findAccount(deps.db, redeemed?.target ?? '');
  if (account === undefined) {
    return 'kode';
  }
  const problem = passwordProblem(chosen, [account.username, account.name]);
  if (problem !== undefined) {
    return problem;
  }
  await deps.store.transaction(async (tx) => {
    const sql = sqlOf(tx);
    await setPassword(sql, account.username, chosen);
    await deps.sessions.endAll(account.username, { on: sql });
    await deps.apps.withdrawAll(account.username, sql);
    await changed(deps, tx, account, 'password-reset', 'by code', 'Passordet er byttet');
  });
  return undefined;
}

const keyOf = (key: string): string => `reset:${hash('sha256', key, 'base64url')}`;
