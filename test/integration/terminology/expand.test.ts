/** https://hl7.org/fhir/R4/valueset-operation-expand.html */
import type { ValueSet } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { asked, asker, FANTASY, ICD10, KOMMUNE, loadAll, LOINC, NCSP, SNOMED } from './loading.ts';

describe('ValueSet/$expand', () => {
  let app: TestApp;
  let client: HttpClient;
  let ask: ReturnType<typeof asker>;
  const whole = (system: string): string => `${system}?vs`;
  const icd10 = (filter: string, more: Readonly<Record<string, string>> = {}) =>
    ask('ValueSet/$expand', { url: whole(ICD10), filter, ...more });
  const inline = async (compose: ValueSet['compose'], more: readonly object[] = []) =>
    asked(
      await client.post('fhir/ValueSet/$expand', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'valueSet', resource: { resourceType: 'ValueSet', status: 'active', compose } },
          ...more,
        ],
      }),
    );

  beforeAll(async () => {
    app = await startTestApp();
    await loadAll(app.database.db);
    client = await app.client('staff');
    ask = asker(client);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  describe('with a filter', () => {
    it.each([
      ['a code with its dot', 'M51.1', ['M51.1']],
      ['a code without its dot', 'm511', ['M51.1']],
      ['the beginning of a code', 'm51', ['M51', 'M51.0', 'M51.1', 'M51.9']],
      ['words and beginnings in any order', 'rotsm rygg', ['M51.1']],
      ['Norwegian letters', 'ørsm ærl ål', ['M51.1']],
      ['other letters of the same sound', 'örsm', ['M51.1']],
      [
        'a word inside a text after texts that begin with it',
        'oppdikt',
        ['M50', 'M50.1', 'M51', 'M51.0', 'M51.1', 'Z99', 'M51.9'],
      ],
      ['nothing that matches', 'lungebetennelse', []],
      ['only marks', '%_\'"\\:*&|!', ['M50', 'M50.1', 'M51', 'M51.0', 'M51.1', 'M51.9', 'Z99']],
    ])('finds %s.', async (_what, filter, codes) => {
      const answer = await icd10(filter);

      expect(answer.status).toBe(200);
      expect([...answer.codes].sort()).toEqual([...codes].sort());
      expect(answer.body).toMatchObject({ expansion: { total: codes.length } });
    });

    it('puts the code first, then codes and texts that begin so, then words.', async () => {
      const texts = await icd10('oppdiktet ry');
      const exact = await icd10('M51');

      expect(texts.codes[0]).toBe('M51');
      expect(exact.codes).toEqual(['M51', 'M51.0', 'M51.1', 'M51.9']);
      expect((await icd10('usp')).codes).toEqual(['M51.9']);
    });

    it('pages without losing or repeating a code.', async () => {
      const pages = await Promise.all(
        ['0', '2', '4', '6', '8'].map((offset) => icd10('oppdikt', { offset, count: '2' })),
      );

      expect(pages.flatMap(({ codes }) => codes).sort()).toEqual([...(await icd10('oppdikt')).codes].sort());
      expect(pages.map(({ codes }) => codes.length)).toEqual([2, 2, 2, 1, 0]);
      expect(pages.every(({ body }) => (body as unknown as ValueSet).expansion?.total === 7)).toBe(true);
    });

    it('searches lists in memory by the same rules, also in other languages.', async () => {
      const german = await ask('ValueSet/$expand', {
        url: 'http://hl7.org/fhir/ValueSet/administrative-gender',
        filter: 'fem',
      });

      expect(german.codes).toEqual(['female']);
    });
  });

  it('answers only a number for count 0.', async () => {
    const answer = await ask('ValueSet/$expand', { url: whole(ICD10), count: '0' });

    expect(answer.body).toMatchObject({ expansion: { total: 7 } });
    expect(answer.codes).toEqual([]);
  });

  it('leaves out what is not in use when asked for active codes, and marks it otherwise.', async () => {
    const all = await ask('ValueSet/$expand', { url: whole(ICD10) });
    const active = await ask('ValueSet/$expand', { url: whole(ICD10), activeOnly: 'true' });
    const earlier = await ask('ValueSet/$expand', {
      url: whole(ICD10),
      activeOnly: 'true',
      date: '2019-06-01',
    });

    expect(all.body).toMatchObject({
      expansion: {
        contains: expect.arrayContaining([expect.objectContaining({ code: 'M51.9', inactive: true })]),
      },
    });
    expect(active.codes).not.toContain('M51.9');
    expect(earlier.codes).toContain('M51.9');
  });

  it('knows the municipalities of a day.', async () => {
    const on = async (date: string) =>
      (await ask('ValueSet/$expand', { url: whole(KOMMUNE), activeOnly: 'true', date })).codes;

    expect(await on('2019-12-31')).toEqual(['0301', '0219']);
    expect(await on('2020-01-01')).toEqual(['0301', '3024']);
    expect(await on('2024-01-01')).toEqual(['0301', '3201']);
  });

  it('shows texts in the language of the parameter, else of the header, else its own.', async () => {
    const displays = async (
      query: Readonly<Record<string, string>>,
      header: Readonly<Record<string, string>> = {},
    ) => {
      const { body } = await ask('ValueSet/$expand', { url: whole(NCSP), ...query }, header);
      return (body as unknown as ValueSet).expansion?.contains?.map(({ display }) => display)[0];
    };

    expect(await displays({ displayLanguage: 'nn' })).toBe('Oppdikta inngrep i rygg');
    expect(await displays({}, { 'accept-language': 'de, nn;q=0.8, en;q=0.1' })).toBe(
      'Oppdikta inngrep i rygg',
    );
    expect(await displays({ displayLanguage: 'nb' }, { 'accept-language': 'nn' })).toBe(
      'Oppdiktet inngrep i rygg',
    );
    expect(await displays({})).toBe('Oppdiktet inngrep i rygg');
  });

  it('adds designations and the definition when asked.', async () => {
    const { body } = await ask('ValueSet/$expand', {
      url: whole(NCSP),
      filter: 'NAB94',
      includeDesignations: 'true',
      includeDefinition: 'true',
    });

    expect(body).toMatchObject({
      compose: { include: [{ system: NCSP }] },
      expansion: { contains: [{ designation: [{ language: 'nn', value: 'Oppdikta skruefiksering' }] }] },
    });
  });

  it.each([
    ['is-a', 'M51', ['M51', 'M51.0', 'M51.1', 'M51.9']],
    ['descendent-of', 'M51', ['M51.0', 'M51.1', 'M51.9']],
    ['is-not-a', 'M51', ['M50', 'M50.1', 'Z99']],
    ['generalizes', 'M51.1', ['M51', 'M51.1']],
    ['in', 'M50,Z99', ['M50', 'Z99']],
    ['not-in', 'M50,Z99', ['M50.1', 'M51', 'M51.0', 'M51.1', 'M51.9']],
    ['=', 'Z99', ['Z99']],
    ['regex', '[A-Z]\\d{2}', ['M50', 'M51', 'Z99']],
  ] as const)('filters a loaded system by %s.', async (op, value, codes) => {
    const answer = await inline({
      include: [{ system: ICD10, filter: [{ property: 'concept', op, value }] }],
    });

    expect([...answer.codes].sort()).toEqual(codes);
  });

  it('filters by properties, and by whether there is one.', async () => {
    const group = await inline({
      include: [{ system: NCSP, filter: [{ property: 'group', op: '=', value: 'N' }] }],
    });
    const exists = await inline({
      include: [{ system: FANTASY, filter: [{ property: 'color', op: 'exists', value: 'true' }] }],
    });
    const none = await inline({
      include: [{ system: FANTASY, filter: [{ property: 'color', op: 'exists', value: 'false' }] }],
    });

    expect([group.codes, exists.codes, none.codes]).toEqual([['NAB', 'NAB94'], ['elg', 'rev'], ['dyr']]);
  });

  it('joins, excludes and imports across systems.', async () => {
    const answer = await inline({
      include: [
        { system: ICD10, filter: [{ property: 'concept', op: 'is-a', value: 'M51' }] },
        { system: FANTASY, concept: [{ code: 'rev', display: 'Mikkel' }, { code: 'elg' }] },
        { valueSet: ['http://hl7.org/fhir/ValueSet/administrative-gender'] },
      ],
      exclude: [
        { system: ICD10, concept: [{ code: 'M51.0' }] },
        { system: FANTASY, concept: [{ code: 'elg' }] },
      ],
    });

    expect(answer.codes).toEqual(['M51', 'M51.1', 'M51.9', 'rev', 'male', 'female', 'other', 'unknown']);
    expect(answer.body).toMatchObject({
      expansion: {
        contains: expect.arrayContaining([expect.objectContaining({ code: 'rev', display: 'Mikkel' })]),
        parameter: expect.arrayContaining([{ name: 'version', valueUri: `${ICD10}|2026-01-01` }]),
      },
    });
  });

  it.each([
    ['<< 404684003', ['404684003', '900000101', '900000102', '900000103']],
    ['< 404684003 |Clinical finding|', ['900000101', '900000102', '900000103']],
    ['<! 404684003', ['900000101', '900000103']],
    ['> 900000102', ['138875005', '404684003', '900000101']],
    ['< 404684003 MINUS << 900000101', ['900000103']],
    ['900000101 OR 900000103', ['900000101', '900000103']],
    ['< 404684003 : 363698007 = 900000201', ['900000101', '900000102']],
    ['< 404684003 : 363698007 = << 138875005', ['900000101', '900000102']],
  ])('answers the expression constraint %s.', async (ecl, codes) => {
    const answer = await ask('ValueSet/$expand', { url: `${SNOMED}?fhir_vs=ecl/${encodeURIComponent(ecl)}` });

    expect(answer.status).toBe(200);
    expect([...answer.codes].sort()).toEqual(codes);
  });

  it('knows the implicit value sets of SNOMED CT and LOINC, with Norwegian terms first.', async () => {
    const isa = await ask('ValueSet/$expand', { url: `${SNOMED}?fhir_vs=isa/900000101` });
    const edition = await ask('ValueSet/$expand', {
      url: `${SNOMED}/51000202101?fhir_vs=isa/900000101`,
      displayLanguage: 'nn',
    });
    const synonym = await ask('ValueSet/$expand', { url: `${SNOMED}?fhir_vs`, filter: 'vond' });
    const loinc = await ask('ValueSet/$expand', {
      url: `${LOINC}/vs`,
      filter: 'smerte',
      displayLanguage: 'nb',
    });

    expect(isa.body).toMatchObject({
      expansion: {
        contains: [{ display: 'Oppdiktet ryggsmerte' }, { display: 'Invented chronic back pain' }],
      },
    });
    expect(edition.body).toMatchObject({ expansion: { contains: [{ display: 'Oppdikta ryggsmerte' }, {}] } });
    expect(synonym.codes).toEqual(['900000101']);
    expect(loinc.body).toMatchObject({
      expansion: { contains: [{ code: '99901-1', display: 'Oppdiktet smerte' }] },
    });
  });

  it('knows the value set that a loaded system names as its own.', async () => {
    const answer = await ask('ValueSet/$expand', { url: 'https://example.org/fhir/ValueSet/fantasy-all' });

    expect(answer.codes).toEqual(['dyr', 'elg', 'rev']);
  });

  it.each([
    ['an unknown value set', { url: 'https://example.org/none' }, 404, 'value-set-unknown'],
    ['no value set', {}, 400, 'required'],
    ['an unknown system', { url: 'https://example.org/system?vs' }, 422, 'system-unknown'],
    [
      'a version that is not loaded',
      { url: whole(ICD10), 'force-system-version': `${ICD10}|1999` },
      422,
      'system-unknown',
    ],
    ['a reference set', { url: `${SNOMED}?fhir_vs=refset/1` }, 422, 'implicit-value-set'],
    [
      'more of the constraint language',
      { url: `${SNOMED}?fhir_vs=ecl/^ 700043003` },
      422,
      'value-set-filter',
    ],
    ['a parameter it does not know', { url: whole(ICD10), fitler: 'x' }, 400, 'unknown-parameter'],
    ['a number that is none', { url: whole(ICD10), count: '-1' }, 400, 'parameter-type'],
    ['a date that is none', { url: whole(ICD10), date: '2026-02-30' }, 400, 'parameter-type'],
    ['more than it gives at a time', { url: whole(ICD10), count: '10001' }, 422, 'too-costly'],
    ['a hierarchy that is not there', { url: `${LOINC}/vs/LP1-1` }, 422, 'implicit-value-set'],
  ] as const)('refuses %s, and says why.', async (_what, query, status, rule) => {
    const answer = await ask('ValueSet/$expand', query);

    expect([answer.status, answer.rule]).toEqual([status, rule]);
  });

  it.each([
    ['a repeated group', '(a+)+b'],
    ['a back reference', '(a)\\1'],
    ['look-ahead', '(?=a)b'],
    ['what is no pattern', '['],
  ])('refuses a regular expression with %s.', async (_what, value) => {
    const answer = await inline({
      include: [{ system: ICD10, filter: [{ property: 'code', op: 'regex', value }] }],
    });

    expect([answer.status, answer.rule]).toEqual([422, 'value-set-filter']);
  });

  it('refuses an order that a loaded system does not have.', async () => {
    const answer = await inline({
      include: [{ system: LOINC, filter: [{ property: 'concept', op: 'is-a', value: 'LP1' }] }],
    });

    expect([answer.status, answer.rule]).toEqual([422, 'system-without-hierarchy']);
  });
});
