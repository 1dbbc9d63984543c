/** Definitions that clients store, beside content and loaded systems: src/terminology/sources.ts says which wins. */
import type { CodeSystem, ValueSet } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { type Asked, asked, asker, ICD10, load, NCSP } from './loading.ts';

const LOCAL = 'https://example.org/fhir/CodeSystem/local';
const LOCAL_SET = 'https://example.org/fhir/ValueSet/local';

describe('Terminology that a client stores', () => {
  let app: TestApp;
  let ehr: HttpClient;
  let ask: (path: string, query: Readonly<Record<string, string>>) => Promise<Asked>;
  const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Koder</div>' } as const;
  const system = (url: string, version: string, ...codes: readonly string[]): CodeSystem => ({
    resourceType: 'CodeSystem',
    text,
    url,
    version,
    name: 'Local',
    status: 'active',
    content: 'complete',
    caseSensitive: true,
    concept: codes.map((code) => ({ code, display: code.toUpperCase() })),
  });
  const set = (url: string, compose: ValueSet['compose']): ValueSet => ({
    resourceType: 'ValueSet',
    text,
    url,
    name: 'Local',
    status: 'active',
    ...(compose !== undefined && { compose }),
  });
  const store = async (resource: object): Promise<string> => {
    const { resourceType } = resource as { resourceType: string };
    const { status, body } = await ehr.post(`fhir/${resourceType}`, resource);
    expect([status, (body as { issue?: unknown }).issue]).toEqual([201, undefined]);
    return (body as { id: string }).id;
  };
  const expand = (url: string) => ask('ValueSet/$expand', { url });

  beforeAll(async () => {
    app = await startTestApp();
    ehr = await app.client('ehr');
    ask = asker(ehr);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  it('answers as soon as it is stored, and as it was last written.', async () => {
    const before = await expand(LOCAL_SET);
    const id = await store(system(LOCAL, '1.0.0', 'a', 'b'));
    await store(set(LOCAL_SET, { include: [{ system: LOCAL }] }));
    const first = await expand(LOCAL_SET);
    await ehr.put(`fhir/CodeSystem/${id}`, { ...system(LOCAL, '1.0.0', 'a', 'b', 'c'), id });
    const changed = await expand(LOCAL_SET);
    await ehr.delete(`fhir/CodeSystem/${id}`);
    const gone = await expand(LOCAL_SET);

    expect([before.status, first.codes, changed.codes, gone.rule]).toEqual([
      404,
      ['a', 'b'],
      ['a', 'b', 'c'],
      'system-unknown',
    ]);
  });

  it('is asked at its own address too.', async () => {
    const id = await store(
      set('https://example.org/fhir/ValueSet/by-id', {
        include: [{ system: 'https://example.org/s', concept: [{ code: 'x' }] }],
      }),
    );

    const byId = await ask(`ValueSet/${id}/$expand`, {});
    const check = await ask(`ValueSet/${id}/$validate-code`, { system: 'https://example.org/s', code: 'x' });
    const unknown = await ask('ValueSet/none/$expand', {});

    expect([byId.codes, check.value('result'), unknown.status]).toEqual([['x'], true, 404]);
  });

  it('is not seen by those who may not read it.', async () => {
    await store(
      set('https://example.org/fhir/ValueSet/own', {
        include: [{ system: 'https://example.org/s', concept: [{ code: 'x' }] }],
      }),
    );

    const other = await asker(await app.client('analytics'))('ValueSet/$expand', {
      url: 'https://example.org/fhir/ValueSet/own',
    });

    expect(other.status).toBe(404);
  });

  it('gives way to the content of registers.', async () => {
    const url = 'https://ryggrad.no/fhir/ValueSet/yes-no';
    const content = await expand(url);
    await store({
      ...set(url, { include: [{ system: 'https://example.org/s', concept: [{ code: 'x' }] }] }),
      version: '9.0.0',
    });

    expect((await expand(url)).codes).toEqual(content.codes);
    expect((await expand(`${url}|9.0.0`)).codes).toEqual(['x']);
    expect((await expand(`${url}|8.0.0`)).status).toBe(404);
  });

  it('gives way to a loaded system, and comes before the base specification.', async () => {
    await store(system(NCSP, '1.0.0', 'own'));
    const stored = await expand(`${NCSP}?vs`);
    await load(app.database.db, ['ncsp', 'ncsp.tsv', '--version', '2026']);
    const loaded = await expand(`${NCSP}?vs`);
    await store(system('http://hl7.org/fhir/administrative-gender', '9.0.0', 'own'));
    const base = await expand('http://hl7.org/fhir/administrative-gender?vs');

    expect([stored.codes, loaded.codes, base.codes]).toEqual([['own'], ['NAB', 'NAB94', 'ABC'], ['own']]);
  });

  it('imports other value sets, and is refused when it imports itself.', async () => {
    const url = (name: string): string => `https://example.org/fhir/ValueSet/${name}`;
    await store(set(url('one'), { include: [{ valueSet: [url('two')] }] }));
    await store(set(url('two'), { include: [{ valueSet: [url('three')] }] }));
    await store(set(url('three'), { include: [{ valueSet: [url('one')] }] }));
    await store(set(url('gap'), { include: [{ valueSet: [url('missing')] }] }));

    const circle = await expand(url('one'));
    const gap = await expand(url('gap'));

    expect([circle.status, circle.rule]).toEqual([422, 'value-set-circle']);
    expect([gap.status, gap.rule]).toEqual([422, 'value-set-unknown']);
  });

  it('takes only the common part of a system and an imported set.', async () => {
    const answer = asked(
      await ehr.post('fhir/ValueSet/$expand', {
        resourceType: 'ValueSet',
        status: 'active',
        compose: {
          include: [
            {
              system: 'http://hl7.org/fhir/administrative-gender',
              version: '4.0.1',
              concept: [{ code: 'female' }, { code: 'male' }],
              valueSet: ['http://hl7.org/fhir/ValueSet/administrative-gender'],
            },
          ],
          exclude: [{ system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'male' }] }],
        },
      }),
    );

    expect(answer.codes).toEqual(['female']);
  });

  it('is searched for by value set and by hierarchy.', async () => {
    await load(app.database.db, ['icd10', 'icd10.csv', '--version', '2026-01-01']);
    const condition = (code: string) => ({
      resourceType: 'Condition',
      text,
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      subject: { display: 'Ukjent' },
      code: { coding: [{ system: ICD10, code }] },
    });
    await store(condition('M51.1'));
    await store(condition('Z99'));
    const found = async (query: string) => {
      const { body } = await ehr.get(`fhir/Condition?${query}`);
      return (
        (body as { entry?: readonly { resource: { code: { coding: readonly { code: string }[] } } }[] })
          .entry ?? []
      ).map(({ resource }) => resource.code.coding[0]?.code);
    };

    expect(await found(`code:below=${encodeURIComponent(`${ICD10}|M51`)}`)).toEqual(['M51.1']);
    expect((await found(`code:in=${encodeURIComponent(`${ICD10}?vs`)}`)).sort()).toEqual(['M51.1', 'Z99']);
  });
});
