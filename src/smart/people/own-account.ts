/**
 * What people do with their own account [Min side]: password, contact data, second factors, sessions. Every change of a way
 * in is told to the person by e-mail or SMS (ASVS 5.0 6.3.7), and is in the audit trail.
 */
import type { Message } from '../../adapters/message/message.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { type Account, checkPassword, setContact, setPassword } from '../accounts.ts';
import { setChallenge, takeChallenge } from '../login/challenges.ts';
import { addPasskey, addTotp, type Factor, passkeysOf, removeFactor } from '../login/factors.ts';
import { CODE_MINUTES, issueCode, redeemCode } from '../login/one-time-codes.ts';
import { registrationOptions, verifyRegistration } from '../login/passkeys.ts';
import { newRecoveryCodes, saveRecoveryCodes } from '../login/recovery-codes.ts';
import { newTotpSecret, totpAddress, totpStep } from '../login/totp.ts';
import { type PasswordProblem, passwordProblem } from '../password-rules.ts';
import type { AccountEvent } from '../ports.ts';
import { sqlOf } from '../transaction-client.ts';
import { contactProblem, type FieldProblem, fullNumber } from './application-form.ts';
import type { PeopleDeps } from './deps.ts';
import { changedText, contactCodeText } from './message-texts.ts';

const ISSUER = 'Ryggrad';
const LONGEST_LABEL = 60;

/** Choose another password; every other session of the account ends. `gammelt`: the present one is wrong; `likt`: it is the same. */
export async function changePassword(
  deps: PeopleDeps,
  account: Account,
  sessionId: string,
  { old, chosen }: { readonly old: string; readonly chosen: string },
): Promise<PasswordProblem | 'gammelt' | 'likt' | 'sperret' | undefined> {
  const { username, name } = account;
  if ((await deps.limits.takeOther('factor', username)) > 0) {
    return 'sperret';
  }
  const checked = await checkPassword(deps.db, username, old, deps.clock.now());
  if (checked === undefined || checked === 'late') {
    return 'gammelt';
  }
  const problem = old === chosen ? 'likt' : passwordProblem(chosen, [username, name]);
  if (problem !== undefined) {
    return problem;
  }
  await deps.store.transaction(async (tx) => {
    const sql = sqlOf(tx);
    await setPassword(sql, username, chosen);
    await deps.sessions.endAll(username, { except: sessionId, on: sql });
    await changed(deps, tx, account, 'password-changed', 'chosen', 'Passordet er byttet');
  });
  return undefined;
}

/** Send a code to a new number or address; it takes effect when the code comes back. */
export async function proposeContact(
  deps: PeopleDeps,
  { username }: Account,
  field: 'mobile' | 'email',
  value: string,
): Promise<FieldProblem | 'mange' | undefined> {
  const problem = contactProblem(field, value);
  if (problem !== undefined) {
    return problem;
  }
  if ((await deps.limits.takeOther('code', username)) > 0) {
    return 'mange';
  }
  const plain = value.trim();
  const to = field === 'mobile' ? fullNumber(plain.replaceAll(/[\s()-]/g, '').replace(/^00/, '+')) : plain;
  await deps.store.transaction(async (tx) => {
    const code = await issueCode(sqlOf(tx), deps.box, {
      key: `${field}:${username}`,
      target: to,
      now: deps.clock.now(),
    });
    const message: Message = {
      channel: field === 'mobile' ? 'sms' : 'email',
      to,
      subject: 'Bekreft adressen',
      text: contactCodeText(code),
      purpose: 'contact-code',
    };
    await deps.messages.queue(tx, message, { minutes: CODE_MINUTES, about: `user:${username}` });
  });
  return undefined;
}

/** The code has come back: the number or address is theirs. False for a wrong code. The old one is told. */
export async function confirmContact(
  deps: PeopleDeps,
  account: Account,
  field: 'mobile' | 'email',
  code: string,
): Promise<boolean> {
  const now = deps.clock.now();
  const redeemed = await redeemCode(deps.db, deps.box, { key: `${field}:${account.username}`, code, now });
  const value = redeemed?.target;
  if (value === undefined) {
    return false;
  }
  await deps.store.transaction(async (tx) => {
    await setContact(sqlOf(tx), account.username, field, value, now);
    const what = field === 'mobile' ? 'Mobilnummeret er byttet' : 'E-postadressen er bekreftet';
    await changed(deps, tx, account, 'contact-changed', field, what);
  });
  return true;
}

/** A new secret for an authenticator app: for the page, and sealed for the form that confirms it. */
export function proposeTotp(
  deps: PeopleDeps,
  { username }: Account,
): {
  readonly secret: string;
  readonly address: string;
  readonly sealed: string;
} {
  const secret = newTotpSecret();
  return {
    secret,
    address: totpAddress(secret, username, ISSUER),
    sealed: deps.box.seal(secret, `totp-setup/${username}`),
  };
}

/** The same again, for a form that came back with a wrong code; undefined when it is not one of ours. */
export function readTotpProposal(
  deps: PeopleDeps,
  { username }: Account,
  sealed: string,
): ReturnType<typeof proposeTotp> | undefined {
  try {
    const secret = deps.box.open(sealed, `totp-setup/${username}`);
    return { secret, sealed, address: totpAddress(secret, username, ISSUER) };
  } catch {
    return undefined;
  }
}

/** Keep the app when it shows the right code; false otherwise. */
export async function confirmTotp(
  deps: PeopleDeps,
  account: Account,
  { sealed, code, label }: { readonly sealed: string; readonly code: string; readonly label: string },
): Promise<boolean> {
  const now = deps.clock.now();
  const proposal = readTotpProposal(deps, account, sealed);
  const step = proposal === undefined ? undefined : totpStep(proposal.secret, code, now, -1);
  if (proposal === undefined || step === undefined) {
    return false;
  }
  await deps.store.transaction(async (tx) => {
    await addTotp(sqlOf(tx), deps.box, {
      id: deps.newId(now),
      username: account.username,
      label: labelOf(label, 'Autentiseringsapp'),
      now,
      secret: proposal.secret,
      step,
    });
    await changed(deps, tx, account, 'factor-added', 'totp', 'En autentiseringsapp er lagt til');
  });
  return true;
}

/** What the browser makes a passkey with. */
export async function proposePasskey(deps: PeopleDeps, account: Account, sessionId: string): Promise<object> {
  const known = await passkeysOf(deps.db, account.username);
  const options = await registrationOptions(deps.party, { ...account, known });
  await setChallenge(deps.db, sessionId, options.challenge);
  return options;
}

/** Keep the passkey that the browser made; false when it is not the one that was asked for. */
export async function confirmPasskey(
  deps: PeopleDeps,
  account: Account,
  sessionId: string,
  { response, label }: { readonly response: unknown; readonly label: string },
): Promise<boolean> {
  const now = deps.clock.now();
  const challenge = await takeChallenge(deps.db, sessionId, now);
  const passkey =
    challenge === undefined ? undefined : await verifyRegistration(deps.party, challenge, response);
  if (passkey === undefined) {
    return false;
  }
  await deps.store.transaction(async (tx) => {
    const factor = { ...passkey, username: account.username, label: labelOf(label, 'Passnøkkel'), now };
    await addPasskey(sqlOf(tx), factor);
    await changed(deps, tx, account, 'factor-added', 'passkey', 'En passnøkkel er lagt til');
  });
  return true;
}

/** Take a factor away; false when the account has none of that id. */
export async function dropFactor(deps: PeopleDeps, account: Account, id: string): Promise<boolean> {
  return deps.store.transaction(async (tx) => {
    const kind: Factor['kind'] | undefined = await removeFactor(sqlOf(tx), account.username, id);
    if (kind !== undefined) {
      const what = kind === 'totp' ? 'En autentiseringsapp er fjernet' : 'En passnøkkel er fjernet';
      await changed(deps, tx, account, 'factor-removed', kind, what);
    }
    return kind !== undefined;
  });
}

/** New recovery codes in place of the old; shown this once. */
export async function renewRecoveryCodes(deps: PeopleDeps, account: Account): Promise<readonly string[]> {
  const codes = newRecoveryCodes();
  await deps.store.transaction(async (tx) => {
    await saveRecoveryCodes(sqlOf(tx), account.username, codes);
    await changed(deps, tx, account, 'factor-added', 'recovery codes', 'Nye gjenopprettingskoder er laget');
  });
  return codes;
}

/** End another session of one's own; false when there is none of that id. */
export async function endSession(deps: PeopleDeps, { username }: Account, id: string): Promise<boolean> {
  const isEnded = await deps.sessions.endOne(username, id);
  if (isEnded) {
    await deps.log({
      type: 'session-ended',
      outcome: 'success',
      subject: `user:${username}`,
      reason: 'by its owner',
    });
  }
  return isEnded;
}

/** End all that is open for an account, also this session: every login, and every app that acts for it. */
export async function endEverything(deps: PeopleDeps, { username }: Account): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const sql = sqlOf(tx);
    await deps.sessions.endAll(username, { on: sql });
    await deps.apps.withdrawAll(username, sql);
    await deps.log(
      {
        type: 'session-ended',
        outcome: 'success',
        subject: `user:${username}`,
        reason: 'all of them, by their owner',
      },
      tx,
    );
  });
}

/** Note a change of a way in, and tell the person: by e-mail where there is one, else by SMS. */
export async function changed(
  { log, messages }: Pick<PeopleDeps, 'log' | 'messages'>,
  tx: StoreTransaction,
  { username, email, mobile }: Account,
  type: AccountEvent,
  reason: string,
  what: string,
): Promise<void> {
  await log({ type, outcome: 'success', subject: `user:${username}`, reason }, tx);
  const message = { text: changedText(what), subject: what, purpose: type };
  const about = `user:${username}`;
  if (email !== undefined && messages.has('email')) {
    await messages.queue(tx, { ...message, channel: 'email', to: email }, { about });
  } else if (mobile !== undefined && messages.has('sms')) {
    await messages.queue(tx, { ...message, channel: 'sms', to: mobile }, { about });
  }
}

const labelOf = (label: string, usual: string): string => label.trim().slice(0, LONGEST_LABEL) || usual;
