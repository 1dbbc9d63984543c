import type { Observation } from '../../../../src/fhir/types.ts';
import type { Instrument } from '../../../../src/content/instrument.ts';
import { scoreObservation } from '../../../../src/registry/scoring/observation.ts';
import { compareScores } from '../../../../src/registry/scoring/recompute.ts';
import type { Answers } from '../../../../src/registry/scoring/result.ts';
import { score, withMissingRules } from '../../../../src/registry/scoring/score.ts';
import { responseTo } from './forms.ts';
import { inOrder, instrument } from './instruments.ts';

const scored = (definition: Instrument, answers: Answers): readonly Observation[] =>
  score(definition, answers).map((result) => ({
    ...scoreObservation(definition, result, { response: responseTo([]) }),
    id: result.score.code,
  }));
const kinds = (stored: readonly Observation[], fresh: readonly Observation[]): readonly string[] =>
  compareScores(stored, fresh).map(({ id, kind }) => `${id} ${kind}`);

const hads = instrument('hads');
const nine = inOrder('hads', [1, 1, 1, 1, 1, 1, 1, 1, 1]);
const stored = scored(hads, nine);

describe('Scoring again', () => {
  it('changes nothing when answers and definition are the same.', () => {
    expect(kinds(stored, scored(hads, nine))).toEqual(['hads-anxiety same', 'hads-depression same']);
  });

  it('shows a score that another rule takes away, and one that only its definition changes.', () => {
    const stricter = withMissingRules(hads, {
      'hads-depression': { minAnswered: 6, fill: 'person-mean', basis: 'x' },
      'hads-anxiety': { minAnswered: 5, fill: 'person-mean', basis: 'x' },
    });

    expect(kinds(stored, scored(stricter, nine))).toEqual(['hads-anxiety method', 'hads-depression value']);
  });

  it('shows another version of the instrument.', () => {
    expect(kinds(stored, scored({ ...hads, version: '2.0.0' }, nine))).toEqual([
      'hads-anxiety method',
      'hads-depression method',
    ]);
  });

  it('shows another number, with both scores.', () => {
    const [change] = compareScores(stored, scored(hads, { ...nine, 'hads-1': 3 }));

    expect(change).toMatchObject({
      kind: 'value',
      before: { valueQuantity: { value: 7 } },
      after: { valueQuantity: { value: 9.8 } },
    });
  });

  it('shows scores that are new, and those that are gone.', () => {
    const [anxiety, depression] = stored;

    expect(kinds([anxiety!], [depression!])).toEqual(['hads-depression new', 'hads-anxiety gone']);
  });
});
