/**
 * The file archive of a register [Filarkiv]: guides and forms on paper that its national coordinator (SC) lays out for everybody who
 * works with the register. A DocumentReference with its Binary, about no person.
 * https://hl7.org/fhir/R4/documentreference.html
 */
import { parseJson } from '../../fhir/json.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { parseLocalReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { DocumentReference, JsonObject } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../../storage/row.ts';

/** Kinds of files that are taken: what a browser saves, and runs nothing. */
export const FILE_TYPES: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['csv', 'text/csv'],
  ['txt', 'text/plain'],
]);

/** Files belong to the register, and to no department: they are seen by all who work with it. */
export const registerFiles: WriteRule = {
  name: 'register-files',
  async apply(scope) {
    const { principal } = scope;
    if (principal.kind !== 'staff' || principal.role !== 'SC') {
      return [];
    }
    const labels = { register: principal.register, unit: null, episode: null, national: true };
    const own = scope
      .pending()
      .filter(({ type, derived }) => (type === 'DocumentReference' || type === 'Binary') && derived !== true);
    const created = own.filter(({ effect }) => effect === 'created');
    created.forEach((entry) => scope.replace(entry, { labels }));
    for (const entry of own.filter(({ type, effect }) => type !== 'Binary' && effect === 'deleted')) {
      await removeContent(scope, principal.register, entry);
    }
    return created.flatMap(issuesOf);
  },
};

/** What was in the file goes with it: nobody can fetch it by its own address afterwards. */
async function removeContent(scope: WriteScope, register: string, { previous }: Pending): Promise<void> {
  const { content = [] } = parseJson(previous?.content ?? '{}') as unknown as Partial<DocumentReference>;
  const ids = content.flatMap(({ attachment }) => {
    const file = parseLocalReference(attachment?.url ?? '');
    return file?.type === 'Binary' ? [file.id] : [];
  });
  const rows = await scope.query<RowRecord>({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.type = $1
        and r.id = any($2)
        and r.reg = $3
        and r.unit is null
        and r.episode is null
        and r.content is not null`,
    values: [typeCode('Binary') ?? 0, ids, register],
  });
  for (const row of rows.map(toRow)) {
    scope.add({ kind: 'delete', type: row.type, id: row.id, labels: row.labels, previous: row });
  }
}

function issuesOf({ type, resource = {}, operation }: Pending): readonly Issue[] {
  const at = operation.at ?? type;
  const issue = (text: string, element: string, rule: string): Issue =>
    error('business-rule', text, `${at}.${element}`, rule);
  if (type === 'Binary') {
    return [...FILE_TYPES.values()].includes(String(resource['contentType']))
      ? []
      : [issue('Files of this kind are not taken here.', 'contentType', 'file-type')];
  }
  return resource['subject'] === undefined && resource['context'] === undefined
    ? []
    : [issue('A file of the register is about no person.', 'subject', 'file-person')];
}

/** A Binary and the DocumentReference that names it, as one transaction. */
export function toFile(
  { title, name, contentType, data, at }: NewFile,
  fullUrl: string,
): { readonly binary: JsonObject; readonly document: JsonObject } {
  return {
    binary: { resourceType: 'Binary', contentType, data: data.toString('base64') },
    document: {
      resourceType: 'DocumentReference',
      status: 'current',
      date: at,
      description: title,
      content: [
        { attachment: { contentType, url: fullUrl, title: name, size: data.byteLength, creation: at } },
      ],
    },
  };
}

export interface NewFile {
  /** What it is called in the list. */
  readonly title: string;
  /** Its name as a file. */
  readonly name: string;
  readonly contentType: string;
  readonly data: Buffer;
  /** Instant. */
  readonly at: string;
}
