/**
 * The step after the password: what an account can show, the code by SMS, and whether what was shown is right.
 */
import type { Messages } from '../../adapters/message/messages.ts';
import type { Clock } from '../../fhir/id.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { ResourceStore } from '../../storage/store.ts';
import type { Account } from '../accounts.ts';
import { findAccount } from '../accounts.ts';
import type { LoginLimits } from '../login-limits.ts';
import { loginCodeText } from '../people/message-texts.ts';
import type { SecurityLog, SqlClient } from '../ports.ts';
import { sqlOf } from '../transaction-client.ts';
import { setChallenge, takeChallenge } from './challenges.ts';
import { factorsOf, passkeysOf, usePasskey, useTotp } from './factors.ts';
import { CODE_MINUTES, issueCode, redeemCode } from './one-time-codes.ts';
import { authenticationOptions, type RelyingParty, verifyAuthentication } from './passkeys.ts';
import type { PendingLogins, StoredPending } from './pending-logins.ts';
import { recoveryCodesLeft, takeRecoveryCode } from './recovery-codes.ts';

export type Method = 'passkey' | 'totp' | 'sms' | 'recovery';

export interface SecondStepDeps {
  readonly db: SqlClient;
  readonly store: ResourceStore;
  readonly messages: Messages;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly limits: LoginLimits;
  readonly pending: PendingLogins;
  readonly party: RelyingParty;
  readonly log: SecurityLog;
}

/** What a pending login may go on with, as its page shows it. */
export interface SecondStepView {
  readonly methods: readonly Method[];
  /** Last digits of the number that codes go to. */
  readonly mobileEnd: string | undefined;
  readonly purpose: StoredPending['purpose'];
}

export interface SecondStep {
  /** What the account can show here, the safest first; none: nothing has been set up. */
  methodsOf(account: Account): Promise<readonly Method[]>;
  view(key: string): Promise<SecondStepView | undefined>;
  /** Send a code to the account's mobile. Seconds to wait when there were too many, or 0. */
  sendCode(pending: StoredPending): Promise<number>;
  /** Is it right? At most so many wrong ones per account and hour; `late` then. */
  check(
    pending: StoredPending,
    method: Exclude<Method, 'passkey'>,
    code: string,
  ): Promise<'right' | 'wrong' | 'late'>;
  /** What the browser asks the authenticator for; undefined without passkeys. */
  passkeyOptions(key: string): Promise<object | undefined>;
  checkPasskey(pending: StoredPending, response: unknown): Promise<boolean>;
}

export function secondStep(deps: SecondStepDeps): SecondStep {
  const { db, store, messages, box, clock, limits, pending, party, log } = deps;

  const methodsOf = async (account: Account): Promise<readonly Method[]> => {
    const kinds = new Set((await factorsOf(db, account.username)).map(({ kind }) => kind));
    const shown: readonly Method[] = [
      ...(kinds.has('passkey') ? (['passkey'] as const) : []),
      ...(kinds.has('totp') ? (['totp'] as const) : []),
      ...(account.mobile !== undefined && messages.has('sms') ? (['sms'] as const) : []),
    ];
    const hasCodes = shown.length > 0 && (await recoveryCodesLeft(db, account.username)) > 0;
    return hasCodes ? [...shown, 'recovery'] : shown;
  };

  const CHECKS: Readonly<
    Record<Exclude<Method, 'passkey'>, (p: StoredPending, code: string) => Promise<boolean>>
  > = {
    sms: async ({ id }, code) =>
      (await redeemCode(db, box, { key: `login:${id}`, code, now: clock.now() })) !== undefined,
    totp: ({ account }, code) => useTotp(db, box, { username: account, code, now: clock.now() }),
    recovery: ({ account }, code) => takeRecoveryCode(db, account, code, clock.now()),
  };

  return {
    methodsOf,
    async view(key) {
      const found = await pending.read(key);
      const account = found === undefined ? undefined : await findAccount(db, found.account);
      return found === undefined || account === undefined
        ? undefined
        : {
            methods: await methodsOf(account),
            mobileEnd: account.mobile?.slice(-2),
            purpose: found.purpose,
          };
    },
    async sendCode({ id, account: username }) {
      const account = await findAccount(db, username);
      const mobile = account?.mobile;
      if (mobile === undefined) {
        return 0;
      }
      const wait = await limits.takeOther('code', username);
      if (wait > 0) {
        return wait;
      }
      await store.transaction(async (tx) => {
        const code = await issueCode(sqlOf(tx), box, { key: `login:${id}`, now: clock.now() });
        await messages.queue(
          tx,
          { channel: 'sms', to: mobile, purpose: 'login-code', text: loginCodeText(code) },
          { minutes: CODE_MINUTES, about: `user:${username}` },
        );
        await log({ type: 'code-sent', outcome: 'success', subject: `user:${username}`, reason: 'sms' }, tx);
      });
      return 0;
    },
    async check(found, method, code) {
      if ((await limits.takeOther('factor', found.account)) > 0) {
        return 'late';
      }
      return (await CHECKS[method](found, code)) ? 'right' : 'wrong';
    },
    async passkeyOptions(key) {
      const found = await pending.read(key);
      const known = found === undefined ? [] : await passkeysOf(db, found.account);
      if (known.length === 0) {
        return undefined;
      }
      const options = await authenticationOptions(party, known);
      await setChallenge(db, found?.id ?? '', options.challenge);
      return options;
    },
    async checkPasskey({ id, account }, response) {
      const challenge = await takeChallenge(db, id, clock.now());
      const signed =
        challenge === undefined
          ? undefined
          : await verifyAuthentication(party, challenge, await passkeysOf(db, account), response);
      return signed !== undefined && usePasskey(db, signed.id, signed.counter, clock.now());
    },
  };
}
