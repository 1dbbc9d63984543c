/** https://hl7.org/fhir/R4/search.html#number */
import { parseNumber, quantityRange, UNBOUNDED } from '../../../src/fhir/quantity.ts';

describe('A written number', () => {
  it.each([
    ['100', 99.5, 100.5],
    ['100.00', 99.995, 100.005],
    ['1e2', 50, 150],
    ['5.4', 5.35, 5.45],
    ['-5.4', -5.45, -5.35],
    ['0', -0.5, 0.5],
    ['0.1', 0.05, 0.15],
    ['1.0e-1', 0.095, 0.105],
  ])('%s means the range from %d to %d.', (text, lo, hi) => {
    expect(parseNumber(text)).toEqual({ value: Number(text), lo, hi });
  });

  it.each(['', 'abc', '1,5', '1.', '.5', '1e', 'NaN', 'Infinity', '1e999', '0x10'])('%j is none.', (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });
});

describe('A stored quantity', () => {
  it.each([
    [{ value: 5 }, { lo: 5, hi: 5 }],
    [
      { value: 5, comparator: '<=' },
      { lo: -UNBOUNDED, hi: 5 },
    ],
    [
      { value: 5, comparator: '>' },
      { lo: 5, hi: UNBOUNDED },
    ],
    [{}, undefined],
  ])('%j admits %j.', (quantity, range) => {
    expect(quantityRange(quantity)).toEqual(range);
  });
});
