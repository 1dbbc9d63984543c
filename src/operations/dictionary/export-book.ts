/** The code book of a register, written from its content. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FhirError, error } from '../../fhir/outcome.ts';
import type { Register } from '../../content/register.ts';
import type { Registry } from '../../registry/registry.ts';
import { variablesOf } from '../../registry/dictionary/from-content.ts';
import { MRS_COLUMNS, mrsRows } from '../../registry/dictionary/mrs.ts';
import { OPENQREG_COLUMNS, openQRegRows } from '../../registry/dictionary/openqreg.ts';
import { slug } from '../../registry/dictionary/names.ts';
import type { Variable } from '../../registry/dictionary/variable.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { BookFormat } from './import-book.ts';
import { writeTable } from './write-table.ts';

/** A register and its forms, in the order of its schedule. Throws FhirError 404. */
export function registerForms(
  { content, schedules, forms }: Registry,
  id: string,
): { readonly register: Register; readonly forms: readonly Form[] } {
  const register = content.registers.find((one) => one.id === id);
  if (register === undefined) {
    const known = content.registers.map((one) => one.id).join(', ');
    throw new FhirError(404, error('not-found', `There is no register ${id} here; there are: ${known}.`));
  }
  const canonicals = schedules
    .filter((schedule) => schedule.register.id === id)
    .flatMap((schedule) => schedule.forms.map(({ questionnaire }) => questionnaire));
  return { register, forms: [...new Set(canonicals)].flatMap((canonical) => forms.form(canonical) ?? []) };
}

/** The variables of a register. */
export function registerVariables(registry: Registry, id: string): readonly Variable[] {
  const { register, forms } = registerForms(registry, id);
  return variablesOf(register, forms, registry.content.conceptMaps.all());
}

/** Write the book into a folder: one file, or one for each form. Answers the files with the number of variables in each. */
export async function writeBook(
  format: BookFormat,
  id: string,
  variables: readonly Variable[],
  folder: string,
): Promise<readonly (readonly [file: string, variables: number])[]> {
  await mkdir(folder, { recursive: true });
  if (format === 'openqreg') {
    const file = `${id}-klokebok.csv`;
    await writeTable(join(folder, file), OPENQREG_COLUMNS, openQRegRows(variables));
    return [[file, variables.length]];
  }
  const written: (readonly [string, number])[] = [];
  for (const [form, own] of Map.groupBy(variables, (variable) => variable.form)) {
    const file = `${id}-kodebok_${slug(form)}.csv`;
    await writeTable(join(folder, file), MRS_COLUMNS, mrsRows(own));
    written.push([file, own.length]);
  }
  return written;
}
