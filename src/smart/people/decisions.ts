/**
 * Yes or no to an application. Yes makes the role (a PractitionerRole for twelve months), the account where there is none,
 * and the message with the first password, in one transaction: all of it, or nothing.
 */
import { SYSTEM, type StaffPrincipal } from '../../access/principal.ts';
import { error, FhirError, forbidden } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { Operation } from '../../repository/operation.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { type Account, addRole, findAccount, isTaken, saveAccount } from '../accounts.ts';
import { sqlOf } from '../transaction-client.ts';
import {
  closeApplication,
  coordinatorsOf,
  readApplication,
  type StoredApplication,
  unitName,
} from './applications.ts';
import { yearAfter } from './dates.ts';
import type { PeopleDeps } from './deps.ts';
import { FIRST_PASSWORD_DAYS, firstPassword } from './first-password.ts';
import { decidedText, firstPasswordText, refusedText, roleGrantedText } from './message-texts.ts';

const ROLE_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/register-role';
const REGISTER_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/register';
const ROLE_NAMES = { LU: 'lokal bruker', LC: 'lokal koordinator', SC: 'registerleder' } as const;

export interface Approval {
  readonly reason: string | undefined;
  /** The department, where the application names none. */
  readonly unit: string | undefined;
}

/** Let the applicant in. Throws 403, 409 (decided already, or nothing can carry the password), 422 (no department). */
export async function approve(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  id: string,
  { reason, unit: given }: Approval,
): Promise<void> {
  const application = await openApplication(deps, principal, id);
  const unit = application.role === 'SC' ? undefined : await unitOf(deps, application, given);
  const account =
    application.account === undefined ? undefined : await findAccount(deps.db, application.account);
  const now = deps.clock.now();
  const username = account?.username ?? (await freeName(deps, application.username));
  const known = account?.practitioner ?? (await practitionerOf(deps, account));
  const practitioner = known ?? deps.newId(now);
  const role = deps.newId(now);
  const operations = [
    ...(known === undefined ? [write('Practitioner', practitionerResource(application, practitioner))] : []),
    write('PractitionerRole', await roleResource(deps, application, { id: role, practitioner, unit })),
  ];
  const letIn =
    account === undefined ? newcomer(deps, application, { username, practitioner, role }) : undefined;
  await deps.repository.commit(
    { principal: SYSTEM, requestId: id, interaction: 'approve-application' },
    operations,
    {
      async also(tx) {
        await closeApplication(sqlOf(tx), id, {
          status: 'approved',
          by: principal.subject,
          reason,
          granted: role,
          now,
        });
        await (letIn === undefined
          ? addToAccount(deps, tx, application, { username, role, unit })
          : letIn(tx));
        await tell(deps, tx, principal, application, unit, 'innvilget');
        await deps.log(
          {
            type: 'application-approved',
            outcome: 'success',
            subject: principal.subject,
            reason: `application ${id}, PractitionerRole/${role}`,
            about: `user:${username}`,
          },
          tx,
        );
      },
    },
  );
}

/** Say no, with a reason that the applicant is told. Throws 403, 409, 422 (no reason). */
export async function refuse(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  id: string,
  reason: string,
): Promise<void> {
  const application = await openApplication(deps, principal, id);
  if (reason === '') {
    throw new FhirError(422, error('required', 'Skriv hvorfor søknaden ikke innvilges.'));
  }
  const now = deps.clock.now();
  await deps.store.transaction(async (tx) => {
    await closeApplication(sqlOf(tx), id, { status: 'refused', by: principal.subject, reason, now });
    if (deps.messages.has('email')) {
      const to = application.email;
      const text = refusedText(reason);
      await deps.messages.queue(
        tx,
        { channel: 'email', to, subject: 'Søknaden om tilgang', text, purpose: 'application-refused' },
        { about: `application:${id}`, register: application.register },
      );
    }
    await tell(deps, tx, principal, application, application.unit, 'ikke innvilget');
    await deps.log(
      {
        type: 'application-refused',
        outcome: 'success',
        subject: principal.subject,
        reason: `application ${id}`,
        about: `application:${id}`,
      },
      tx,
    );
  });
}

/** An application that is open, and not one's own. */
async function openApplication(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  id: string,
): Promise<StoredApplication> {
  const application = await readApplication(deps, principal, id);
  if (application.account !== undefined && principal.subject === `user:${application.account}`) {
    throw forbidden('Nobody decides about their own application.', 'own-application');
  }
  return application;
}

async function unitOf(
  { units }: PeopleDeps,
  { unit }: StoredApplication,
  given: string | undefined,
): Promise<string> {
  const found = await units.unit(unit ?? given ?? '');
  if (found === undefined) {
    throw new FhirError(422, error('required', 'Velg avdelingen som søkeren skal ha tilgang til.'));
  }
  return found.id;
}

/** The name that was wished for, or the first of name2, name3 … that is free. */
async function freeName({ db }: PeopleDeps, wished: string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wished : `${wished}${count}`;
    if (!(await isTaken(db, name))) {
      return name;
    }
  }
}

async function practitionerOf(deps: PeopleDeps, account: Account | undefined): Promise<string | undefined> {
  const roles = await deps.findRolesSince(account?.practitionerRoles ?? [], '1900-01-01');
  return roles.find(({ practitioner }) => practitioner !== undefined)?.practitioner;
}

/** The account of somebody new, and the SMS with the password. Throws 409 where nothing carries an SMS. */
function newcomer(
  deps: PeopleDeps,
  application: StoredApplication,
  made: { readonly username: string; readonly practitioner: string; readonly role: string },
): (tx: StoreTransaction) => Promise<void> {
  const { messages, clock, publicUrl } = deps;
  if (!messages.has('sms')) {
    throw new FhirError(
      409,
      error('not-supported', 'Passordet kan ikke sendes, fordi SMS ikke er satt opp på denne serveren.'),
    );
  }
  const password = firstPassword();
  return async (tx) => {
    const until = new Date(clock.now().getTime() + FIRST_PASSWORD_DAYS * 86_400_000);
    await saveAccount(
      sqlOf(tx),
      {
        username: made.username,
        name: `${application.given} ${application.family}`,
        practitionerRoles: [made.role],
        practitioner: made.practitioner,
        mobile: application.mobile,
        email: application.email,
        position: application.position,
        firstPasswordUntil: until,
      },
      password,
    );
    await messages.queue(
      tx,
      {
        channel: 'sms',
        to: application.mobile,
        purpose: 'first-password',
        text: firstPasswordText(made.username, password, publicUrl),
      },
      {
        minutes: FIRST_PASSWORD_DAYS * 24 * 60,
        about: `user:${made.username}`,
        register: application.register,
      },
    );
  };
}

async function addToAccount(
  deps: PeopleDeps,
  tx: StoreTransaction,
  application: StoredApplication,
  {
    username,
    role,
    unit,
  }: { readonly username: string; readonly role: string; readonly unit: string | undefined },
): Promise<void> {
  await addRole(sqlOf(tx), username, role);
  if (deps.messages.has('email')) {
    const text = roleGrantedText(ROLE_NAMES[application.role], await unitName(deps, unit), deps.publicUrl);
    await deps.messages.queue(
      tx,
      { channel: 'email', to: application.email, subject: 'Ny tilgang', text, purpose: 'role-granted' },
      { about: `user:${username}`, register: application.register },
    );
  }
}

/** SC is informed of every decision that somebody else took. */
async function tell(
  deps: PeopleDeps,
  tx: StoreTransaction,
  principal: StaffPrincipal,
  { id, register }: StoredApplication,
  unit: string | undefined,
  decision: string,
): Promise<void> {
  const coordinators = await coordinatorsOf(deps, register);
  const text = decidedText(
    deps.registers.get(register) ?? register,
    await unitName(deps, unit),
    decision,
    principal.name,
  );
  for (const { username, email } of coordinators) {
    if (email !== undefined && principal.subject !== `user:${username}` && deps.messages.has('email')) {
      const subject = `Søknad om tilgang ${decision}`;
      await deps.messages.queue(
        tx,
        { channel: 'email', to: email, subject, text, purpose: 'application-decided' },
        { about: `application:${id}`, register },
      );
    }
  }
}

const write = (type: string, resource: JsonObject): Operation => ({
  kind: 'update',
  type,
  id: resource['id'] as string,
  resource,
  labels: NO_LABELS,
});

const practitionerResource = ({ given, family }: StoredApplication, id: string): JsonObject => ({
  resourceType: 'Practitioner',
  id,
  active: true,
  name: [{ family, given: [given] }],
});

async function roleResource(
  deps: PeopleDeps,
  { register, role }: StoredApplication,
  {
    id,
    practitioner,
    unit,
  }: { readonly id: string; readonly practitioner: string; readonly unit: string | undefined },
): Promise<JsonObject> {
  const today = deps.today();
  return {
    resourceType: 'PractitionerRole',
    id,
    active: true,
    period: { start: today, end: yearAfter(today) },
    practitioner: { reference: `Practitioner/${practitioner}` },
    ...(unit !== undefined && {
      organization: { reference: `Organization/${unit}`, display: await unitName(deps, unit) },
    }),
    code: [
      { coding: [{ system: ROLE_SYSTEM, code: role }] },
      { coding: [{ system: REGISTER_SYSTEM, code: register }] },
    ],
  };
}
