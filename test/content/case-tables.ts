/** The rows of a register's tables when one of its cases has been run through the whole server. */
import { join } from 'node:path';
import type { AnalyticsPrincipal, StaffPrincipal } from '../../src/access/principal.ts';
import { createViewLibrary } from '../../src/views/library.ts';
import { runView } from '../../src/views/run.ts';
import { objectRows } from '../../src/views/statement.ts';
import type { TestApp } from '../support/app.ts';
import { readCases } from './case.ts';
import { content } from './fill-form.ts';
import { runOnServer } from './server-case.ts';

type Row = Readonly<Record<string, unknown>>;

/** Rows by the view's id without the register. */
export type Tables = ReadonlyMap<string, readonly Row[]>;

const analytics = (register: string): AnalyticsPrincipal => ({
  kind: 'analytics',
  subject: 'client:views',
  name: 'Analyse',
  scopes: ['system/*.cruds'],
  registers: [register],
});

/** Tasks are the department's own: the table of forms is hers. */
const coordinator = (register: string): StaffPrincipal => ({
  kind: 'staff',
  subject: 'user:views',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register,
  units: ['demo-smerteklinikk'],
});

async function tablesOf({ app }: TestApp, register: string): Promise<Tables> {
  const views = createViewLibrary(content.registers, 'http://localhost/fhir').all.filter(
    (view) => view.register === register,
  );
  const tables = new Map<string, readonly Row[]>();
  for (const { json, compiled } of views) {
    const run = { view: compiled, form: objectRows, limit: undefined, narrowing: {} };
    const rows: Row[] = [];
    const principal = json['resource'] === 'Task' ? coordinator(register) : analytics(register);
    for await (const text of runView(
      app.repository,
      { principal, requestId: 'views', interaction: 'run' },
      run,
    )) {
      rows.push(JSON.parse(text) as Row);
    }
    tables.set(String(json['id']).slice(register.length + 1), rows);
  }
  return tables;
}

/** Run a case to its end, and read every table of its register. */
export async function tablesOfCase(register: string, name: string): Promise<Tables> {
  const root = join(import.meta.dirname, '../..');
  const each = readCases(root).find((one) => one.register === register && one.name === name);
  if (each === undefined) {
    throw new Error(`The register ${register} has no case ${name}.`);
  }
  let tables: Tables = new Map();
  await runOnServer(each, async (server) => {
    tables = await tablesOf(server, register);
  });
  return tables;
}
