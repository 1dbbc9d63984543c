/** https://profiles.ihe.net/ITI/BALP, https://hl7.org/fhir/R4/auditevent.html */
import { toAuditEvent } from '../../../src/access/audit-event.ts';
import type { Audited } from '../../../src/access/audited.ts';
import { analytics, ehr, staff } from './principals.ts';
import { sharedValidator } from '../../support/validator.ts';

const event = (parts: Partial<Audited> = {}): Audited => ({
  id: 'e1',
  recorded: new Date('2026-11-20T08:00:00Z'),
  principal: ehr,
  interaction: 'create',
  action: 'C',
  status: 201,
  requestId: 'request-1',
  entities: [{ type: 'Observation', id: 'o1', versionId: '1' }],
  patients: ['p1'],
  ...parts,
});

describe('The AuditEvent', () => {
  const validator = sharedValidator();

  it.each<[string, Partial<Audited>]>([
    ['a write', {}],
    [
      'a search',
      { interaction: 'search-type', action: 'E', status: 200, entities: [], query: 'Patient?identifier' },
    ],
    ['a refusal', { status: 403, reason: 'scope', patients: [] }],
    ['a call without credentials', { principal: undefined, status: 401 }],
    ['a login', { interaction: 'login', action: 'E', principal: staff('LU') }],
    ['an operation', { interaction: '$export', action: 'E', principal: analytics }],
    ['a server fault', { status: 500 }],
    [
      'a page in a register',
      {
        interaction: 'work-list',
        action: 'R',
        principal: staff('LC', { practitioner: 'ane' }),
        registers: ['pain'],
        legalBasis: ['https://law.example'],
        server: 'https://register.example.no/fhir',
      },
    ],
  ])('of %s is valid R4.', (_what, parts) => {
    const faults = validator
      .validate(JSON.parse(JSON.stringify(toAuditEvent(event(parts)))))
      .filter(({ severity }) => severity === 'error');

    expect(faults).toEqual([]);
  });

  it('names request, version and person.', () => {
    const references = toAuditEvent(event()).entity?.map(
      ({ what }) => what?.reference ?? what?.identifier?.value,
    );

    expect(references).toEqual(['request-1', 'Observation/o1/_history/1', 'Patient/p1']);
    expect(toAuditEvent(event({ entities: [{ type: 'Task', id: 't' }] })).entity?.[1]?.what?.reference).toBe(
      'Task/t',
    );
  });

  it.each([
    [200, '0'],
    [201, '0'],
    [404, '4'],
    [500, '8'],
  ])('says of the status %d: %s.', (status, outcome) => {
    expect(toAuditEvent(event({ status })).outcome).toBe(outcome);
  });

  it('gives the rule of a refusal.', () => {
    expect(toAuditEvent(event({ reason: 'role' })).outcomeDesc).toBe('role');
    expect(toAuditEvent(event())).not.toHaveProperty('outcomeDesc');
  });

  it.each([
    ['create', 'rest'],
    ['history-instance', 'rest'],
    ['login', '110114'],
    ['$export', '110100'],
  ])('sorts %s under %s.', (interaction, code) => {
    const { type, subtype } = toAuditEvent(event({ interaction }));

    expect(type.code).toBe(code);
    expect(subtype?.[0]?.code).toBe(interaction);
  });

  it('names the account, its role, unit and token, never the person (AU-02, AU-03).', () => {
    const { agent } = toAuditEvent(event({ principal: staff('LC'), legalBasis: ['https://law.example'] }));

    expect(agent[0]).toMatchObject({
      requestor: true,
      type: { coding: [{ code: 'AUT' }] },
      role: [{ coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register-role', code: 'LC' }] }],
      policy: ['urn:ryggrad:token:session-1', 'https://law.example'],
    });
    expect(agent[0]?.who?.identifier?.value).toBe('user:lc');
    expect(agent.map(({ who }) => who?.reference)).toContain('Organization/clinic');
    expect(JSON.stringify(agent)).not.toContain('Ane Sol');
    expect(toAuditEvent(event()).agent[0]).not.toHaveProperty('role');
    expect(toAuditEvent(event({ principal: undefined })).agent[0]?.who?.display).toBe('unauthenticated');
  });

  it.each([
    ['read', 'R', '110152', '110153'],
    ['search-type', 'E', '110153', '110152'],
    ['create', 'C', '110153', '110152'],
  ] as const)('of a %s says which way the data went (BALP).', (interaction, action, client, server) => {
    const { agent } = toAuditEvent(
      event({ interaction, action, server: 'https://register.example.no/fhir' }),
    );

    expect(agent.map(({ type }) => type?.coding?.[0]?.code)).toEqual([client, server]);
    expect(agent[1]).toMatchObject({
      requestor: false,
      who: { identifier: { value: 'https://register.example.no/fhir' } },
    });
  });

  it('says which registers it belongs to, and why the caller is here (AU-02).', () => {
    const { entity, purposeOfEvent } = toAuditEvent(event({ registers: ['pain'], principal: staff('LU') }));

    expect(entity?.[1]).toMatchObject({ what: { identifier: { value: 'pain' } }, role: { code: '17' } });
    expect(purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('HQUALIMP');
    expect(toAuditEvent(event({ purpose: 'ETREAT' })).purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('ETREAT');
  });

  it('counts by type what is too much to be listed.', () => {
    const entities = Array.from({ length: 503 }, (_, i) => ({
      type: i < 501 ? 'Task' : 'Consent',
      id: `t${i}`,
    }));

    const counted = (toAuditEvent(event({ entities })).entity ?? []).filter(
      ({ detail }) => detail !== undefined,
    );

    expect(counted.map(({ name, detail }) => [name, detail?.[0]?.valueString])).toEqual([
      ['Task', '1'],
      ['Consent', '2'],
    ]);
  });

  it('keeps the search as asked, for those who review it.', () => {
    const query = toAuditEvent(event({ query: 'Patient?identifier&_count' })).entity?.at(-1)?.query;

    expect(Buffer.from(query ?? '', 'base64').toString()).toBe('Patient?identifier&_count');
  });

  it('lists a thousand persons at most (AU-02).', () => {
    const patients = Array.from({ length: 1200 }, (_, i) => `p${i}`);

    const listed = toAuditEvent(event({ patients, entities: [] })).entity ?? [];

    expect(listed).toHaveLength(1001);
  });
});
