/** The table behind the work lists: whose rows are seen, in which order, and that rows of other rules are made anew (ADR 0021). */
import { accessOf } from '../../src/access/filter.ts';
import type { StaffPrincipal } from '../../src/access/principal.ts';
import { pageSql, type ListQuery } from '../../src/repository/pathway-list.ts';
import {
  alphabetical,
  keepListedSql,
  type ListEntry,
  staleListedSql,
} from '../../src/storage/pathway-list.ts';
import { EVERYTHING } from '../../src/storage/row-access.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const person = (role: 'LU' | 'SC', units: readonly string[], register = 'pain'): StaffPrincipal => ({
  kind: 'staff',
  subject: 'user:x',
  name: 'X',
  scopes: [],
  role,
  register,
  units,
});

const entry = (episode: string, change: Partial<ListEntry>): ListEntry => ({
  episode,
  register: 'pain',
  module: '',
  unit: 'north',
  patient: `p-${episode}`,
  isActive: true,
  consent: 'unknown',
  start: '2026-11-20T08:00:00Z',
  forms: ['new'],
  shape: '1',
  ...change,
});

const ENTRIES = [
  entry('a', { department: 'Åpen post', consent: 'yes', start: '2026-11-21T08:00:00Z' }),
  entry('b', { department: 'Øre-nese-hals', consent: 'no', forms: ['in-progress', 'to-confirm'] }),
  entry('c', { department: 'Zen', start: '2026-11-19T08:00:00Z', forms: ['completed'] }),
  entry('south', { unit: 'south', consent: 'yes' }),
  entry('other', { register: 'other' }),
  entry('closed', { isActive: false }),
];

const QUERY: ListQuery = { state: undefined, sort: 'start', direction: 'descending', limit: 50, offset: 0 };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ poolSize: 2 });
  await database.store.transaction(async (tx) => {
    await tx.query(keepListedSql(ENTRIES));
    await tx.query({
      text: `update pathway_list set natl = true where episode in ('a', 'south')`,
      values: [],
    });
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function listOf(principal: StaffPrincipal, query: Partial<ListQuery> = {}): Promise<string> {
  const rows = await database.store
    .as(accessOf(principal))
    .query<{ episode: string }>(pageSql(principal, { ...QUERY, ...query }));
  return rows.map(({ episode }) => episode).join(' ');
}

async function countsOf(principal: StaffPrincipal): Promise<number> {
  const [row] = await database.store.as(accessOf(principal)).query<{ n: number }>({
    text: 'select coalesce(sum(n), 0)::int as n from pathway_counts($1)',
    values: [principal.register],
  });
  return row?.n ?? -1;
}

describe('The table behind the work lists', () => {
  it('shows a department its own pathways that are under way, and a nation those of its store.', async () => {
    expect(await listOf(person('LU', ['north']))).toBe('a b c');
    expect(await listOf(person('LU', ['south']))).toBe('south');
    expect(await listOf(person('SC', []))).toBe('a south');
    expect(await listOf(person('LU', ['north'], 'other'))).toBe('other');
  });

  it('shows no more when the statement asks for more: the database’s own rule (RL-03).', async () => {
    const all = { text: 'select episode from pathway_list order by episode', values: [] };
    const seen = async (principal: StaffPrincipal): Promise<readonly string[]> =>
      (await database.store.as(accessOf(principal)).query<{ episode: string }>(all)).map(
        ({ episode }) => episode,
      );

    expect(await seen(person('LU', ['south']))).toEqual(['south']);
    expect(await seen(person('SC', []))).toEqual(['a', 'south']);
    expect(await seen({ ...person('LU', ['north']), launch: 'l', patient: 'p-b' })).toEqual(['b']);
    expect(await database.store.session.query(all)).toEqual([]);
  });

  it('counts what the same people see, and nothing of a register that is not theirs.', async () => {
    expect(await countsOf(person('LU', ['north']))).toBe(3);
    expect(await countsOf(person('SC', []))).toBe(2);
    expect(await countsOf({ ...person('LU', ['north']), launch: 'l', patient: 'p-b' })).toBe(1);
    const [row] = await database.store
      .as(accessOf(person('SC', [])))
      .query<{ n: number }>({ text: `select count(*)::int as n from pathway_counts('other')`, values: [] });
    expect(row?.n).toBe(0);
  });

  it('is written by the server alone.', async () => {
    const own = database.app.as(accessOf(person('LU', ['north'])));

    await expect(
      own.query({ text: `update pathway_list set consent = 0 where episode = 'b'` }),
    ).resolves.toEqual([]);
    await expect(own.query(keepListedSql([entry('new', {})]))).rejects.toMatchObject({ code: '42501' });
    const [row] = await database.app
      .as(EVERYTHING)
      .query<{ consent: number }>({ text: `select consent from pathway_list where episode = 'b'` });
    expect(row?.consent).toBe(1);
  });

  it('is in the order of the Norwegian alphabet, of consent, and of the start; turned around it is the same list.', async () => {
    const north = person('LU', ['north']);

    expect(await listOf(north, { sort: 'department', direction: 'ascending' })).toBe('c b a');
    expect(await listOf(north, { sort: 'department' })).toBe('a b c');
    expect(await listOf(north, { sort: 'consent', direction: 'ascending' })).toBe('a b c');
    expect(await listOf(north, { direction: 'ascending' })).toBe('c b a');
    expect(await listOf(north, { state: 'to-confirm' })).toBe('b');
    expect(await listOf(north, { limit: 1, offset: 1 })).toBe('b');
    expect(alphabetical('Åsane Ørsta Ærfugl É')).toBe('}sane |rsta {rfugl e');
  });

  it('finds the rows that other rules have made.', async () => {
    const rows = await database.store.as(EVERYTHING).query<{ episode: string }>({
      ...staleListedSql('1', 10),
      text: staleListedSql('1', 10).text.replace(/for update.*/s, ''),
    });

    expect(rows).toEqual([]);
    await database.store.transaction(async (tx) => {
      expect(await tx.query(staleListedSql('2', 4))).toHaveLength(4);
    });
  });
});
