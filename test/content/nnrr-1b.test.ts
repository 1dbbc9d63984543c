/** NNRR's form 1b, the clinic's registration: what is mandatory, every branch and every range. */
import type { Answers } from './case.ts';
import { brokenRules, filled, shown } from './fill-form.ts';
import {
  complete,
  form,
  imaged,
  specialist,
  withPage,
  withRows,
  work,
  lowBackPain,
} from './nnrr-1b-answers.ts';

const without = (answers: Answers, page: string, linkId: string): Answers => ({
  ...answers,
  [page]: Object.fromEntries(Object.entries(answers[page] as Answers).filter(([id]) => id !== linkId)),
});
describe('The form 1b of NNRR', () => {
  it('can be locked when its questions are answered.', () => {
    expect(brokenRules(form, complete)).toEqual([]);
  });

  const mandatory: readonly (readonly [string, readonly string[]])[] = [
    ['visit', ['visit-date', 'referral-date', 'examined-by', 'interpreter', 'research', 'raskere-tilbake']],
    ['work', ['earlier-sick-leave']],
    ['history', ['back-surgery', 'neck-surgery', 'pelvis-surgery', 'serious-illness', 'medication']],
    ['diagnostics', ['imaging', 'other-diagnostics']],
    ['treatment', ['follow-up', 'other-assessment', 'specialist-treatment', 'measures']],
  ];

  it.each(mandatory.flatMap(([page, ids]) => ids.map((id) => [page, id] as const)))(
    'rule 4: on the page %s, %s is mandatory.',
    (page, linkId) => {
      expect(brokenRules(form, without(complete, page, linkId))).toEqual([`required ${linkId}`]);
    },
  );

  it.each([
    [imaged, 'diagnostics', ['imaging-findings', 'spondylolisthesis', 'findings-explained']],
    [
      specialist,
      'treatment',
      ['specialist-place', 'individual-interdisciplinary', 'group-interdisciplinary'],
    ],
  ] as const)('rule 4: what the answers %j open is mandatory too.', (answers, page, opened) => {
    const opening = withPage(page, answers);
    const missed = opened.flatMap((linkId) => brokenRules(form, without(opening, page, linkId)));

    expect(brokenRules(form, opening)).toEqual([]);
    expect(missed).toEqual(opened.map((linkId) => `required ${linkId}`));
  });

  it.each(['employed', 'work-status'])('rule 4: an open %s is warned of alone.', (linkId) => {
    const rules = brokenRules(form, without({ ...complete, work }, 'work', linkId));

    expect(rules).toEqual([`recommended ${linkId}`]);
  });

  it('needs a diagnosis.', () => {
    expect(brokenRules(form, { ...complete, diagnoses: {} })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(required|min-occurs) diagnosis/)]),
    );
  });

  it('takes three diagnoses, and refuses a fourth.', () => {
    const additional = (code: string): Answers => ({
      location: 'additional',
      'additional-code': code,
      'additional-text': 'Annen sykdom',
    });
    const three = [lowBackPain, additional('M79.7'), additional('E11.9')];

    expect(brokenRules(form, withRows(...three))).toEqual([]);
    expect(brokenRules(form, withRows(...three, additional('F32.1')))).toEqual(['max-rows diagnosis']);
  });
});

describe('The consent in the form 1b of NNRR', () => {
  const opened = (answers: Answers): readonly string[] =>
    shown(form, { ...complete, 'consent-page': answers }).filter((linkId) => linkId.includes('consent'));
  const rules = (answers: Answers): readonly string[] =>
    brokenRules(form, { ...complete, 'consent-page': answers });

  it('may be waited for, with a warning.', () => {
    expect(rules({})).toEqual(['recommended consent']);
  });

  it.each([
    [{ consent: 'yes' }, ['consent', 'consent-date', 'consent-research']],
    [{ consent: 'no' }, ['consent', 'missing-consent-type']],
  ])('opens with %j %j, and needs them.', (answers, questions) => {
    expect(opened(answers)).toEqual(questions);
    expect(rules(answers)).toEqual(questions.slice(1).map((linkId) => `required ${linkId}`));
  });

  it.each(['active', 'passive', 'not-asked'])('can be missing by the type %s.', (type) => {
    expect(rules({ consent: 'no', 'missing-consent-type': type })).toEqual([]);
  });

  it('is not of a day to come.', () => {
    expect(rules({ consent: 'yes', 'consent-date': '2026-03-07', 'consent-research': 'no' })).toEqual([
      'not-after-now consent-date',
    ]);
  });
});

describe('The dates of the form 1b of NNRR', () => {
  it.each([
    [{ 'visit-date': '2026-03-07' }, ['not-after-now visit-date']],
    [
      { 'visit-date': '2013-12-31', 'referral-date': '2013-12-01', 'offer-date': '2014-01-01' },
      ['min-value visit-date'],
    ],
    [{ 'referral-date': '2026-03-04' }, ['nnrr-1b-visit-after-referral visit-date']],
    [{ 'referral-date': '2026-03-03' }, []],
    [{ 'offer-date': '2026-01-14' }, ['nnrr-1b-offer-after-referral offer-date']],
    [{ 'offer-date': '2026-01-15' }, []],
    [{ 'referral-date': '2023-01-02' }, ['nnrr-1b-long-wait referral-date']],
  ])('says of %j %j.', (dates, rules) => {
    expect(brokenRules(form, withPage('visit', dates))).toEqual(rules);
  });

  it.each([
    ['2026-01-15', '2026-03-03', 47],
    ['2026-03-03', '2026-03-03', 0],
    ['2024-02-28', '2024-03-01', 2],
    ['2025-02-28', '2025-03-01', 1],
    ['2025-12-31', '2026-01-01', 1],
    ['2024-03-03', '2026-03-03', 730],
  ])('counts the days from %s to %s as %d.', (referral, day, days) => {
    const values = filled(
      form,
      withPage('visit', { 'referral-date': referral, 'visit-date': day, 'offer-date': day }),
    );

    expect(values.get('visit/waiting-days-visit')).toBe(days);
    expect(values.get('visit/waiting-days-offer')).toBe(days);
  });

  it('has no waiting time without both dates, nor a negative one.', () => {
    const open = filled(form, without(complete, 'visit', 'referral-date'));
    const wrong = filled(form, withPage('visit', { 'referral-date': '2026-03-06' }));

    expect(open.get('visit/waiting-days-visit')).toBeUndefined();
    expect(wrong.get('visit/waiting-days-visit')).toBeUndefined();
  });
});

describe('The branches of the form 1b of NNRR', () => {
  const opened = (page: string, answers: Answers): readonly string[] => {
    const before = new Set(shown(form, { ...complete, [page]: {} }));
    return shown(form, { ...complete, [page]: answers }).filter((linkId) => !before.has(linkId));
  };

  it.each([
    ['work', { 'work-status': ['working'] }, ['working-percent']],
    ['work', { 'work-status': ['sick-leave'] }, ['sick-leave-percent', 'sick-leave-precision']],
    ['work', { 'work-status': ['disability-pension', 'student'] }, ['disability-percent']],
    ['work', { 'work-status': ['unemployed', 'at-home', 'aap', 'retirement-pension'] }, []],
    ['work', { 'earlier-sick-leave': 'none' }, []],
    ['work', { 'earlier-sick-leave': '1' }, ['sick-leave-precision']],
    ['work', { 'earlier-sick-leave': 'more-than-10' }, ['sick-leave-precision']],
    [
      'work',
      { 'earlier-sick-leave': '2-5', 'sick-leave-precision': 'day' },
      ['sick-leave-precision', 'sick-leave-date'],
    ],
    [
      'work',
      { 'earlier-sick-leave': '6-10', 'sick-leave-precision': 'month' },
      ['sick-leave-precision', 'sick-leave-month'],
    ],
    ['history', { medication: ['none'] }, []],
    ['history', { medication: ['a', 'c'] }, ['medication-a-frequency', 'medication-c-frequency']],
    ['history', { medication: ['b'] }, ['medication-b-frequency']],
    ['diagnostics', { imaging: ['none'] }, []],
    [
      'diagnostics',
      { imaging: ['ct', 'x-ray'] },
      ['imaging-findings', 'spondylolisthesis', 'findings-explained'],
    ],
    [
      'diagnostics',
      { imaging: ['mri'], 'imaging-findings': ['scoliosis', 'other'] },
      ['imaging-findings', 'imaging-finding-other', 'scoliosis', 'spondylolisthesis', 'findings-explained'],
    ],
    ['treatment', { 'other-assessment': 'yes' }, ['evaluation-by-specialist']],
    ['treatment', { 'other-assessment': 'no' }, []],
    [
      'treatment',
      { 'specialist-treatment': 'yes' },
      ['specialist-place', 'individual-interdisciplinary', 'group-interdisciplinary'],
    ],
    ['treatment', { measures: ['other', 'training'] }, ['measure-other']],
  ] as const)('on the page %s, %j opens %j.', (page, answers, questions) => {
    expect(opened(page, answers)).toEqual(questions);
  });

  it.each([
    ['work', { 'working-percent': 101 }, ['max-value working-percent']],
    ['work', { 'working-percent': -1 }, ['min-value working-percent']],
    ['work', { 'working-percent': 0 }, []],
    [
      'work',
      { 'work-status': ['retirement-pension', 'disability-pension'], 'disability-percent': 50 },
      ['nnrr-1b-retired-and-disabled work-status'],
    ],
    [
      'work',
      { 'earlier-sick-leave': '1', 'sick-leave-precision': 'day', 'sick-leave-date': '2026-03-07' },
      ['not-after-now sick-leave-date'],
    ],
    [
      'work',
      { 'earlier-sick-leave': '1', 'sick-leave-precision': 'month', 'sick-leave-month': '2026-13' },
      ['regex sick-leave-month', 'nnrr-1b-month-not-later sick-leave-month'],
    ],
    [
      'work',
      { 'earlier-sick-leave': '1', 'sick-leave-precision': 'month', 'sick-leave-month': '2026-04' },
      ['nnrr-1b-month-not-later sick-leave-month'],
    ],
    [
      'work',
      { 'earlier-sick-leave': '1', 'sick-leave-precision': 'month', 'sick-leave-month': '2026-03' },
      [],
    ],
    [
      'diagnostics',
      { ...imaged, 'imaging-findings': ['normal'], spondylolisthesis: 'isthmic' },
      ['nnrr-1b-normal spondylolisthesis'],
    ],
    ['treatment', { ...specialist, measures: ['none'] }, ['nnrr-1b-no-treatment measures']],
  ] as const)('on the page %s, %j breaks %j.', (page, answers, rules) => {
    const removed = page === 'work' && 'work-status' in answers ? { 'working-percent': undefined } : {};
    const page1 = Object.fromEntries(
      Object.entries({ ...(complete[page] as Answers), ...answers, ...removed }).filter(
        ([, value]) => value !== undefined,
      ),
    ) as Answers;

    expect(brokenRules(form, { ...complete, [page]: page1 })).toEqual(rules);
  });

  it.each([
    ['history', 'medication', ['none', 'a']],
    ['diagnostics', 'imaging', ['none', 'ct']],
    ['diagnostics', 'other-diagnostics', ['none', 'emg']],
    ['diagnostics', 'imaging-findings', ['normal', 'modic-1']],
    ['diagnostics', 'imaging-findings', ['none-of-these', 'modic-2']],
    ['treatment', 'follow-up', ['none', 'gp']],
    ['treatment', 'measures', ['none', 'education']],
  ] as const)('on the page %s, %s cannot be %j.', (page, linkId, codes) => {
    const base = linkId === 'imaging-findings' ? withPage('diagnostics', imaged) : complete;
    const answers = { ...base, [page]: { ...(base[page] as Answers), [linkId]: codes } };

    expect(brokenRules(form, answers)).toContain(`exclusive ${linkId}`);
  });

  it('does not offer discography, which is no longer asked.', () => {
    const codes = form.byLinkId.get('imaging')?.options?.list.map(({ coding }) => coding.code);

    expect(codes).toEqual(['none', 'ct', 'mri', 'radiculography', 'x-ray', 'x-ray-flexion']);
  });
});
