/** https://hl7.org/fhir/R4/http.html: what a write does, alone and in a transaction */
import { SYSTEM } from '../../../src/access/principal.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import {
  as,
  bodyOf,
  ehrOf,
  FHIR_BASE,
  post,
  put,
  refusalOf,
  remove,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';

const ehr = ehrOf('hospital');
const other = ehrOf('other-hospital');

const observation = (parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'smerte' },
  ...parts,
});
const identified = (value: string, parts: JsonObject = {}): JsonObject =>
  observation({ identifier: [{ system: 'urn:x', value }], ...parts });

describe('A write', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository();
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const commit = (...operations: Parameters<typeof sut.repository.commit>[1]) =>
    sut.repository.commit(as(ehr), operations);

  describe('with a condition', () => {
    it('updates the one match, creates when there is none, refuses two.', async () => {
      const [created] = await commit(put(identified('cu'), { condition: 'identifier=urn:x|cu' }));
      const [updated] = await commit(
        put(identified('cu', { note: [{ text: 'again' }] }), { condition: 'identifier=urn:x|cu' }),
      );
      await commit(post(identified('cu')));

      expect(created?.effect).toBe('created');
      expect(updated).toMatchObject({ effect: 'updated', id: created?.id, versionId: '2' });
      expect(await refusalOf(commit(put(identified('cu'), { condition: 'identifier=urn:x|cu' })))).toBe(
        '412 multiple-matches',
      );
    });

    it('keeps the id that the resource brings, and refuses another one than the match.', async () => {
      const [created] = await commit(
        put(identified('own', { id: 'own-id' }), { id: '', condition: 'identifier=urn:x|own' }),
      );

      expect(created).toMatchObject({ effect: 'created', id: 'own-id' });
      expect(
        await refusalOf(
          commit(put(identified('own', { id: 'other-id' }), { id: '', condition: 'identifier=urn:x|own' })),
        ),
      ).toBe('400 id-mismatch');
    });

    it('deletes the one match, nothing when there is none, refuses two.', async () => {
      await commit(post(identified('cd')));

      const [deleted] = await commit({
        kind: 'delete',
        type: 'Observation',
        condition: 'identifier=urn:x|cd',
      });
      const [absent] = await commit({
        kind: 'delete',
        type: 'Observation',
        condition: 'identifier=urn:x|cd',
      });
      await commit(post(identified('cd')), post(identified('cd')));

      expect(deleted?.effect).toBe('deleted');
      expect(absent?.effect).toBe('absent');
      expect(
        await refusalOf(commit({ kind: 'delete', type: 'Observation', condition: 'identifier=urn:x|cd' })),
      ).toBe('412 multiple-matches');
    });

    it('answers a match with what is stored, and stores nothing.', async () => {
      const [created] = await commit(post(identified('ne')));
      const [matched] = await commit(
        post(identified('ne', { note: [{ text: 'not stored' }] }), { ifNoneExist: 'identifier=urn:x|ne' }),
      );

      expect(matched).toMatchObject({ effect: 'matched', id: created?.id, versionId: '1' });
      expect(bodyOf(matched)).not.toHaveProperty('note');
    });

    it('is refused when the condition is not understood: it must never match everything.', async () => {
      expect(await refusalOf(commit(post(observation(), { ifNoneExist: 'nonsense=1' })))).toMatch(/^400 /);
      expect(
        await refusalOf(commit({ kind: 'delete', type: 'Observation', condition: 'nonsense=1' })),
      ).toMatch(/^400 /);
    });

    it('finds nothing of another organisation.', async () => {
      await commit(post(identified('mine')));

      const [created] = await sut.repository.commit(as(other), [
        post(identified('mine'), { ifNoneExist: 'identifier=urn:x|mine' }),
      ]);

      expect(created?.effect).toBe('created');
    });
  });

  describe('in a transaction', () => {
    it('finds entries by urn:uuid in any order, also across a cycle.', async () => {
      const results = await commit(
        post(
          observation({ subject: { reference: 'urn:uuid:2' }, hasMember: [{ reference: 'urn:uuid:3' }] }),
          { fullUrl: 'urn:uuid:1' },
        ),
        post({ resourceType: 'Patient' }, { fullUrl: 'urn:uuid:2' }),
        post(observation({ derivedFrom: [{ reference: 'urn:uuid:1' }] }), { fullUrl: 'urn:uuid:3' }),
      );

      expect(bodyOf(results[0])).toMatchObject({
        subject: { reference: `Patient/${results[1]?.id ?? ''}` },
        hasMember: [{ reference: `Observation/${results[2]?.id ?? ''}` }],
      });
      expect(bodyOf(results[2])).toMatchObject({
        derivedFrom: [{ reference: `Observation/${results[0]?.id ?? ''}` }],
      });
    });

    it('finds entries by absolute fullUrl, named whole or relative to it.', async () => {
      const results = await commit(
        post(
          { resourceType: 'Patient', id: 'x1' },
          { fullUrl: 'https://journal.example.no/fhir/Patient/x1' },
        ),
        post(observation({ subject: { reference: 'Patient/x1' } }), {
          fullUrl: 'https://journal.example.no/fhir/Observation/x2',
        }),
        post(observation({ subject: { reference: 'https://journal.example.no/fhir/Patient/x1' } })),
      );

      const subject = { reference: `Patient/${results[0]?.id ?? ''}` };
      expect(results[0]?.id).not.toBe('x1');
      expect(bodyOf(results[1])['subject']).toEqual(subject);
      expect(bodyOf(results[2])['subject']).toEqual(subject);
    });

    it('makes references to this server relative, and leaves foreign ones.', async () => {
      const [patient] = await commit(post({ resourceType: 'Patient' }));
      const [result] = await commit(
        post(
          observation({
            subject: { reference: `${FHIR_BASE}/Patient/${patient?.id ?? ''}` },
            focus: [{ reference: 'https://journal.example.no/fhir/Device/1' }],
          }),
        ),
      );

      expect(bodyOf(result)).toMatchObject({
        subject: { reference: `Patient/${patient?.id ?? ''}` },
        focus: [{ reference: 'https://journal.example.no/fhir/Device/1' }],
      });
    });

    it('resolves conditional references; none and several are refused by name, never by value.', async () => {
      const [patient] = await commit(
        post({ resourceType: 'Patient', identifier: [{ system: 'urn:x', value: 'cref' }] }),
      );
      const about = (query: string) => observation({ subject: { reference: `Patient?${query}` } });

      const [result] = await commit(post(about('identifier=urn:x|cref')));
      await commit(post({ resourceType: 'Patient', identifier: [{ system: 'urn:x', value: 'twin' }] }));
      await commit(post({ resourceType: 'Patient', identifier: [{ system: 'urn:x', value: 'twin' }] }));
      const refused = await commit(post(about('identifier=urn:x|nobody-15838510172'))).catch(
        (error: unknown) => error as Error,
      );

      expect(bodyOf(result)['subject']).toEqual({ reference: `Patient/${patient?.id ?? ''}` });
      expect(await refusalOf(commit(post(about('identifier=urn:x|twin'))))).toBe('412 conditional-reference');
      expect(refused).toMatchObject({ status: 412 });
      expect((refused as Error).message).toContain('identifier=…');
      expect((refused as Error).message).not.toContain('15838510172');
    });

    it('deletes and creates at once, and refuses the same row twice.', async () => {
      await commit(put(observation({ id: 'swap-out' })));

      const results = await commit(remove('Observation', 'swap-out'), put(observation({ id: 'swap-in' })));

      expect(results.map(({ effect }) => effect)).toEqual(['deleted', 'created']);
      expect(
        await refusalOf(commit(remove('Observation', 'swap-in'), put(observation({ id: 'swap-in' })))),
      ).toBe('400 same-target');
    });

    it('refuses a reference to what the same transaction deletes.', async () => {
      await commit(put({ resourceType: 'Patient', id: 'leaving' }));

      expect(
        await refusalOf(
          commit(
            remove('Patient', 'leaving'),
            post(observation({ subject: { reference: 'Patient/leaving' } })),
          ),
        ),
      ).toBe('422 dangling-reference');
    });

    it('is all or nothing.', async () => {
      expect(
        await refusalOf(
          commit(post(identified('half')), post(observation({ subject: { reference: 'Patient/no-such' } }))),
        ),
      ).toBe('422 dangling-reference');
      expect(await sut.count('Observation', '"half"')).toBe(0);
    });

    it('keeps one Patient for one person, and answers no one else’s record of it (CO-04).', async () => {
      const number = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' };
      const [first] = await commit(
        post({ resourceType: 'Patient', identifier: [number], name: [{ family: 'Fjell' }] }),
      );

      const [matched] = await sut.repository.commit(as(other), [
        post({ resourceType: 'Patient', identifier: [number] }, { matchPerson: true }),
      ]);

      expect(matched).toMatchObject({ effect: 'matched', id: first?.id });
      expect(matched?.content).toBeUndefined();
      const query = new URLSearchParams({ identifier: '15838510156' });
      const { matches } = await sut.search.search(as(SYSTEM), 'Patient', query, { lenient: false });
      expect(matches.map(({ id }) => id)).toEqual([first?.id]);
    });

    it('refuses a Patient whose numbers belong to two persons.', async () => {
      const fnr = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510237' };
      const dnr = { system: 'urn:oid:2.16.578.1.12.4.1.4.2', value: '49919010036' };
      await commit(
        post({ resourceType: 'Patient', identifier: [fnr] }),
        post({ resourceType: 'Patient', identifier: [dnr] }),
      );

      expect(
        await refusalOf(
          commit(post({ resourceType: 'Patient', identifier: [fnr, dnr] }, { matchPerson: true })),
        ),
      ).toBe('409 person-conflict');
    });

    it('refuses a second Patient with a number that is taken, where persons are not matched.', async () => {
      const identifier = [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '29820450289' }];
      await commit(post({ resourceType: 'Patient', identifier }));

      expect(await refusalOf(commit(post({ resourceType: 'Patient', identifier })))).toBe(
        '409 duplicate-identifier',
      );
    });
  });

  describe('of a deleted resource', () => {
    it('brings it back with PUT, and every version stays readable.', async () => {
      await commit(put(observation({ id: 'phoenix' })));
      await commit(remove('Observation', 'phoenix'));
      const [again] = await commit(put(observation({ id: 'phoenix', status: 'amended' })));

      const versions = await sut.repository.history(as(ehr, 'history-instance'), {
        type: 'Observation',
        id: 'phoenix',
        count: 10,
      });
      const key = { type: 'Observation', id: 'phoenix' };

      expect(again).toMatchObject({ effect: 'created', versionId: '3' });
      expect(versions.map(({ op }) => op)).toEqual(['C', 'D', 'C']);
      expect(bodyOf(await sut.repository.vread(as(ehr, 'vread'), key, '1'))['status']).toBe('final');
      expect(await refusalOf(sut.repository.vread(as(ehr, 'vread'), key, '2'))).toBe('410 deleted');
      expect(await refusalOf(sut.repository.vread(as(ehr, 'vread'), key, '4'))).toBe('404 not-found');
    });

    it('is no longer found, read as gone, and deleting it again does nothing.', async () => {
      await commit(put(identified('bye', { id: 'bye' })));
      await commit(remove('Observation', 'bye'));

      const found = await sut.search.search(
        as(ehr, 'search-type'),
        'Observation',
        new URLSearchParams({ identifier: 'urn:x|bye' }),
        { lenient: false },
      );

      expect(found.total).toBe(0);
      expect(await refusalOf(sut.repository.read(as(ehr, 'read'), { type: 'Observation', id: 'bye' }))).toBe(
        '410 deleted',
      );
      expect((await commit(remove('Observation', 'bye')))[0]?.effect).toBe('absent');
      expect(
        await refusalOf(commit(post(observation({ hasMember: [{ reference: 'Observation/bye' }] })))),
      ).toBe('422 dangling-reference');
    });

    it('of another organisation is unknown (CO-04).', async () => {
      await commit(put(observation({ id: 'hidden-gone' })));
      await commit(remove('Observation', 'hidden-gone'));

      expect(
        await refusalOf(sut.repository.commit(as(other), [put(observation({ id: 'hidden-gone' }))])),
      ).toBe('404 not-found');
      expect(await refusalOf(sut.repository.commit(as(other), [remove('Observation', 'hidden-gone')]))).toBe(
        '404 not-found',
      );
    });
  });

  describe('of a version', () => {
    it('with the same content makes no new one (IR-03).', async () => {
      const [first] = await commit(put(observation({ id: 'same', valueQuantity: { value: 1 } })));
      const [second] = await commit(
        put({
          status: 'final',
          resourceType: 'Observation',
          code: { text: 'smerte' },
          valueQuantity: { value: 1 },
          id: 'same',
        }),
      );
      const [third] = await commit(put(observation({ id: 'same', valueQuantity: { value: 2 } })));

      expect(first?.versionId).toBe('1');
      expect(second).toMatchObject({ effect: 'unchanged', versionId: '1', lastUpdated: first?.lastUpdated });
      expect(third).toMatchObject({ effect: 'updated', versionId: '2' });
    });

    it('is refused when another one is current (IR-04).', async () => {
      await commit(put(observation({ id: 'if-match' })));

      expect(
        await refusalOf(commit(put(observation({ id: 'if-match', status: 'amended' }), { ifMatch: '7' }))),
      ).toBe('412 conflict');
      expect(await refusalOf(commit(put(observation({ id: 'never-was' }), { ifMatch: '1' })))).toBe(
        '412 conflict',
      );
      expect(await refusalOf(commit(remove('Observation', 'if-match', { ifMatch: '7' })))).toBe(
        '412 conflict',
      );
      expect((await commit(remove('Observation', 'if-match', { ifMatch: '1' })))[0]?.effect).toBe('deleted');
    });

    it('stays with its person.', async () => {
      await commit(put({ resourceType: 'Patient', id: 'one' }), put({ resourceType: 'Patient', id: 'two' }));
      await commit(put(observation({ id: 'moved', subject: { reference: 'Patient/one' } })));

      expect(
        await refusalOf(commit(put(observation({ id: 'moved', subject: { reference: 'Patient/two' } })))),
      ).toBe('422 other-person');
      expect(await refusalOf(commit(put(observation({ id: 'moved' }))))).toBe('422 other-person');
    });

    it('with an impossible id is refused by name.', async () => {
      expect(await refusalOf(commit(put(observation({ id: 'no_underscore' }))))).toMatch(/^400 /);
    });
  });

  it('lists every version of everything, newest first, page by page.', async () => {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await sut.repository.history(as(ehr, 'history-system'), {
        count: 7,
        ...(cursor !== undefined && { cursor }),
      });
      all.push(...page.map(({ type, id, versionId }) => `${type}/${id}/${versionId}`));
      cursor = page.length === 7 ? page.at(-1)?.cursor : undefined;
    } while (cursor !== undefined);

    const whole = await sut.repository.history(as(ehr, 'history-system'), { count: 1000 });
    expect(all).toEqual(whole.map(({ type, id, versionId }) => `${type}/${id}/${versionId}`));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(30);
  });
});

describe('A sender who spells systems in another way', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository();
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  it('means the same person, finds it, and makes no new version of it.', async () => {
    const written = { system: 'http://hl7.no/fhir/NamingSystem/FNR', value: '15838510156' };
    const stored = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' };
    const [first] = await sut.repository.commit(as(ehr), [
      put({ resourceType: 'Patient', id: 'p', identifier: [written] }),
    ]);

    const [second] = await sut.repository.commit(as(ehr), [
      put({ resourceType: 'Patient', id: 'p', identifier: [written] }),
    ]);
    const [matched] = await sut.repository.commit(as(ehr), [
      post({ resourceType: 'Patient', identifier: [stored] }, { matchPerson: true }),
    ]);
    const [found] = await sut.repository.commit(as(ehr), [
      post(
        { resourceType: 'Patient', identifier: [written] },
        { ifNoneExist: `identifier=${written.system}|${written.value}` },
      ),
    ]);
    const { total } = await sut.search.search(
      as(ehr, 'search-type'),
      'Patient',
      new URLSearchParams({ identifier: `2.16.578.1.12.4.1.4.1|${written.value}` }),
      { lenient: false },
    );

    expect(bodyOf(first)['identifier']).toEqual([stored]);
    expect(second?.effect).toBe('unchanged');
    expect([matched?.id, found?.id]).toEqual(['p', 'p']);
    expect(total).toBe(1);
  });
});
