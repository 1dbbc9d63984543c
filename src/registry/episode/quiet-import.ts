/**
 * Nobody is asked anything because of data that were registered elsewhere: forms that patients answer, and that came without an
 * answer, are cancelled in the write that brings the pathway.
 */
import { isImport } from '../../access/principal.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import type { FormLibrary } from '../form/library.ts';
import { questionnaireOf } from '../schedule/tasks.ts';

const UNANSWERED: ReadonlySet<unknown> = new Set(['draft', 'ready']);

/** After the rule of saved forms, which completes the Tasks of those that came with answers. */
export function quietImport(library: FormLibrary): WriteRule {
  return {
    name: 'quiet-import',
    apply(scope) {
      const entries = isImport(scope.principal) ? scope.pending() : [];
      for (const entry of entries.filter((one) => isUnanswered(library, one))) {
        scope.replace(entry, { resource: { ...entry.resource, status: 'cancelled' } });
      }
      return Promise.resolve([]);
    },
  };
}

function isUnanswered(library: FormLibrary, { type, effect, resource = {} }: Pending): boolean {
  if (type !== 'Task' || effect !== 'created' || !UNANSWERED.has(resource['status'])) {
    return false;
  }
  const canonical = questionnaireOf(resource) ?? '';
  return library
    .schedulesOf(parseCanonical(canonical).url)
    .some(({ forms }) =>
      forms.some((form) => form.questionnaire === canonical && form.answeredBy === 'patient'),
    );
}
