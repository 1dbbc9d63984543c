/** Variables of a form: once for each place, with their types, and as FHIRPath would have them. Section 4 of docs/sdc-dialect.md. */
import { compilePath } from '../../../src/fhir/path.ts';
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { recalculate } from '../../../src/sdc/calculate.ts';
import type { FormContext } from '../../../src/sdc/expression.ts';
import type { PathCompiler } from '../../../src/sdc/fragment.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { validateResponse } from '../../../src/sdc/validate-response.ts';

const VARIABLE = 'http://hl7.org/fhir/StructureDefinition/variable';
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';

const variable = (name: string, expression: string) => ({
  url: VARIABLE,
  valueExpression: { name, language: 'text/fhirpath' as const, expression },
});
const calculated = (
  linkId: string,
  type: QuestionnaireItem['type'],
  expression: string,
): QuestionnaireItem => ({
  linkId,
  type,
  text: linkId,
  readOnly: true,
  extension: [{ url: CALCULATED, valueExpression: { language: 'text/fhirpath', expression } }],
});
const asked = (linkId: string, type: QuestionnaireItem['type']): QuestionnaireItem => ({
  linkId,
  type,
  text: linkId,
});
const context: FormContext = { now: new Date('2026-03-06T12:00:00+01:00') };

/** Counts how often each expression is evaluated. */
function counting(): { readonly compiler: PathCompiler; readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const compiler: PathCompiler = (expression) => {
    const run = compilePath(expression);
    const counted =
      (evaluate: typeof run.nodes): typeof run.nodes =>
      (base, variables) => {
        counts.set(expression, (counts.get(expression) ?? 0) + 1);
        return evaluate(base, variables);
      };
    return Object.assign(counted(run), { nodes: counted(run.nodes) });
  };
  return { compiler, counts };
}

function formWith(
  item: QuestionnaireItem[],
  extension: Questionnaire['extension'] = [],
  compiler: PathCompiler = compilePath,
) {
  return compileForm(
    {
      resourceType: 'Questionnaire',
      status: 'active',
      language: 'nb',
      url: 'http://example.org/Questionnaire/variables',
      version: '1.0.0',
      extension,
      item,
    },
    { compilePath: compiler, resolveValueSet: () => undefined },
  );
}
const responseOf = (item: NonNullable<QuestionnaireResponse['item']>): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'in-progress',
  questionnaire: 'http://example.org/Questionnaire/variables|1.0.0',
  item,
});
const answersOf = (response: QuestionnaireResponse): unknown =>
  Object.fromEntries((response.item ?? []).map(({ linkId, answer }) => [linkId, answer?.[0]]));

const TOTAL = "%resource.item.where(linkId='a').answer.value + %resource.item.where(linkId='b').answer.value";

describe('A variable of a form', () => {
  it('is evaluated once in each round, however often it is used.', () => {
    const { compiler, counts } = counting();
    const form = formWith(
      [
        asked('a', 'integer'),
        asked('b', 'integer'),
        ...['x', 'y', 'z'].map((linkId) => calculated(linkId, 'integer', '%total * 2 + %total')),
      ],
      [variable('total', TOTAL)],
      compiler,
    );
    const given = responseOf([
      { linkId: 'a', answer: [{ valueInteger: 2 }] },
      { linkId: 'b', answer: [{ valueInteger: 3 }] },
    ]);

    const result = recalculate(form, given, context);

    expect(answersOf(result)).toMatchObject({ x: { valueInteger: 15 }, z: { valueInteger: 15 } });
    const ofVariable = [...counts].filter(([text]) => text.includes("'b'"));
    expect(ofVariable.map(([, count]) => count)).toEqual([2]); // a round that computes, a round that finds it settled
  });

  it('keeps the type of its value: a date stays a date.', () => {
    const form = formWith(
      [
        asked('day', 'date'),
        calculated('later', 'date', '%day + 1 month'),
        calculated('is', 'boolean', '%day is date'),
      ],
      [variable('day', "%resource.item.where(linkId='day').answer.value")],
    );

    const result = recalculate(
      form,
      responseOf([{ linkId: 'day', answer: [{ valueDate: '2026-01-31' }] }]),
      context,
    );

    expect(answersOf(result)).toMatchObject({
      later: { valueDate: '2026-02-28' },
      is: { valueBoolean: true },
    });
  });

  it('sees what was calculated before it in the same round.', () => {
    const form = formWith(
      [
        asked('a', 'integer'),
        calculated('double', 'integer', "%resource.item.where(linkId='a').answer.value * 2"),
        calculated('after', 'integer', '%doubled + 1'),
      ],
      [variable('doubled', "%resource.item.where(linkId='double').answer.value")],
    );

    const result = recalculate(form, responseOf([{ linkId: 'a', answer: [{ valueInteger: 4 }] }]), context);

    expect(answersOf(result)).toMatchObject({ after: { valueInteger: 9 } });
  });

  it('of a row is that row’s own.', () => {
    const row: QuestionnaireItem = {
      linkId: 'row',
      type: 'group',
      text: 'row',
      repeats: true,
      extension: [variable('mine', "item.where(linkId='n').answer.value * 10")],
      item: [asked('n', 'integer'), calculated('tenfold', 'integer', '%mine')],
    };
    const rowOf = (n: number) => ({ linkId: 'row', item: [{ linkId: 'n', answer: [{ valueInteger: n }] }] });

    const result = recalculate(formWith([row]), responseOf([rowOf(1), rowOf(2)]), context);

    expect(result.item?.map(({ item }) => item?.[1]?.answer?.[0])).toEqual([
      { valueInteger: 10 },
      { valueInteger: 20 },
    ]);
  });

  it('that fails harms only the branch that uses it.', () => {
    const form = formWith(
      [
        asked('a', 'integer'),
        calculated('x', 'integer', "iif(%resource.item.where(linkId='a').answer.value > 1, 7, %broken)"),
      ],
      [variable('broken', "('one' | 'two').toInteger() + (1 | 2)")],
    );

    const result = recalculate(form, responseOf([{ linkId: 'a', answer: [{ valueInteger: 2 }] }]), context);

    expect(answersOf(result)).toMatchObject({ x: { valueInteger: 7 } });
  });

  it('is found in variables that use it, and with a compiler that can hand no typed values on.', () => {
    const plain: PathCompiler = (expression) => {
      const run = compilePath(expression);
      return (base, variables) => run(base, variables);
    };
    const items = [
      asked('a', 'integer'),
      asked('b', 'integer'),
      calculated('x', 'integer', '%twice + %total'),
    ];
    const variables = [variable('total', TOTAL), variable('twice', '%total * 2')];
    const given = responseOf([
      { linkId: 'a', answer: [{ valueInteger: 2 }] },
      { linkId: 'b', answer: [{ valueInteger: 3 }] },
    ]);

    for (const compiler of [compilePath, plain]) {
      const result = recalculate(formWith(items, variables, compiler), given, context);
      expect(answersOf(result)).toMatchObject({ x: { valueInteger: 15 } });
    }
  });
});

describe('A response that was calculated', () => {
  it('is not calculated again by checking it, as long as form and moment are the same.', () => {
    const { compiler, counts } = counting();
    const form = formWith(
      [
        asked('a', 'integer'),
        calculated('x', 'integer', "%resource.item.where(linkId='a').answer.value + 1"),
      ],
      [],
      compiler,
    );
    const given = responseOf([{ linkId: 'a', answer: [{ valueInteger: 2 }] }]);
    const result = recalculate(form, given, context);
    const before = [...counts.values()].reduce((sum, count) => sum + count, 0);

    const issues = validateResponse(form, result, 'final', context);
    const unchanged = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const wrong = responseOf([
      { linkId: 'a', answer: [{ valueInteger: 2 }] },
      { linkId: 'x', answer: [{ valueInteger: 9 }] },
    ]);

    expect([issues, unchanged]).toEqual([[], before]);
    expect(validateResponse(form, wrong, 'final', context).map(({ rule }) => rule)).toEqual(['calculated']);
    expect(recalculate(form, result, context)).toBe(result);
  });
});
