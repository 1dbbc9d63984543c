/** NNRR's patient forms 1a (before) and 2 (after): nothing mandatory, every branch, range and exclusive answer, facts and scores. */
import type { Observation } from '../../src/fhir/types.ts';
import { bindInstruments } from '../../src/registry/scoring/bind.ts';
import { scoreForm } from '../../src/registry/scoring/score-form.ts';
import type { Form } from '../../src/sdc/form-types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, contextOf, facts, filled, kari, response, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const before = formOf(content, 'nnrr-1a');
const after = formOf(content, 'nnrr-2');

const numbered = (prefix: string, numbers: readonly (number | string)[], code: string): Answers =>
  Object.fromEntries(numbers.map((number) => [`${prefix}-${number}`, code]));
const TEN = Array.from({ length: 10 }, (_, index) => index + 1);
const FABQ = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15];
const EQ5D = ['mo', 'sc', 'ua', 'pd', 'ad'];

const date = { 'registration-date': '2026-03-03' };
const eq5d = { ...numbered('eq-5d-5l', EQ5D, '1'), 'eq-vas': 70 };
const medication = { prescription: 'not-used', 'no-prescription': 'weekly' };

const complete1a: Answers = {
  'filling-in': date,
  background: {
    'family-status': 'cohabiting',
    'own-children': 2,
    'household-children': 1,
    nationality: 'norway',
    interpreter: 'no',
    education: 'general',
    'reading-difficulty': 'none',
    smoking: 'no',
    activity: 'light',
  },
  work: {
    profession: 'Snekker',
    'work-heavy': '8',
    'work-monotonous': '3',
    'work-satisfied': '7',
    'wanted-back': 'yes',
    'disability-applied': 'no',
    'compensation-applied': 'unknown',
  },
  pain: {
    'pain-duration': '1-2-years',
    'pain-rest': '4',
    'pain-activity': '7',
    'pain-causes': ['work', 'muscle'],
  },
  'pain-drawing': { 'pain-regions': ['lower-back', 'hip-thigh-back-left', 'knee-front-left'] },
  medication,
  'earlier-treatment-page': { 'earlier-treatment': 'no', 'satisfaction-so-far': 'neither' },
  odi: numbered('odi', TEN, '2'),
  ndi: numbered('ndi', TEN, '0'),
  fabq: numbered('fabq', FABQ, '3'),
  'hscl-10': numbered('hscl-10', TEN, '1'),
  'eq-5d-5l': eq5d,
};
const complete2: Answers = {
  'filling-in': date,
  result: {
    'use-of-treatment': 'much-better',
    'treatment-satisfaction': 'satisfied',
    'pain-rest': '0',
    'pain-activity': '2',
  },
  work: { 'main-occupation': 'working', 'working-percent': 80 },
  treatment: { 'followed-up': 'no', 'other-treatment': 'no' },
  medication,
  odi: numbered('odi', TEN, '1'),
  ndi: numbered('ndi', TEN, '1'),
  'eq-5d-5l': eq5d,
};
const forms = [
  ['1a', before, complete1a],
  ['2', after, complete2],
] as const;
const withPage = (answers: Answers, page: string, more: Answers): Answers => ({
  ...answers,
  [page]: { ...(answers[page] as Answers), ...more },
});

describe.each(forms)("NNRR's form %s", (_, form, complete) => {
  it('can be sent without a word of warning when everything is answered.', () => {
    expect(brokenRules(form, complete)).toEqual([]);
  });

  it('rule 4: is mandatory in nothing, and warns of every question that is open.', () => {
    const questions = shown(form, { 'filling-in': {} });
    const rules = brokenRules(form, { 'filling-in': {} });
    const silent = ['recovered-date', 'sick-leave-weeks'];

    expect(rules).toEqual(
      questions.filter((linkId) => !silent.includes(linkId)).map((linkId) => `recommended ${linkId}`),
    );
    expect([...form.byLinkId.values()].filter(({ source }) => source.required === true)).toEqual([]);
  });

  it.each([
    ['2013-12-31', 'min-value registration-date'],
    ['2026-03-07', 'not-after-now registration-date'],
  ])('refuses the date %s.', (day, rule) => {
    const answers = { ...complete, 'filling-in': { 'registration-date': day } };

    expect(brokenRules(form, answers)).toEqual([rule]);
  });

  it.each([
    ['-1', ['min-value eq-vas']],
    ['0', []],
    ['100', []],
    ['101', ['max-value eq-vas']],
  ])('says of %s on the scale of health %j.', (value, rules) => {
    expect(brokenRules(form, withPage(complete, 'eq-5d-5l', { 'eq-vas': Number(value) }))).toEqual(rules);
  });

  it('shows licensed questions with neutral texts alone, and names the content packs.', () => {
    const packs = (form.questionnaire.extension ?? []).flatMap(({ url, extension = [] }) =>
      url.endsWith('/content-pack') ? [[extension[0]?.valueCode, extension[1]?.valueString]] : [],
    );
    const groups = packs.map(([, group]) => form.byLinkId.get(group ?? ''));
    const texts = groups.flatMap(
      (group) =>
        group?.children.filter(({ type }) => type === 'choice').map(({ source }) => source.text ?? '') ?? [],
    );
    const answers = new Set(
      groups.flatMap(
        (group) =>
          group?.children.flatMap(({ options }) => options?.list.map(({ coding }) => coding.display) ?? []) ??
          [],
      ),
    );

    expect(packs.map(([instrument]) => instrument)).toEqual(
      form === before ? ['odi', 'ndi', 'fabq', 'hscl-10', 'eq-5d-5l'] : ['odi', 'ndi', 'eq-5d-5l'],
    );
    expect(texts.filter((text) => text.split(/\s+/).length > 4)).toEqual([]);
    expect([...answers].filter((text) => !/^[0-6]$/.test(text ?? ''))).toEqual([]);
  });
});

describe("The branches of NNRR's form 1a", () => {
  const opened = (page: string, answers: Answers): readonly string[] => {
    const first = new Set(shown(before, { ...complete1a, [page]: {} }));
    return shown(before, { ...complete1a, [page]: answers }).filter((linkId) => !first.has(linkId));
  };
  const treatments = ['training', 'physiotherapist-other', 'manual', 'psychomotor', 'chiropractor'];
  const all = [...treatments, 'surgery', 'other'].map((name) => `treatment-${name}`);

  it.each([
    ['pain', { 'pain-causes': ['work'] }, []],
    ['pain', { 'pain-causes': ['work', 'other'] }, ['pain-cause-other']],
    ['earlier-treatment-page', { 'earlier-treatment': 'no' }, []],
    ['earlier-treatment-page', { 'earlier-treatment': 'unknown' }, []],
    ['earlier-treatment-page', { 'earlier-treatment': 'yes' }, all],
    [
      'earlier-treatment-page',
      { 'earlier-treatment': 'yes', 'treatment-other': 'worse' },
      [...all, 'treatment-other-text'],
    ],
    ['earlier-treatment-page', { 'earlier-treatment': 'yes', 'treatment-other': 'not-applicable' }, all],
  ] as const)('on the page %s, %j opens %j.', (page, answers, questions) => {
    expect(opened(page, answers)).toEqual(questions);
  });

  it.each([
    ['background', { 'own-children': -1 }, ['min-value own-children', 'usual-range own-children']],
    ['background', { 'own-children': 11 }, ['usual-range own-children']],
    [
      'background',
      { 'household-children': 31 },
      ['max-value household-children', 'usual-range household-children'],
    ],
    ['pain', { 'pain-causes': ['unknown', 'work'] }, ['exclusive pain-causes']],
    ['pain-drawing', { 'pain-regions': ['none', 'head-front'] }, ['exclusive pain-regions']],
  ] as const)('on the page %s, %j breaks %j.', (page, answers, rules) => {
    expect(brokenRules(before, withPage(complete1a, page, answers))).toEqual(rules);
  });

  it.each([
    [['lower-back', 'head-back'], 2],
    [['none'], 0],
  ])('counts the regions %j of the pain drawing as %d.', (regions, count) => {
    const values = filled(before, { 'pain-drawing': { 'pain-regions': regions } });

    expect(values.get('pain-drawing/pain-region-count')).toBe(count);
  });

  it('counts no regions when the drawing is not answered.', () => {
    expect(filled(before, { 'filling-in': date }).has('pain-drawing/pain-region-count')).toBe(false);
  });

  it('has 32 regions, front and back, right and left, and no pain.', () => {
    const codes = before.byLinkId.get('pain-regions')?.options?.list.map(({ coding }) => coding.code ?? '');
    const right = codes?.filter((code) => code.endsWith('-right')) ?? [];

    expect(codes).toHaveLength(33);
    expect(right).toHaveLength(12);
    expect(right.map((code) => code.replace('right', 'left')).every((code) => codes?.includes(code))).toBe(
      true,
    );
  });

  it('becomes one Observation for each region with pain.', () => {
    const regions = facts(before, complete1a).map(
      (resource) => (resource as Observation).valueCodeableConcept?.coding?.[0]?.code,
    );

    expect(regions).toEqual(['lower-back', 'hip-thigh-back-left', 'knee-front-left']);
  });
});

describe("The branches of NNRR's form 2", () => {
  const opened = (page: string, answers: Answers): readonly string[] => {
    const first = new Set(shown(after, { ...complete2, [page]: {} }));
    return shown(after, { ...complete2, [page]: answers }).filter((linkId) => !first.has(linkId));
  };
  const effects = ['training', 'physiotherapist-other', 'manual', 'psychomotor', 'chiropractor', 'other'].map(
    (name) => `treatment-${name}`,
  );
  const POSITION = 'working-percent';

  it.each([
    ['work', { 'main-occupation': 'working' }, [POSITION, 'sick-leave-percent', 'disability-percent']],
    ['work', { 'main-occupation': 'sick-leave' }, [POSITION, 'sick-leave-percent']],
    ['work', { 'main-occupation': 'aap' }, [POSITION]],
    ['work', { 'main-occupation': 'disability-pension' }, [POSITION, 'disability-percent']],
    ...['student', 'unemployed', 'retirement-pension', 'at-home'].map(
      (code) => ['work', { 'main-occupation': code }, []] as const,
    ),
    ['work', { 'recovered-date': '2026-01-05' }, ['recovered-date-precision']],
    ['treatment', { 'followed-up': 'yes' }, ['individual', 'group-based', 'further-controls']],
    ['treatment', { 'followed-up': 'no' }, []],
    ['treatment', { 'other-treatment': 'yes' }, effects],
    [
      'treatment',
      { 'other-treatment': 'yes', 'treatment-other': 'better' },
      [...effects, 'treatment-other-text'],
    ],
    ['treatment', { 'other-treatment': 'no' }, []],
  ] as const)('on the page %s, %j opens %j.', (page, answers, questions) => {
    expect(opened(page, answers)).toEqual(questions);
  });

  it.each([
    [{ 'working-percent': 101 }, ['max-value working-percent']],
    [{ 'sick-leave-percent': -1 }, ['min-value sick-leave-percent']],
    [{ 'disability-percent': 200 }, ['max-value disability-percent']],
    [{ 'sick-leave-weeks': 53 }, ['usual-range sick-leave-weeks']],
    [{ 'sick-leave-weeks': 521 }, ['max-value sick-leave-weeks', 'usual-range sick-leave-weeks']],
    [{ 'recovered-date': '2026-03-07', 'recovered-date-precision': 'day' }, ['not-after-now recovered-date']],
  ])('says of %j %j.', (answers, rules) => {
    expect(brokenRules(after, withPage(complete2, 'work', answers))).toEqual(rules);
  });

  it('asks whether a recovery before the visit is right.', () => {
    const answers = {
      ...withPage(complete2, 'work', { 'recovered-date': '2025-08-01', 'recovered-date-precision': 'day' }),
      'filling-in': { ...date, 'visit-date': '2025-09-01' },
    };

    expect(brokenRules(after, answers)).toEqual(['nnrr-2-recovered-after-visit recovered-date']);
  });

  it('becomes an Observation of the main occupation.', () => {
    const [occupation, ...more] = facts(after, complete2) as readonly Observation[];

    expect(occupation?.valueCodeableConcept?.coding?.[0]?.code).toBe('working');
    expect(occupation?.effectiveDateTime).toBe('2026-03-03');
    expect(more).toEqual([]);
  });
});

describe("The scores of NNRR's patient forms", () => {
  const scoresOf = (form: Form, answers: Answers): Readonly<Record<string, number | undefined>> => {
    const { bindings } = bindInstruments(form, content.instruments);
    const made = scoreForm(form, bindings, response(form, answers), {
      ...contextOf(kari),
      newId: (key) => key,
    });
    return Object.fromEntries(
      made.map(({ key, resource }) => [
        key.split('|').slice(2).join(' '),
        (resource as Observation).valueQuantity?.value,
      ]),
    );
  };

  it.each(forms)('have nothing wrong in the way form %s names its instruments.', (_, form) => {
    expect(bindInstruments(form, content.instruments).problems).toEqual([]);
  });

  it('are those of NRS, ODI, NDI, FABQ, HSCL-10, EQ-5D, EQ VAS and satisfaction before treatment.', () => {
    expect(scoresOf(before, complete1a)).toEqual({
      'pain-rest nrs': 4,
      'pain-activity nrs': 7,
      'odi odi': 40,
      'ndi ndi': 0,
      'fabq fabq-physical-activity': 12,
      'fabq fabq-work': 21,
      'hscl-10 hscl-10': 1,
      'eq-5d-5l eq-5d-5l-index': 1,
      'eq-5d-5l eq-5d-5l-index-crosswalk-uk': 1,
      'eq-vas eq-vas': 70,
      'satisfaction-so-far satisfaction': 3,
    });
  });

  it('are those of benefit, satisfaction, NRS, ODI, NDI, EQ-5D and EQ VAS after treatment.', () => {
    expect(scoresOf(after, complete2)).toEqual({
      'use-of-treatment gpe': 2,
      'treatment-satisfaction satisfaction': 1,
      'pain-rest nrs': 0,
      'pain-activity nrs': 2,
      'odi odi': 20,
      'ndi ndi': 20,
      'eq-5d-5l eq-5d-5l-index': 1,
      'eq-5d-5l eq-5d-5l-index-crosswalk-uk': 1,
      'eq-vas eq-vas': 70,
    });
  });

  it('are absent, never 0, when nothing is answered.', () => {
    const values = Object.values(scoresOf(before, { 'filling-in': date }));

    expect(values.filter((value) => value !== undefined)).toEqual([]);
  });
});
