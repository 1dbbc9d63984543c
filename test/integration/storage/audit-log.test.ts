/** The audit trail against the real database. */
import { createAuditLog } from '../../../src/storage/audit-log.ts';
import type { AuditRecord } from '../../../src/storage/audit-record.ts';
import type { Db } from '../../../src/storage/db.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const anEvent = (id: string, parts: Partial<AuditRecord> = {}): AuditRecord => ({
  id,
  recorded: '2026-03-01T10:00:00.000Z',
  action: 'R',
  kind: 'read',
  outcome: 200,
  agent: 'user:lu-ane',
  role: 'LU',
  unit: 'unit-a',
  patients: [],
  entityType: 'Patient',
  entityId: 'p1',
  requestId: 'r1',
  content: '{"resourceType":"AuditEvent"}',
  ...parts,
});

const ids = (rows: readonly AuditRecord[]): readonly string[] => rows.map(({ id }) => id);

describe('The audit log', () => {
  it('gives an event back as it was recorded.', async () => {
    const log = createAuditLog(database.db);
    const event = anEvent('e1', { patients: ['p1', 'p2', 'p1'], registers: ['alpha'], about: ['unit-b'] });

    await log.append([event]);

    expect(await log.search({ count: 10 })).toEqual([{ ...event, cursor: expect.any(String) }]);
  });

  it('acknowledges a read only after its event is stored, many of them by few statements (AU-01).', async () => {
    let statements = 0;
    const counting: Db = {
      ...database.db,
      query(statement) {
        statements++;
        return database.db.query(statement);
      },
    };
    const log = createAuditLog(counting);

    await Promise.all(Array.from({ length: 50 }, (_, i) => log.append([anEvent(`e${i}`)])));

    expect(statements).toBe(1);
    expect(await createAuditLog(database.db).search({ count: 100 })).toHaveLength(50);
  });

  it('tells every caller of a group that failed, and goes on with the next.', async () => {
    const log = createAuditLog(database.db);

    const results = await Promise.allSettled([
      log.append([anEvent('bad', { action: 'too long' })]),
      log.append([anEvent('beside')]),
    ]);
    await log.append([anEvent('after')]);

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(ids(await log.search({ count: 10 }))).toEqual(['after']);
  });

  it('drops the event of a transaction that is rolled back.', async () => {
    const log = createAuditLog(database.db);

    const failing = database.store.transaction(async (tx) => {
      await log.inTransaction(tx, [anEvent('rolled-back')]);
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');
    expect(await log.search({ count: 10 })).toEqual([]);
  });

  it('finds events by patient, agent, entity, action, interaction and request.', async () => {
    const log = createAuditLog(database.db);
    await log.append([
      anEvent('patient', { patients: ['anna'] }),
      anEvent('agent', { agent: 'client:x' }),
      anEvent('entity', { entityType: 'Task', entityId: 't1' }),
      anEvent('action', { action: 'E', kind: 'search-type' }),
      anEvent('request', { requestId: 'r9' }),
    ]);
    const filters = {
      patient: { patient: 'anna' },
      agent: { agent: 'client:x' },
      entity: { entityType: 'Task', entityId: 't1' },
      action: { action: 'E', kind: 'search-type' },
      request: { requestId: 'r9' },
    };

    for (const [id, filter] of Object.entries(filters)) {
      expect(ids(await log.search({ ...filter, count: 10 }))).toEqual([id]);
    }
  });

  it('takes the start of a period in and leaves its end out.', async () => {
    const log = createAuditLog(database.db);
    await log.append(
      ['08', '09', '10'].map((hour) => anEvent(hour, { recorded: `2026-03-01T${hour}:00:00.000Z` })),
    );

    const rows = await log.search({ from: '2026-03-01T08:00:00Z', to: '2026-03-01T10:00:00Z', count: 10 });

    expect(ids(rows)).toEqual(['09', '08']);
  });

  it('pages from the newest to the oldest, also for one patient and within one instant.', async () => {
    const log = createAuditLog(database.db);
    await log.append(Array.from({ length: 5 }, (_, i) => anEvent(`e${i}`, { patients: ['anna'] })));

    for (const filter of [{}, { patient: 'anna' }]) {
      const first = await log.search({ ...filter, count: 3 });
      const second = await log.search({ ...filter, count: 3, cursor: first.at(-1)?.cursor ?? '' });
      expect([ids(first), ids(second)]).toEqual([
        ['e4', 'e3', 'e2'],
        ['e1', 'e0'],
      ]);
    }
  });
});
