import fc from 'fast-check';
import { expressionsOf } from '../../../src/content/check-expressions.ts';
import { sortFiles } from '../../../src/content/register-source.ts';
import { readTree } from '../../../src/content/source.ts';
import { compilePath, parsePath, PathError } from '../../../src/fhir/path.ts';
import { isPlainPath } from '../../../src/fhir/path-syntax.ts';
import { repositoryRoot } from '../../support/source-files.ts';

const { shared, registers } = sortFiles((await readTree(repositoryRoot)).files);
const ofContent = [
  ...new Set(
    [...shared, ...registers.flatMap(({ artefacts }) => artefacts)]
      .flatMap(expressionsOf)
      .map(({ expression }) => expression),
  ),
];

const isTakenByParser = (text: string): boolean => {
  try {
    parsePath(text);
    return true;
  } catch {
    return false;
  }
};

describe('FHIRPath beyond doubt', () => {
  it('is nearly all that the content has.', () => {
    const doubtful = ofContent.filter((expression) => !isPlainPath(expression));

    expect(ofContent.length).toBeGreaterThan(500);
    expect(doubtful.length).toBeLessThan(10);
    expect(doubtful.filter((expression) => !isTakenByParser(expression))).toEqual([]);
  });

  it.each([
    "a.where(b = 'x' and c.exists()).d[0] | %resource.e",
    "a.matches('\\\\d+') implies (b is Quantity or c as FHIR.Period) = true",
    '-1.5 + %`vs-x` * (2 days) - {} & $this.is(A).as(B).contains(c)',
    "@2026-01-31T10:00:00.5+01:00 > @T10:30 or @2026 in (1 'mg' | now())",
    ' a \n.\tb ( ) ',
  ])('is %s.', (text) => {
    expect(isPlainPath(text)).toBe(true);
    expect(isTakenByParser(text)).toBe(true);
  });

  it.each([
    '',
    'a.',
    'a b',
    'a.where(b',
    'a..b',
    'true(1)',
    '1.5.2',
    "'a",
    'a.day',
    'year = 1',
    'a is (B)',
    'a # b',
    'å.b',
    'a = ',
    '@20',
    '$that',
    '% a b',
    'f(,a)',
    'a[]',
  ])('is not %s, nor does the parser take it; it is refused before it is evaluated.', (text) => {
    expect(isPlainPath(text)).toBe(false);
    expect(isTakenByParser(text)).toBe(false);
    expect(() => compilePath(text)).toThrow(PathError);
  });

  it.each([
    'a.sort(b desc)',
    "'a\\q'",
    'a // what',
    'Coding { code: 1 }',
    'a /* what */ + 1',
    'contains + 1',
  ])('leaves %s to the parser, which takes it.', (text) => {
    expect(isPlainPath(text)).toBe(false);
    expect(() => compilePath(text)).not.toThrow();
  });

  it('is nothing that the parser refuses, however an expression is damaged.', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...ofContent),
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom(...PIECES),
        fc.nat(),
      )
      .map(([expression, place, gone, piece, from]) => {
        const text = expression.slice(from % expression.length).slice(0, 80);
        const at = place % (text.length + 1);
        return `${text.slice(0, at)}${piece}${text.slice(at + gone)}`;
      });
    const loose = fc
      .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 })
      .map((pieces) => pieces.join(''));

    fc.assert(
      fc.property(fc.oneof(damaged, loose), (text) => !isPlainPath(text) || isTakenByParser(text)),
      { numRuns: 5000 },
    );
  });
});

const PIECES = [
  ...['', ' ', '.', '(', ')', '[', ']', '{', '}', ',', ':', '\n', "'", '`', '\\', 'ø', '#', '!'],
  ...["'a'", '`a`', '`sort`', '%', '%a', '$this', '$total', ' is ', ' as ', ' in ', ' contains ', ' and '],
  ...[
    ' or ',
    ' div ',
    'true',
    'sort',
    ' asc',
    'day',
    ' days',
    '1',
    '1.5',
    '1L',
    '@2020',
    '@2020-01-01T10:00',
  ],
  ...[
    '@T10',
    '+',
    '-',
    '*',
    '/',
    '//',
    '/*',
    '&',
    '|',
    '<=',
    '=',
    '~',
    '!~',
    'a',
    'f()',
    'A.b',
    "\\'",
    '\\u00e5',
  ],
];
