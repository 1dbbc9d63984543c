/** Who may go through which part of the audit trail, what that leaves, and a person's own list (AU-05). */
import { createTrailReview, type StaffCaller, type TrailReview } from '../../../src/registry/audit/review.ts';
import { searchTrail } from '../../../src/repository/trail.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import type { AuditRow } from '../../../src/storage/audit-search.ts';
import { refusalOf, type RepositoryUnderTest, startRepository } from '../../support/repository.ts';
import { staff } from '../../unit/access/principals.ts';

const UNITS = [
  { id: 'hospital', name: 'Sykehuset', partOf: undefined },
  { id: 'clinic', name: 'Smerteteam Nord', partOf: 'hospital' },
  { id: 'other', name: 'Smerteteam Sør', partOf: undefined },
];

let sut: RepositoryUnderTest;
let review: TrailReview;
let count = 0;

const as = (role: 'LU' | 'LC' | 'SC', interaction = 'trail-review'): StaffCaller => ({
  principal: staff(role),
  requestId: `request-${++count}`,
  interaction,
});

const PERIOD = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };

const event = (id: string, parts: Partial<AuditRow> = {}) => ({
  id,
  recorded: '2026-11-20T09:00:00.000Z',
  action: 'R',
  kind: 'patient-page',
  outcome: 200,
  agent: 'user:ane',
  role: 'LU',
  unit: 'clinic',
  registers: ['pain'],
  about: ['clinic'],
  patients: ['kari'],
  entityType: 'Patient',
  entityId: 'kari',
  requestId: id,
  content: `{"resourceType":"AuditEvent","id":"${id}","agent":[]}`,
  ...parts,
});

const eventsOf = ({ requestId }: StaffCaller): Promise<readonly AuditRow[]> =>
  sut.repository.deps.audit.search({ requestId, count: 50 });

beforeAll(async () => {
  sut = await startRepository();
  const { db } = sut.database;
  review = createTrailReview({
    repository: sut.repository,
    db: db.as(EVERYTHING),
    units: {
      all: () => Promise.resolve(UNITS),
      unit: (id) => Promise.resolve(UNITS.find((unit) => unit.id === id)),
      withDescendants: (units) => Promise.resolve(units),
      organisationOf: (id) => Promise.resolve(UNITS.find((unit) => unit.id === id)),
    },
  });
  const name = [{ family: 'Sol', given: ['Kari'] }];
  await sut.seed([{ resourceType: 'Practitioner', id: 'kari-sol', name }]);
  await sut.seed([{ resourceType: 'Patient', id: 'kari', name }], { unit: 'clinic', register: 'pain' });
  await sut.seed([{ resourceType: 'Patient', id: 'per' }], { unit: 'clinic', register: 'pain' });
  await db.query({
    text: `insert into account (username, password_hash, name, practitioner_role_ids) values ('ane', 'x', 'Ane Nordli', '{}')`,
  });
  await sut.repository.deps.audit.append([
    event('own'),
    event('about-hospital', { about: ['hospital'], patients: ['per'] }),
    event('other-unit', { unit: 'other', agent: 'user:bo', about: ['clinic'], patients: ['per'] }),
    event('elsewhere', { unit: 'other', agent: 'user:bo', about: ['other'], patients: ['kari'] }),
    event('other-register', { registers: ['heart'], patients: ['kari'] }),
    event('by-night', { recorded: '2026-11-20T22:30:00.000Z', patients: ['per'] }),
    event('by-system', { role: null, unit: null, agent: 'client:ehr', registers: [], kind: 'transaction' }),
  ]);
});
afterAll(async () => {
  await sut[Symbol.asyncDispose]();
});

const marks = async (caller: StaffCaller): Promise<Readonly<Record<string, readonly string[]>>> => {
  const { events } = await review.list(caller, PERIOD);
  return Object.fromEntries(events.map(({ id, deviations }) => [id, deviations]));
};

describe('Going through the audit trail', () => {
  it('shows a local coordinator what was done by and about the own unit in the own register, with marks (AU-05).', async () => {
    expect(await marks(as('LC'))).toEqual({
      own: ['colleague'],
      'about-hospital': [],
      'other-unit': ['other-unit'],
      'by-night': ['night'],
    });
  });

  it('shows a national coordinator the own register, and not who among the patients is a colleague.', async () => {
    const shown = await marks(as('SC'));

    expect(Object.keys(shown)).toEqual(
      expect.arrayContaining(['about-hospital', 'by-night', 'elsewhere', 'other-unit', 'own']),
    );
    expect(Object.keys(shown)).not.toContain('other-register');
    expect(Object.keys(shown)).not.toContain('by-system');
    expect(shown['own']).toEqual([]);
  });

  it('is not for local users, nor for a session that was launched for one person.', async () => {
    const launched = { ...as('LC'), principal: staff('LC', { launch: 'l1', patient: 'kari' }) };

    expect(await refusalOf(review.list(as('LU'), PERIOD))).toMatch(/^403/);
    expect(await refusalOf(review.list(launched, PERIOD))).toMatch(/^403/);
    expect(await refusalOf(review.event(as('LC'), 'elsewhere'))).toMatch(/^404/);
    expect(await refusalOf(review.event(as('SC'), 'other-register'))).toMatch(/^404/);
  });

  it('is in the trail itself: which events, about whom (log of log access).', async () => {
    const caller = as('LC');

    await review.list(caller, PERIOD);
    const told = (await eventsOf(caller)).flatMap(({ patients }) => patients);
    const texts = (await eventsOf(caller)).map(({ content }) => content).join();

    expect(told).toEqual(expect.arrayContaining(['kari', 'per']));
    expect(texts).toContain('AuditEvent/own');
  });

  it('draws the same sample for the same seed.', async () => {
    const [first, again] = [
      await review.list(as('LC'), { ...PERIOD, agent: 'user:ane', seed: 'abc' }),
      await review.list(as('LC'), { ...PERIOD, agent: 'user:ane', seed: 'abc' }),
    ];

    expect(first.events.map(({ id }) => id)).toEqual(again.events.map(({ id }) => id));
    expect(first.events.length).toBeGreaterThan(0);
  });

  it('marks an hour in which somebody opened many persons one by one.', async () => {
    await sut.repository.deps.audit.append(
      Array.from({ length: 21 }, (_, i) =>
        event(`many-${i}`, { agent: 'user:busy', recorded: '2026-11-20T13:10:00.000Z', patients: [`p${i}`] }),
      ),
    );

    const { events } = await review.list(as('SC'), { ...PERIOD, agent: 'user:busy' });

    expect(events).toHaveLength(21);
    expect(new Set(events.flatMap(({ deviations }) => deviations))).toEqual(new Set(['many']));
  });

  it('keeps a follow-up with the event, and an event of it; an empty one is refused.', async () => {
    const caller = as('LC', 'trail-event');

    await review.followUp(caller, 'other-unit', { verdict: 'asked', comment: ' Hadde vakt der. ' });
    const { followUps, event: shown } = await review.event(as('LC'), 'other-unit');
    const told = await eventsOf(caller);

    expect(followUps).toMatchObject([
      { verdict: 'asked', comment: 'Hadde vakt der.', reviewerName: 'Ane Sol' },
    ]);
    expect(shown.isFollowedUp).toBe(true);
    expect(told.map(({ kind }) => kind)).toContain('trail-followed-up');
    expect(JSON.stringify(told)).not.toContain('Hadde vakt');
    expect(await refusalOf(review.followUp(as('LC'), 'own', { verdict: 'asked', comment: '  ' }))).toBe(
      '422 comment',
    );
  });
});

describe('The trail over the API', () => {
  it('is cut to the register and unit of the coordinator in the same way.', async () => {
    const idsFor = async (role: 'LC' | 'SC'): Promise<readonly string[]> => {
      const rows = await searchTrail(sut.repository, as(role, 'search-type'), {
        patient: 'kari',
        count: 100,
      });
      return rows.map(({ id }) => id).filter((id) => !id.includes('-7'));
    };

    expect(await idsFor('LC')).toEqual(expect.arrayContaining(['own', 'by-system']));
    expect(await idsFor('LC')).not.toContain('elsewhere');
    expect(await idsFor('SC')).toEqual(expect.arrayContaining(['own', 'elsewhere', 'by-system']));
    expect(await idsFor('SC')).not.toContain('other-register');
  });
});

describe('A person’s own list', () => {
  it('has everybody in the register who saw the person, by name, and is one of the events on it (AU-05).', async () => {
    const caller = as('LC', 'access-list');

    const first = await review.accessList(caller, 'kari');
    const again = await review.accessList(as('LC', 'access-list'), 'kari');

    expect(first.map(({ id }) => id)).toEqual(expect.arrayContaining(['own', 'elsewhere', 'by-system']));
    expect(first.map(({ id }) => id)).not.toContain('other-register');
    expect(first.find(({ id }) => id === 'own')).toMatchObject({
      agentName: 'Ane Nordli',
      unitName: 'Smerteteam Nord',
      role: 'LU',
    });
    expect(again.map(({ kind }) => kind)).toContain('access-list');
    expect(await refusalOf(review.accessList(as('LC'), 'nobody'))).toMatch(/^404/);
  });

  it('is found by an index on the person, not by reading the trail.', async () => {
    const { db } = sut.database;
    await db.query({
      text: `insert into audit (id, recorded, action, kind, outcome, agent, patients, request_id, content)
        select 'bulk-' || i, now(), 'R', 'read', 200, 'user:bulk', '{}', 'r', '{}' from generate_series(1, 20000) i`,
    });
    await db.query({
      text: `insert into audit_patient (patient, recorded, seq, stored)
        select 'p' || seq, recorded, seq, stored from audit where agent = 'user:bulk'`,
    });
    await db.query({ text: 'analyze audit, audit_patient' });
    const plan = await db.query<Record<string, string>>({
      text: `explain select a.id from audit_patient p join audit a on a.seq = p.seq and a.stored = p.stored
        where p.patient = 'kari' order by p.recorded desc, p.seq desc limit 50`,
    });
    const text = plan.map((row) => Object.values(row).join()).join('\n');

    expect(text).toMatch(/Index Only Scan.* on audit_patient_\d{4}_\d\d/);
    expect(text).toMatch(/Index Scan.* on audit_\d{4}_\d\d a/);
  });
});
