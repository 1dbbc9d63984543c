/** Cells of old dumps: what is taken as it is, what is corrected by a named rule, what is refused. */
import { loadContent } from '../../../../src/content/load.ts';
import type { DumpColumn } from '../../../../src/registry/dump/shape.ts';
import { readCell } from '../../../../src/registry/dump/read-cell.ts';
import { dumpLayout } from '../../../../src/operations/dump/tables.ts';
import { readRegistry } from '../../../../src/registry/registry.ts';

const registry = readRegistry(await loadContent([process.cwd()]));
const mrs = dumpLayout(registry, 'nnrr');
const openQReg = dumpLayout(registry, 'smertereg');

const column = (name: string, layout = mrs): DumpColumn => {
  const found = layout.tables.flatMap(({ columns }) => columns).find((each) => each.name === name);
  if (found === undefined) {
    throw new Error(`There is no column ${name}.`);
  }
  return found;
};

describe('A cell of a dump from MRS', () => {
  it.each<readonly [string, string, string]>([
    ['EducationLevel', '3', '3'],
    ['EducationLevel', '0', ''],
    ['OdiPain', '6', '6'],
    ['PainCausesWork', 'True', '1'],
    ['PainCausesWork', 'False', '0'],
    ['S1b_DateOfCompletion', '01.03.2016', '2016-03-01'],
    ['OwnChildren', '2', '2'],
    ['Profession', ' rørlegger ', ' rørlegger '],
  ])('is taken as it is: %s "%s".', (name, cell, value) => {
    expect(readCell(cell, column(name), mrs)).toEqual({ value });
  });

  it.each<readonly [string, string, string, string]>([
    ['EducationLevel', ' 3 ', '3', 'trimmed'],
    ['EducationLevel', '03', '3', 'leading-zero'],
    ['EducationLevel', '3,0', '3', 'whole-number'],
    ['EducationLevel', '-1', '', 'not-answered'],
    ['PainCausesWork', 'Ja', '1', 'yes-no-word'],
    ['PainCausesWork', '0', '0', 'yes-no-word'],
    ['S1b_DateOfCompletion', '2016-03-01', '2016-03-01', 'date-form'],
    ['S1b_DateOfCompletion', '01.03.2016 00:00:00', '2016-03-01', 'date-form'],
    ['OwnChildren', '2,0', '2', 'whole-number'],
    ['DiagnosticNumber1', 'm542', 'M54.2', 'icd-10-form'],
  ])('is corrected by a rule that has a name: %s "%s" is "%s" (%s).', (name, cell, value, rule) => {
    expect(readCell(cell, column(name), mrs)).toEqual({ value, rule });
  });

  it.each<readonly [string, string, RegExp]>([
    ['EducationLevel', '8', /"8" is no code of EducationLevel. Nearest are 5 \(/],
    ['PainCausesWork', 'kanskje', /neither yes nor no: write False or True/],
    ['S1b_DateOfCompletion', '30.02.2016', /no date of the calendar/],
    ['S1b_DateOfCompletion', '01.03.16', /no date of the calendar/],
    ['OwnChildren', 'to', /no whole number/],
    ['OwnChildren', '2,5', /no whole number/],
    ['OwnChildren', '2.000', /no whole number/],
    ['WorkingPercent', '130', /outside of what the question takes: 0 to 100/],
  ])('is refused when it is not understood, and never guessed: %s "%s".', (name, cell, problem) => {
    expect(readCell(cell, column(name), mrs)).toEqual({ problem: expect.stringMatching(problem) as string });
  });

  it('has 11 for the 0 of the pain scale in the form after treatment alone, where 0 is no answer.', () => {
    const [before, after] = ['pasientskjema_foer_behandling_2', 'pasientskjema_6_maaneder_etter_behandling_3']
      .map((name) => mrs.tables.find((table) => table.name === name))
      .map((table) => table?.columns.find(({ name }) => name === 'PainExperiencesActivity'));

    const old = [before, after].map((each) => each && mrs.codes.toOld(each, { ...nrs, code: '0' }));

    expect(old).toEqual(['0', '11']);
    expect(after && readCell('0', after, mrs)).toEqual({ value: '' });
    expect(after && readCell('11', after, mrs)).toEqual({ value: '11' });
  });
});

const nrs = { system: 'https://ryggrad.no/fhir/CodeSystem/nrs' };

describe('A cell of a dump from OpenQReg', () => {
  it.each<readonly [string, string, object]>([
    ['REFERRAL_DATE', '2016-03-01', { value: '2016-03-01' }],
    ['REFERRAL_DATE', '01.03.2016', { value: '2016-03-01', rule: 'date-form' }],
    ['SUPERVISION', '1', { value: '1' }],
    ['SUPERVISION', '1.0', { value: '1', rule: 'whole-number' }],
  ])('has dates of ISO 8601 and numbers with a point: %s "%s".', (name, cell, reading) => {
    expect(readCell(cell, column(name, openQReg), openQReg)).toEqual(reading);
  });
});
