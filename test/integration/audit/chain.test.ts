/** The chain over the audit trail: whatever is done to it behind our back is found and named (AU-04). */
import { createAuditLog } from '../../../src/storage/audit-log.ts';
import type { AuditRecord } from '../../../src/storage/audit-record.ts';
import { oldestKept, retireMonths } from '../../../src/storage/audit-months.ts';
import { readHead, sealTrail } from '../../../src/storage/audit-seal.ts';
import { type PublishedHead, type Verification, verifyTrail } from '../../../src/storage/audit-verify.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealAll } from '../../support/sealing.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const anEvent = (id: string, parts: Partial<AuditRecord> = {}): AuditRecord => ({
  id,
  recorded: '2026-11-21T10:00:00.000Z',
  action: 'R',
  kind: 'read',
  outcome: 200,
  agent: 'user:lu-ane',
  role: 'LU',
  unit: 'unit-a',
  registers: ['alpha'],
  about: ['unit-a'],
  patients: [`patient-of-${id}`],
  entityType: 'Patient',
  entityId: 'p1',
  requestId: 'r1',
  content: `{"resourceType":"AuditEvent","id":"${id}"}`,
  ...parts,
});

const append = (...names: readonly string[]): Promise<void> =>
  createAuditLog(database.db).append(names.map((id) => anEvent(id)));

const run = (text: string): Promise<unknown> => database.db.query({ text });

/** The head as it would lie outside of the database. */
async function published(): Promise<PublishedHead> {
  const head = await readHead(database.db);
  return { n: head?.n ?? '0', hash: head?.hash ?? '', publishedAt: '2026-11-21T11:00:00Z' };
}

const told = ({ findings }: Verification): readonly string[] =>
  findings.map(({ kind, n, id }) => [kind, n, id].filter((part) => part !== undefined).join(' '));

describe('The chain over the audit trail', () => {
  it('takes in every event once, in pages or not, and finds nothing wrong with them.', async () => {
    await append('e1', 'e2');
    const first = await sealAll(database.db);
    await append('e3');
    const second = await sealAll(database.db);
    const third = await sealAll(database.db);

    expect([first, second, third]).toEqual([2, 1, 0]);
    expect(await verifyTrail(database.db, [await published()])).toMatchObject({
      findings: [],
      good: 3,
      unsealed: 0,
      heads: 1,
    });
  });

  it('leaves out what is not settled: an event of an open transaction is sealed after it, not skipped.', async () => {
    const log = createAuditLog(database.db);
    const open = Promise.withResolvers<undefined>();
    const isWriting = Promise.withResolvers<undefined>();
    const slow = database.store.transaction(async (tx) => {
      log.inTransaction(tx, [anEvent('slow')]);
      await tx.query({ text: 'select 1', values: [] });
      isWriting.resolve(undefined);
      await open.promise;
    });
    await isWriting.promise;
    await append('fast');
    const during = await sealTrail(database.db);
    open.resolve(undefined);
    await slow;
    const after = await sealAll(database.db);

    expect([during, after]).toEqual([0, 2]);
    expect((await verifyTrail(database.db)).findings).toEqual([]);
  });

  it('is made once when two servers seal at the same time.', async () => {
    await append(...Array.from({ length: 50 }, (_, i) => `e${i}`));

    await Promise.all([sealAll(database.db), sealAll(database.db), sealAll(database.db)]);

    expect(await verifyTrail(database.db)).toMatchObject({ findings: [], good: 50, head: { n: '50' } });
  });

  it('goes on after a backup was restored into a cluster whose transactions have lower numbers.', async () => {
    await append('before');
    await sealAll(database.db);
    await append('unsealed');
    await run(`update audit set xid = '900000000' where id = 'unsealed'`);
    await run(`update audit_head set hi = '900000000'`);
    await append('after');

    await sealAll(database.db);

    expect(await verifyTrail(database.db)).toMatchObject({ findings: [], good: 3, unsealed: 0 });
  });
});

describe('Verifying the audit trail (AU-04)', () => {
  beforeEach(async () => {
    await append('e1', 'e2', 'e3', 'e4');
    await sealAll(database.db);
  });

  it.each([
    ['a byte of the event', `content = replace(content, '"id":"e2"', '"id":"e9"')`],
    ['who it was', `agent = 'user:lu-bo'`],
    ['when it was', `recorded = recorded + interval '1 microsecond'`],
    ['what came of it', 'outcome = 403'],
    ['the register', `registers = '{}'`],
  ])('names the event of which was changed: %s.', async (_what, change) => {
    await run(`update audit set ${change} where id = 'e2'`);

    expect(told(await verifyTrail(database.db))).toEqual(['changed 2 e2']);
  });

  it('names an event that was deleted.', async () => {
    await run(`delete from audit where id = 'e3'`);
    await run(`delete from audit_patient where patient = 'patient-of-e3'`);

    expect(told(await verifyTrail(database.db))).toEqual(['missing 3']);
  });

  it('names two events that changed places.', async () => {
    await run(`update audit set seq = -seq where id in ('e2', 'e3')`);
    await run(`update audit set seq = case id when 'e2' then 1 - seq else -1 - seq end where seq < 0`);
    await run(`update audit_patient p set seq = a.seq from audit a where p.patient = 'patient-of-' || a.id`);

    expect(told(await verifyTrail(database.db))).toEqual(['changed 2 e3', 'changed 3 e2']);
  });

  it('names links that were cut out, and the events that are outside of the chain then.', async () => {
    await run(`delete from audit_seal where n = 2`);

    expect(told(await verifyTrail(database.db))).toEqual(['gap 2', 'extra e2']);
  });

  it('names an event that was put in behind.', async () => {
    await append('forged');
    await run(`update audit set xid = '3' where id = 'forged'`);
    await sealAll(database.db);

    expect(told(await verifyTrail(database.db))).toEqual(['extra forged']);
  });

  it('names a person who was taken off the list that people’s events are found by.', async () => {
    await run(`delete from audit_patient where patient = 'patient-of-e1'`);

    expect(told(await verifyTrail(database.db))).toEqual(['unlisted']);
  });

  it('finds a tail that was cut off after its head was published.', async () => {
    const head = await published();
    await run(`delete from audit where id in ('e3', 'e4')`);
    await run(`delete from audit_patient where patient in ('patient-of-e3', 'patient-of-e4')`);
    await run('delete from audit_seal where n > 2');

    expect(told(await verifyTrail(database.db))).toEqual([]);
    expect(told(await verifyTrail(database.db, [head]))).toEqual(['truncated 3']);
  });

  it('finds an older backup that was restored, also after it has been written on.', async () => {
    await append('e5');
    await sealAll(database.db);
    const head = await published();
    await run(`delete from audit where id = 'e5'`);
    await run(`delete from audit_patient where patient = 'patient-of-e5'`);
    await run('delete from audit_seal where n = 5');
    await run('delete from audit_head where n = 5');
    const restored = await verifyTrail(database.db, [head]);
    await append('other');
    await sealAll(database.db);

    expect(told(restored)).toEqual(['truncated 5']);
    expect(told(await verifyTrail(database.db, [head]))).toEqual(['rewritten 5']);
  });

  it('finds a chain that was made anew over changed events.', async () => {
    const head = await published();
    await run(`update audit set agent = 'user:someone-else' where id = 'e1'`);
    await run('delete from audit_seal');
    await run('delete from audit_head');
    await sealAll(database.db);

    expect(told(await verifyTrail(database.db))).toEqual([]);
    expect(told(await verifyTrail(database.db, [head]))).toEqual(['rewritten 4']);
  });
});

describe('Months of the audit trail (AU-06)', () => {
  const stored = (id: string, at: string): Promise<unknown> =>
    run(`with a as (
        insert into audit (id, stored, recorded, action, kind, outcome, agent, patients, request_id, content)
        values ('${id}', '${at}', '${at}', 'R', 'read', 200, 'user:lu-ane', '{anna}', 'r', '{}')
        returning seq, stored, recorded
      )
      insert into audit_patient (patient, recorded, seq, stored) select 'anna', recorded, seq, stored from a`);
  const tables = async (): Promise<readonly string[]> => {
    const rows = await database.db.query<{ name: string }>({
      text: `select relid::text as name from pg_partition_tree('audit') where isleaf order by 1`,
    });
    return rows.map(({ name }) => name);
  };

  it('are taken away whole, with a proof of where the chain goes on.', async () => {
    await run(`select audit_make_month('2021-09-15'), audit_make_month('2021-10-15')`);
    await stored('old-1', '2021-09-10T10:00:00Z');
    await stored('new-1', '2021-10-01T00:00:00Z');
    await stored('old-2', '2021-09-30T23:59:59Z'); // its transaction began before the month ended, and ended after
    await sealAll(database.db);
    const early = await published();

    const retired = await retireMonths(
      database.db,
      oldestKept(new Date('2026-10-20T02:00:00Z'), 60),
      (record) => Promise.resolve(JSON.stringify(record)),
    );

    expect(retired).toMatchObject({ before: '2021-10-01T00:00:00.000Z', n: '1', events: 2 });
    expect(await tables()).not.toContain('audit_2021_09');
    expect(await tables()).toContain('audit_2021_10');
    expect(await verifyTrail(database.db, [early])).toMatchObject({ findings: [], good: 1, retired: 1 });
  });

  it('are not taken away with events that are not sealed, nor twice.', async () => {
    await stored('old', '2021-09-10T10:00:00Z');
    const before = oldestKept(new Date('2026-10-20T02:00:00Z'), 60);
    const sign = (): Promise<string> => Promise.resolve('proof');

    await expect(retireMonths(database.db, before, sign)).rejects.toThrow('not sealed yet');
    await sealAll(database.db);
    const first = await retireMonths(database.db, before, sign);
    const second = await retireMonths(database.db, before, sign);

    expect(first).toMatchObject({ events: 1 });
    expect(second).toBeUndefined();
    await append('next');
    await sealAll(database.db);
    expect(await verifyTrail(database.db)).toMatchObject({ findings: [], good: 1 });
  });

  it('are made after the fact too, with what came before they had a table.', async () => {
    await stored('early', '2031-05-03T10:00:00Z');
    await sealAll(database.db);

    await run(`select audit_make_month('2031-05-20')`);

    const rows = await database.db.query<{ place: string }>({
      text: 'select tableoid::regclass::text as place from audit',
    });
    expect(rows).toEqual([{ place: 'audit_2031_05' }]);
    expect((await verifyTrail(database.db)).findings).toEqual([]);
  });
});
