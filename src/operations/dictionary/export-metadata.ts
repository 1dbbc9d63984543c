/** What helsedata.no asks for of a register: the dataset (DCAT-AP-NO, JSON-LD) and its variables (CSV and JSON). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatJson } from '../../content/format-json.ts';
import { unprocessable, error } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { datasetOf, DCAT_AP_NO, missingFromCatalogue } from '../../registry/dictionary/catalogue.ts';
import {
  DESCRIPTION_COLUMNS,
  describeVariables,
  type DescribedVariable,
  descriptionRow,
  type FormVersions,
} from '../../registry/dictionary/describe.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Form } from '../../sdc/form-types.ts';
import { registerForms } from './export-book.ts';
import { writeTable } from './write-table.ts';

/** The described variables of a register, over all versions of its forms. */
export function describedVariables(registry: Registry, id: string): readonly DescribedVariable[] {
  const { register, forms } = registerForms(registry, id);
  return describeVariables(
    register,
    forms.map((form) => versionsOf(registry, form)),
    registry.content.conceptMaps.all(),
  );
}

const order = new Intl.Collator('en', { numeric: true });

function versionsOf({ content, forms }: Registry, { questionnaire: { url } }: Form): FormVersions {
  return content.questionnaires
    .all()
    .filter((questionnaire) => questionnaire.url === url)
    .toSorted((a, b) => order.compare(a.version ?? '', b.version ?? ''))
    .flatMap(({ version = '' }) => forms.form(`${url ?? ''}|${version}`) ?? []);
}

/** Write the three files. Throws FhirError 422 that names what the register does not tell. */
export async function writeMetadata(
  registry: Registry,
  id: string,
  folder: string,
): Promise<readonly (readonly [file: string, variables: number])[]> {
  const { register } = registerForms(registry, id);
  const missing = missingFromCatalogue(register);
  const catalogue = register.pages?.catalogue;
  if (catalogue === undefined || missing.length > 0) {
    throw unprocessable(
      error(
        'required',
        `DCAT-AP-NO ${DCAT_AP_NO} asks for more than the register tells:\n${missing.join('\n')}`,
      ),
    );
  }
  const variables = describedVariables(registry, id);
  const [dataset, table, json] = [`${id}-dcat.jsonld`, `${id}-variabler.csv`, `${id}-variabler.json`];
  const files = [
    { name: table, mediaType: 'text/csv' },
    { name: json, mediaType: 'application/json' },
  ];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, dataset), formatJson(datasetOf(register, catalogue, files)));
  await writeTable(join(folder, table), DESCRIPTION_COLUMNS, variables.map(descriptionRow));
  const described: JsonObject = { register: id, variables: variables as unknown as JsonObject[] };
  await writeFile(join(folder, json), formatJson(described));
  return [
    [dataset, variables.length],
    [table, variables.length],
    [json, variables.length],
  ];
}
