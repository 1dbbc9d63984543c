/** NKR's forms of the patient, degenerative back: before and after the operation; and the lists and texts of all three. */
import type { Observation } from '../../src/fhir/types.ts';
import { bindInstruments } from '../../src/registry/scoring/bind.ts';
import { scoreForm } from '../../src/registry/scoring/score-form.ts';
import type { Form } from '../../src/sdc/form-types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, contextOf, facts, filled, kari, response, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const before = formOf(content, 'nkr-rygg-patient');
const after = formOf(content, 'nkr-rygg-followup');
const surgeon = formOf(content, 'nkr-rygg-surgeon');
const all = [before, surgeon, after];

const ODI = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`odi-${index + 1}`, '3']));
const EQ5D = {
  ...Object.fromEntries(['mo', 'sc', 'ua', 'pd', 'ad'].map((item) => [`eq-5d-5l-${item}`, '2'])),
  'eq-vas': 55,
};
const date = { 'registration-date': '2026-03-03' };
const shared = { odi: ODI, 'eq-5d-5l': EQ5D, 'filling-in': date };

const opened = (form: Form, page: string, answers: Answers): readonly string[] => {
  const first = new Set(shown(form, { [page]: {} }));
  return shown(form, { [page]: answers }).filter((linkId) => !first.has(linkId));
};

describe.each([
  ['before', before],
  ['after', after],
])('The form of the patient %s the operation', (_, form) => {
  it('is mandatory in nothing, and names its content packs.', () => {
    const rules = brokenRules(form, { 'filling-in': date });
    const packs = (form.questionnaire.extension ?? []).filter(({ url }) => url.endsWith('/content-pack'));

    expect(rules.filter((rule) => !rule.startsWith('recommended'))).toEqual([]);
    expect([...form.byLinkId.values()].filter(({ source }) => source.required === true)).toEqual([]);
    expect(packs.map(({ extension }) => extension?.[0]?.valueCode)).toEqual(['odi', 'eq-5d-5l']);
  });

  it('has nothing wrong in the way it names its instruments.', () => {
    expect(bindInstruments(form, content.instruments).problems).toEqual([]);
  });

  it.each([
    [{ 'work-status': 'sick-leave' }, ['sick-leave-percent']],
    [{ 'work-status': 'partial-sick-leave' }, ['sick-leave-percent']],
    [{ 'work-status': 'disability-pension' }, ['disability-percent']],
    [{ 'work-status': 'full-time' }, []],
  ])('opens for the work %j the percentages %j.', (answers, questions) => {
    expect(opened(form, 'work', answers).filter((linkId) => linkId.endsWith('-percent'))).toEqual(questions);
  });

  it('does not take a percentage above 100.', () => {
    const work = { 'work-status': 'sick-leave', 'sick-leave-percent': 101 };

    expect(brokenRules(form, { work })).toContain('max-value sick-leave-percent');
  });
});

describe('The form of the patient before the operation', () => {
  it.each([
    ['background', { 'native-language': 'other' }, ['native-language-other']],
    ['complaints', { painkillers: 'yes' }, ['painkiller-use']],
    ['complaints', { painkillers: 'no' }, []],
    ['complaints', { 'treated-before': 'yes' }, ['earlier-treatment']],
    ['work', { 'work-status': 'sick-leave' }, ['sick-leave-percent', 'sick-leave-duration']],
  ] as const)('on the page %s, %j opens %j.', (page, answers, questions) => {
    expect(opened(before, page, answers)).toEqual(questions);
  });

  it.each([
    [{ height: 49 }, 'min-value height'],
    [{ height: 251 }, 'max-value height'],
    [{ height: 139 }, 'usual-range height'],
    [{ weight: 19.9 }, 'min-value weight'],
    [{ weight: 401 }, 'max-value weight'],
    [{ weight: 180.5 }, 'usual-range weight'],
  ])('says of %j %s.', (background, rule) => {
    expect(brokenRules(before, { background })).toContain(rule);
  });

  it('has the body mass index of height and weight, and none without both.', () => {
    const both = filled(before, { background: { height: 180, weight: 81 } });

    expect(both.get('background/bmi')).toBe(25);
    expect(filled(before, { background: { height: 180 } }).has('background/bmi')).toBe(false);
  });
});

describe('The form of the patient after the operation', () => {
  it.each([
    ['after', { reoperated: 'yes' }, ['reoperation-count', 'reoperation-area']],
    ['after', { ill: 'yes' }, ['new-illness']],
    ['after', { ill: 'no', reoperated: 'no' }, []],
    ['result', { painkillers: 'yes' }, ['painkiller-use']],
  ] as const)('on the page %s, %j opens %j.', (page, answers, questions) => {
    expect(opened(after, page, answers)).toEqual(questions);
  });

  it('lets "Ingen" stand alone among the complications, and makes an Observation of each.', () => {
    const answers = { ...shared, after: { complications: ['uti', 'superficial-infection'] } };
    const codes = facts(after, answers).map(
      (resource) => (resource as Observation).valueCodeableConcept?.coding?.[0]?.code,
    );

    expect(brokenRules(after, { after: { complications: ['none', 'dvt'] } })).toContain(
      'exclusive complications',
    );
    expect(codes).toEqual(['uti', 'superficial-infection']);
  });

  it('is scored by its instruments.', () => {
    const answers = {
      ...shared,
      result: { benefit: 'much-better', satisfaction: 'satisfied', 'back-pain': '3', 'leg-pain': '0' },
    };
    const made = scoreForm(
      after,
      bindInstruments(after, content.instruments).bindings,
      response(after, answers),
      {
        ...contextOf(kari),
        newId: (key) => key,
      },
    );

    expect(
      made.map(({ key, resource }) => [
        key.split('|').slice(2).join(' '),
        (resource as Observation).valueQuantity?.value,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['benefit gpe', 2],
        ['satisfaction satisfaction', 1],
        ['back-pain nrs', 3],
        ['leg-pain nrs', 0],
        ['odi odi', 60],
        ['eq-vas eq-vas', 55],
      ]),
    );
  });
});

describe("NKR's lists and texts of degenerative back", () => {
  it('have an old code or an old field for every answer, but where none is known.', () => {
    const mapped = new Set(
      content.conceptMaps
        .all()
        .filter(({ id }) => id?.startsWith('nkr-rygg-legacy-'))
        .flatMap(({ group = [] }) =>
          group.flatMap(({ source, element }) => element.map(({ code }) => `${source} ${code}`)),
        ),
    );
    const without = all
      .flatMap(({ byLinkId }) => [...byLinkId.values()])
      .flatMap(({ options }) => options?.list.map(({ coding }) => `${coding.system} ${coding.code}`) ?? [])
      .filter((code) => code.includes('/CodeSystem/nkr-rygg-') && !mapped.has(code))
      .map((each) => each.split('/nkr-rygg-').at(-1));

    expect([...new Set(without)].sort()).toEqual([
      'clinical none',
      'comorbidity none',
      'comorbidity other',
      'complication none',
      'finding none',
      'graft none',
      'imaging none',
    ]);
  });

  it('write 9 or 99 for what is not answered, and no answer has it.', () => {
    const groups = content.conceptMaps
      .all()
      .filter(({ id }) => id?.startsWith('nkr-rygg-legacy-'))
      .flatMap(({ group = [] }) => group)
      .filter(({ unmapped }) => unmapped !== undefined);
    const taken = groups.filter(({ element, unmapped }) =>
      element.some(({ target }) => target?.[0]?.code === unmapped?.code),
    );

    expect(new Set(groups.map(({ unmapped }) => unmapped?.code))).toEqual(new Set(['9', '99']));
    expect(taken.map(({ target }) => target)).toEqual([]);
  });

  it('are in bokmål, nynorsk and English.', () => {
    const untranslated = all.flatMap(({ byLinkId }) =>
      [...byLinkId.values()]
        .filter(({ source }) => {
          const text = (source as { _text?: { extension?: { extension?: { valueCode?: string }[] }[] } })
            ._text;
          return String(text?.extension?.map(({ extension }) => extension?.[0]?.valueCode)) !== 'nn,en';
        })
        .map(({ linkId }) => linkId),
    );

    expect(untranslated).toEqual([]);
  });
});
