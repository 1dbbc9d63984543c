/** CSV injection: ASVS 5.0 1.2.10 */
import { spreadsheetText } from '../../../src/views/spreadsheet-text.ts';

describe('A text for a spreadsheet', () => {
  it.each([
    '=1+1',
    '+47 999',
    '-1',
    '@sum',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '\u00a0=1',
    '＝1+1',
    '－1',
    '\0=1',
  ])('is never a formula: %j.', (text) => {
    expect(spreadsheetText(text)).toBe(`'${text}`);
  });

  it.each(['', '1', 'a=1', "'=1", '12.10.2026', 'Åse-Marie', '(-1)'])(
    'stays as it is otherwise: %j.',
    (text) => {
      expect(spreadsheetText(text)).toBe(text);
    },
  );
});
