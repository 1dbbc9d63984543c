/** Views kept as tables: made, refreshed by what has changed, and read with plain SQL (docs/adr/0011). */
import fc from 'fast-check';
import { SYSTEM } from '../../../src/access/principal.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { openOutbox, type Outbox } from '../../../src/storage/outbox.ts';
import { viewConsumer } from '../../../src/views/consumer.ts';
import { dropKept, materialise } from '../../../src/views/materialise.ts';
import { refreshSince, refreshView } from '../../../src/views/refresh.ts';
import { keptTables, tableOf, type ViewTable } from '../../../src/views/table.ts';
import { readThrough } from '../../support/outbox.ts';
import { as, remove, type RepositoryUnderTest, startRepository } from '../../support/repository.ts';

const REGISTER = 'testreg';

const view = (version = '1.0.0'): JsonObject => ({
  resourceType: 'ViewDefinition',
  url: 'https://register.example.no/fhir/ViewDefinition/answers',
  version,
  name: 'answers',
  title: "Svar: pasientens 'egne'",
  resource: 'QuestionnaireResponse',
  where: [{ path: "status = 'completed'" }],
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()', type: 'id', description: "Nøkkelen, 'id'" },
        { name: 'author', path: 'author.display', type: 'string' },
        { name: 'numbers', path: 'subject.identifier.value', type: 'string' },
      ],
    },
    {
      forEach: 'item',
      column: [
        { name: 'link_id', path: 'linkId', type: 'string' },
        { name: 'place', path: '%rowIndex', type: 'integer' },
        { name: 'dose', path: 'answer.value.ofType(decimal)', type: 'decimal' },
      ],
    },
  ],
});

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly doses: readonly number[];
}

const response = ({ id, status, doses }: Answer): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  id,
  status,
  subject: {
    display: 'Kari Nordmann',
    identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' },
  },
  author: { display: 'Ola Nordmann' },
  ...(doses.length > 0 && {
    item: doses.map((dose, index) => ({ linkId: `${index}`, answer: [{ valueDecimal: dose }] })),
  }),
});

describe('A view that is kept as a table', () => {
  let under: RepositoryUnderTest;
  let table: ViewTable;
  let outbox: Outbox;

  beforeAll(async () => {
    under = await startRepository();
    table = tableOf(view(), REGISTER);
    outbox = await openOutbox(under.database.db, [
      viewConsumer((_, cause) => {
        throw cause;
      }),
    ]);
  });
  afterAll(() => under[Symbol.asyncDispose]());

  const store = (answer: Answer, register: string | null = REGISTER, national = true): Promise<void> =>
    under.seed([response(answer)], { register, national, unit: null, episode: 'e1' });

  const rows = (): Promise<readonly object[]> =>
    under.database.db.query({
      text: `select * from views."${table.name}" order by _resource_id, place`,
    });

  const refresh = (ids: readonly string[]): Promise<void> =>
    under.database.db.tx((tx) => refreshView(tx, table, ids));

  it('has typed columns after the labels, with the digits of numbers.', async () => {
    await store({ id: 'a', status: 'completed', doses: [1.5, 2] });
    await store({ id: 'b', status: 'in-progress', doses: [3] });
    await store({ id: 'c', status: 'completed', doses: [4] }, null);
    await materialise(under.database.db, table);

    expect(await rows()).toMatchObject([
      { _resource_id: 'a', _episode: 'e1', _national: true, id: 'a', link_id: '0', place: 0, dose: '1.5' },
      { _resource_id: 'a', link_id: '1', place: 1, dose: '2' },
    ]);
    const comments = await under.database.db.query<{ text: string }>({
      text: `select obj_description('views.answers_v1_0_0'::regclass) as text
        union all select col_description('views.answers_v1_0_0'::regclass, 7)`,
    });
    expect(comments.map(({ text }) => text)).toEqual([
      "Svar: pasientens 'egne' (https://register.example.no/fhir/ViewDefinition/answers|1.0.0)",
      "Nøkkelen, 'id'",
    ]);
  });

  it('never holds who somebody is.', async () => {
    const text = JSON.stringify(await rows());

    expect(text).not.toMatch(/Nordmann|15838510156/);
    expect(await rows()).toMatchObject([{ author: null, numbers: null }, { author: null }]);
  });

  it('follows the outbox: what is stored, changed, moved and deleted.', async () => {
    await store({ id: 'd', status: 'completed', doses: [7] });
    await store({ id: 'a', status: 'completed', doses: [8] });
    await readThrough(outbox, under.database.db);
    const stored = await rows();
    await under.database.store.transaction((tx) => tx.relabel(['e1'], false, new Date()));
    await under.repository.commit(as(SYSTEM), [remove('QuestionnaireResponse', 'd')]);
    await readThrough(outbox, under.database.db);

    expect(stored).toMatchObject([
      { id: 'a', dose: '8', _national: true },
      { id: 'd', dose: '7' },
    ]);
    expect(await rows()).toMatchObject([{ id: 'a', dose: '8', _national: false }]);
  });

  it('equals the table made anew, whatever was written and in whatever order.', async () => {
    const answer = fc.record({
      id: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
      status: fc.constantFrom('completed', 'completed', 'in-progress', 'deleted'),
      doses: fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 6 }), async (changes) => {
        for (const change of changes) {
          if (change.status === 'deleted') {
            await under.repository
              .commit(as(SYSTEM), [remove('QuestionnaireResponse', change.id)])
              .catch(() => undefined);
          } else {
            await store(change, REGISTER, change.doses.length > 1);
          }
        }
        await refresh([...new Set(changes.map(({ id }) => id))]);
        const incremental = await rows();
        await materialise(under.database.db, table);

        expect(incremental).toEqual(await rows());
      }),
      { numRuns: 15 },
    );
  });

  it('catches up with what was written since it was made, without the outbox.', async () => {
    await materialise(under.database.db, table);
    under.clock.set(new Date().toISOString());
    await store({ id: 'late', status: 'completed', doses: [1] });
    const count = await refreshSince(under.database.db);

    expect(count).toBeGreaterThan(0);
    expect(JSON.stringify(await rows())).toContain('"late"');
  });

  it('shows a role that may read it the national rows alone, by its name without a version.', async () => {
    const role = `reader_${process.pid}`;
    await store({ id: 'near', status: 'completed', doses: [1] }, REGISTER, false);
    await store({ id: 'far', status: 'completed', doses: [1] }, REGISTER, true);
    await refresh(['near', 'far']);
    const seen = await under.database.db
      .tx(async (tx) => {
        await tx.query({ text: `create role ${role}` });
        await tx.query({ text: `grant usage on schema views to ${role}` });
        await tx.query({ text: `grant select on all tables in schema views to ${role}` });
        await tx.query({ text: `set local role ${role}` });
        const found = await tx.query<{ id: string }>({ text: `select id from views.answers` });
        await tx.query({ text: 'reset role' });
        throw new Seen(found.map(({ id }) => id));
      })
      .catch((cause: unknown) => (cause instanceof Seen ? cause.ids : Promise.reject(cause as Error)));

    expect(seen).toContain('far');
    expect(seen).not.toContain('near');
  });

  it('has one table a version, and the name shows the one made last.', async () => {
    await materialise(under.database.db, tableOf(view('1.1.0'), REGISTER));
    const names = (await keptTables(under.database.db)).map(({ table: kept }) => kept.name);

    expect(names).toEqual(['answers_v1_0_0', 'answers_v1_1_0']);
    expect(await dropKept(under.database.db, 'answers_v1_0_0')).toBe(true);
    expect(await dropKept(under.database.db, 'answers_v1_0_0')).toBe(false);
    expect(await under.database.db.query({ text: 'select id from views.answers limit 1' })).toHaveLength(1);
  });

  it('is not made of people, nor without a name.', () => {
    expect(() => tableOf({ ...view(), name: 'Answers; drop' }, REGISTER)).toThrow(/small letters/);
    expect(() =>
      tableOf(
        { ...view(), resource: 'Patient', where: [], select: [{ column: [{ name: 'a', path: 'id' }] }] },
        REGISTER,
      ),
    ).toThrow(/run online/);
  });
});

/** Carries the rows out of a transaction that must not stay. */
class Seen extends Error {
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    super('seen');
    this.ids = ids;
  }
}
