/** Texts around the scores of a form. */
import type { AbsentReason } from '../../registry/scoring/result.ts';
import type { ShownScore } from '../../registry/scoring/show.ts';
import type { Lang } from './form-texts.ts';

interface ScoreTexts {
  readonly heading: string;
  readonly score: string;
  readonly value: string;
  readonly range: string;
  readonly meaning: string;
  readonly answered: string;
  readonly of: string;
  readonly better: Readonly<Record<Exclude<ShownScore['better'], 'none'>, string>>;
  readonly absent: Readonly<Record<AbsentReason, string>>;
}

const nb: ScoreTexts = {
  heading: 'Skårer',
  score: 'Skår',
  value: 'Verdi',
  range: 'Skala',
  meaning: 'Betyr',
  answered: 'Besvart',
  of: '{n} av {m}',
  better: { higher: 'høyere er bedre', lower: 'lavere er bedre' },
  absent: {
    'no-answers': 'Ingen skår: ikke besvart',
    'too-few-answers': 'Ingen skår: for få svar',
    'outside-range': 'Ingen skår: et svar er utenfor skalaen',
    'not-in-table': 'Ingen skår: svaret står ikke i tabellen',
  },
};

const nn: ScoreTexts = {
  ...nb,
  meaning: 'Tyder',
  answered: 'Svar',
  better: { higher: 'høgare er betre', lower: 'lågare er betre' },
  absent: {
    'no-answers': 'Ingen skår: ikkje svara på',
    'too-few-answers': 'Ingen skår: for få svar',
    'outside-range': 'Ingen skår: eit svar er utanfor skalaen',
    'not-in-table': 'Ingen skår: svaret står ikkje i tabellen',
  },
};

const en: ScoreTexts = {
  heading: 'Scores',
  score: 'Score',
  value: 'Value',
  range: 'Scale',
  meaning: 'Means',
  answered: 'Answered',
  of: '{n} of {m}',
  better: { higher: 'higher is better', lower: 'lower is better' },
  absent: {
    'no-answers': 'No score: not answered',
    'too-few-answers': 'No score: too few answers',
    'outside-range': 'No score: an answer is outside the scale',
    'not-in-table': 'No score: the table does not have the answer',
  },
};

export const scoreTexts: Readonly<Record<Lang, ScoreTexts>> = { nb, nn, en };
