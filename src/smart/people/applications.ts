/**
 * Applications for access, table `account_application`: sent by anybody, decided by the local coordinator (LC) of the
 * department or the system coordinator (SC) of the register, who is told either way.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { error, FhirError, forbidden } from '../../fhir/outcome.ts';
import { type Account, openAccounts } from '../accounts.ts';
import type { SqlClient } from '../ports.ts';
import type { Application } from './application-form.ts';
import type { PeopleDeps } from './deps.ts';
import { newApplicationText } from './message-texts.ts';

export interface StoredApplication extends Application {
  readonly id: string;
  readonly created: string;
  /** The account that it came from; undefined: somebody new. */
  readonly account: string | undefined;
  readonly status: 'new' | 'approved' | 'refused';
  readonly decided: string | undefined;
  readonly decidedBy: string | undefined;
  readonly reason: string | undefined;
}

const COLUMNS = `id, created, account, username, given, family, mobile, email, position, employer,
  employer_text as "employerText", unit, register, role, status, decided, decided_by as "decidedBy", reason`;

/** Keep an application, and tell those who decide. Says nothing about whether the name is taken: the answer is always thanks. */
export async function apply(
  deps: PeopleDeps,
  application: Application,
  account: Account | undefined,
): Promise<void> {
  const { store, clock, newId, log } = deps;
  const now = clock.now();
  const id = newId(now);
  const deciders = await decidersOf(deps, application);
  await store.transaction(async (tx) => {
    tx.send({
      text: `insert into account_application (id, created, account, username, given, family, mobile, email, position,
               employer, employer_text, unit, register, role)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      values: [
        id,
        now,
        account?.username ?? null,
        account?.username ?? application.username,
        application.given,
        application.family,
        application.mobile,
        application.email,
        application.position,
        application.employer ?? null,
        application.employerText ?? null,
        application.unit ?? null,
        application.register,
        application.role,
      ],
    });
    await log(
      {
        type: 'application',
        outcome: 'success',
        subject: `user:${account?.username ?? 'unknown'}`,
        reason: [application.role, application.register, application.unit ?? 'no unit'].join(', '),
        about: `application:${id}`,
      },
      tx,
    );
    const text = newApplicationText(
      deps.registers.get(application.register) ?? application.register,
      await unitName(deps, application.unit),
      deps.publicUrl,
    );
    for (const { email } of deciders) {
      if (email !== undefined && deps.messages.has('email')) {
        await deps.messages.queue(
          tx,
          { channel: 'email', to: email, subject: 'Ny søknad om tilgang', text, purpose: 'application' },
          { about: `application:${id}`, register: application.register },
        );
      }
    }
  });
}

/** Those who may decide: LC of the department, SC of the register. */
async function decidersOf(
  deps: PeopleDeps,
  { unit, register }: Pick<Application, 'unit' | 'register'>,
): Promise<readonly Account[]> {
  const accounts = await openAccounts(deps.db);
  const roles = await deps.findRolesSince(
    accounts.flatMap(({ practitionerRoles }) => practitionerRoles),
    deps.today(),
  );
  const deciding = new Set(
    roles
      .filter((role) => role.register === register)
      .filter(({ role, unit: own }) => role === 'SC' || (role === 'LC' && own !== undefined && own === unit))
      .map(({ id }) => id),
  );
  return accounts.filter(({ practitionerRoles }) => practitionerRoles.some((id) => deciding.has(id)));
}

/** SC accounts of a register. */
export async function coordinatorsOf(deps: PeopleDeps, register: string): Promise<readonly Account[]> {
  return decidersOf(deps, { unit: undefined, register });
}

/** May this person decide about roles in this department of this register? LC in the own one, SC in all; SC roles by SC. */
export async function mayDecide(
  { units }: Pick<PeopleDeps, 'units'>,
  principal: StaffPrincipal,
  about: { readonly register: string; readonly unit?: string | undefined; readonly role: string },
): Promise<boolean> {
  if (principal.launch !== undefined || about.register !== principal.register) {
    return false;
  }
  if (principal.role === 'SC') {
    return true;
  }
  const own = principal.role === 'LC' ? await units.withDescendants(principal.units) : [];
  return about.role !== 'SC' && about.unit !== undefined && own.includes(about.unit);
}

/** Applications that this person decides about: the new ones, and those decided within the last 30 days. */
export async function listApplications(
  deps: PeopleDeps,
  principal: StaffPrincipal,
): Promise<readonly StoredApplication[]> {
  const { rows } = await deps.db.query(
    `select ${COLUMNS}
       from account_application
      where register = $1
        and (status = 'new' or decided > $2)
      order by status = 'new' desc, created desc
      limit 500`,
    [principal.register, new Date(deps.clock.now().getTime() - 30 * 86_400_000)],
  );
  const all = rows.map(toApplication);
  const mine = await Promise.all(all.map((application) => mayDecide(deps, principal, application)));
  return all.filter((_, at) => mine[at]);
}

/** One application. Throws 403, also for an unknown one. */
export async function readApplication(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  id: string,
): Promise<StoredApplication> {
  const application = await findApplication(deps.db, id);
  if (application === undefined || !(await mayDecide(deps, principal, application))) {
    throw forbidden(
      'This application is decided by the coordinators of its department and register.',
      'not-decider',
    );
  }
  return application;
}

/** Close an application, once. Throws 409 when somebody has decided already. */
export async function closeApplication(
  db: SqlClient,
  id: string,
  decision: {
    readonly status: 'approved' | 'refused';
    readonly by: string;
    readonly reason: string | undefined;
    readonly granted?: string;
    readonly now: Date;
  },
): Promise<void> {
  const { rows } = await db.query(
    `update account_application
        set status = $2, decided = $3, decided_by = $4, reason = $5, granted = $6
      where id = $1
        and status = 'new'
     returning 1`,
    [id, decision.status, decision.now, decision.by, decision.reason ?? null, decision.granted ?? null],
  );
  if (rows.length === 0) {
    throw new FhirError(409, error('conflict', 'Søknaden er allerede avgjort av en annen.'));
  }
}

async function findApplication(db: SqlClient, id: string): Promise<StoredApplication | undefined> {
  const { rows } = await db.query(`select ${COLUMNS} from account_application where id = $1`, [id]);
  return rows[0] === undefined ? undefined : toApplication(rows[0]);
}

/** Name of a unit, for messages. */
export async function unitName(
  { units }: Pick<PeopleDeps, 'units'>,
  id: string | undefined,
): Promise<string> {
  return id === undefined ? 'uten avdeling' : ((await units.unit(id))?.name ?? id);
}

const toApplication = (row: Readonly<Record<string, unknown>>): StoredApplication =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value ?? undefined]),
  ) as unknown as StoredApplication;
