/**
 * Versions of a form, and what differs between two of them.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Patient, QuestionnaireResponse, Task } from '../../fhir/types.ts';
import { CHANGE_REASON } from '../../registry/form/lock.ts';
import { WITHDRAWN } from '../../registry/form/withdraw-form.ts';
import { openForm } from '../../registry/form/open-form.ts';
import { difference } from '../../sdc/difference.ts';
import type { HistoryRow } from '../../storage/store.ts';
import type { FormHistoryModel, VersionEntry } from '../view-models.ts';
import { formNames, patientHead } from './heads.ts';
import { authorsOf, callerOf, langOf, type Sources, textsOf } from './sources.ts';

const MOST_VERSIONS = 200;

export async function formHistory(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
  compare: { readonly from: string; readonly to: string } | undefined,
): Promise<FormHistoryModel> {
  const caller = callerOf(sources, principal, 'form-history');
  const opened = await openForm(sources, caller, taskId);
  const id = opened.response.id;
  const rows =
    id === undefined
      ? []
      : await sources.repository.history(caller, { type: 'QuestionnaireResponse', id, count: MOST_VERSIONS });
  const unnamed = rows.flatMap(toVersion);
  const names = await authorsOf(
    sources,
    unnamed.map(({ response }) => response.meta?.source),
  );
  const versions = unnamed.map(({ response, entry }, at) => ({
    response,
    entry: { ...entry, who: names[at] ?? '' },
  }));
  const before = versions.find(({ entry }) => entry.version === compare?.from);
  const after = versions.find(({ entry }) => entry.version === compare?.to);
  return {
    taskId,
    title: formNames(opened.task as unknown as Task, textsOf(sources, principal.register, langOf(sources)))
      .title,
    patient: patientHead(opened.patient as unknown as Patient),
    versions: versions.map(({ entry }) => entry),
    ...(before !== undefined &&
      after !== undefined && {
        compared: {
          from: before.entry.version,
          to: after.entry.version,
          differences: difference(opened.form, before.response, after.response, langOf(sources)),
        },
      }),
  };
}

const STATES: Readonly<Record<string, VersionEntry['state']>> = {
  completed: 'completed',
  amended: 'amended',
  [WITHDRAWN]: 'withdrawn',
};

function toVersion({ content, versionId, lastUpdated }: HistoryRow): readonly {
  entry: Omit<VersionEntry, 'who'>;
  response: QuestionnaireResponse;
}[] {
  if (content === null) {
    return [];
  }
  const response = parseJson(content) as unknown as QuestionnaireResponse;
  const reason = response.extension?.find(({ url }) => url === CHANGE_REASON)?.valueString;
  return [
    {
      response,
      entry: {
        version: String(versionId),
        at: lastUpdated,
        state: STATES[response.status] ?? 'draft',
        ...(reason !== undefined && { reason }),
      },
    },
  ];
}
