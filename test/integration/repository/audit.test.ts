/** What is written down about a write (AU-01, AU-03), and what a refused one leaves behind: nothing else. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { Repository } from '../../../src/repository/repository.ts';
import type { AuditRow } from '../../../src/storage/audit-search.ts';
import { watch } from '../../../src/storage/outbox.ts';
import type { Sql } from '../../../src/storage/store.ts';
import { staff } from '../../unit/access/principals.ts';
import {
  as,
  ehrOf,
  post,
  put,
  refusalOf,
  remove,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';

const ehr = ehrOf('hospital');
const NUMBER = '15838510156';

const observation = (parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'smerte' },
  ...parts,
});

describe('A write that is audited', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository([
      {
        name: 'enqueue',
        apply(scope) {
          scope.enqueue('follow-up', { ids: scope.pending().map(({ id }) => id) });
          return Promise.resolve([]);
        },
      },
    ]);
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const events = (requestId: string): Promise<readonly AuditRow[]> =>
    sut.repository.deps.audit.search({ requestId, count: 50 });
  const jobs = async (): Promise<number> => {
    const [row] = await sut.database.db.query<{ n: number }>({
      text: 'select count(*)::int as n from graphile_worker.jobs',
    });
    return row?.n ?? 0;
  };
  const outbox = async (): Promise<number> => {
    const [row] = await sut.database.db.query<{ n: number }>({
      text: 'select count(*)::int as n from outbox',
    });
    return row?.n ?? 0;
  };
  const referencesIn = (row: AuditRow | undefined): readonly (string | undefined)[] => {
    const content = JSON.parse(row?.content ?? '{}') as { entity?: { what?: { reference?: string } }[] };
    return (content.entity ?? []).map(({ what }) => what?.reference).filter((text) => text !== undefined);
  };

  it('is one event that names every row and person of a transaction (AU-01).', async () => {
    const [patient, about] = await sut.repository.commit(as(ehr, 'transaction', 'audit-1'), [
      post({ resourceType: 'Patient' }, { fullUrl: 'urn:uuid:p' }),
      post(observation({ subject: { reference: 'urn:uuid:p' } })),
    ]);

    const [event, ...more] = await events('audit-1');

    expect(more).toEqual([]);
    expect(event).toMatchObject({ agent: 'client:ehr-hospital', kind: 'transaction', outcome: 200 });
    expect(event?.patients).toEqual([patient?.id]);
    expect(referencesIn(event)).toEqual([
      `Patient/${patient?.id ?? ''}/_history/1`,
      `Observation/${about?.id ?? ''}/_history/1`,
      `Patient/${patient?.id ?? ''}`,
    ]);
  });

  it('names the person of what was deleted, and what was found instead of stored.', async () => {
    await sut.repository.commit(as(ehr), [
      put({
        resourceType: 'Patient',
        id: 'kari',
        identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: NUMBER }],
      }),
      put(observation({ id: 'o-del', subject: { reference: 'Patient/kari' } })),
    ]);
    await sut.repository.commit(as(ehr, 'delete', 'audit-2'), [remove('Observation', 'o-del')]);
    await sut.repository.commit(as(ehrOf('other'), 'transaction', 'audit-3'), [
      post(
        { resourceType: 'Patient', identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: NUMBER }] },
        { matchPerson: true },
      ),
    ]);

    const [deleted] = await events('audit-2');
    const [matched] = await events('audit-3');

    expect(deleted).toMatchObject({
      action: 'D',
      entityType: 'Observation',
      entityId: 'o-del',
      patients: ['kari'],
    });
    expect(matched).toMatchObject({ entityType: 'Patient', entityId: 'kari', patients: ['kari'] });
  });

  it('is rolled back with its event, its jobs and its place in the outbox (first the data, or none of it).', async () => {
    await watch(sut.database.db, 'test', 'all', ['Observation']);
    const before = await jobs();
    const told = await outbox();
    const failing = {
      ...sut.repository.deps.audit,
      inTransaction: (tx: { send: (sql: Sql) => void }) => {
        tx.send({ text: `select 'no number'::int`, values: [] });
      },
    };
    const broken = new Repository({ ...sut.repository.deps, audit: failing });

    const attempt = broken.commit(as(ehr, 'create', 'audit-4'), [put(observation({ id: 'never-stored' }))]);

    await expect(attempt).rejects.toThrow('invalid input syntax');

    // and when everything was written already
    const late = sut.repository.commit(
      as(ehr, 'create', 'audit-4'),
      [put(observation({ id: 'never-stored' }))],
      { also: () => Promise.reject(new Error('too late')) },
    );

    await expect(late).rejects.toThrow('too late');
    expect(await sut.count('Observation', 'never-stored')).toBe(0);
    expect(await jobs()).toBe(before);
    expect(await outbox()).toBe(told);
    expect(await events('audit-4')).toEqual([]);

    await sut.repository.commit(as(ehr, 'create', 'audit-4b'), [put(observation({ id: 'stored' }))]);

    expect([await jobs(), await outbox()]).toEqual([before + 1, told + 1]);
    expect(await events('audit-4b')).toHaveLength(1);
  });

  it('leaves of a refusal one event with the rule, and nothing else.', async () => {
    const before = await jobs();
    const refused = await refusalOf(
      sut.repository.commit(as(ehr, 'transaction', 'audit-5'), [
        put(observation({ id: 'good-one' })),
        post(observation({ subject: { reference: 'Patient/no-such' } })),
      ]),
    );

    const [event, ...more] = await events('audit-5');

    expect(refused).toBe('422 dangling-reference');
    expect(more).toEqual([]);
    expect(event).toMatchObject({ outcome: 422, patients: [] });
    expect(JSON.parse(event?.content ?? '{}')).toMatchObject({
      outcome: '4',
      outcomeDesc: 'dangling-reference',
    });
    expect(await sut.count('Observation', 'good-one')).toBe(0);
    expect(await jobs()).toBe(before);
  });

  it('has its jobs when it commits.', async () => {
    const before = await jobs();

    await sut.repository.commit(as(ehr), [post(observation())]);

    expect(await jobs()).toBe(before + 1);
  });

  it('is not allowed for a role: the refusal is on record.', async () => {
    await refusalOf(
      sut.repository.commit(as(staff('SC'), 'create', 'audit-6'), [post({ resourceType: 'Observation' })]),
    );
    await refusalOf(sut.repository.read(as(ehr, 'read', 'audit-7'), { type: 'Patient', id: 'no-such' }));

    expect(await events('audit-6')).toEqual([expect.objectContaining({ outcome: 403, role: 'SC' })]);
    expect(await events('audit-7')).toEqual([
      expect.objectContaining({ outcome: 404, entityType: 'Patient', entityId: 'no-such' }),
    ]);
  });

  it('never tells what was in the resource, accepted or refused (AU-03).', async () => {
    const secret = fc.stringMatching(/^[A-Za-z]{12}$/).map((text) => `Hemmelig${text}`);
    await fc.assert(
      fc.asyncProperty(secret, fc.boolean(), async (text, isWrong) => {
        const requestId = randomUUID();
        const patient: JsonObject = {
          resourceType: 'Patient',
          identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: isWrong ? text : '17853300330' }],
          name: [{ family: text, given: [text] }],
          telecom: [{ system: 'email', value: `${text}@example.no` }],
          address: [{ line: [text] }],
          birthDate: isWrong ? text : '1985-03-15',
        };
        const response: JsonObject = {
          resourceType: 'QuestionnaireResponse',
          status: isWrong ? text : 'completed',
          item: [{ linkId: '1', answer: [{ valueString: text }] }],
        };
        await refusalOf(
          sut.repository.commit(as(ehr, 'transaction', requestId), [
            post(patient, { ifNoneExist: `family=${text}` }),
            post(response, { ifNoneExist: `identifier=${text}` }),
          ]),
        );
        await refusalOf(
          sut.search.search(
            as(ehr, 'search-type', requestId),
            'Patient',
            new URLSearchParams({ family: text, 'general-practitioner:Practitioner.name': text }),
            { lenient: false },
          ),
        );

        const found = await events(requestId);
        const told = JSON.stringify(found);
        const queries = [...told.matchAll(/query\\":\\"([^"\\]+)/g)].map(([, base64]) =>
          Buffer.from(base64 ?? '', 'base64').toString(),
        );
        expect(found.length).toBeGreaterThanOrEqual(1);
        expect(told).not.toContain(text);
        expect(told).not.toContain('17853300330');
        expect(queries).toEqual(['Patient?family&general-practitioner:Practitioner.name']);
        expect(queries.join()).not.toContain(text);
      }),
      { numRuns: 25 },
    );
  });
});
