/** What SQL a view becomes: fast where the model allows it, and never anything that a view says. */
import fc from 'fast-check';
import { compileView } from '../../../src/views/compile-view.ts';
import { readDefinition } from '../../../src/views/definition.ts';
import { rowHint } from '../../../src/views/hints.ts';
import { objectRows, textSource } from '../../../src/views/statement.ts';
import { ViewError } from '../../../src/views/view-error.ts';

const compile = (resource: string, path: string, more: object = {}) =>
  compileView(readDefinition({ resource, select: [{ column: [{ name: 'a', path }] }], ...more } as never));

const sqlOf = (resource: string, path: string): string => compile(resource, path).columns[0]?.sql ?? '';

describe('The compiler of views', () => {
  it.each([
    ['Patient', 'gender', `(s.j ->> 'gender')`],
    ['Patient', 'maritalStatus.text', `(s.j #>> '{maritalStatus,text}')`],
    ['Observation', 'value.ofType(Quantity).value', `(s.j #>> '{valueQuantity,value}')::numeric`],
    ['Patient', 'Patient.active', `(s.j ->> 'active')::boolean`],
    ['Patient', 'getResourceKey()', 's.id'],
    ['Patient', 'name.given.first()', `(jsonb_path_query_first(s.j, $1::jsonpath) #>> '{}')`],
  ])('reads %s: %s directly.', (resource, path, sql) => {
    expect(sqlOf(resource, path)).toBe(sql);
  });

  it('walks nested items with their link ids in one jsonpath, values apart from it.', () => {
    const path = "item.where(linkId = 'a').item.where(linkId = 'b').answer.value.ofType(date)";
    const { columns, values } = compile('QuestionnaireResponse', path);

    expect(columns[0]?.sql).toMatch(
      /^\(\(select jsonb_path_query\(s\.j, \$\d::jsonpath, \$\d::jsonb\)\) #>> '{}'\)$/,
    );
    expect(values).toEqual(
      expect.arrayContaining([
        'lax $."item"[*] ? (@."linkId" == $v0)."item"[*] ? (@."linkId" == $v1)."answer"[*]."valueDate"',
        '{"v0":"a","v1":"b"}',
      ]),
    );
  });

  it('lets the row’s own columns leave out what the view’s conditions exclude.', () => {
    const { definition } = compile('QuestionnaireResponse', 'id', {
      where: [
        { path: "questionnaire.startsWith('https://x.no/Questionnaire/a|')" },
        { path: "status = 'completed' or status = 'amended'" },
        { path: "status != 'x'" },
      ],
    });

    expect(rowHint(definition)).toEqual({
      text: 'r.canon = $1::text and r.status = any($2::text[])',
      values: ['https://x.no/Questionnaire/a', ['completed', 'amended']],
    });
  });

  it('puts nothing of a view into the text of the statement but checked names.', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom("'; drop table resource; --", '$1', '"', "\\'", '$$', '*/', 'a"b', "' || 'x"),
    );
    const marked = hostile.map((text) => `⚑${text}⚑`);
    fc.assert(
      fc.property(marked, marked, marked, (literal, name, constant) => {
        const escaped = literal.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
        const json = {
          resource: 'Patient',
          title: name,
          constant: [{ name: 'c', valueString: constant }],
          where: [{ path: `name.where(family = '${escaped}').exists() or name.family.first() = %c` }],
          select: [
            { column: [{ name: 'a', path: `name.given.join('${escaped}')`, description: name }] },
            {
              forEach: `name.where(use = %c or text.startsWith('${escaped}'))`,
              column: [{ name: 'b', path: 'family' }],
            },
          ],
        };
        const statement = objectRows(compileView(readDefinition(json as never)), textSource([]));

        expect(statement.text).not.toContain('⚑');
      }),
    );
  });

  it.each([
    ['a column', { column: [{ name: 'a"; drop table resource; --', path: 'id' }] }],
    ['an element', { column: [{ name: 'a', path: '`a"b`' }] }],
    ['an element in quotes', { column: [{ name: 'a', path: "name.`x' or 1=1`" }] }],
    ['a type', { column: [{ name: 'a', path: 'value.ofType(`x"y`)' }] }],
    ['a function that every object has', { column: [{ name: 'a', path: 'name.constructor()' }] }],
    ['a type that every object has', { column: [{ name: 'a', path: 'name.ofType(constructor)' }] }],
  ])('refuses the name of %s that is none.', (_name, select) => {
    expect(() => compileView(readDefinition({ resource: 'Patient', select: [select] } as never))).toThrow(
      ViewError,
    );
  });

  it('answers every path with SQL or a ViewError.', () => {
    const names = fc.constantFrom(
      'name',
      'given',
      'family',
      'birthDate',
      'contact',
      'extension',
      'deceased',
      'id',
    );
    const calls = fc.constantFrom(
      'first()',
      'exists()',
      'count()',
      'not()',
      'join()',
      "where(use = 'a')",
      'where($this.exists())',
      'ofType(string)',
      'getReferenceKey()',
      'lowBoundary()',
      'toInteger()',
      "extension('x')",
      'iif(true, 1, 2)',
      'all(use.exists())',
      'length()',
      'substring(1, 2)',
      'empty()',
      'is(boolean)',
      'trace()',
      '[0]',
      '[-1]',
      '[%rowIndex]',
    );
    const path = fc
      .tuple(names, fc.array(fc.oneof(names, calls), { maxLength: 5 }))
      .map(([head, rest]) => [head, ...rest].join('.').replaceAll('.[', '['));
    const operator = fc.constantFrom('=', '!=', '<', '+', '/', 'and', 'or', '|', 'in', '&', '~', 'implies');
    const expression = fc.oneof(
      path,
      fc.tuple(path, operator, path).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(expression, (text) => {
        try {
          expect(compile('Patient', text).columns).toHaveLength(1);
        } catch (cause) {
          expect(cause).toBeInstanceOf(ViewError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(['$this', '%resource.item', 'where(true)', 'first()', 'item | item', 'iif(true, $this)'])(
    'refuses a repeat that has no end: %s.',
    (path) => {
      const select = [{ repeat: [path], column: [{ name: 'a', path: 'linkId' }] }];

      expect(() =>
        compileView(readDefinition({ resource: 'QuestionnaireResponse', select } as never)),
      ).toThrow(/have no end/);
    },
  );

  it('refuses an expression that nobody wrote by hand.', () => {
    expect(() => compile('Patient', 'id'.padEnd(5000))).toThrow(/longer than/);
  });
});
