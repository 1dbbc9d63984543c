/**
 * Patients who answer a form of their own without an account (PA-01 to PA-05): a code from the ward with the birth date, or a link
 * that was sent and a code by SMS. Every answer to something wrong is the same, whatever is wrong.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Messages } from '../../adapters/message/messages.ts';
import type { PatientPrincipal, StaffPrincipal } from '../../access/principal.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Patient } from '../../fhir/types.ts';
import { error, FhirError } from '../../fhir/outcome.ts';
import type { SendingState } from '../../registry/sending/next-step.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { ResourceStore, StoreTransaction } from '../../storage/store.ts';
import { keepOnce } from '../keep-once.ts';
import { CODE_MINUTES, issueCode, redeemCode } from '../login/one-time-codes.ts';
import type { PatientEvent, SecurityEvent, SecurityLog, SqlClient } from '../ports.ts';
import { sqlOf } from '../transaction-client.ts';
import { findAccess, findLink, insertAccess, type PatientAccessRow, spendCode, tryCode } from './accesses.ts';
import type { FormForPatient } from './form-for-patient.ts';
import type { PatientLimits } from './limits.ts';
import { mobileOf } from '../../registry/sending/contact.ts';
import { smsCodeText, inviteText } from './messages.ts';
import { openMobile } from './mobile.ts';
import type { PatientSessions } from './patient-sessions.ts';
import { hashCode, hashLink, newCode, newLinkToken } from './secrets.ts';
import { firstNameOf, patientPrincipal, standingOf } from './standing.ts';

export interface PatientAccessDeps {
  readonly db: SqlClient;
  readonly store: ResourceStore;
  readonly messages: Messages;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly limits: PatientLimits;
  readonly sessions: PatientSessions;
  readonly log: SecurityLog;
  readonly publicUrl: string;
  /** The form of a Task that the asker may see, when patients answer it. Throws 404 and 422. */
  readonly findForm: FormForPatient;
}

/** Somebody who has come in, and the form that waits. */
export interface PatientVisit {
  readonly principal: PatientPrincipal;
  readonly title: string;
  readonly firstName: string | undefined;
  readonly endsAt: Date;
}

const CODE_HOURS = 24;
const LINK_DAYS = 30;
const PENDING_SECONDS = 15 * 60;

/** What a browser with a link waits for; an unknown link waits as well, for a code that never comes. */
interface PendingLink {
  readonly access: string | null;
}

export type PatientAccess = ReturnType<typeof createPatientAccess>;

export function createPatientAccess(deps: PatientAccessDeps) {
  const { db, store, messages, box, clock, newId, limits, sessions, log } = deps;
  const pendings = keepOnce<PendingLink>(db, 'PendingPatientLink', PENDING_SECONDS);

  const fail = async (reason: string): Promise<undefined> => {
    await log({ type: 'patient-refused', outcome: 'failure', subject: 'patient-access:unknown', reason });
    if (await limits.countWrong()) {
      await log({
        type: 'patient-alarm',
        outcome: 'failure',
        subject: 'patient-access:all',
        reason: 'many wrong codes',
      });
    }
    return undefined;
  };

  /** In the trail, and on the person's own list of who has done what. */
  const tell = async (
    type: PatientEvent,
    { task, patient, register, unit }: Pick<PatientAccessRow, 'task' | 'patient' | 'register' | 'unit'>,
    { tx, ...event }: Pick<SecurityEvent, 'subject' | 'reason' | 'role'> & { readonly tx?: StoreTransaction },
  ): Promise<void> => {
    const person = { patient, register, unit };
    await log({ type, outcome: 'success', ...event, about: `Task/${task}`, person }, tx);
  };

  const enter = async (access: PatientAccessRow, reason: string): Promise<string> => {
    const token = await sessions.open(access.id);
    await tell('patient-entered', access, { subject: subjectOf(access), reason });
    return token;
  };

  async function invite(staff: StaffPrincipal, taskId: string, kind: PatientAccessRow['kind']) {
    const form = await deps.findForm(staff, taskId);
    const now = clock.now();
    const secret = kind === 'code' ? newCode() : newLinkToken();
    const lifetime = kind === 'code' ? CODE_HOURS * 3_600_000 : LINK_DAYS * 24 * 3_600_000;
    const expiresAt = new Date(now.getTime() + lifetime);
    const secretHash = kind === 'code' ? await hashCode(box, secret) : hashLink(secret);
    const access = {
      ...form.access,
      id: newId(now),
      kind,
      expiresAt,
      secretHash,
      created: now,
      createdBy: staff.subject,
    };
    return { access, secret, form, expiresAt };
  }

  return {
    /** A code to hand over, in place of an earlier one of the form. */
    async makeCode(staff: StaffPrincipal, taskId: string) {
      const { access, secret, expiresAt } = await invite(staff, taskId, 'code');
      await store.transaction(async (tx) => {
        await insertAccess(sqlOf(tx), access);
        await tell('patient-invited', access, { ...actorOf(staff), reason: 'code', tx });
      });
      return { code: secret, expiresAt, patient: access.patient };
    },

    /** A link by SMS, in place of an earlier one of the form; not sent when the person has no mobile number here. */
    async sendLink(staff: StaffPrincipal, taskId: string) {
      const { access, secret, form } = await invite(staff, taskId, 'link');
      refuseUnsent(form.state);
      const { patient } = access;
      const to = mobileOf(form.patient);
      if (to === undefined || !messages.has('sms')) {
        return { isSent: false, patient };
      }
      const text = inviteText(`${deps.publicUrl}/skjema-til-deg#${secret}`);
      await store.transaction(async (tx) => {
        await insertAccess(sqlOf(tx), access);
        await messages.queue(
          tx,
          { channel: 'sms', to, text, purpose: 'patient-form' },
          { minutes: LINK_DAYS * 24 * 60, about: `Task/${taskId}`, register: access.register },
        );
        await tell('patient-invited', access, { ...actorOf(staff), reason: 'link', tx });
      });
      return { isSent: true, patient };
    },

    /** The session of a right birth date and code; undefined for everything else. */
    async enterByCode(
      birthDate: string | undefined,
      code: string,
      address: string,
    ): Promise<string | undefined> {
      if (!(await limits.take(address))) {
        return fail('too many tries from the network');
      }
      const now = clock.now();
      const access = await tryCode(db, await hashCode(box, code), now);
      const standing = access && (await standingOf(store, access, now));
      const isBorn = isSame(standing?.patient.birthDate ?? '', birthDate ?? '-');
      if (access === undefined || standing === undefined || !isBorn) {
        return fail(access === undefined ? 'no such code' : 'birth date, or the form does not wait');
      }
      if (!(await spendCode(db, access.id, now))) {
        return fail('the code was used');
      }
      await limits.giveBack(address);
      return enter(access, 'code');
    },

    /** A browser that brings a link; returns the key it waits with, whether the link is known or not. */
    async bringLink(token: string): Promise<string> {
      const access = await findLink(db, hashLink(token), clock.now());
      const standing = access && (await standingOf(store, access, clock.now()));
      if (standing === undefined) {
        await fail('no such link, or the form does not wait');
      }
      return pendings.put({ access: standing === undefined ? null : (access?.id ?? null) });
    },

    /** Send a code to the person's own number. Returns the key to wait with from now on. */
    async sendCode(key: string): Promise<string | undefined> {
      const pending = await pendings.take(key);
      if (pending === undefined) {
        return undefined;
      }
      const next = await pendings.put(pending);
      const access = pending.access === null ? undefined : await findAccess(db, pending.access);
      const standing = access && (await standingOf(store, access, clock.now()));
      const to = standing && access && codeNumber(box, access, standing.patient);
      if (access === undefined || to === undefined || !(await limits.takeCode(access.id))) {
        return next;
      }
      const now = clock.now();
      await store.transaction(async (tx) => {
        const code = await issueCode(sqlOf(tx), box, { key: codeKey(next), target: access.id, now });
        await messages.queue(
          tx,
          { channel: 'sms', to, text: smsCodeText(code), purpose: 'patient-code' },
          { minutes: CODE_MINUTES, about: `Task/${access.task}`, register: access.register },
        );
        await tell('patient-code-sent', access, { subject: subjectOf(access), reason: 'sms', tx });
      });
      return next;
    },

    /** The session of the code that this browser has had sent; undefined for everything else. */
    async enterBySms(key: string, code: string, address: string): Promise<string | undefined> {
      if (!(await limits.take(address))) {
        return fail('too many tries from the network');
      }
      const right = await redeemCode(db, box, { key: codeKey(key), code, now: clock.now() });
      const access = right?.target === undefined ? undefined : await findAccess(db, right.target);
      if (access === undefined || (await standingOf(store, access, clock.now())) === undefined) {
        return fail('the code by SMS');
      }
      await pendings.take(key);
      await limits.giveBack(address);
      return enter(access, 'link and SMS');
    },

    /** Whose session it is, as the form stands now; undefined when the half hour is over or the form does not wait. */
    async visit(token: string | undefined): Promise<PatientVisit | undefined> {
      const session = token === undefined ? undefined : await sessions.read(token);
      const access = session && (await findAccess(db, session.access));
      const standing = access && (await standingOf(store, access, clock.now()));
      return session === undefined || access === undefined || standing === undefined
        ? undefined
        : {
            principal: patientPrincipal(access, standing, session.id),
            title: standing.task.code?.text ?? '',
            firstName: firstNameOf(standing.patient),
            endsAt: session.endsAt,
          };
    },

    /** The form was shown. */
    opened: (principal: PatientPrincipal): Promise<void> =>
      tell('patient-opened', formOf(principal), { subject: principal.subject, reason: 'form' }),

    /** Sent in, or left: the session ends. */
    async leave(token: string, { principal }: PatientVisit, reason: 'sent-in' | 'left'): Promise<void> {
      await sessions.end(token);
      await tell('patient-left', formOf(principal), { subject: principal.subject, reason });
    },
  };
}

/** A link is sent like a form is: not of one that is stopped, or that consent is missing for (rule 28). */
function refuseUnsent(state: SendingState | undefined): void {
  if (state === 'stopped' || state === 'not-ready') {
    throw new FhirError(
      422,
      error(
        'business-rule',
        state === 'stopped'
          ? 'Utsending av skjemaet er stoppet.'
          : 'Skjemaet kan ikke sendes ennå: samtykke mangler.',
        'Task.businessStatus',
        'form-unsent',
      ),
    );
  }
}

const subjectOf = ({ id }: Pick<PatientAccessRow, 'id'>): string => `patient-access:${id}`;

const actorOf = ({ subject, role, register, units: [unit] }: StaffPrincipal) => ({
  subject,
  role: { role, register, ...(unit !== undefined && { unit }) },
});

const formOf = ({ task, patient, register, units }: PatientPrincipal) => ({
  task,
  patient,
  register,
  unit: units[0] ?? '',
});

/** The number that the form was ordered to, else the register's own. */
const codeNumber = (
  box: SecretBox,
  { id, mobile }: PatientAccessRow,
  patient: Patient,
): string | undefined => (mobile === undefined ? mobileOf(patient) : openMobile(box, id, mobile));

/** Bound to the browser that asked for it. */
const codeKey = (pending: string): string => `patient:${hashLink(pending)}`;

const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
