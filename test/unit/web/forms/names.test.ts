import fc from 'fast-check';
import { nameOf, parseName, parseRowName, rowName } from '../../../../src/web/forms/names.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const step = fc.record({ linkId: text, row: text });

describe('The names of form fields', () => {
  it('say where an item is, rows by their id.', () => {
    expect(nameOf({ rows: [{ linkId: 'opioider', row: 'r2' }], linkId: 'dose' })).toBe('q/opioider:r2/dose');
  });

  it('lead back to the place that they were made from, whatever the linkIds hold.', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3 }), text, (rows, linkId) => {
        expect(parseName(nameOf({ rows, linkId }))).toEqual({ rows, linkId });
        expect(rows.length === 0 || parseRowName(rowName(rows))).toEqual(rows.length === 0 ? true : rows);
      }),
    );
  });

  it.each(['', 'q', 'q/', '_version', 'q/a:1', 'q/a/b', 'q/a:1:2/b', 'q/%zz', 'q/a:/b'])(
    'do not read %p, which no field has.',
    (name) => {
      expect(parseName(name)).toBeUndefined();
    },
  );
});
