/** A database from before direct identifiers were kept apart (ID-01). */
import { hash64 } from '../../../src/fhir/id.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { personKeys } from '../../../src/fhir/person-keys.ts';
import { protectExisting } from '../../../src/storage/protect-existing.ts';
import { readBatch } from '../../../src/storage/reindex-store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.1';
const NUMBERS = ['15838510156', '15838510172'];
const PATIENT = 103;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [at, value] of NUMBERS.entries()) {
    const content = (version: number): string =>
      `{"resourceType":"Patient","id":"p${at}","meta":{"versionId":"${version}"},"identifier":[{"system":"${SYSTEM}","value":"${value}"}],"text":{"div":"${value}"},"multipleBirthInteger":1.0}`;
    await database.db.query({
      text: `insert into resource (cmp, type, rid, lu, ver, op, id, content) values (1, $1, $2, now(), 2, 'U', $3, $4)`,
      values: [PATIENT, at + 1, `p${at}`, content(2)],
    });
    await database.db.query({
      text: `insert into history (cmp, type, id, ver, rid, lu, op, content) values (1, $1, $2, 1, $3, now(), 'C', $4)`,
      values: [PATIENT, `p${at}`, at + 1, content(1)],
    });
    await database.db.query({
      text: 'insert into identifier_key (h, type, cmp, rid) values ($1, $2, 1, $3)',
      values: [hash64(`${SYSTEM}|${value}`), PATIENT, at + 1],
    });
  }
  await database.db.query({
    text: `insert into index_state (type, params, changed) values ($1, '{"identifier":"1"}', now())`,
    values: [PATIENT],
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const contents = async (table: 'resource' | 'history'): Promise<readonly string[]> => {
  const rows = await database.db.query<{ content: string }>({
    text: `select content from ${table} order by rid`,
  });
  return rows.map(({ content }) => content);
};

describe('What was stored before', () => {
  it('loses its direct identifiers, in every version, and is the same to who may read it.', async () => {
    const before = [...(await contents('resource')), ...(await contents('history'))];

    const changed = await protectExisting(database.db, database.identifiers);

    const after = [...(await contents('resource')), ...(await contents('history'))];
    expect(changed).toBe(4);
    expect(after.join()).not.toMatch(new RegExp(NUMBERS.join('|')));
    expect(await database.identifiers.reveal(after)).toEqual(before);
  });

  it('has unique keys of references, and an index that is to be made anew.', async () => {
    const keys = await database.db.query<{ h: string }>({
      text: 'select h from identifier_key order by rid',
    });
    const [state] = await database.db.query<{ params: object }>({ text: 'select params from index_state' });

    const wanted = (await contents('resource')).flatMap((text) => personKeys(parseJson(text) as JsonObject));
    expect(keys.map(({ h }) => h)).toEqual(wanted);
    expect(state?.params).toEqual({});
  });

  it('is looked at once.', async () => {
    const reports: unknown[] = [];

    const changed = await protectExisting(database.db, database.identifiers, (report) =>
      reports.push(report),
    );

    expect({ changed, reports }).toEqual({ changed: 0, reports: [] });
  });
});

describe('A store of many rows from before', () => {
  it('is looked at whole, however many digits the numbers of its rows have.', async () => {
    await using other = await createTestDatabase();
    await other.db.query({
      text: `insert into resource (cmp, type, rid, lu, ver, op, id, content)
        select 1, $1, n, now(), 1, 'C', 'm' || n, '{"resourceType":"Patient","id":"m' || n || '","text":{"div":"${NUMBERS[0]}"}}'
        from generate_series(1, 1200) n`,
      values: [PATIENT],
    });

    const changed = await protectExisting(other.db, other.identifiers);

    const left = await other.db.query({ text: `select from resource where content like '%${NUMBERS[0]}%'` });
    expect([changed, left]).toEqual([1200, []]);
  });

  it('is indexed anew in the order of its numbers.', async () => {
    await using other = await createTestDatabase();
    await other.db.query({
      text: `insert into resource (cmp, type, rid, lu, ver, op, id, content)
        select 1, $1, n, now(), 1, 'C', 'm' || n, '{}' from unnest('{9,10,20,100,1000}'::int[]) n`,
      values: [PATIENT],
    });
    const numbers = async (after: string): Promise<readonly string[]> =>
      (await readBatch(other.db, 'Patient', after, 3)).map(({ rid }) => rid);

    expect([await numbers('0'), await numbers('20')]).toEqual([
      ['9', '10', '20'],
      ['100', '1000'],
    ]);
  });
});
