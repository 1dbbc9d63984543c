/** Loads the invented files of data/ as an operator would, and asks questions over HTTP. */
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { Db } from '../../../src/storage/db.ts';
import { filesToLoad } from '../../../src/terminology/load-command.ts';
import { type LoadResult, loadSystem } from '../../../src/terminology/load-system.ts';
import type { HttpClient } from '../../support/http-client.ts';

export const fileOf = (name: string): string => fileURLToPath(new URL(`./data/${name}`, import.meta.url));

export const ICD10 = 'urn:oid:2.16.578.1.12.4.1.1.7110';
export const NCSP = 'urn:oid:2.16.578.1.12.4.1.1.7210';
export const ATC = 'http://www.whocc.no/atc';
export const KOMMUNE = 'urn:oid:2.16.578.1.12.4.1.1.3402';
export const FANTASY = 'urn:oid:2.16.578.1.12.4.1.1.9999';
export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const SNOMED_VERSION = 'http://snomed.info/sct/51000202101/version/20260115';

const LOADS: readonly (readonly string[])[] = [
  ['icd10', 'icd10.csv', '--version', '2026-01-01'],
  ['ncsp', 'ncsp.tsv', '--version', '2026', '--designation', 'nn=nynorsk', '--property', 'group=group'],
  ['atc', 'atc.csv', '--version', '2026-01-01', '--language', 'nb'],
  ['kommune', 'kommune.csv', '--version', '2024-01-01'],
  ['codesystem', 'code-system.json.gz'],
  ['snomed', 'rf2', '--version', SNOMED_VERSION],
  ['loinc', 'Loinc.csv', '--version', '2.99', '--variant', `nb=${fileOf('noLinguisticVariant.csv')}`],
];

/** One load with the arguments of the command line; the file is one of data/ or a whole path. */
export async function load(db: Db, args: readonly string[]): Promise<LoadResult> {
  const [format = '', file = '', ...rest] = args;
  const files = await filesToLoad([format, file.startsWith('/') ? file : fileOf(file), ...rest]);
  return await loadSystem(db, files, { now: new Date('2026-11-01T00:00:00Z'), progress: () => undefined });
}

export async function loadAll(db: Db): Promise<void> {
  for (const args of LOADS) {
    await load(db, args);
  }
}

type Query = Readonly<Record<string, string>>;

export interface Asked {
  readonly status: number;
  readonly body: JsonObject;
  /** Codes of an expansion. */
  readonly codes: readonly string[];
  /** Value of an output parameter. */
  value(name: string): unknown;
  /** Rule of the first issue. */
  readonly rule: string | undefined;
}

/** `ask('ValueSet/$expand', {url: …})` */
export function asker(client: HttpClient) {
  return async (path: string, query: Query, headers: Query = {}): Promise<Asked> => {
    const answer = await client.get(`fhir/${path}?${new URLSearchParams(query).toString()}`, headers);
    return asked(answer);
  };
}

export function asked({ status, body }: { readonly status: number; readonly body: unknown }): Asked {
  const resource = body as {
    expansion?: { contains?: readonly { code: string }[] };
    parameter?: readonly Readonly<Record<string, unknown>>[];
    issue?: readonly { details?: { coding?: readonly { code: string }[] } }[];
  };
  return {
    status,
    body: body as JsonObject,
    codes: (resource.expansion?.contains ?? []).map(({ code }) => code),
    value(name) {
      const found = resource.parameter?.find((parameter) => parameter['name'] === name);
      return Object.entries(found ?? {}).find(([key]) => key.startsWith('value'))?.[1];
    },
    rule: resource.issue?.[0]?.details?.coding?.[0]?.code,
  };
}
