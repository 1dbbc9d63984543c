/** A data dump [datadump] from the file archive: the tables of the own department, or what is national, one file each. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { forbidden, notFound } from '../../fhir/outcome.ts';
import { csvLine, heads } from '../../operations/dump/files.ts';
import { dumpLayout } from '../../operations/dump/tables.ts';
import { writeDump } from '../../operations/dump/write-dump.ts';
import { spreadsheetText } from '../../views/spreadsheet-text.ts';
import type { Sources } from './sources.ts';

const BOM = '\uFEFF';

/** Names of the tables that the reader may fetch; none for others than coordinators, or without a layout. */
export function dumpTablesOf({ registry }: Sources, { role, register }: StaffPrincipal): readonly string[] {
  const dump = registry.content.registers.find(({ id }) => id === register)?.dump;
  if (role === 'LU' || dump === undefined) {
    return [];
  }
  const layout = dumpLayout(registry, register);
  return [...heads(layout).keys()].filter((name) => name !== layout.solution.numbers);
}

/**
 * One table as a Norwegian spreadsheet reads it, without national numbers, addresses and telephone numbers. Every batch is in
 * the audit trail before it goes out. Throws 403 for others than coordinators, 404 for what is no table.
 */
export function dumpTable(sources: Sources, principal: StaffPrincipal, table: string): AsyncIterable<string> {
  if (principal.role === 'LU') {
    throw forbidden('Datadump hentes av koordinatorer (LC, SC).', 'role');
  }
  if (!dumpTablesOf(sources, principal).includes(table)) {
    throw notFound('Datadump', table);
  }
  return lines(sources, principal, table);
}

async function* lines(sources: Sources, principal: StaffPrincipal, table: string): AsyncGenerator<string> {
  const { repository, registry, newRequestId } = sources;
  const layout = dumpLayout(registry, principal.register);
  const caller = { principal, requestId: newRequestId(), interaction: 'data-dump' };
  yield BOM + csvLine(heads(layout).get(table) ?? [], layout);
  for await (const row of writeDump(repository, caller, layout, { numbers: 'left-out', only: table })) {
    yield csvLine(row.cells.map(spreadsheetText), layout);
  }
}
