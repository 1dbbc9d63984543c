/** https://hl7.org/fhir/R4/terminology-service.html: questions about single codes, and concept maps */
import type { ConceptMap, Parameters } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpClient } from '../../support/http-client.ts';
import {
  asked,
  asker,
  ATC,
  FANTASY,
  ICD10,
  KOMMUNE,
  loadAll,
  LOINC,
  NCSP,
  SNOMED,
  SNOMED_VERSION,
} from './loading.ts';

const GENDER = 'http://hl7.org/fhir/administrative-gender';
const GENDER_SET = 'http://hl7.org/fhir/ValueSet/administrative-gender';

describe('The terminology operations', () => {
  let app: TestApp;
  let client: HttpClient;
  let ask: ReturnType<typeof asker>;
  const post = async (path: string, parameter: readonly object[]) =>
    asked(await client.post(`fhir/${path}`, { resourceType: 'Parameters', parameter }));

  beforeAll(async () => {
    app = await startTestApp();
    await loadAll(app.database.db);
    client = await app.client('staff');
    ask = asker(client);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  describe('CodeSystem/$lookup', () => {
    const propertiesOf = (body: unknown): readonly unknown[] =>
      ((body as Parameters).parameter ?? [])
        .filter(({ name }) => name === 'property')
        .map(({ part }) => part?.map((each) => Object.values(each)[1]));

    it('tells name, version, texts and properties of a loaded concept.', async () => {
      const answer = await ask('CodeSystem/$lookup', { system: FANTASY, code: 'elg', displayLanguage: 'nn' });

      expect([answer.value('name'), answer.value('version'), answer.value('display')]).toEqual([
        'Fantasikodeverk',
        '2026-01-01',
        'Elg (nynorsk)',
      ]);
      expect(propertiesOf(answer.body)).toEqual([
        ['definition', 'Stor.'],
        ['inactive', false],
        ['parent', 'dyr'],
        ['color', 'brun'],
      ]);
      expect(answer.body).toMatchObject({
        parameter: expect.arrayContaining([
          {
            name: 'designation',
            part: [
              { name: 'language', valueCode: 'en' },
              { name: 'value', valueString: 'Moose' },
            ],
          },
        ]),
      });
    });

    it('gives the properties that are asked for and no others.', async () => {
      const answer = await ask('CodeSystem/$lookup', { system: FANTASY, code: 'dyr', property: 'child' });

      expect(propertiesOf(answer.body)).toEqual([
        ['child', 'elg'],
        ['child', 'rev'],
      ]);
    });

    it('follows a municipality to what became of it.', async () => {
      const answer = await ask('CodeSystem/$lookup', {
        system: KOMMUNE,
        code: '0219',
        property: 'successor',
      });
      const validity = await ask('CodeSystem/$lookup', {
        system: KOMMUNE,
        code: '0219',
        property: 'validTo',
      });

      expect(propertiesOf(answer.body)).toEqual([['successor', '3024']]);
      expect(propertiesOf(validity.body)).toEqual([['validTo', '2019-12-31']]);
    });

    it('takes a coding in Parameters, a code without its dot, and a system by another name.', async () => {
      const dotless = await post('CodeSystem/$lookup', [
        { name: 'coding', valueCoding: { system: ICD10, code: 'M511' } },
      ]);
      const named = await ask('CodeSystem/$lookup', {
        system: 'http://hl7.org/fhir/sid/icd-10-no',
        code: 'M51.1',
      });

      expect(dotless.value('display')).toBe(named.value('display'));
      expect(dotless.value('display')).toMatch(/^Oppdiktet rygglidelse med rotsmerte/);
    });

    it('knows the systems of the base specification too.', async () => {
      const answer = await ask('CodeSystem/$lookup', { system: GENDER, code: 'female' });

      expect(answer.value('display')).toBe('Female');
    });

    it('prefers the term of the language asked for in SNOMED CT.', async () => {
      const display = async (displayLanguage: string) =>
        (await ask('CodeSystem/$lookup', { system: SNOMED, code: '900000101', displayLanguage })).value(
          'display',
        );

      expect([await display('nb'), await display('nn'), await display('en')]).toEqual([
        'Oppdiktet ryggsmerte',
        'Oppdikta ryggsmerte',
        'Invented back pain',
      ]);
    });

    it.each([
      ['an unknown code', { system: ICD10, code: 'X' }, 404, 'unknown-code'],
      ['a retired SNOMED CT concept', { system: SNOMED, code: '900000999' }, 404, 'unknown-code'],
      ['an unknown system', { system: 'https://example.org/x', code: 'X' }, 422, 'system-unknown'],
      ['an unknown version', { system: ICD10, version: '1999', code: 'M51' }, 422, 'system-unknown'],
      ['no system', { code: 'X' }, 400, 'required'],
      ['a coding in the address', { coding: 'x' }, 400, 'parameter-type'],
    ])('refuses %s.', async (_what, query, status, rule) => {
      const answer = await ask('CodeSystem/$lookup', query as Readonly<Record<string, string>>);

      expect([answer.status, answer.rule]).toEqual([status, rule]);
    });
  });

  describe('$validate-code', () => {
    it('answers true or false with 200, in words.', async () => {
      const yes = await ask('ValueSet/$validate-code', { url: `${ICD10}?vs`, system: ICD10, code: 'M51.1' });
      const no = await ask('ValueSet/$validate-code', { url: `${ICD10}?vs`, system: ICD10, code: 'M99' });

      expect([yes.status, yes.value('result'), no.status, no.value('result')]).toEqual([
        200,
        true,
        200,
        false,
      ]);
      expect(no.value('message')).toBe(`The code "M99" (${ICD10}) is not in the value set ${ICD10}?vs.`);
    });

    it('holds the display against all texts of the concept, by words.', async () => {
      const check = async (display: string) =>
        (
          await ask('ValueSet/$validate-code', { url: `${NCSP}?vs`, system: NCSP, code: 'NAB94', display })
        ).value('result');

      expect(await check('oppdiktet  SKRUEFIKSASJON')).toBe(true);
      expect(await check('Oppdikta skruefiksering')).toBe(true);
      expect(await check('Dekompresjon')).toBe(false);
    });

    it('is content with one coding of a concept.', async () => {
      const concept = (...coding: readonly object[]) =>
        post('ValueSet/$validate-code', [
          { name: 'url', valueUri: GENDER_SET },
          { name: 'codeableConcept', valueCodeableConcept: { coding } },
        ]);

      const one = await concept({ system: ICD10, code: 'M51' }, { system: GENDER, code: 'male' });
      const none = await concept({ system: ICD10, code: 'M51' });

      expect([one.value('result'), none.value('result')]).toEqual([true, false]);
    });

    it('says that a code is a heading, or no longer in use.', async () => {
      const heading = await ask('CodeSystem/$validate-code', {
        url: FANTASY,
        code: 'dyr',
        abstract: 'false',
      });
      const old = await ask('CodeSystem/$validate-code', { url: KOMMUNE, code: '0219' });
      const then = await ask('CodeSystem/$validate-code', { url: KOMMUNE, code: '0219', date: '2018-05-01' });

      expect([heading.value('result'), old.value('result'), then.value('message')]).toEqual([
        false,
        true,
        undefined,
      ]);
      expect(old.value('message')).toMatch(/not in use/);
    });

    it('takes a value set or code system in the request.', async () => {
      const inSet = await post('ValueSet/$validate-code', [
        {
          name: 'valueSet',
          resource: {
            resourceType: 'ValueSet',
            status: 'active',
            compose: { include: [{ system: 'https://example.org/s', concept: [{ code: 'a' }] }] },
          },
        },
        { name: 'code', valueCode: 'a' },
        { name: 'system', valueUri: 'https://example.org/s' },
      ]);
      const inSystem = await post('CodeSystem/$validate-code', [
        {
          name: 'codeSystem',
          resource: {
            resourceType: 'CodeSystem',
            url: 'https://example.org/s',
            status: 'active',
            content: 'complete',
            concept: [{ code: 'b', display: 'Be' }],
          },
        },
        { name: 'code', valueCode: 'b' },
      ]);

      expect([inSet.value('result'), inSystem.value('result'), inSystem.value('display')]).toEqual([
        true,
        true,
        'Be',
      ]);
    });

    it.each([
      ['no code', { url: `${ICD10}?vs` }, 400, 'required'],
      ['an unknown value set', { url: 'https://example.org/none', code: 'a' }, 404, 'value-set-unknown'],
    ])('refuses %s.', async (_what, query, status, rule) => {
      const answer = await ask('ValueSet/$validate-code', query as Readonly<Record<string, string>>);

      expect([answer.status, answer.rule]).toEqual([status, rule]);
    });
  });

  describe('CodeSystem/$subsumes', () => {
    it.each([
      [ATC, 'N02', 'N02AA99', 'subsumes'],
      [ATC, 'N02AA99', 'N', 'subsumed-by'],
      [ATC, 'A', 'N02', 'not-subsumed'],
      [ATC, 'A', 'A', 'equivalent'],
      [SNOMED, '404684003', '900000102', 'subsumes'],
      ['http://terminology.hl7.org/CodeSystem/v3-ActCode', '_ActEncounterCode', 'AMB', 'subsumes'],
    ])('of %s: %s and %s are %s.', async (system, codeA, codeB, outcome) => {
      const answer = await ask('CodeSystem/$subsumes', { system, codeA, codeB });

      expect(answer.value('outcome')).toBe(outcome);
    });

    it('refuses a code that is not in the system.', async () => {
      const answer = await ask('CodeSystem/$subsumes', { system: ATC, codeA: 'A', codeB: 'Q' });

      expect([answer.status, answer.rule]).toEqual([422, 'unknown-code']);
    });
  });

  describe('ConceptMap/$translate', () => {
    const map: ConceptMap = {
      resourceType: 'ConceptMap',
      url: 'https://example.org/fhir/ConceptMap/local',
      status: 'active',
      group: [
        {
          source: 'https://example.org/local',
          target: ICD10,
          element: [
            {
              code: 'rygg',
              target: [
                { code: 'M51', equivalence: 'wider' },
                {
                  code: 'M51.1',
                  equivalence: 'equivalent',
                  product: [
                    { property: 'https://example.org/side', system: 'https://example.org/side', value: 'h' },
                  ],
                },
              ],
            },
            { code: 'ingen', target: [{ equivalence: 'unmatched' }] },
          ],
          unmapped: { mode: 'fixed', code: 'Z99' },
        },
      ],
    };
    const translate = (...parameter: readonly object[]) =>
      post('ConceptMap/$translate', [{ name: 'conceptMap', resource: map }, ...parameter]);
    const matches = (body: unknown) =>
      ((body as Parameters).parameter ?? [])
        .filter(({ name }) => name === 'match')
        .map(({ part }) => [part?.[0]?.valueCode, part?.[1]?.valueCoding?.code]);

    it('gives all targets, the closest first, with what goes along.', async () => {
      const answer = await translate(
        { name: 'code', valueCode: 'rygg' },
        { name: 'system', valueUri: 'https://example.org/local' },
      );

      expect(answer.value('result')).toBe(true);
      expect(matches(answer.body)).toEqual([
        ['equivalent', 'M51.1'],
        ['wider', 'M51'],
      ]);
      expect(answer.body).toMatchObject({
        parameter: expect.arrayContaining([
          expect.objectContaining({
            part: expect.arrayContaining([expect.objectContaining({ name: 'product' })]),
          }),
        ]),
      });
    });

    it('goes backwards, and turns the equivalence round.', async () => {
      const answer = await translate(
        { name: 'coding', valueCoding: { system: ICD10, code: 'M51' } },
        { name: 'reverse', valueBoolean: true },
      );

      expect(matches(answer.body)).toEqual([['narrower', 'rygg']]);
    });

    it('follows the rule for codes that are not listed, and says when there is none.', async () => {
      const other = await translate({ name: 'code', valueCode: 'annet' });
      const none = await translate({ name: 'code', valueCode: 'ingen' });
      const elsewhere = await translate(
        { name: 'code', valueCode: 'rygg' },
        { name: 'targetsystem', valueUri: ATC },
      );

      expect(matches(other.body)).toEqual([['inexact', 'Z99']]);
      expect([none.value('result'), elsewhere.value('result')]).toEqual([false, false]);
    });

    it('asks every map between two value sets, of the content and of the base specification.', async () => {
      const answer = await ask('ConceptMap/$translate', {
        system: 'http://hl7.org/fhir/address-use',
        code: 'home',
        source: 'http://hl7.org/fhir/ValueSet/address-use',
        target: 'http://terminology.hl7.org/ValueSet/v3-AddressUse',
      });

      expect(answer.value('result')).toBe(true);
    });

    it.each([
      ['an unknown map', { url: 'https://example.org/none', code: 'a' }, 404, 'concept-map-unknown'],
      ['no map', { code: 'a' }, 400, 'required'],
      ['no code', { url: 'x' }, 400, 'required'],
    ])('refuses %s.', async (_what, query, status, rule) => {
      const answer = await ask('ConceptMap/$translate', query as Readonly<Record<string, string>>);

      expect([answer.status, answer.rule]).toEqual([status, rule]);
    });
  });

  it('are open to everyone with a token, and to nobody without.', async () => {
    const statuses = await Promise.all(
      (['ehr', 'analytics', 'staff'] as const).map(
        async (kind) =>
          (await (await app.client(kind)).get(`fhir/CodeSystem/$lookup?system=${GENDER}&code=male`)).status,
      ),
    );

    expect(statuses).toEqual([200, 200, 200]);
    expect(
      (await client.withToken('none').get(`fhir/CodeSystem/$lookup?system=${GENDER}&code=male`)).status,
    ).toBe(401);
  });

  it('are named with their definitions, and the loaded systems with their versions.', async () => {
    const statement = await client.get('fhir/metadata');
    const capabilities = await client.get('fhir/metadata?mode=terminology');

    const text = JSON.stringify(statement.body);
    for (const name of [
      'ValueSet-expand',
      'ValueSet-validate-code',
      'CodeSystem-lookup',
      'CodeSystem-validate-code',
      'CodeSystem-subsumes',
      'ConceptMap-translate',
    ]) {
      expect(text).toContain(`http://hl7.org/fhir/OperationDefinition/${name}`);
    }
    expect(capabilities.body).toMatchObject({
      resourceType: 'TerminologyCapabilities',
      codeSystem: expect.arrayContaining([
        {
          uri: SNOMED,
          version: [{ code: SNOMED_VERSION, isDefault: true, language: ['nb'] }],
          subsumption: true,
        },
        { uri: LOINC, version: [{ code: '2.99', isDefault: true, language: ['en'] }], subsumption: false },
      ]),
    });
  });
});
