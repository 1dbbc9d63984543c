/** A version of a form that is not in use any more has tables of its own in a dump, when the layout names it. */
import type { DumpRules } from '../../src/content/register.ts';
import { legacyCodes } from '../../src/registry/dump/legacy-codes.ts';
import { dumpTables } from '../../src/registry/dump/shape.ts';
import { solutionOf } from '../../src/registry/dump/solution.ts';
import { readRegistry } from '../../src/registry/registry.ts';
import { content } from './fill-form.ts';

const registry = readRegistry(content);
const schedule = registry.schedules.find(({ register }) => register.id === 'nnrr')!;
const TABLES = {
  'nnrr-1b': 'behandler',
  'nnrr-1a': 'foer',
  'nnrr-2@2-6': 'etter_6',
  'nnrr-2@2-12': 'etter_12',
};

function tablesWith(tables: DumpRules['tables']) {
  const dump: DumpRules = {
    variables: ['https://ryggrad.no/fhir/CodeSystem/nnrr-variable'],
    codes: 'https://ryggrad.no/fhir/NamingSystem/nnrr-mrs/',
    common: ['YESNO', 'YESNOUNKNOWN'],
    maps: { Eq5dWalk: 'EQ5D3L' },
    tables,
    rows: {},
    shape: { kind: 'mrs' },
  };
  const codes = legacyCodes(content.conceptMaps.all(), dump);
  return dumpTables({ id: 'nnrr', dump }, schedule, registry.forms, codes, solutionOf(dump.shape)).filter(
    ({ group }) => group === undefined,
  );
}

describe('The tables of a dump', () => {
  it('are of the versions in use where the layout names no other.', () => {
    expect(tablesWith(TABLES).map(({ name }) => name)).toEqual(['behandler', 'foer', 'etter_6', 'etter_12']);
  });

  it('are of a retired version too when it is named, beside the one in use, for each time the plan asks.', () => {
    const tables = tablesWith({ ...TABLES, 'nnrr-1a-0-9-0': 'foer_3l', 'nnrr-2-0-9-0@2-6': 'etter_6_3l' });

    expect(tables.map(({ name, form, planned }) => [name, form.questionnaire.version, planned])).toEqual([
      ['behandler', '1.0.0', undefined],
      ['foer', '1.0.0', undefined],
      ['foer_3l', '0.9.0', undefined],
      ['etter_6', '1.0.0', '2-6'],
      ['etter_6_3l', '0.9.0', '2-6'],
      ['etter_12', '1.0.0', '2-12'],
    ]);
  });

  it('have the same columns and old codes in both versions, but for the levels that were asked.', () => {
    const [, now, before] = tablesWith({ ...TABLES, 'nnrr-1a-0-9-0': 'foer_3l' });
    const columns = (table: typeof now) => table?.columns.map(({ name }) => name);
    const levels = (table: typeof now) =>
      table?.columns.find(({ name }) => name === 'Eq5dWalk')?.items[0]?.options?.list.length;

    expect(columns(before)).toEqual(columns(now));
    expect([levels(before), levels(now)]).toEqual([3, 5]);
  });
});
