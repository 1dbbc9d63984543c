/** SmerteReg's form HADS: structure and scoring, without the licensed wording. Rules 25 and 27 of the register. */
import type { Answers } from './case.ts';
import { brokenRules, content, filled, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

const hads = formOf(content, 'smertereg-hads');

const NUMBERS = Array.from({ length: 14 }, (_, index) => index + 1);
const ANXIETY = NUMBERS.filter((number) => number % 2 === 1);
const DEPRESSION = NUMBERS.filter((number) => number % 2 === 0);
const filling = { 'registration-date': '2026-03-04' };

/** The form with one answer per question; a question without an answer is left open. */
const withAnswers = (answerTo: (number: number) => string | undefined): Answers => ({
  'filling-in': filling,
  hads: Object.fromEntries(
    NUMBERS.flatMap((number) => {
      const answer = answerTo(number);
      return answer === undefined ? [] : [[`hads-${number}`, answer]];
    }),
  ),
});

const scores = (answers: Answers): readonly unknown[] => {
  const values = filled(hads, answers);
  return ['anxiety-score', 'anxiety-answered', 'depression-score', 'depression-answered'].map((linkId) =>
    values.get(`scores/${linkId}`),
  );
};

/** `answered` of the anxiety questions with 2 points each, the rest "Vet ikke"; depression all 1 point. */
const anxietyAnswered = (answered: number): Answers =>
  withAnswers((number) => {
    if (DEPRESSION.includes(number)) {
      return '1';
    }
    return ANXIETY.indexOf(number) < answered ? '2' : 'unknown';
  });

describe('The form HADS', () => {
  it('can be locked when the fourteen questions are answered.', () => {
    expect(
      brokenRules(
        hads,
        withAnswers(() => '0'),
      ),
    ).toEqual([]);
  });

  it('misses each question that is left open.', () => {
    expect(
      brokenRules(
        hads,
        withAnswers((number) => (number === 8 ? undefined : '0')),
      ),
    ).toEqual(['required hads-8']);
  });

  it.each(NUMBERS)('has the answers of question %d in the order of the paper form.', (number) => {
    const isDescending = [1, 3, 5, 6, 8, 10, 11, 13].includes(number);
    const points = [0, 1, 2, 3].map((each) => [String(each), each] as const);
    const options = hads.byLinkId.get(`hads-${number}`)?.options?.list ?? [];

    expect(options.map(({ coding, weight }) => [coding.code, weight])).toEqual([
      ...(isDescending ? points.toReversed() : points),
      ['unknown', undefined],
    ]);
  });

  it.each([
    ['0', 0],
    ['1', 7],
    ['2', 14],
    ['3', 21],
  ])('scores %s to every question as %d for anxiety and depression.', (answer, score) => {
    expect(scores(withAnswers(() => answer))).toEqual([score, 7, score, 7]);
  });

  it('counts the odd questions as anxiety and the even ones as depression.', () => {
    expect(scores(withAnswers((number) => (ANXIETY.includes(number) ? '3' : '0')))).toEqual([21, 7, 0, 7]);
    expect(scores(withAnswers((number) => (DEPRESSION.includes(number) ? '3' : '0')))).toEqual([0, 7, 21, 7]);
  });

  it.each(NUMBERS)('counts question %d once.', (number) => {
    const [anxiety, , depression] = scores(withAnswers((each) => (each === number ? '3' : '0')));

    expect([anxiety, depression]).toEqual(number % 2 === 1 ? [3, 0] : [0, 3]);
  });

  it.each([
    [7, 14],
    [6, 14],
    [5, 14],
    [4, 14],
    [3, undefined],
    [0, undefined],
  ])('with %d of seven answered gives the score %s: "Vet ikke" is never 0.', (answered, score) => {
    expect(scores(anxietyAnswered(answered))).toEqual([score, answered, 7, 7]);
  });

  it('takes the mean of the answered questions times seven, unrounded to four decimals.', () => {
    const oneHigh = withAnswers((number) => {
      if (number === 1) {
        return '3';
      }
      return number === 13 ? 'unknown' : '1';
    });

    expect(scores(oneHigh)).toEqual([9.3333, 6, 7, 7]);
  });

  it('has no score when nothing is answered.', () => {
    expect(scores({ 'filling-in': filling })).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('shows the patient neither score nor reason.', () => {
    expect(
      shown(
        hads,
        withAnswers(() => '1'),
      ),
    ).toEqual(['registration-date', ...NUMBERS.map((number) => `hads-${number}`)]);
  });

  it('lets nobody write a score: what is sent is calculated again.', () => {
    const answers = { ...withAnswers(() => '1'), scores: { 'anxiety-score': 21, 'depression-score': 0 } };

    expect(scores(answers)).toEqual([7, 7, 7, 7]);
  });

  it.each(['unable', 'eprom-not-answered'])(
    'is locked without answers and without scores for the reason %s (rules 25 and 27).',
    (reason) => {
      const unanswered = {
        ...withAnswers(() => '3'),
        'filling-in': { ...filling, 'incomplete-reason': reason },
      };

      expect(brokenRules(hads, unanswered)).toEqual([]);
      expect(filled(hads, unanswered).get('filling-in/completed')).toBe('no');
      expect(scores(unanswered)).toEqual([undefined, undefined, undefined, undefined]);
    },
  );

  it.each([
    ['1899-12-31', 'min-value registration-date'],
    ['2026-03-07', 'not-after-now registration-date'],
  ])('refuses the date %s.', (date, rule) => {
    const answers = { ...withAnswers(() => '0'), 'filling-in': { 'registration-date': date } };

    expect(brokenRules(hads, answers)).toEqual([rule]);
  });

  it('has neutral texts alone, and says that the wording comes with a content pack.', () => {
    const texts = NUMBERS.map((number) => hads.byLinkId.get(`hads-${number}`)?.source.text);
    const answers = hads.byLinkId.get('hads-1')?.options?.list.map(({ coding }) => coding.display);

    expect(texts).toEqual(NUMBERS.map((number) => `Spørsmål ${number}`));
    expect(answers).toEqual(['3 poeng', '2 poeng', '1 poeng', '0 poeng', 'Vet ikke']);
    expect(hads.questionnaire.extension).toContainEqual({
      url: 'https://ryggrad.no/fhir/StructureDefinition/content-pack',
      extension: [
        { url: 'instrument', valueCode: 'hads' },
        { url: 'item', valueString: 'hads' },
      ],
    });
  });

  it.each([
    ['anxiety-score', '401319005'],
    ['depression-score', '401320004'],
  ])('names %s by its SNOMED CT code %s.', (linkId, code) => {
    expect(hads.byLinkId.get(linkId)?.source.code).toContainEqual({ system: 'http://snomed.info/sct', code });
  });
});
