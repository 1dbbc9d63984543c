import { compilePath, PathError } from '../../../src/fhir/path.ts';

const observation = Object.freeze({
  resourceType: 'Observation',
  contained: Object.freeze([Object.freeze({ resourceType: 'Device', id: 'd' })]),
  subject: Object.freeze({ reference: 'Patient/1' }),
  device: Object.freeze({ reference: '#d' }),
  valueQuantity: Object.freeze({ value: 1.5, unit: 'mg' }),
});

describe('A compiled FHIRPath expression', () => {
  it('knows the types of choice elements, on frozen resources too.', () => {
    expect(compilePath('value is Quantity')(observation)).toEqual([true]);
    expect(compilePath('value.value * 2')(observation)).toEqual([3]);
  });

  it('returns the very objects of the resource, unchanged.', () => {
    expect(compilePath('subject')(observation)[0]).toBe(observation.subject);
  });

  it.each([
    ["code in ('a' | 'b' | 'a')or code = 'x'", 'b', [true]],
    ["code in ('a' | 'b')", 'c', [false]],
    ["code in('a')or code in ('c'|'d') and code in ('d' | 'e')", 'd', [true]],
    ["code.where($this in ('a' | 'b')) | 'z' in ('y' | 'z')", 'q', [true]],
  ])('tells membership of a list of texts: %s.', (expression, code, result) => {
    expect(compilePath(expression)({ code })).toEqual(result);
  });

  it('knows where an object came from when it is the base of another expression.', () => {
    const response = {
      resourceType: 'QuestionnaireResponse',
      item: [{ linkId: 'a', answer: [{ valueInteger: 3 }] }],
    };
    const [item] = compilePath('item')(response);

    expect(compilePath('answer.value + 1')(item)).toEqual([4]);
    expect(compilePath('%row.answer.value')(response, { row: item })).toEqual([3]);
    expect(Object.getOwnPropertyNames(item)).toEqual(['linkId', 'answer']);
  });

  it('takes the path of a part that was not found by an expression.', () => {
    const item = { linkId: 'a', answer: [{ valueInteger: 3 }] };

    expect(compilePath('answer.value', 'QuestionnaireResponse.item')(item)).toEqual([3]);
  });

  it.each([
    ['%sct', 'http://snomed.info/sct'],
    ['%loinc', 'http://loinc.org'],
    ['%`vs-administrative-gender`', 'http://hl7.org/fhir/ValueSet/administrative-gender'],
    ['%`ext-patient-birthTime`', 'http://hl7.org/fhir/StructureDefinition/patient-birthTime'],
  ])('knows what R4 names %s.', (expression, canonical) => {
    expect(compilePath(expression)(observation)).toEqual([canonical]);
  });

  it.each([
    ['Observation', [true]],
    ['Patient', [false]],
    ['bp', []],
  ])('tells whether a resource conforms to %s.', (name, result) => {
    const expression = `conformsTo('http://hl7.org/fhir/StructureDefinition/${name}')`;

    expect(compilePath(expression)(observation)).toEqual(result);
  });

  it('resolves references to the type they name and to contained resources.', () => {
    const variables = { resource: observation, rootResource: observation };

    expect(compilePath('subject.resolve() is Patient')(observation, variables)).toEqual([true]);
    expect(compilePath('device.resolve().id')(observation, variables)).toEqual(['d']);
    expect(compilePath("'urn:uuid:1'.resolve()")(observation, variables)).toEqual([]);
  });

  it('resolves the entry of a bundle.', () => {
    const bundle = {
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id: 'p' } },
        {
          fullUrl: 'urn:uuid:2',
          resource: { resourceType: 'Observation', subject: { reference: 'urn:uuid:1' } },
        },
      ],
    };

    const found = compilePath('entry.resource.ofType(Observation).subject.resolve().id')(bundle, {
      rootResource: bundle,
    });

    expect(found).toEqual(['p']);
  });

  it('checks narrative, and says nothing about value sets and foreign profiles.', () => {
    expect(compilePath('$this.htmlChecks()')('<div>x</div>')).toEqual([true]);
    expect(compilePath("memberOf('http://x')")(observation)).toEqual([]);
    expect(
      compilePath("conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')")(observation),
    ).toEqual([true]);
    expect(compilePath("conformsTo('http://x/StructureDefinition/y')")(observation)).toEqual([]);
  });

  it('calculates decimals exactly.', () => {
    expect(compilePath('0.1 + 0.2')({})).toEqual([0.3]);
  });

  it('names the expression that is broken or fails.', () => {
    expect(() => compilePath('a b (')).toThrow(PathError);
    expect(() => compilePath('%unknown')({})).toThrow('The FHIRPath expression "%unknown" fails');
  });
});
