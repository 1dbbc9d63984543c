/** Many writers at once (IR-01, RE-03): nothing twice, nothing lost, nobody left waiting. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { Operation } from '../../../src/repository/operation.ts';
import {
  as,
  bodyOf,
  ehrOf,
  post,
  put,
  refusalOf,
  remove,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';

const SENDERS = Array.from({ length: 8 }, (_, sender) => sender);
const ehr = ehrOf('hospital');

const observation = (parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'smerte' },
  ...parts,
});

const person = (number: string, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: number }],
  ...parts,
});

describe('Concurrent writers', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository();
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  it('with the same If-None-Exist make one row (IR-01).', async () => {
    const resource = observation({ identifier: [{ system: 'urn:x', value: 'once' }] });

    const results = await Promise.all(
      SENDERS.map(() =>
        sut.repository.commit(as(ehr, 'create'), [post(resource, { ifNoneExist: 'identifier=urn:x|once' })]),
      ),
    );

    const effects = results.map(([result]) => result?.effect);
    expect(effects.filter((effect) => effect === 'created')).toHaveLength(1);
    expect(effects.filter((effect) => effect === 'matched')).toHaveLength(7);
    expect(new Set(results.map(([result]) => result?.id)).size).toBe(1);
    expect(await sut.count('Observation', '"once"')).toBe(1);
  });

  it('with the same condition in other words make one row (IR-01).', async () => {
    const resource = observation({
      identifier: [{ system: 'urn:x', value: 'spelt' }],
      effectiveDateTime: '2026-11-20',
    });
    const spellings = [
      'identifier=urn:x|spelt&date=2026-11-20',
      'date=2026-11-20&identifier=urn:x|spelt',
      'identifier=urn%3Ax%7Cspelt&date=2026-11-20',
      'identifier=urn:x%7Cspelt&date=2026%2D11%2D20',
    ];

    await Promise.all(
      [...spellings, ...spellings].map((ifNoneExist) =>
        sut.repository.commit(as(ehr, 'create'), [post(resource, { ifNoneExist })]),
      ),
    );

    expect(await sut.count('Observation', '"spelt"')).toBe(1);
  });

  it('of the same unknown person make one Patient, and everyone’s data lie with it.', async () => {
    const send = (sender: number): Promise<unknown> =>
      sut.repository.commit(as(ehr), [
        post(person('15838510172'), { fullUrl: 'urn:uuid:p', matchPerson: true }),
        post(observation({ subject: { reference: 'urn:uuid:p' }, note: [{ text: `sender-${sender}` }] })),
      ]);

    await Promise.all(SENDERS.map(send));

    const rows = await sut.repository.select(as(ehr), { text: `r.content like '%sender-%'`, values: [] });
    const query = new URLSearchParams({ identifier: '15838510172' });
    expect((await sut.search.search(as(ehr), 'Patient', query, { lenient: false })).matches).toHaveLength(1);
    expect(rows).toHaveLength(8);
    expect(new Set(rows.map((row) => JSON.stringify(bodyOf(row)['subject']))).size).toBe(1);
  });

  it('that create the same id get one row, and a clear answer.', async () => {
    const results = await Promise.all(
      SENDERS.map((sender) =>
        refusalOf(
          sut.repository.commit(as(ehr, 'update'), [
            put(observation({ id: 'same-id', note: [{ text: `${sender}` }] })),
          ]),
        ),
      ),
    );

    expect(results.filter((result) => result === 'done').length).toBeGreaterThanOrEqual(1);
    expect(results.every((result) => result === 'done' || result === '409 duplicate-id')).toBe(true);
  });

  it('that update the same row all succeed, one version each.', async () => {
    await sut.seed([observation({ id: 'counter' })], { unit: 'hospital' });

    await Promise.all(
      SENDERS.map((sender) =>
        sut.repository.commit(as(ehr, 'update'), [
          put(observation({ id: 'counter', note: [{ text: `${sender}` }] })),
        ]),
      ),
    );

    const versions = await sut.repository.history(as(ehr, 'history-instance'), {
      type: 'Observation',
      id: 'counter',
      count: 20,
    });
    expect(versions.map(({ versionId }) => versionId)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('with If-Match on the same version: one wins, seven read again (IR-04).', async () => {
    await sut.seed([observation({ id: 'guarded' })], { unit: 'hospital' });

    const results = await Promise.all(
      SENDERS.map((sender) =>
        refusalOf(
          sut.repository.commit(as(ehr, 'update'), [
            put(observation({ id: 'guarded', note: [{ text: `${sender}` }] }), { ifMatch: '1' }),
          ]),
        ),
      ),
    );

    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(results.filter((result) => result === '412 conflict')).toHaveLength(7);
  });

  it('with overlapping transactions in opposite orders all finish (RE-03).', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `overlap-${index}`);
    await sut.seed(
      ids.map((id) => observation({ id })),
      { unit: 'hospital' },
    );
    const send = (sender: number): Promise<unknown> => {
      const order = sender % 2 === 0 ? ids : ids.toReversed();
      const operations: readonly Operation[] = [
        ...order.map((id) => put(observation({ id, note: [{ text: `${sender}` }] }))),
        ...order.map((id) =>
          post(observation({ identifier: [{ system: 'urn:overlap', value: id }] }), {
            ifNoneExist: `identifier=urn:overlap|${id}`,
          }),
        ),
      ];
      return sut.repository.commit(as(ehr), operations);
    };

    await Promise.all(SENDERS.map(send));

    const rows = await sut.database.db.query<{ ver: number }>({
      text: `select ver from resource where id like 'overlap-%'`,
    });
    expect(rows.map(({ ver }) => ver)).toEqual(ids.map(() => 9));
    expect(await sut.count('Observation', 'urn:overlap')).toBe(10);
  });

  it('that delete and update the same row end in one order or the other.', async () => {
    await sut.seed([observation({ id: 'contested' })], { unit: 'hospital' });

    const results = await Promise.all(
      SENDERS.map((sender) =>
        refusalOf(
          sut.repository.commit(as(ehr), [
            sender % 2 === 0
              ? remove('Observation', 'contested')
              : put(observation({ id: 'contested', note: [{ text: `${sender}` }] })),
          ]),
        ),
      ),
    );

    expect(results).toEqual(SENDERS.map(() => 'done'));
  });
});
