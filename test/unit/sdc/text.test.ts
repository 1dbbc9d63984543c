import {
  answerText,
  constraintText,
  helpText,
  itemText,
  nodeText,
  optionText,
  shortText,
} from '../../../src/sdc/text.ts';
import {
  formatDate,
  formatDateTime,
  isRealDate,
  parseDateText,
  parseDateTimeText,
} from '../../../src/sdc/dates.ts';
import { formatNumber, inputNumber, parseDecimal, parseInteger } from '../../../src/sdc/numbers.ts';
import { decimalPlaces, roundDecimal } from '../../../src/sdc/decimal.ts';
import { coded, context, form, row, withRows } from './fixtures/smertetilsyn.ts';
import { viewForm } from '../../../src/sdc/visibility.ts';

const item = (linkId: string) => form.byLinkId.get(linkId)!;

describe('Typed numbers', () => {
  it.each([
    ['7,5', 7.5],
    ['7.5', 7.5],
    [' 7,5 ', 7.5],
    ['1000,5', 1000.5],
    ['1 000,5', 1000.5],
    ['1\u00a0000', 1000],
    ['12 345 678', 12345678],
    ['0,125', 0.125],
    ['0.125', 0.125],
    ['1000.125', 1000.125],
    ['-3', -3],
    ['\u22123', -3],
    ['007', 7],
  ])('%j is understood as %d.', (text, value) => {
    expect(parseDecimal(text)).toEqual({ value });
  });

  it.each([
    '1.000,5',
    '1,000.5',
    '1.000',
    '1,000',
    '12.345',
    '7,5 mg',
    '1e3',
    ',5',
    '5,',
    '',
    ' ',
    '1 00',
    '7,5,5',
    'syv',
    '0x10',
    'Infinity',
    '1234567890123456',
    '--1',
  ])('%j is refused with a message.', (text) => {
    expect(parseDecimal(text)).toEqual({ message: expect.any(String) });
  });

  it('says how to write what could be two numbers.', () => {
    expect(parseDecimal('1.000').message).toBe('«1.000» kan forstås på to måter. Skriv 1000 eller 1,0.');
    expect(parseDecimal('7,125').message).toBe('«7,125» kan forstås på to måter. Skriv 7125 eller 7,1250.');
    expect(parseDecimal('7,1250')).toEqual({ value: 7.125 });
  });

  it('refuses decimals where a whole number is wanted.', () => {
    expect(parseInteger('12')).toEqual({ value: 12 });
    expect(parseInteger('12,0')).toEqual({ value: 12 });
    expect(parseInteger('12,5').message).toBe('Skriv et helt tall, uten desimaler.');
    expect(parseInteger('tolv').message).toBe('Skriv et tall, for eksempel 7.');
  });

  it('are shown with all their digits.', () => {
    expect(formatNumber(1234.5, 'nb')).toBe('1\u00a0234,5');
    expect(formatNumber(1234.5, 'en')).toBe('1,234.5');
    expect(inputNumber(1234.5, 'nb')).toBe('1234,5');
    expect(formatNumber(0.000123, 'nb')).toBe('0,000123');
  });
});

describe('Rounding', () => {
  it.each([
    [7.25, 1, 7.3],
    [-7.25, 1, -7.3],
    [1.005, 2, 1.01],
    [7.199999999999999, undefined, 7.2],
    [0.15000000000000002, 1, 0.2],
    [2.5, 0, 3],
    [1e21, 1, 1e21],
    [1e-7, 1, 0],
    [-0.01, 1, 0],
    [Infinity, 1, Infinity],
  ])('%d to %s places is %d.', (value, places, expected) => {
    expect(roundDecimal(value, places)).toBe(expected);
  });

  it('counts the decimals of a number.', () => {
    expect([5, 7.25, 1e-7, 1.5e-7, 1e21].map(decimalPlaces)).toEqual([0, 2, 7, 8, 0]);
  });
});

describe('Typed dates', () => {
  it.each([
    ['30.10.2026', '2026-10-30'],
    ['1.2.2026', '2026-02-01'],
    ['30102026', '2026-10-30'],
    ['30/10-2026', '2026-10-30'],
    ['2026-10-30', '2026-10-30'],
    ['29.02.2024', '2024-02-29'],
  ])('%s is %s.', (text, value) => {
    expect(parseDateText(text)).toEqual({ value });
  });

  it.each([
    ['29.02.2026', 'Datoen finnes ikke i kalenderen.'],
    ['13.13.2026', 'Datoen finnes ikke i kalenderen.'],
    ['30.10.26', 'Skriv årstallet med fire siffer.'],
    ['301026', 'Skriv årstallet med fire siffer.'],
    ['i dag', 'Skriv datoen som dd.mm.åååå, for eksempel 30.10.2026.'],
  ])('%s is refused: %s', (text, message) => {
    expect(parseDateText(text)).toEqual({ message });
  });

  it.each([
    ['30.10.2026', '14:05', '2026-10-30T14:05:00+01:00'],
    ['30.06.2026', '1405', '2026-06-30T14:05:00+02:00'],
    ['25.10.2026', '02:30', '2026-10-25T02:30:00+02:00'],
    ['25.10.2026', '03:30', '2026-10-25T03:30:00+01:00'],
    ['01.01.2026', '0.15', '2026-01-01T00:15:00+01:00'],
  ])('%s %s is %s in Norway.', (date, time, value) => {
    expect(parseDateTimeText(date, time)).toEqual({ value });
  });

  it('refuses a time that is none.', () => {
    expect(parseDateTimeText('30.10.2026', '25:00').message).toContain('tt:mm');
    expect(parseDateTimeText('x', '10:00').message).toContain('dd.mm.åååå');
  });

  it('are shown the Norwegian way.', () => {
    expect(formatDate('2026-10-30')).toBe('30.10.2026');
    expect(formatDate('2026-10')).toBe('10.2026');
    expect(formatDateTime('2026-10-30T13:05:00Z')).toBe('30.10.2026 kl. 14:05');
    expect(isRealDate('2026-02-30')).toBe(false);
  });
});

describe('Texts of a form', () => {
  it('come in the language asked for, else in bokmål.', () => {
    expect(itemText(item('henvist'), 'nb')).toBe('Henvist dato');
    expect(itemText(item('henvist'), 'nn')).toBe('Dato tilvist');
    expect(itemText(item('henvist'), 'en')).toBe('Date of referral');
    expect(itemText(item('start'), 'en')).toBe('Startdato');
    expect(constraintText(form.constraints[0]!, 'en')).toBe('Startdato kan ikke være før henvist dato.');
  });

  it('include help, options, and short names with their row.', () => {
    const view = viewForm(form, withRows(row(), row('morfin-po', 5)), context);

    expect(helpText(item('start'), 'nb')).toBe('Dato for første tilsyn.');
    expect(helpText(item('henvist'), 'nb')).toBeUndefined();
    expect(optionText(item('analgetika').options!.list[0]!, 'nb')).toBe('Ingen');
    expect(shortText(item('analgetika'), 'nb')).toBe('Analgetika');
    expect(nodeText(view.byPath.get('opioider/rad[1]/dose')!, 'en')).toBe('Døgndose (row 2)');
  });

  it('show answers as a reader sees them.', () => {
    expect(answerText(item('norsk'), { valueBoolean: true }, 'en')).toBe('Yes');
    expect(answerText(item('dose'), { valueDecimal: 7.5 }, 'nb')).toBe('7,5');
    expect(answerText(item('start'), { valueDate: '2026-10-30' }, 'nb')).toBe('30.10.2026');
    expect(answerText(item('analgetika'), coded('analgetika', 'opioid'), 'nb')).toBe('Opioider');
    expect(answerText(item('vekt'), { valueQuantity: { value: 82.5, unit: 'kg' } }, 'nb')).toBe('82,5 kg');
    expect(answerText(item('kommentar'), {}, 'nb')).toBe('');
  });
});
