/** https://hl7.org/fhir/R4/resource.html#Meta */
import { SYSTEM, type Principal } from '../../../src/access/principal.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { NO_LABELS, WriteBatch } from '../../../src/repository/batch.ts';
import type { RepositoryDeps } from '../../../src/repository/deps.ts';
import type { Operation, Pending } from '../../../src/repository/operation.ts';
import { stamp } from '../../../src/repository/stamp.ts';
import type { Row, StoreTransaction, Write } from '../../../src/storage/store.ts';
import { anIndex } from '../../support/stored-resources.ts';
import { analytics, ehr, staff } from '../access/principals.ts';

const now = new Date('2026-11-20T08:00:00.123Z');
const deps = { indexer: () => anIndex(), clock: { now: () => now } } as unknown as RepositoryDeps;

function batchOf(principal: Principal, ...operations: readonly Operation[]): WriteBatch {
  return new WriteBatch(
    { tx: {} as StoreTransaction, principal, now, requestId: 'r', interaction: 'create', newId: () => 'new' },
    operations,
  );
}

const create = (resource: JsonObject, parts: Partial<Operation & { kind: 'create' }> = {}): Operation => ({
  kind: 'create',
  type: resource['resourceType'] as string,
  resource,
  ...parts,
});

const previous = (parts: Partial<Row> = {}): Row => ({
  type: 'Observation',
  id: 'o',
  versionId: 4,
  lastUpdated: '2026-01-01T00:00:00.000Z',
  rid: '1',
  content: '{}',
  labels: { ...NO_LABELS, unit: 'clinic' },
  ...parts,
});

/** The one write of a batch whose entry is changed first. */
async function stamped(batch: WriteBatch, change: Partial<Pending> = {}): Promise<Write | undefined> {
  batch.set(batch.pending().map((entry) => ({ ...entry, id: 'o', ...change })));
  return [...(await stamp(batch, deps)).values()][0];
}

describe('The stamp of a version', () => {
  it('says id, version, time and sender; the server alone does.', async () => {
    const sent: JsonObject = {
      resourceType: 'Observation',
      id: 'theirs',
      meta: { versionId: '99', lastUpdated: '1999-01-01T00:00:00Z', profile: ['http://x.no/p'] },
      status: 'final',
    };

    const write = await stamped(batchOf(ehr, create(sent)));

    expect(write).toMatchObject({ type: 'Observation', id: 'o', versionId: 1, op: 'C', previous: null });
    expect(write?.lastUpdated).toBe('2026-11-20T08:00:00.123Z');
    expect(parseJson(write?.content ?? '')).toEqual({
      resourceType: 'Observation',
      id: 'o',
      meta: {
        profile: ['http://x.no/p'],
        versionId: '1',
        lastUpdated: '2026-11-20T08:00:00.123Z',
        source: 'urn:ryggrad:client:ehr',
      },
      status: 'final',
    });
    expect(sent['id']).toBe('theirs');
  });

  it('leaves the source that is given, and says none for the server itself.', async () => {
    const given = await stamped(batchOf(ehr, create({ resourceType: 'Basic', meta: { source: 'urn:x' } })));
    const own = await stamped(batchOf(SYSTEM, create({ resourceType: 'Basic' })));

    expect(given?.content).toContain('"source":"urn:x"');
    expect(own?.content).not.toContain('"source"');
  });

  it('counts on from the version before, and keeps the digits of decimals (LM-02).', async () => {
    const resource = parseJson(
      '{"resourceType":"Observation","valueQuantity":{"value":68.50},"x":1.0}',
    ) as JsonObject;

    const write = await stamped(batchOf(ehr, create(resource)), { previous: previous(), effect: 'updated' });

    expect(write).toMatchObject({ versionId: 5, op: 'U' });
    expect(write?.content).toContain('"valueQuantity":{"value":68.50},"x":1.0');
  });

  it('is never older than the version that it follows, also of a row that a rule changed (derived).', async () => {
    const later = '2026-11-20T08:00:00.900Z';
    const change = { previous: previous({ lastUpdated: later }), effect: 'updated', derived: true } as const;
    const batch = batchOf(ehr, create({ resourceType: 'Observation' }));

    const write = await stamped(batch, change);

    expect([write?.lastUpdated, batch.now.toISOString()]).toEqual([later, later]);
    expect(parseJson(write?.content ?? '')).toMatchObject({ meta: { lastUpdated: later } });
  });

  it('makes of a deletion a version without content.', async () => {
    const write = await stamped(batchOf(ehr, { kind: 'delete', type: 'Observation', id: 'o' }), {
      previous: previous(),
    });

    expect(write).toMatchObject({ versionId: 5, op: 'D', content: null, index: null, uniqueKeys: [] });
  });

  it('is only for what is stored.', async () => {
    const effects = ['matched', 'absent', 'unchanged'] as const;

    expect(
      await Promise.all(
        effects.map((effect) => stamped(batchOf(ehr, create({ resourceType: 'Basic' })), { effect })),
      ),
    ).toEqual([undefined, undefined, undefined]);
  });

  it.each<[string, Principal, string | null]>([
    ['an EHR', ehr, 'hospital'],
    ['a department’s user', staff('LU'), 'clinic'],
    ['the server', SYSTEM, null],
    ['analytics', analytics, null],
  ])('gives a row of %s its owner.', async (_who, principal, unit) => {
    expect((await stamped(batchOf(principal, create({ resourceType: 'Basic' }))))?.labels).toEqual({
      ...NO_LABELS,
      unit,
    });
  });

  it('takes the labels that the server or a rule gives.', async () => {
    const labels = { ...NO_LABELS, register: 'pain', unit: 'clinic' };

    const write = await stamped(batchOf(SYSTEM, create({ resourceType: 'Basic' }, { labels })));

    expect(write?.labels).toEqual(labels);
  });
});
