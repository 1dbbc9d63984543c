/** https://hl7.org/fhir/R4/search.html */
import type { FhirError } from '../../../src/fhir/outcome.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import type { ParseOptions } from '../../../src/search/parse.ts';
import { hasPersonNumber } from '../../../src/search/person-number.ts';
import type { MatchCriterion, SearchTree } from '../../../src/search/tree.ts';
import { parameters } from './definitions.ts';

const parse = (type: string | undefined, query: string, options: ParseOptions = {}): SearchTree =>
  parseSearch(type, new URLSearchParams(query), parameters, options);

const values = (type: string, query: string): unknown =>
  (parse(type, query).criteria[0] as MatchCriterion).values;

const refusal = (type: string | undefined, query: string, options: ParseOptions = {}): FhirError => {
  try {
    parse(type, query, options);
  } catch (error) {
    return error as FhirError;
  }
  throw new Error(`${query} was not refused`);
};

describe('The search parser', () => {
  it('takes at most a hundred parameters (LM-01).', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, n) => `_id=${n}`).join('&');

    expect(parse('Patient', many(100)).criteria).toHaveLength(100);
    expect(refusal('Patient', many(101))).toMatchObject({
      status: 400,
      issues: [{ rule: 'search-parameters' }],
    });
  });

  it.each([
    ['code=a', [{ type: 'token', system: undefined, code: 'a' }]],
    ['code=http://x|a', [{ type: 'token', system: 'http://x', code: 'a' }]],
    ['code=|a', [{ type: 'token', system: '', code: 'a' }]],
    ['code=http://x|', [{ type: 'token', system: 'http://x', code: undefined }]],
    [
      'code=a,b',
      [
        { type: 'token', system: undefined, code: 'a' },
        { type: 'token', system: undefined, code: 'b' },
      ],
    ],
    [String.raw`code=a\,b\|c\$d\\`, [{ type: 'token', system: undefined, code: String.raw`a,b|c$d` + '\\' }]],
    ['value-string=Per', [{ type: 'string', text: 'Per' }]],
    ['subject=Patient/1', [{ type: 'reference', form: 'literal', text: 'Patient/1' }]],
    ['subject=1', [{ type: 'reference', form: 'id', text: '1' }]],
    ['patient=1', [{ type: 'reference', form: 'literal', text: 'Patient/1' }]],
    ['subject:Patient=1', [{ type: 'reference', form: 'literal', text: 'Patient/1' }]],
    ['subject=http://x/Patient/1', [{ type: 'reference', form: 'literal', text: 'http://x/Patient/1' }]],
    [
      'date=ge2024-03-14T10:00:00Z',
      [
        {
          type: 'date',
          prefix: 'ge',
          range: { lo: '2024-03-14T10:00:00.000Z', hi: '2024-03-14T10:00:01.000Z' },
        },
      ],
    ],
    [
      'date=2024-03-14T10:00:00 02:00',
      [
        {
          type: 'date',
          prefix: 'eq',
          range: { lo: '2024-03-14T08:00:00.000Z', hi: '2024-03-14T08:00:01.000Z' },
        },
      ],
    ],
    [
      'value-quantity=lt5.4|http://u|mg',
      [
        {
          type: 'quantity',
          prefix: 'lt',
          number: { value: 5.4, lo: 5.35, hi: 5.45 },
          system: 'http://u',
          unit: 'mg',
        },
      ],
    ],
    [
      'value-quantity=5||mg',
      [
        {
          type: 'quantity',
          prefix: 'eq',
          number: { value: 5, lo: 4.5, hi: 5.5 },
          system: undefined,
          unit: 'mg',
        },
      ],
    ],
  ])('reads Observation?%s.', (query, expected) => {
    expect(values('Observation', query.replace('+', '%2B'))).toEqual(expected);
  });

  it('makes a reference below its own base url local.', () => {
    const tree = parse('Observation', 'subject=https://me.example/fhir/Patient/1', {
      baseUrl: 'https://me.example/fhir',
    });

    expect((tree.criteria[0] as MatchCriterion).values).toEqual([
      { type: 'reference', form: 'literal', text: 'Patient/1' },
    ]);
  });

  it('joins repeated parameters with and, commas with or.', () => {
    const { criteria } = parse('Observation', 'date=ge2024-01&date=lt2025&code=a,b');

    expect(criteria).toHaveLength(3);
    expect((criteria[2] as MatchCriterion).values).toHaveLength(2);
  });

  it('reads chains, with and without the type, and _has.', () => {
    const { criteria } = parse(
      'Observation',
      'subject:Patient.identifier=1&subject.name=per&_has:Provenance:target:recorded=2024',
    );

    expect(criteria).toMatchObject([
      { kind: 'chain', parameter: { code: 'subject' }, targets: [{ type: 'Patient' }] },
      {
        kind: 'chain',
        targets: [{ type: 'Patient', criterion: { parameter: { code: 'name' } } }, { type: 'Location' }],
      },
      {
        kind: 'has',
        type: 'Provenance',
        parameter: { code: 'target' },
        criterion: { parameter: { code: 'recorded' } },
      },
    ]);
  });

  it('reads what is said about the answer.', () => {
    const tree = parse(
      'Observation',
      '_sort=-date,status&_count=20&_total=accurate&_summary=text&_elements=code,Observation.status' +
        '&_include=Observation:subject:Patient&_include=Observation:encounter&_revinclude=Provenance:target&_cursor=abc&_format=json',
    );

    expect(tree).toMatchObject({
      sort: [
        { parameter: { code: 'date' }, direction: 'desc' },
        { parameter: { code: 'status' }, direction: 'asc' },
      ],
      count: 20,
      total: 'accurate',
      summary: 'text',
      elements: ['code', 'status'],
      includes: [{ source: 'Observation', target: 'Patient' }, { target: undefined }],
      revincludes: [{ source: 'Provenance' }],
      cursor: 'abc',
      warnings: [],
    });
    expect(tree.understood.map(([name]) => name)).not.toContain('_format');
  });

  it('bounds the page.', () => {
    expect(parse('Patient', '').count).toBe(50);
    expect(parse('Patient', '_count=0').count).toBe(0);
    expect(parse('Patient', '_count=5000').count).toBe(1000);
  });

  it.each([
    ['Patient', 'fødselsdato=2024', 'not-supported', 'fødselsdato'],
    ['Patient', 'name:foo=x', 'not-supported', ':foo'],
    ['Patient', 'name:text=x', 'not-supported', ':text'],
    ['Patient', 'gender:exact=male', 'not-supported', ':exact'],
    ['Patient', 'phonetic=x', 'not-supported', 'phonetic'],
    ['Patient', '_content=x', 'not-supported', '_content'],
    ['Patient', 'phonetic=x', 'not-supported', 'phonetic'],
    ['Location', 'near=x', 'invalid', 'near'],
    ['Location', 'near=59.9|10.7|5|furlong', 'invalid', 'near'],
    ['Patient', '_text=!', 'invalid', '_text'],
    ['Observation', 'code:in=x', 'invalid', 'code:in'],
    ['Observation', 'code:below=x', 'invalid', 'code:below'],
    ['Patient', 'identifier:of-type=a|b', 'invalid', 'identifier:of-type'],
    ['Observation', 'derived-from:below=1', 'invalid', 'derived-from:below'],
    ['Patient', 'birthdate=14.03.2024', 'invalid', 'birthdate'],
    ['Patient', 'birthdate=', 'invalid', 'birthdate'],
    ['Patient', 'birthdate=2024,', 'invalid', 'birthdate'],
    ['Patient', 'identifier=a|b|c', 'invalid', 'identifier'],
    ['Patient', 'active:missing=maybe', 'invalid', 'active:missing'],
    ['Observation', 'value-quantity=abc', 'invalid', 'value-quantity'],
    ['Observation', 'value-quantity=5|mg', 'invalid', 'value-quantity'],
    ['Observation', 'code-value-quantity=a', 'invalid', 'code-value-quantity'],
    ['Observation', 'subject:Medication=1', 'not-supported', 'Medication'],
    ['Observation', 'subject:Patient=Group/1', 'invalid', 'Patient'],
    ['Observation', 'subject.foo=x', 'not-supported', 'foo'],
    ['Observation', 'code.name=x', 'not-supported', 'no reference'],
    ['Patient', '_has:Observation:code:status=x', 'not-supported', 'no reference'],
    ['Patient', '_has:Observation=x', 'not-supported', '_has'],
    ['Medication', '_has:Observation:subject:code=x', 'not-supported', 'cannot refer'],
    ['Observation', 'subject:Patient.organization.partof.partof.name=x', 'not-supported', 'over 3 steps'],
    [
      'Patient',
      '_has:Observation:subject:_has:Provenance:target:agent:Practitioner._has:Person:link:name=x',
      'not-supported',
      'over 3 steps',
    ],
    ['Patient', '_list=$current-allergies', 'not-supported', '$current-allergies'],
    ['Patient', '_contained=true', 'not-supported', '_contained'],
    ['Patient', '_containedType=container', 'not-supported', '_containedType'],
    ['Patient', '_query=x', 'not-supported', '_query'],
    ['Patient', '_count=ten', 'invalid', '_count'],
    ['Patient', '_count=-1', 'invalid', '_count'],
    ['Patient', '_total=foo', 'invalid', '_total'],
    ['Patient', '_summary=foo', 'invalid', '_summary'],
    ['Patient', '_elements=a b', 'invalid', '_elements'],
    ['Patient', '_sort=foo', 'not-supported', 'foo'],
    ['Patient', '_sort=deceased', 'not-supported', 'deceased'],
    ['Observation', '_sort=code-value-quantity', 'not-supported', 'code-value-quantity'],
    ['Observation', '_include:recurse=Observation:has-member', 'not-supported', '_include:iterate'],
    ['Observation', '_sort:iterate=date', 'not-supported', '_sort:iterate'],
    ['Observation', '_include=*:subject', 'not-supported', '_include'],
    ['Patient', '_sort=name&_sort=birthdate', 'not-supported', '_sort'],
    ['Observation', '_include=Patient:organization', 'not-supported', 'Observation'],
    ['Observation', '_include=Observation:code', 'not-supported', 'no reference'],
    ['Observation', '_include=Observation:subject:Medication', 'not-supported', 'Medication'],
    ['Medication', '_revinclude=Observation:subject', 'not-supported', 'cannot refer'],
    ['Foo', '', 'not-supported', 'Foo'],
  ])('refuses %s?%s as %s, naming it.', (type, query, code, name) => {
    const error = refusal(type, query);

    expect(error.status).toBe(400);
    expect(error.issues[0]?.code).toBe(code);
    expect(error.issues[0]?.diagnostics).toContain(name);
  });

  it('names every parameter that is wrong.', () => {
    expect(refusal('Patient', 'foo=1&name=per&bar=2').issues.map(({ diagnostics }) => diagnostics)).toEqual([
      'The search parameter foo is not known for Patient.',
      'The search parameter bar is not known for Patient.',
    ]);
  });

  it('warns of what it ignores under lenient handling, and leaves it out of the self link.', () => {
    const tree = parse('Patient', 'foo=1&name=per&name:foo=x', { handling: 'lenient' });

    expect(tree.warnings.map(({ severity, diagnostics }) => [severity, diagnostics])).toEqual([
      ['warning', 'The search parameter foo is not known for Patient.'],
      ['warning', 'The modifier :foo is not supported for name, a parameter of type string.'],
    ]);
    expect(tree.understood).toEqual([['name', 'per']]);
  });

  it('refuses a malformed value under lenient handling too.', () => {
    expect(refusal('Patient', 'birthdate=x', { handling: 'lenient' }).status).toBe(400);
  });

  it('never repeats a value, and no long number in a name.', () => {
    const texts = [
      refusal('Patient', 'birthdate=15838510156'),
      refusal('Patient', '15838510156=1'),
      refusal('Patient', '_has:15838510156:x:y=1'),
    ].flatMap(({ issues }) => issues.map(({ diagnostics }) => diagnostics));

    expect(texts.join(' ')).not.toContain('15838510156');
  });

  it('searches all types, or those of _type, at the system level.', () => {
    expect(parse(undefined, '_id=1').types.length).toBeGreaterThan(140);
    expect(parse(undefined, '_type=Patient,Task&_lastUpdated=gt2024').types).toEqual(['Patient', 'Task']);
    expect(refusal(undefined, '_type=Patient,Task&birthdate=2024').issues[0]?.diagnostics).toContain(
      'birthdate',
    );
  });
});

describe('A national identity number in a query', () => {
  it.each([
    ['identifier=15838510156', true],
    ['identifier=urn:oid:2.16.578.1.12.4.1.4.1|15838510156', true],
    ['identifier=urn:oid:2.16.578.1.12.4.1.4.2|whatever', true],
    ['subject.identifier=a,158385 10156', true],
    ['name=158385-10156', true],
    ['15838510156=x', true],
    ['identifier=urn:oid:2.16.578.1.12.4.1.4.1|', false],
    ['_id=0190b3a0-1234-7abc-8def-123456789012', false],
    ['phone=22000000', false],
    ['phone=%2B4722000000', false],
    ['_lastUpdated=gt2024-01-01T10:00:00.000Z', false],
  ])('%s: %s.', (query, expected) => {
    expect(hasPersonNumber(new URLSearchParams(query))).toBe(expected);
  });
});
