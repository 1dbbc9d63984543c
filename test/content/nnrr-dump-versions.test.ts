/** A version of a form that is not in use any more has tables of its own in a dump, when the layout names it. */
import type { DumpRules } from '../../src/content/register.ts';
import { dumpLayout } from '../../src/operations/dump/tables.ts';
import { legacyCodes } from '../../src/registry/dump/legacy-codes.ts';
import { readCell } from '../../src/registry/dump/read-cell.ts';
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

describe('The layout of the dump', () => {
  const layout = dumpLayout(registry, 'nnrr');
  const walkIn = (name: string) =>
    layout.tables.find((table) => table.name === name)?.columns.find((column) => column.name === 'Eq5dWalk');

  it.each([
    ['pasientskjema_foer_behandling_2', 'pasientskjema_foer_behandling_2_eq5d3l'],
    ['pasientskjema_6_maaneder_etter_behandling_3', 'pasientskjema_6_maaneder_etter_behandling_3_eq5d3l'],
    ['pasientskjema_12_maaneder_etter_behandling_8', 'pasientskjema_12_maaneder_etter_behandling_8_eq5d3l'],
  ])('has a table for each version, and the levels of each: %s and %s.', (now, before) => {
    const [five, three] = [walkIn(now), walkIn(before)];

    expect(five && readCell('5', five, layout)).toEqual({ value: '5' });
    expect(three && readCell('3', three, layout)).toEqual({ value: '3' });
    expect(three && readCell('4', three, layout).problem).toMatch(/"4" is no code of Eq5dWalk/);
    expect(three && readCell('0', three, layout)).toEqual({ value: '' });
  });

  it('finds a map for one version of a form alone, before the one of the variable.', () => {
    const dump: DumpRules = {
      variables: [],
      codes: 'urn:old/',
      common: [],
      tables: {},
      rows: {},
      maps: { WALK: 'five', 'form-0-9#WALK': 'three' },
    };
    const group = (name: string, old: string) => ({
      source: 'urn:new',
      target: `urn:old/${name}`,
      element: [{ code: 'b', target: [{ code: old, equivalence: 'equivalent' as const }] }],
    });
    const map = {
      resourceType: 'ConceptMap' as const,
      status: 'active' as const,
      group: [group('five', '50'), group('three', '30')],
    };
    const codes = legacyCodes([map], dump);
    const oldOf = (form: string) => codes.toOld({ variable: 'WALK', form }, { system: 'urn:new', code: 'b' });

    expect(['form', 'form-0-9', 'other'].map(oldOf)).toEqual(['50', '30', '50']);
  });
});

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
