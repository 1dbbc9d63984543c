/**
 * Who has which role until when, and what is done about it: renew for twelve months, end, close the account. What is ended
 * stops at once, also for those who are logged in (ASVS 5.0 8.3.2, 7.4.2).
 */
import { SYSTEM, type StaffPrincipal } from '../../access/principal.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { disableAccount, findAccount, openAccounts } from '../accounts.ts';
import type { RoleAssignment, SecurityEvent } from '../ports.ts';
import { sqlOf } from '../transaction-client.ts';
import { mayDecide } from './applications.ts';
import { daysAfter, daysLeft, lastDay, yearAfter } from './dates.ts';
import type { PeopleDeps } from './deps.ts';

/** Ended roles stay in the list so long, to be renewed. */
const REVIEW_DAYS = 90;

export interface ReviewedRole {
  readonly username: string;
  readonly name: string;
  readonly role: RoleAssignment;
  readonly state: 'active' | 'soon' | 'ended';
  /** One's own role is renewed by somebody else. */
  readonly isOwn: boolean;
}

/** The roles that this person decides about, those that end first on top. */
export async function listRoles(
  deps: PeopleDeps,
  principal: StaffPrincipal,
): Promise<readonly ReviewedRole[]> {
  const today = deps.today();
  const accounts = await openAccounts(deps.db);
  const ids = accounts.flatMap(({ practitionerRoles }) => practitionerRoles);
  const roles = new Map(
    (await deps.findRolesSince(ids, daysAfter(today, -REVIEW_DAYS))).map((role) => [role.id, role] as const),
  );
  const all = accounts.flatMap(({ username, name, practitionerRoles }) =>
    practitionerRoles.flatMap((id) => {
      const role = roles.get(id);
      return role === undefined
        ? []
        : [
            {
              username,
              name,
              role,
              state: stateOf(role, today),
              isOwn: principal.subject === `user:${username}`,
            },
          ];
    }),
  );
  const mine = await Promise.all(all.map(({ role }) => mayDecide(deps, principal, role)));
  return all
    .filter((_, at) => mine[at])
    .sort((one, other) => (one.role.until ?? '9999').localeCompare(other.role.until ?? '9999'));
}

function stateOf({ until }: RoleAssignment, today: string): ReviewedRole['state'] {
  if (until !== undefined && lastDay(until) < today) {
    return 'ended';
  }
  return daysLeft(until, today) === undefined ? 'active' : 'soon';
}

/** Twelve months more from today. Throws 403: not theirs to decide, or their own. */
export async function renewRole(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  username: string,
  roleId: string,
): Promise<void> {
  await requireRole(deps, principal, username, roleId);
  const end = yearAfter(deps.today());
  await change(deps, roleId, (role) => ({ ...role, period: { ...(role['period'] as JsonObject), end } }), {
    type: 'role-renewed',
    outcome: 'success',
    subject: principal.subject,
    reason: `PractitionerRole/${roleId} until ${end}`,
    about: `user:${username}`,
  });
}

/** The role ends now. Throws 403. */
export async function endRole(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  username: string,
  roleId: string,
): Promise<void> {
  await requireRole(deps, principal, username, roleId);
  const end = deps.today();
  await change(
    deps,
    roleId,
    (role) => ({ ...role, active: false, period: { ...(role['period'] as JsonObject), end } }),
    {
      type: 'role-ended',
      outcome: 'success',
      subject: principal.subject,
      reason: `PractitionerRole/${roleId}`,
      about: `user:${username}`,
    },
  );
}

/**
 * Close an account whose every role is this person's to decide about: its sessions end in the same transaction, and so does
 * what it has given apps. Throws 403.
 */
export async function closeAccount(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  username: string,
): Promise<void> {
  const account = await findAccount(deps.db, username);
  const roles = await deps.findRolesSince(account?.practitionerRoles ?? [], deps.today());
  const mine = await Promise.all(roles.map((role) => mayDecide(deps, principal, role)));
  if (account === undefined || mine.includes(false) || mine.length === 0 || isSelf(principal, username)) {
    throw forbidden(
      'Only who decides about all roles of an account closes it, and nobody their own.',
      'not-decider',
    );
  }
  await deps.store.transaction(async (tx) => {
    const sql = sqlOf(tx);
    await disableAccount(sql, username);
    await deps.sessions.endAll(username, { on: sql });
    await deps.apps.withdrawAll(username, sql);
    await deps.log(
      {
        type: 'account-closed',
        outcome: 'success',
        subject: principal.subject,
        reason: 'by a coordinator',
        about: `user:${username}`,
      },
      tx,
    );
  });
}

const isSelf = (principal: StaffPrincipal, username: string): boolean =>
  principal.subject === `user:${username}`;

async function requireRole(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  username: string,
  roleId: string,
): Promise<void> {
  const account = await findAccount(deps.db, username);
  const [role] =
    account?.practitionerRoles.includes(roleId) === true
      ? await deps.findRolesSince([roleId], daysAfter(deps.today(), -REVIEW_DAYS))
      : [];
  if (role === undefined || isSelf(principal, username) || !(await mayDecide(deps, principal, role))) {
    throw forbidden(
      'This role is decided about by the coordinators of its department and register.',
      'not-decider',
    );
  }
}

/** A new version of the role, and the event, together. */
function change(
  { repository, log }: PeopleDeps,
  id: string,
  edit: (role: JsonObject) => JsonObject,
  event: SecurityEvent,
): Promise<unknown> {
  return repository.commit(
    { principal: SYSTEM, requestId: `role-${id}`, interaction: event.type },
    [
      {
        kind: 'patch',
        type: 'PractitionerRole',
        id,
        apply: (content) => edit(parseJson(content) as JsonObject),
      },
    ],
    { also: async (tx: StoreTransaction) => void (await log(event, tx)) },
  );
}
