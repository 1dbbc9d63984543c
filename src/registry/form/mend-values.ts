/**
 * A mapping is mended: what could not be coded before can be now. The forms that are still open are filled, and the task is done.
 * Looked for whenever the server starts, since that is when content changes.
 */
import { CAPTURE, type StaffPrincipal } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Row } from '../../storage/store.ts';
import { answerValue } from '../../sdc/answer.ts';
import { convertValues } from '../../sdc/convert-values.ts';
import { allAnswers } from '../../sdc/to-answers.ts';
import { openForm, type FormDeps } from './open-form.ts';
import { saveForm } from './save-form.ts';
import { openUnmapped, readUnmapped, unmappedCaller, type UnmappedTask } from './unmapped-values.ts';

/** The job. */
export const MEND_VALUES = 'mend-values';

/** Fill what can be filled now; answers how many tasks are done. */
export async function mendValues(deps: FormDeps): Promise<number> {
  const caller = unmappedCaller(deps.repository);
  const rows = await openUnmapped(deps.repository, caller);
  const mended = [...rows.values()].filter((row) => isMended(deps, readUnmapped(row)));
  for (const row of mended) {
    for (const form of readUnmapped(row).forms) {
      await fillAgain(deps, row, form);
    }
    await complete(deps, row.id);
  }
  return mended.length;
}

/** Does the question have an answer for the value by now? */
function isMended({ forms }: FormDeps, { questionnaire, linkId, value }: UnmappedTask): boolean {
  const url = questionnaire.split('|')[0] ?? '';
  const item = forms.form(forms.currentVersion(url) ?? questionnaire)?.byLinkId.get(linkId);
  return (
    item !== undefined &&
    allAnswers(item, convertValues(item, [answerValue(value)], forms.conversions)).length > 0
  );
}

/** As its department sees it. What somebody saves at this moment, or has locked, is theirs. */
async function fillAgain(deps: FormDeps, { labels }: Row, taskId: string): Promise<void> {
  const reader: StaffPrincipal = {
    kind: 'staff',
    subject: CAPTURE.subject,
    name: CAPTURE.name,
    scopes: ['user/*.rs'],
    role: 'LU',
    register: labels.register ?? '',
    units: [labels.unit ?? ''],
  };
  const caller = unmappedCaller(deps.repository);
  try {
    const { response, version } = await openForm(deps, { ...caller, principal: reader }, taskId);
    if (version !== undefined && response.status === 'in-progress') {
      await saveForm(deps, caller, { taskId, response, status: 'in-progress', ifMatch: version });
    }
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
  }
}

async function complete({ repository }: FormDeps, id: string): Promise<void> {
  const caller = unmappedCaller(repository);
  const row = (await openUnmapped(repository, caller)).get(id);
  if (row !== undefined) {
    const resource = { ...(parseJson(row.content) as JsonObject), status: 'completed' };
    await repository.commit(caller, [
      { kind: 'update', type: 'Task', id, labels: row.labels, resource, ifMatch: String(row.versionId) },
    ]);
  }
}
