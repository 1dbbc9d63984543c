/** The second line: what the database itself refuses, whatever the server asks it (docs/adr/0014). */
import { accessOf } from '../../src/access/filter.ts';
import { APPLICATION_ROLE } from '../../src/storage/application-role.ts';
import { checkRole, GUARDED, roleFaults } from '../../src/storage/check-role.ts';
import { EVERYTHING, type RowAccess, SHARED } from '../../src/storage/row-access.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ehrOf } from '../support/repository.ts';
import { aCreate, anUpdate } from '../support/stored-resources.ts';

const SECOND = 1000;
const DEPARTMENTS = ['north', 'south'] as const;
const of = (unit: string): RowAccess => accessOf(ehrOf(unit));
const labels = (unit: string | null) => ({ register: null, unit, episode: null, national: false });
const COUNT = { text: 'select r.id, r.unit from resource r' };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ poolSize: 2 });
  await database.store.transaction((tx) =>
    tx.write([
      aCreate('Organization', 'shared', { labels: labels(null) }),
      ...DEPARTMENTS.flatMap((unit) =>
        Array.from({ length: 20 }, (_, n) =>
          aCreate('Observation', `${unit}-${n}`, { labels: labels(unit) }),
        ),
      ),
    ]),
  );
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe('Row-level security', () => {
  it('shows and takes nothing without a word for whom (RL-01).', async () => {
    for (const table of GUARDED) {
      const [row] = await database.app.query<{ n: number }>({
        text: `select count(*)::int as n from ${table}`,
      });
      expect([table, row?.n]).toEqual([table, 0]);
    }
    await expect(
      database.app.query({ text: `insert into resource_id (type, id, cmp, rid) values (96, 'x', 1, 1)` }),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it('shows each department its own rows and the shared ones, and shared ones alone to who asks for these.', async () => {
    const north = await database.app.as(of('north')).query<{ unit: string | null }>(COUNT);
    const shared = await database.app.as(SHARED).query<{ id: string }>(COUNT);

    expect(new Set(north.map(({ unit }) => unit))).toEqual(new Set(['north', null]));
    expect(north).toHaveLength(21);
    expect(shared.map(({ id }) => id)).toEqual(['shared']);
  });

  it('keeps 1000 interleaved requests of two departments apart over two connections and the lane (RL-02).', async () => {
    const answers = await Promise.all(
      Array.from({ length: SECOND }, async (_, n) => {
        const unit = DEPARTMENTS[n % 2] as string;
        const db = database.app.as(of(unit));
        const statement = { ...COUNT, name: 'interleaved' };
        const roads = [
          () => db.query(statement),
          () => db.lane.query(statement),
          () => db.tx((tx) => tx.query(COUNT)),
        ];
        const rows = (await roads[n % 3]?.()) as readonly { readonly unit: string | null }[];
        return rows.length === 21 && rows.every((row) => row.unit === null || row.unit === unit);
      }),
    );
    const [nobody] = await Promise.all([database.app.query(COUNT), database.app.lane.query(COUNT)]);

    expect(answers.filter((isOwn) => !isOwn)).toEqual([]);
    expect(nobody).toEqual([]);
  });

  it('leaves nothing behind after a statement that failed, or a transaction that was rolled back (RL-02).', async () => {
    const db = database.app.as(of('north'));
    await expect(db.query({ text: 'select 1 / r.ver - r.ver / 0 from resource r' })).rejects.toThrow('zero');
    await expect(db.lane.query({ text: 'select r.ver / 0 from resource r' })).rejects.toThrow('zero');
    await expect(
      db.tx(async (tx) => {
        await tx.query(COUNT);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect(await Promise.all([1, 2, 3, 4].map(() => database.app.query(COUNT)))).toEqual([[], [], [], []]);
    expect(await database.app.lane.query(COUNT)).toEqual([]);
  });

  it('asks for others inside a transaction, and for the server again after that.', async () => {
    const lengths = await database.app.as(EVERYTHING).tx(async (tx) => {
      const all = await tx.query(COUNT);
      const own = await tx.as(of('south')).query(COUNT);
      const again = await tx.query(COUNT);
      return [all.length, own.length, again.length];
    });

    expect(lengths).toEqual([41, 21, 41]);
  });

  it('refuses a row for another department, and leaves another’s as it is.', async () => {
    const made = database.store.transaction((tx) =>
      tx.write([aCreate('Observation', 'stolen', { labels: labels('south') })], of('north')),
    );
    await expect(made).rejects.toMatchObject({ code: '42501' });

    const key = { type: 'Observation', id: 'south-1' };
    const [row] = await database.store.as(EVERYTHING).readMany([key]);
    const changed = database.store.transaction((tx) => tx.write([anUpdate(row!)], of('north')));
    await expect(changed).rejects.toThrow();

    expect(await database.store.as(EVERYTHING).read(key)).toMatchObject({ versionId: 1 });
  });

  it('lets a department write its own, and not give it away.', async () => {
    const key = { type: 'Observation', id: 'north-2' };
    const [row] = await database.store.as(EVERYTHING).readMany([key]);
    await database.store.transaction((tx) => tx.write([anUpdate(row!)], of('north')));
    const [next] = await database.store.as(EVERYTHING).readMany([key]);
    const given = database.store.transaction((tx) =>
      tx.write([{ ...anUpdate(next!), labels: labels('south') }], of('north')),
    );

    await expect(given).rejects.toMatchObject({ code: '42501' });
    expect(await database.store.as(of('south')).readMany([key])).toEqual([]);
    expect(await database.store.as(of('north')).readVersion(key, 1)).toMatchObject({ versionId: 1 });
    expect(await database.store.as(of('south')).readVersion(key, 1)).toBeUndefined();
  });

  it('shows nothing to who goes past the parent table, and lets nobody change the trail (AU-04).', async () => {
    const everything = database.app.as(EVERYTHING);
    await expect(everything.query({ text: 'select from resource_observation' })).rejects.toMatchObject({
      code: '42501',
    });
    for (const text of ['update audit set agent = agent', 'delete from audit', 'truncate audit_patient']) {
      await expect(everything.query({ text })).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('reads a unit name as a name, whatever is in it.', async () => {
    const odd = [`a","north`, `{north}`, `north\\`, `','all`, ''];
    for (const unit of odd) {
      expect(await database.app.as(of(unit)).query(COUNT)).toHaveLength(1);
    }
  });
});

describe('The check at start', () => {
  it('finds nothing wrong with the server’s role (RL-01, RL-03).', async () => {
    expect(await roleFaults(database.app)).toEqual([]);
  });

  it('names a superuser, who is above all policies.', async () => {
    await expect(checkRole(database.db)).rejects.toMatchObject({
      code: 'role',
      message: expect.stringContaining('is a superuser'),
    });
  });

  it.each([
    ['alter table history no force row level security', 'The table history has row-level security off'],
    [
      'alter table resource_other disable row level security',
      'The table resource_other has row-level security off',
    ],
    ['drop policy server on export_job', 'The table export_job has no policy'],
    [`grant delete on audit to ${APPLICATION_ROLE}`, 'may change the table audit'],
    [`alter table idx_text owner to ${APPLICATION_ROLE}`, 'owns the table idx_text'],
  ])('names what %s does.', async (text, fault) => {
    await using other = await createTestDatabase({ poolSize: 1 });
    await other.db.query({ text });

    await expect(checkRole(other.app)).rejects.toMatchObject({ message: expect.stringContaining(fault) });
  });

  it('knows every table that refers to a patient or holds a resource.', async () => {
    const rows = await database.db.query<{ name: string }>({
      text: `select distinct c.relname as name
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and (a.attname = 'patient' or a.attname = 'rid' or (a.attname = 'content' and a.atttypid = 'text'::regtype))`,
    });

    const known = [...GUARDED, 'audit', 'audit_patient', ...SEALED];
    expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});

/** Small tables of the doors, which name a person by the register's own id: read by key alone. */
const SEALED = ['app_grant', 'patient_access'];
