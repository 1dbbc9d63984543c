/** The file archive of a register: files laid out by the national coordinator, and documents made from the forms. */
import { randomUUID } from 'node:crypto';
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { forbidden, notFound } from '../../fhir/outcome.ts';
import { parseLocalReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Binary, DocumentReference } from '../../fhir/types.ts';
import { codeBook, type CodeBookLine } from '../../registry/dump/code-book.ts';
import { legacyCodes } from '../../registry/dump/legacy-codes.ts';
import { FILE_TYPES, toFile } from '../../registry/publication/register-files.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { localised } from '../../sdc/text.ts';
import { spreadsheetText } from '../../views/spreadsheet-text.ts';
import type { CodeBookModel, FileContent, FilesModel } from '../models/files.ts';
import type { FilePages } from '../screen-deps.ts';
import { dumpTable, dumpTablesOf } from './data-dump.ts';
import { schedulesOf } from './modules.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

export const filePages = (sources: Sources): FilePages => ({
  list: (principal) => list(sources, principal),
  content: (principal, id) => content(sources, principal, id),
  add: async (principal, file) => {
    requireSC(principal);
    const fullUrl = `urn:uuid:${randomUUID()}`;
    const contentType = FILE_TYPES.get(extensionOf(file.name)) ?? 'application/octet-stream';
    const at = sources.repository.deps.clock.now().toISOString();
    const { binary, document } = toFile({ ...file, contentType, at }, fullUrl);
    await sources.repository.commit(callerOf(sources, principal, 'file-added'), [
      { kind: 'create', type: 'Binary', resource: binary, fullUrl },
      { kind: 'create', type: 'DocumentReference', resource: document },
    ]);
  },
  remove: async (principal, id) => {
    requireSC(principal);
    await content(sources, principal, id);
    await sources.repository.commit(callerOf(sources, principal, 'file-deleted'), [
      { kind: 'delete', type: 'DocumentReference', id },
    ]);
  },
  codeBook: (principal) => codeBookOf(sources, principal),
  dump: (principal, table) => dumpTable(sources, principal, table),
});

export const extensionOf = (name: string): string =>
  (/\.([A-Za-z0-9]+)$/.exec(name)?.[1] ?? '').toLowerCase();

function requireSC({ role }: StaffPrincipal): void {
  if (role !== 'SC') {
    throw forbidden('Filer legges ut av registerleder (SC).', 'role');
  }
}

async function list(sources: Sources, principal: StaffPrincipal): Promise<FilesModel> {
  const rows = await sources.repository.select(callerOf(sources, principal, 'files'), {
    text: 'r.type = $1 and r.reg = $2 and r.unit is null',
    values: [typeCode('DocumentReference'), principal.register],
  });
  const files = rows
    .map(({ content: text }) => parseJson(text) as unknown as DocumentReference)
    .map(({ id = '', description, date, content: [first] = [] }) => ({
      id,
      title: description ?? first?.attachment?.title ?? id,
      name: first?.attachment?.title ?? id,
      size: first?.attachment?.size ?? 0,
      at: date ?? '',
    }));
  return {
    files: files.toSorted((a, b) => a.title.localeCompare(b.title, 'nb')),
    mayChange: principal.role === 'SC',
    tables: dumpTablesOf(sources, principal),
    forms: formsOf(sources, principal.register).map(({ questionnaire }) => ({
      id: questionnaire.id ?? '',
      title: localised(questionnaire, 'title', langOf(sources)),
    })),
  };
}

/** The forms of the register's schedules, in their order, each once. */
export function formsOf(sources: Pick<Sources, 'registry'>, register: string) {
  const planned = schedulesOf(sources, register).flatMap(({ forms }) => forms);
  const names = new Set(planned.map(({ questionnaire }) => questionnaire));
  return [...names].flatMap((questionnaire) => sources.registry.forms.form(questionnaire) ?? []);
}

/** Throws 404 for everything that is no file of the register. */
async function content(sources: Sources, principal: StaffPrincipal, id: string): Promise<FileContent> {
  const caller = callerOf(sources, principal, 'file');
  const row = await sources.repository.read(caller, { type: 'DocumentReference', id });
  const { content: [first] = [] } = parseJson(row.content) as unknown as DocumentReference;
  const binary = parseLocalReference(first?.attachment?.url ?? '', sources.repository.deps.fhirBase);
  if (row.labels.register !== principal.register || row.labels.unit !== null || binary?.type !== 'Binary') {
    throw notFound('DocumentReference', id);
  }
  const held = await sources.repository.read(caller, binary);
  const { contentType, data } = parseJson(held.content) as unknown as Binary;
  return {
    name: first?.attachment?.title ?? id,
    contentType: contentType ?? 'application/octet-stream',
    data: Buffer.from(data ?? '', 'base64'),
  };
}

function codeBookOf(sources: Sources, { register }: StaffPrincipal): Promise<CodeBookModel> {
  const { registry, repository } = sources;
  const found = registry.content.registers.find(({ id }) => id === register);
  const dump = found?.dump;
  const codes = dump === undefined ? undefined : legacyCodes(registry.content.conceptMaps.all(), dump);
  const language = langOf(sources);
  return Promise.resolve({
    register: textsOf(sources, register, language)?.title ?? register,
    version: found?.manifest.version ?? '',
    madeOn: dayInOslo(repository.deps.clock.now()),
    lines: codeBook(formsOf(sources, register), { dump, codes, language }),
  });
}

const HEADS = [
  'tabell',
  'variabel',
  'skjema',
  'linkId',
  'gruppe',
  'spørsmål',
  'type',
  'flere svar',
  'enhet',
  'kode',
  'tidligere kode',
  'svar',
  'minst',
  'høyst',
  'vanlig fra',
  'vanlig til',
  'påkrevd',
  'beregnes',
  'vilkår',
];

/** A line for each answer of a list, one for every other question; as a Norwegian spreadsheet reads it. */
export function codeBookCsv(lines: readonly CodeBookLine[]): string {
  const rows = lines.flatMap((line) => {
    const answers = line.answers.length === 0 ? [{ code: '', old: '', text: '' }] : line.answers;
    return answers.map(({ code, old, text }) => [
      line.table,
      line.variable,
      line.form,
      line.linkId,
      line.groups.join(' › '),
      line.question,
      line.type,
      yes(line.isRepeating),
      line.unit,
      code,
      old,
      text,
      line.min,
      line.max,
      line.low,
      line.high,
      yes(line.isRequired),
      yes(line.isCalculated),
      line.condition,
    ]);
  });
  return `\uFEFF${[HEADS, ...rows].map((row) => row.map(cell).join(';')).join('\r\n')}\r\n`;
}

const yes = (holds: boolean): string => (holds ? '1' : '0');
const cell = (value: string): string => `"${spreadsheetText(value).replaceAll('"', '""')}"`;
