/**
 * An account made, or made anew, by whoever runs the server: for the first coordinator, and for somebody who has lost
 * every factor. What was open for the account ends, and a closed one opens.
 */
import type { Clock } from '../../fhir/id.ts';
import { type NewAccount, openAccount, saveAccount } from '../accounts.ts';
import { revokeAllOf } from '../app-grants.ts';
import type { SqlClient } from '../ports.ts';
import { sessions } from '../sessions.ts';

/** Save the account with a first password; its logins and the apps that act for it are over. */
export async function letIn(
  db: SqlClient,
  clock: Clock,
  account: NewAccount,
  password: string,
): Promise<void> {
  await saveAccount(db, account, password);
  await openAccount(db, account.username);
  await sessions(db, clock).endAll(account.username);
  await revokeAllOf(db, account.username);
}
