/** Access decisions (CO-01): every kind of caller, every interaction, with the reason of each refusal. */
import { decide, type Interaction, isDefinition, toRefusal } from '../../../src/access/decide.ts';
import { type Principal, SYSTEM } from '../../../src/access/principal.ts';
import { RESOURCE_TYPES } from '../../../src/fhir/resource-types.ts';
import { analytics, ehr, staff, withScopes } from './principals.ts';

const READS: readonly Interaction[] = ['read', 'search'];
const EARLIER: readonly Interaction[] = ['vread', 'history', 'history-type'];
const WRITES: readonly Interaction[] = ['create', 'update', 'patch', 'delete'];
const ALL: readonly Interaction[] = [...READS, ...EARLIER, ...WRITES, 'export'];

function answer(principal: Principal, interaction: Interaction, type: string): string {
  const decision = decide(principal, interaction, type);
  return decision.effect === 'permit' ? 'permit' : decision.reason;
}

/** Types × interactions that a caller gets, as `Type.interaction`. */
const permitted = (principal: Principal, interactions: readonly Interaction[]): readonly string[] =>
  RESOURCE_TYPES.flatMap((type) =>
    interactions
      .filter((interaction) => answer(principal, interaction, type) === 'permit')
      .map((i) => `${type}.${i}`),
  );

const others = RESOURCE_TYPES.filter((type) => type !== 'AuditEvent');

describe('The access decision', () => {
  it('lets the server do everything.', () => {
    expect(permitted(SYSTEM, ALL)).toHaveLength(RESOURCE_TYPES.length * ALL.length);
  });

  it.each([
    ['an EHR', ehr],
    ['an analytics client', analytics],
    ['a local user', staff('LU')],
    ['a local coordinator', staff('LC')],
    ['a national coordinator', staff('SC')],
  ])('lets %s read and search every type but the audit trail.', (_who, principal) => {
    expect(others.filter((type) => READS.some((i) => answer(principal, i, type) !== 'permit'))).toEqual([]);
  });

  it('gives earlier versions to those who work with the register, not to analytics.', () => {
    for (const interaction of EARLIER) {
      expect(
        [ehr, staff('LU'), staff('LC'), staff('SC')].map((who) => answer(who, interaction, 'Task')),
      ).toEqual(Array.from({ length: 4 }, () => 'permit'));
      expect(answer(analytics, interaction, 'Task')).toBe('client-kind');
    }
  });

  it('lets an EHR write every type but change the audit trail.', () => {
    expect(others.flatMap((type) => WRITES.filter((i) => answer(ehr, i, type) !== 'permit'))).toEqual([]);
    expect(WRITES.map((i) => answer(ehr, i, 'AuditEvent'))).toEqual([
      'permit',
      'append-only',
      'append-only',
      'append-only',
    ]);
  });

  it('lets an analytics client write nothing but its Subscriptions.', () => {
    const willing = withScopes(analytics, 'system/*.cruds');

    expect(permitted(willing, WRITES)).toEqual(WRITES.map((interaction) => `Subscription.${interaction}`));
    expect(answer(willing, 'create', 'Observation')).toBe('client-kind');
    expect(answer(willing, 'create', 'AuditEvent')).toBe('server-owned');
  });

  const STAFF_WRITES = [
    'EpisodeOfCare.create',
    'Patient.create',
    'QuestionnaireResponse.create',
    'QuestionnaireResponse.update',
    'Task.update',
  ];

  it('lets LU begin a person and a pathway, fill forms and note on tasks.', () => {
    expect(permitted(staff('LU'), WRITES)).toEqual(STAFF_WRITES);
    expect(answer(staff('LU'), 'delete', 'Patient')).toBe('role');
  });

  it('lets LC do the same, delete a pathway, and keep the places of the department.', () => {
    const kept = ['EpisodeOfCare.delete', 'Location.create', 'Location.update', 'Location.delete'];

    expect(permitted(staff('LC'), WRITES).toSorted()).toEqual([...STAFF_WRITES, ...kept].toSorted());
    expect(answer(staff('LC'), 'delete', 'Patient')).toBe('role');
  });

  it('lets a national coordinator write nothing but consents, files, and who it is that reserves.', () => {
    expect(permitted(staff('SC'), WRITES)).toEqual([
      'Binary.create',
      'Consent.create',
      'Consent.update',
      'Consent.delete',
      'DocumentReference.create',
      'DocumentReference.delete',
      'Patient.create',
    ]);
    expect(answer(staff('SC'), 'update', 'Patient')).toBe('role');
  });

  it.each([
    ['an EHR', { ...ehr, units: [] }, 'Observation'],
    ['a local user', staff('LU', { units: [] }), 'Patient'],
    ['a local coordinator', staff('LC', { units: [] }), 'QuestionnaireResponse'],
  ])('lets %s without a unit write nothing: it would belong to everyone.', (_who, principal, type) => {
    expect(permitted(principal, WRITES).filter((name) => name !== 'AuditEvent.create')).toEqual([]);
    expect(answer(principal, 'create', type)).toBe('unit');
    expect(answer(principal, 'read', type)).toBe('permit');
  });

  it.each([
    ['an EHR', ehr, 'permit'],
    ['an analytics client', analytics, 'permit'],
    ['a national coordinator', staff('SC'), 'permit'],
    ['a local coordinator', staff('LC'), 'role'],
    ['a local user', staff('LU'), 'role'],
  ])('answers a bulk export of %s.', (_who, principal, expected) => {
    expect(answer(principal, 'export', 'Observation')).toBe(expected);
    expect(answer(principal, 'export', '*')).toBe(expected);
  });

  it('gives the audit trail to coordinators alone.', () => {
    expect([staff('LC'), staff('SC')].map((who) => answer(who, 'search', 'AuditEvent'))).toEqual([
      'permit',
      'permit',
    ]);
    expect([staff('LU'), ehr, analytics].map((who) => answer(who, 'search', 'AuditEvent'))).toEqual([
      'role',
      'role',
      'role',
    ]);
    expect(WRITES.map((i) => answer(staff('LC'), i, 'AuditEvent'))).toEqual([
      'server-owned',
      'append-only',
      'append-only',
      'append-only',
    ]);
  });

  it.each([
    ['create', 'c'],
    ['read', 'r'],
    ['vread', 'r'],
    ['history', 'r'],
    ['history-type', 's'],
    ['update', 'u'],
    ['patch', 'u'],
    ['delete', 'd'],
    ['search', 's'],
    ['export', 's'],
  ] as const)('asks for the scope letter of %s: %s (SC-02).', (interaction, letter) => {
    const without = [...'cruds'].filter((other) => other !== letter).join('');

    expect(answer(withScopes(ehr, `system/Observation.${letter}`), interaction, 'Observation')).toBe(
      'permit',
    );
    expect(answer(withScopes(ehr, `user/Observation.${letter}`), interaction, 'Observation')).toBe('permit');
    expect(answer(withScopes(ehr, `system/Observation.${without}`), interaction, 'Observation')).toBe(
      'scope',
    );
    expect(answer(withScopes(ehr, `system/Patient.${letter}`), interaction, 'Observation')).toBe('scope');
    expect(answer(withScopes(ehr, `patient/Observation.${letter}`), interaction, 'Observation')).toBe(
      'scope',
    );
    expect(answer(withScopes(ehr), interaction, 'Observation')).toBe('scope');
  });

  it('takes a scope with a constraint as none: it is not enforced here.', () => {
    expect(answer(withScopes(ehr, 'system/Observation.rs?category=laboratory'), 'read', 'Observation')).toBe(
      'scope',
    );
  });

  it('lets all types at once only to those whose scopes cover all types.', () => {
    expect(answer(withScopes(ehr, 'system/*.rs'), 'search', '*')).toBe('permit');
    expect(answer(withScopes(ehr, 'system/Observation.rs'), 'search', '*')).toBe('scope');
  });
});

describe('A refusal', () => {
  it('is 403 with the reason code, and says what would be needed.', () => {
    const refused = toRefusal({
      effect: 'deny',
      reason: 'role',
      explanation: 'The role LU may not delete Patient.',
    });

    expect(refused.status).toBe(403);
    expect(refused.issues).toEqual([
      {
        severity: 'error',
        code: 'forbidden',
        diagnostics: 'The role LU may not delete Patient.',
        rule: 'role',
      },
    ]);
  });

  it('is 405 with the methods that are left for what nobody may ever do.', () => {
    const refused = toRefusal({ effect: 'deny', reason: 'append-only', explanation: 'Never.' });

    expect(refused.status).toBe(405);
    expect(refused.headers).toEqual({ Allow: 'GET, HEAD, POST' });
    expect(refused.issues[0]?.rule).toBe('append-only');
  });
});

describe('A definition', () => {
  it('is what a register is made of, not what it holds.', () => {
    expect(['Questionnaire', 'PlanDefinition', 'StructureDefinition'].every(isDefinition)).toBe(true);
    expect(['QuestionnaireResponse', 'Patient', 'Organization'].some(isDefinition)).toBe(false);
  });
});
