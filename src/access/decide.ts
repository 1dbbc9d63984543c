/**
 * The one decision function (CO-01): may this principal do this to that type at all?
 * Which rows it may do it to is `filter.ts`, the same rules as SQL. Both deny what no rule opens.
 */
import { FhirError, error, forbidden } from '../fhir/outcome.ts';
import type { Principal, StaffRole } from './principal.ts';
import { allows, constraintsFor, type ScopeLetter } from './scopes.ts';

/** What can be done to a type; FHIR's restful-interaction codes, and bulk export. */
export type Interaction =
  | 'create'
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history'
  | 'history-type'
  | 'search'
  | 'export';

/** SMART v2 letters by interaction (SC-02). */
const LETTER: Readonly<Record<Interaction, ScopeLetter>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  history: 'r',
  'history-type': 's',
  update: 'u',
  patch: 'u',
  delete: 'd',
  search: 's',
  export: 's',
};

export type Decision =
  | { readonly effect: 'permit' }
  | { readonly effect: 'deny'; readonly reason: DenyReason; readonly explanation: string };

/** Stable codes for the audit trail and for `OperationOutcome.issue.details`. */
export type DenyReason = 'scope' | 'role' | 'client-kind' | 'append-only' | 'server-owned' | 'unit';

const PERMIT: Decision = { effect: 'permit' };
const READS: ReadonlySet<Interaction> = new Set([
  'read',
  'vread',
  'history',
  'history-type',
  'search',
  'export',
]);

/** Types that define a register; they change by loading content, never over the API by a register's own users. */
const DEFINITIONS = new Set(
  (
    'ActivityDefinition CapabilityStatement CodeSystem ConceptMap GraphDefinition ImplementationGuide Library Measure ' +
    'NamingSystem OperationDefinition PlanDefinition Questionnaire SearchParameter StructureDefinition StructureMap ValueSet'
  ).split(' '),
);

/** What staff write over the API; everything else that they see is made by the server from it. */
const STAFF_WRITES: Readonly<Record<StaffRole, Readonly<Record<string, readonly Interaction[]>>>> = {
  LU: {
    Patient: ['create'],
    EpisodeOfCare: ['create'],
    QuestionnaireResponse: ['create', 'update'],
    Task: ['update'], // its comment alone: registry/schedule/task-notes.ts
  },
  LC: {
    Patient: ['create'],
    EpisodeOfCare: ['create', 'delete'], // while no form of it is locked: registry/episode/delete-pathway.ts
    Location: ['create', 'update', 'delete'], // of the own department: registry/unit/places.ts
    QuestionnaireResponse: ['create', 'update'],
    Task: ['update'], // its comment alone: registry/schedule/task-notes.ts
  },
  SC: {
    Binary: ['create'], // what the file archive holds: registry/publication/register-files.ts
    DocumentReference: ['create', 'delete'],
    Consent: ['create', 'update', 'delete'], // withdrawal and reservation alone: registry/consent/
    Patient: ['create'], // somebody who reserves, by number alone: registry/consent/reservation.ts
  },
};

/** Decide on an interaction with a type. Every non-permit is audited with its reason by the caller. */
export function decide(principal: Principal, interaction: Interaction, type: string): Decision {
  if (principal.kind === 'system') {
    return PERMIT;
  }
  if (principal.kind === 'patient') {
    return decideForPatient(principal.scopes, interaction, type);
  }
  if (!inScope(principal, interaction, type)) {
    return deny('scope', `The granted scopes do not allow ${interaction} of ${type}.`);
  }
  if (type === 'AuditEvent') {
    return decideOnAudit(principal, interaction);
  }
  if (READS.has(interaction)) {
    return decideOnRead(principal, interaction);
  }
  if (type === 'Subscription') {
    return decideOnSubscription(principal);
  }
  return decideOnWrite(principal, interaction, type);
}

/** One response is made, read again and changed; whose and which is the filter's and the register's rule (PA-03). */
function decideForPatient(scopes: readonly string[], interaction: Interaction, type: string): Decision {
  const isOwnForm = interaction === 'create' || interaction === 'read' || interaction === 'update';
  const letter = LETTER[interaction];
  return isOwnForm && type === 'QuestionnaireResponse' && allows(scopes, { level: 'patient', type, letter })
    ? PERMIT
    : deny('client-kind', 'A patient answers the one form that was opened, and does nothing else here.');
}

/** Clients have system scopes, people user scopes; both count for what the principal is. */
function inScope(principal: Principal, interaction: Interaction, type: string): boolean {
  const letter = LETTER[interaction];
  const isAllowed = (['system', 'user'] as const).some((level) =>
    allows(principal.scopes, { level, type, letter }),
  );
  return isAllowed || isWithinLimits(principal, interaction, type);
}

/** Earlier versions may not be what the constraints are about, and have no search values to tell by. */
const OF_VERSIONS: ReadonlySet<Interaction> = new Set(['vread', 'history', 'history-type']);

/**
 * Scopes with constraints, and those of one patient, count where the rows are held to them (SC-04). The audit trail is
 * no resource row; nobody reaches it by such a scope.
 */
function isWithinLimits(principal: Principal, interaction: Interaction, type: string): boolean {
  if (principal.limits === undefined || type === 'AuditEvent') {
    return false;
  }
  const letter = LETTER[interaction];
  const reached = (['system', 'user', 'patient'] as const).map((level) =>
    constraintsFor(principal.scopes, { level, type, letter }),
  );
  return OF_VERSIONS.has(interaction)
    ? reached.includes('all')
    : reached.some((alternatives) => alternatives !== 'none');
}

/** Earlier versions may be drafts, or from before a consent: they are not part of the national store. */
function decideOnRead(principal: Principal, interaction: Interaction): Decision {
  if (interaction === 'export') {
    return decideOnExport(principal);
  }
  const isEarlier = interaction === 'vread' || interaction === 'history' || interaction === 'history-type';
  return isEarlier && principal.kind === 'analytics'
    ? deny('client-kind', 'An analytics client reads what is current; earlier versions are not given out.')
    : PERMIT;
}

/** Whole stores leave to analytics, to an EHR (its own data) and to national coordinators; departments use the pages. */
function decideOnExport(principal: Principal): Decision {
  return principal.kind === 'staff' && principal.role !== 'SC'
    ? deny('role', `The role ${principal.role} may not export; ask a national coordinator (SC).`)
    : PERMIT;
}

function decideOnWrite(principal: Principal, interaction: Interaction, type: string): Decision {
  if (principal.kind === 'analytics') {
    return deny('client-kind', 'An analytics client reads; it does not write.');
  }
  if (principal.kind === 'staff' && STAFF_WRITES[principal.role][type]?.includes(interaction) !== true) {
    return deny('role', `The role ${principal.role} may not ${interaction} ${type}.`);
  }
  return principal.kind !== 'system' && !isNational(principal) && principal.units.length === 0
    ? deny('unit', 'What is written belongs to a unit, and none is registered for this caller.')
    : PERMIT;
}

/** National coordinators stand for the register, not for a unit. */
const isNational = (principal: Principal): boolean => principal.kind === 'staff' && principal.role === 'SC';

/** A subscription outlives the session that asks for it: it belongs to a system whose rights are looked up at every send. */
function decideOnSubscription(principal: Principal): Decision {
  if (!principal.subject.startsWith('client:')) {
    return deny(
      'client-kind',
      'Subscriptions belong to systems. Ask as a registered client, not as a person.',
    );
  }
  return principal.kind === 'ehr' && principal.units.length === 0
    ? deny('unit', 'An EHR is told of what its units may see, and none is registered for this caller.')
    : PERMIT;
}

function decideOnAudit(principal: Principal, interaction: Interaction): Decision {
  if (interaction === 'create') {
    return principal.kind === 'ehr' ? PERMIT : deny('server-owned', 'AuditEvents are written by the server.');
  }
  if (!READS.has(interaction)) {
    return deny('append-only', 'AuditEvents are never changed or deleted.');
  }
  return principal.kind === 'staff' && principal.role !== 'LU'
    ? PERMIT
    : deny('role', 'The audit trail is read by coordinators (LC, SC).');
}

/** A denial as what the caller sees: 403, or 405 for what nobody may ever do. */
export function toRefusal({ reason, explanation }: Extract<Decision, { effect: 'deny' }>): FhirError {
  return reason === 'append-only'
    ? new FhirError(405, error('not-supported', explanation, undefined, reason), {
        headers: { Allow: 'GET, HEAD, POST' },
      })
    : forbidden(explanation, reason);
}

/** Definitional resources that everyone with a token may read. */
export const isDefinition = (type: string): boolean => DEFINITIONS.has(type);

function deny(reason: DenyReason, explanation: string): Decision {
  return { effect: 'deny', reason, explanation };
}
