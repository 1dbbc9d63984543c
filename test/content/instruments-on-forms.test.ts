/** Where a form computes a score while it is filled in, it is the number that the instrument gives for the same answers. */
import fc from 'fast-check';
import { score } from '../../src/registry/scoring/score.ts';
import { decimalPlaces, roundDecimal } from '../../src/sdc/decimal.ts';
import { content, filled } from './fill-form.ts';
import { formOf } from './run-case.ts';

const form = formOf(content, 'smertereg-hads');
const hads = content.instruments.get('hads')!;
const points = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), {
  minLength: 14,
  maxLength: 14,
});

describe('The form HADS', () => {
  it('gives the scores of the instrument, for any answers and any that are missing.', () => {
    fc.assert(
      fc.property(points, (answers) => {
        const given = answers.flatMap((answer, index) =>
          answer === undefined ? [] : [[`hads-${index + 1}`, answer] as const],
        );
        const onForm = filled(form, {
          'filling-in': { 'registration-date': '2026-03-04' },
          hads: Object.fromEntries(given.map(([linkId, answer]) => [linkId, String(answer)])),
        });
        const shown = ['anxiety-score', 'depression-score'].map((linkId) => onForm.get(`scores/${linkId}`));

        const computed = score(hads, Object.fromEntries(given)).map(({ value }) => value);

        const places = Math.max(
          ...shown.map((value) => (typeof value === 'number' ? decimalPlaces(value) : 0)),
          1,
        );
        expect(shown).toEqual(
          computed.map((value) => (value === undefined ? undefined : roundDecimal(value, places))),
        );
      }),
      { numRuns: 100 },
    );
  });
});
