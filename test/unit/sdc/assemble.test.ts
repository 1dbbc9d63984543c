/** https://hl7.org/fhir/uv/sdc/modular.html#modular-questionnaires */
import type { FhirError } from '../../../src/fhir/outcome.ts';
import type { Questionnaire, QuestionnaireItem } from '../../../src/fhir/types.ts';
import { assemble, partsOf } from '../../../src/sdc/assemble.ts';

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const VARIABLE = 'http://hl7.org/fhir/StructureDefinition/variable';

const form = (
  name: string,
  item: readonly QuestionnaireItem[],
  parts: Partial<Questionnaire> = {},
): Questionnaire => ({
  resourceType: 'Questionnaire',
  url: `http://example.org/${name}`,
  version: '1',
  status: 'draft',
  item: [...item],
  ...parts,
});
const holder = (part: string, prefix?: string): QuestionnaireItem => ({
  linkId: `place-of-${part}`,
  type: 'display',
  extension: [
    { url: `${SDC}-subQuestionnaire`, valueCanonical: `http://example.org/${part}|1` },
    ...(prefix === undefined
      ? []
      : [
          {
            url: VARIABLE,
            valueExpression: {
              name: 'linkIdPrefix',
              language: 'text/fhirpath' as const,
              expression: `'${prefix}'`,
            },
          },
        ]),
  ],
});
const question = (linkId: string, parts: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({
  linkId,
  type: 'string',
  ...parts,
});
const library =
  (...forms: readonly Questionnaire[]) =>
  (canonical: string): Questionnaire | undefined =>
    forms.find(({ url, version }) => `${url ?? ''}|${version ?? ''}` === canonical);
const linkIds = (items: readonly QuestionnaireItem[] | undefined): readonly string[] =>
  (items ?? []).flatMap(({ linkId, item }) => [linkId, ...linkIds(item)]);
const rulesOf = (work: () => unknown): readonly (string | undefined)[] => {
  try {
    work();
  } catch (cause) {
    return (cause as FhirError).issues.map(({ rule }) => rule);
  }
  return [];
};

describe('A form put together from parts', () => {
  it('has the items of the parts in their places, parts of parts too, and says what it is made of.', () => {
    const inner = form('inner', [question('x')]);
    const outer = form('outer', [{ linkId: 'g', type: 'group', item: [holder('inner'), question('y')] }]);
    const whole = assemble(
      form('whole', [question('a'), holder('outer'), question('z')]),
      library(inner, outer),
    );

    expect(linkIds(whole.item)).toEqual(['a', 'g', 'x', 'y', 'z']);
    expect(whole.version).toBe('1-assembled');
    expect(whole.extension?.map(({ valueCanonical }) => valueCanonical)).toEqual([
      'http://example.org/outer|1',
      'http://example.org/inner|1',
    ]);
    expect(partsOf(whole)).toEqual([]);
  });

  it('takes a part twice under two prefixes, which reach conditions and expressions.', () => {
    const part = form('part', [
      question('a'),
      question('b', {
        enableWhen: [{ question: 'a', operator: 'exists', answerBoolean: true }],
        extension: [
          {
            url: `${SDC}-calculatedExpression`,
            valueExpression: {
              language: 'text/fhirpath',
              expression: "%resource.item.where(linkId = 'a' or linkId in ('a' | 'b')).answer.value",
            },
          },
        ],
      }),
    ]);
    const whole = assemble(form('whole', [holder('part', 'left-'), holder('part', 'right-')]), library(part));
    const last = whole.item?.[3];

    expect(linkIds(whole.item)).toEqual(['left-a', 'left-b', 'right-a', 'right-b']);
    expect(last?.enableWhen?.[0]?.question).toBe('right-a');
    expect(last?.extension?.[0]?.valueExpression?.expression).toBe(
      "%resource.item.where(linkId = 'right-a' or linkId in ('right-a' | 'right-b')).answer.value",
    );
  });

  it('brings the variables and launch contexts of its parts, once each.', () => {
    const variable = {
      url: VARIABLE,
      valueExpression: { name: 'v', language: 'text/fhirpath' as const, expression: '1' },
    };
    const parts = ['p', 'q'].map((name) => form(name, [question(name)], { extension: [variable] }));
    const whole = assemble(form('whole', [holder('p'), holder('q')]), library(...parts));

    expect(whole.extension?.filter(({ url }) => url === VARIABLE)).toEqual([variable]);
  });

  it.each([
    ['a part that is not known', [holder('none')], 'assemble-part'],
    ['a part that contains itself', [holder('loop')], 'assemble-part'],
    ['a linkId that stands twice', [question('x'), holder('part')], 'duplicate-link-id'],
    ['two variables of one name', [holder('one'), holder('other')], 'assemble-name'],
    ['two contained resources of one name', [holder('set'), holder('other-set')], 'assemble-contained'],
  ])('is refused for %s.', (_what, items, rule) => {
    const variable = (expression: string) => [
      { url: VARIABLE, valueExpression: { name: 'v', language: 'text/fhirpath' as const, expression } },
    ];
    const contained = (title: string): NonNullable<Questionnaire['contained']> => [
      { resourceType: 'ValueSet', id: 'set', status: 'draft', title },
    ];
    const find = library(
      form('part', [question('x')]),
      form('loop', [holder('loop')]),
      form('one', [question('o1')], { extension: variable('1') }),
      form('other', [question('o2')], { extension: variable('2') }),
      form('set', [question('s1')], { contained: contained('a') }),
      form('other-set', [question('s2')], { contained: contained('b') }),
    );

    expect(rulesOf(() => assemble(form('whole', items), find))).toContain(rule);
  });
});
