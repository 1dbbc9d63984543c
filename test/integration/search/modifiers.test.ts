/** Modifiers, units, words and distances: https://hl7.org/fhir/R4/search.html#modifiers */
import { loadR4 } from '../../../src/content/r4.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createParameters } from '../../../src/search/parameters.ts';
import type { CodeExpander } from '../../../src/terminology/terminology.ts';
import { createSearchDatabase, type SearchDatabase } from './search-database.ts';

type Stored = Resource & { readonly id: string };

const UCUM = 'http://unitsofmeasure.org';
const LOINC = 'http://loinc.org';

const lab = (id: string, value: number, code: string, more: object = {}): Stored =>
  ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: LOINC, code: 'lab' }] },
    valueQuantity: { value, unit: code, system: UCUM, code, ...more },
  }) as unknown as Stored;

const place = (id: string, latitude: number, longitude: number): Stored =>
  ({ resourceType: 'Location', id, position: { latitude, longitude } }) as Stored;

const coded = (id: string, code: string, display: string, text?: string): Stored =>
  ({
    resourceType: 'Condition',
    id,
    subject: { reference: 'Patient/a' },
    code: { coding: [{ system: 'http://codes', code, display }], ...(text !== undefined && { text }) },
  }) as Stored;

const RESOURCES: readonly Stored[] = [
  lab('mmol', 5.4, 'mmol/L'),
  lab('umol', 5400, 'umol/L'),
  lab('mmol-6', 6, 'mmol/L'),
  lab('cells', 5.4, '10*9/L'),
  lab('celsius', 37, 'Cel'),
  lab('fahrenheit', 98.6, '[degF]'),
  lab('metre', 1.8, 'm'),
  lab('cm', 180, 'cm'),
  lab('ratio', 5, 'mg/g'),
  lab('percent', 0.5, '%'),
  lab('foreign', 5.4, 'tabl', { system: 'http://units' }),
  place('oslo', 59.9139, 10.7522),
  place('drammen', 59.7439, 10.2045),
  place('fiji-west', -17, 179.9),
  place('fiji-east', -17, -179.9),
  place('pole', 89.99, 100),
  coded('pain', 'p', 'Chronic pain', 'Kronisk smerte'),
  coded('back', 'b', 'Back pain'),
  coded('neck', 'n', 'Neck pain'),
  {
    resourceType: 'Patient',
    id: 'a',
    gender: 'female',
    active: true,
    identifier: [
      { type: { coding: [{ system: 'http://t', code: 'MR' }] }, system: 'http://ids', value: '7' },
      { type: { coding: [{ system: 'http://t', code: 'SS' }] }, system: 'http://ids', value: '8' },
    ],
    name: [{ family: 'A\u030Asen', given: ['Renée'] }],
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Pasient med <b>kronisk</b> smerte i&#160;ryggen, etter ulykke p&#229; jobb.</p></div>',
    },
    managingOrganization: { reference: 'Organization/o/_history/2' },
    meta: { profile: ['http://acme.org/fhir/StructureDefinition/person|1.2.3'] },
  },
  {
    resourceType: 'Patient',
    id: 'b',
    gender: 'male',
    name: [{ family: 'Asen' }],
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml">Smerte, men ikke kronisk</div>',
    },
    meta: { profile: ['http://acme.org/fhirx/person'] },
  },
  {
    resourceType: 'MolecularSequence',
    id: 'seq',
    coordinateSystem: 1,
    referenceSeq: {
      chromosome: { coding: [{ system: 'http://chr', code: '1' }] },
      windowStart: 100,
      windowEnd: 200,
    },
  } as Stored,
  {
    resourceType: 'DocumentReference',
    id: 'doc',
    status: 'current',
    content: [{ attachment: {} }],
    relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/old' } }],
  },
];

/** Stands for the terminology: what search asks of it, not how it knows. */
const codes: CodeExpander = {
  expandCodes: (valueSet) =>
    Promise.resolve(
      {
        'http://vs/spine': {
          kind: 'codes',
          codes: [
            { system: 'http://codes', code: 'b' },
            { system: 'http://codes', code: 'n' },
          ],
        } as const,
        'http://vs/sexes': {
          kind: 'codes',
          codes: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'female' }],
        } as const,
        'http://vs/all': { kind: 'too-many', limit: 10_000 } as const,
      }[valueSet] ?? { kind: 'unknown', what: valueSet },
    ),
  descendants: (system, code) =>
    Promise.resolve({
      kind: 'codes',
      codes: ['p', 'b', 'n'].map((below) => ({ system, code: code === 'p' ? below : code })),
    }),
  ancestors: (system, code) =>
    Promise.resolve({
      kind: 'codes',
      codes: [...new Set([code, 'p'])].map((above) => ({ system, code: above })),
    }),
};

const parameters = {
  ...createParameters(
    [
      ...loadR4().searchParameters.all(),
      {
        resourceType: 'SearchParameter',
        url: 'https://ryggrad.no/fhir/SearchParameter/condition-content',
        name: 'Content',
        status: 'active',
        description: 'Words of the whole resource',
        code: '_content',
        base: ['Condition'],
        type: 'string',
      },
    ],
    loadR4(),
  ),
  codes,
};

describe('A search', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase(parameters);
    await db.create(RESOURCES);
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  const ids = async (type: string, query: string): Promise<readonly string[]> =>
    [...(await db.ids(type, query))].sort();

  it.each([
    ['5.4|http://unitsofmeasure.org|mmol/L', ['mmol', 'umol']],
    ['5400|http://unitsofmeasure.org|umol/L', ['mmol', 'umol']],
    ['5|http://unitsofmeasure.org|mmol/L', ['mmol', 'umol']],
    ['5.40||mmol/L', ['mmol', 'umol']],
    ['5.41|http://unitsofmeasure.org|mmol/L', []],
    ['gt5400|http://unitsofmeasure.org|umol/L', ['mmol-6']],
    ['ge5400|http://unitsofmeasure.org|umol/L', ['mmol', 'mmol-6', 'umol']],
    ['lt0.006|http://unitsofmeasure.org|mol/L', ['mmol', 'umol']],
    ['37.0|http://unitsofmeasure.org|Cel', ['celsius', 'fahrenheit']],
    ['ap38|http://unitsofmeasure.org|Cel', ['celsius', 'fahrenheit']],
    ['ap10|http://unitsofmeasure.org|Cel', []],
    ['310.15|http://unitsofmeasure.org|K', ['celsius', 'fahrenheit']],
    ['180|http://unitsofmeasure.org|cm', ['cm', 'metre']],
    ['0.5|http://unitsofmeasure.org|%', ['percent', 'ratio']],
    ['5.4|http://unitsofmeasure.org|10*9/L', ['cells']],
    ['5.4|http://units|tabl', ['foreign']],
    ['5.4||tabl', ['foreign']],
    ['5.4', ['cells', 'foreign', 'mmol']],
    ['5.4|http://unitsofmeasure.org|nonsense', []],
  ])('for the quantity %s finds %j.', async (quantity, expected) => {
    expect(await ids('Observation', `value-quantity=${encodeURIComponent(quantity)}`)).toEqual(expected);
    expect(
      await ids('Observation', `code-value-quantity=${encodeURIComponent(`${LOINC}|lab$${quantity}`)}`),
    ).toEqual(expected);
    expect(
      await ids('Observation', `combo-code-value-quantity=${encodeURIComponent(`lab$${quantity}`)}`),
    ).toEqual(expected);
  });

  it.each([
    ['Condition', 'code:text=kron', ['pain']],
    ['Condition', 'code:text=CHRONIC', ['pain']],
    ['Condition', 'code:text=pain', []],
    ['Condition', 'code:in=http://vs/spine', ['back', 'neck']],
    ['Condition', 'code:not-in=http://vs/spine', ['pain']],
    ['Condition', 'code:below=http://codes|p', ['back', 'neck', 'pain']],
    ['Condition', 'code:above=http://codes|b', ['back', 'pain']],
    ['Condition', 'code:not=http://codes|b', ['neck', 'pain']],
    ['Condition', 'code:not=http://codes|b,http://codes|n', ['pain']],
    ['Patient', 'gender:in=http://vs/sexes', ['a']],
    ['Patient', '_has:Condition:patient:code:in=http://vs/spine', ['a']],
    ['Condition', 'patient.gender:in=http://vs/sexes&code=p', ['pain']],
    ['Patient', 'gender=http://hl7.org/fhir/administrative-gender|female', ['a']],
    ['Patient', 'gender=http://other|female', []],
    ['Patient', 'active=http://terminology.hl7.org/CodeSystem/special-values|true', ['a']],
    ['Observation', 'status=http://other|final', []],
    ['Patient', 'identifier:of-type=http://t|MR|7', ['a']],
    ['Patient', 'identifier:of-type=http://t|SS|7', []],
    ['Patient', '_id:not=a', ['b']],
    ['Patient', '_id:missing=true', []],
    ['Patient', '_lastUpdated:missing=false', ['a', 'b']],
    ['Location', 'near:missing=true', []],
    ['MolecularSequence', 'chromosome-window-coordinate:missing=false', ['seq']],
    ['Observation', 'code-value-quantity:missing=true', []],
    ['Patient', '_profile:below=http://acme.org/fhir', ['a']],
    ['Patient', '_profile:below=http://acme.org', ['a', 'b']],
    ['Patient', '_profile:below=http://acme.org/fhir/StructureDefinition/person|1', ['a']],
    ['Patient', '_profile:below=http://acme.org/fhir/StructureDefinition/person|1.2.30', []],
    ['Patient', '_profile:above=http://acme.org/fhirx/person/special', ['b']],
    ['Patient', '_profile=http://acme.org/fhir/StructureDefinition/person|1.2.3', ['a']],
    ['Patient', 'organization=Organization/o', ['a']],
    ['Patient', 'organization=Organization/o/_history/2', ['a']],
    ['Patient', 'organization=Organization/o/_history/3', []],
    ['Patient', 'family=åsen', ['a']],
    ['Patient', 'family=asen', ['b']],
    ['Patient', 'family:exact=Åsen', ['a']],
    ['Patient', 'family:contains=ÅSE', ['a']],
    ['Patient', 'given=renee', ['a']],
    ['Patient', 'given:exact=Renee', []],
    ['Patient', '_text=kronisk smerte', ['a', 'b']],
    ['Patient', '_text="kronisk smerte"', ['a']],
    ['Patient', '_text="kronisk smerte i ryggen etter ulykke"', ['a']],
    ['Patient', '_text="kronisk smerte i ryggen uten ulykke"', []],
    ['Patient', '_text=rygg', []],
    ['Patient', '_text=rygg*', ['a']],
    ['Patient', '_text=ryggen OR ikke', ['a', 'b']],
    ['Patient', '_text=på', ['a']],
    ['Patient', '_text=strong', []],
    ['Condition', '_content=back', ['back']],
    ['MolecularSequence', 'chromosome-window-coordinate=http://chr|1$100$200', ['seq']],
    ['MolecularSequence', 'chromosome-window-coordinate=http://chr|1$lt150$gt150', ['seq']],
    ['MolecularSequence', 'chromosome-window-coordinate=http://chr|1$gt150$gt150', []],
    ['DocumentReference', 'relationship=DocumentReference/old$appends', ['doc']],
    ['DocumentReference', 'relationship=old$appends', ['doc']],
    ['DocumentReference', 'relationship=DocumentReference/old$replaces', []],
  ])('of %s by %s finds %j.', async (type, query, expected) => {
    expect(await ids(type, query.replaceAll('|', '%7C'))).toEqual(expected);
  });

  it.each([
    ['59.9139|10.7522|10|km', ['oslo']],
    ['59.9139|10.7522|30|[mi_i]', ['drammen', 'oslo']],
    ['59.9139|10.7522', ['drammen', 'oslo']],
    ['-17|180|15|km', ['fiji-east', 'fiji-west']],
    ['-17|179.95|10|km', ['fiji-west']],
    ['90|0|5|km', ['pole']],
    ['0|0|10', []],
  ])('near %s finds %j.', async (near, expected) => {
    expect(await ids('Location', `near=${encodeURIComponent(near)}`)).toEqual(expected);
  });

  it('agrees with the great circle at the edge of the distance asked for.', async () => {
    const metres = 35_900; // Oslo to Drammen is 35 970 m

    expect(await ids('Location', `near=59.9139|10.7522|${metres}|m`)).toEqual(['oslo']);
    expect(await ids('Location', `near=59.9139|10.7522|${metres + 100}|m`)).toEqual(['drammen', 'oslo']);
  });

  it.each([
    ['code:in=http://vs/unknown', 'not-found', 'http://vs/unknown'],
    ['code:not-in=http://vs/unknown', 'not-found', 'http://vs/unknown'],
    ['code:in=http://vs/all', 'too-costly', '10000'],
  ])('by %s is refused as %s, naming it.', async (query, code, named) => {
    await expect(ids('Condition', query)).rejects.toMatchObject({
      status: 400,
      issues: [{ code, diagnostics: expect.stringContaining(named) as string }],
    });
  });
});
