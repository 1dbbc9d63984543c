/**
 * Data that arrive set off the forms that are filled by them: one job for each pathway of the person, put into the queue by the
 * transaction that stores the data, so that it is neither lost nor done for what is not stored (docs/adr/0025).
 */
import { isCapture } from '../../access/principal.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Resource } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { patientOf } from '../../search/hot.ts';
import type { FormLibrary } from '../form/library.ts';
import type { PlannedForm, Schedule } from '../schedule/plan.ts';
import { questionnaireOf } from '../schedule/tasks.ts';
import { CAPTURE_FORMS } from './capture-forms.ts';

/** Last of the rules that write: what it looks at is what will be stored. */
export function captureRule(schedules: readonly Schedule[], forms: FormLibrary): WriteRule {
  const captured = schedules.flatMap(({ register, openedBy, forms: planned }) =>
    planned.filter(isCaptured).map((form) => ({ form, openedBy, register: register.id })),
  );
  const registers = [...new Set(captured.map(({ register }) => register))];
  const questionnaires = new Set(captured.map(({ form }) => parseCanonical(form.questionnaire).url));
  const types = new Set(
    captured.flatMap(({ form, openedBy }) => [...openedBy.map(({ type }) => type), ...typesOf(form, forms)]),
  );
  return {
    name: 'capture',
    async apply(scope) {
      if (registers.length === 0 || isCapture(scope.principal)) {
        return [];
      }
      const stored = scope.pending().filter(({ effect }) => storesVersion(effect));
      const persons = [...new Set(stored.filter((entry) => isData(entry, types)).flatMap(personsOf))];
      const ready = stored.filter((entry) => isWaiting(entry, questionnaires));
      const episodes = new Set([
        ...ready.flatMap(({ labels }) => labels?.episode ?? []),
        ...(persons.length === 0 ? [] : await pathwaysOf(scope, persons, registers)),
      ]);
      for (const episode of episodes) {
        scope.enqueue(CAPTURE_FORMS, { episode }, { jobKey: `${CAPTURE_FORMS}:${episode}` });
      }
      return [];
    },
  };
}

const isCaptured = ({ capture }: PlannedForm): boolean => capture !== undefined;

/** Types of the resources that a form is filled from. */
function typesOf({ questionnaire, triggers }: PlannedForm, forms: FormLibrary): readonly string[] {
  const queries = forms.form(questionnaire)?.queries ?? [];
  return [
    'Patient',
    'Encounter',
    ...queries.map(({ query }) => query.split('?')[0] ?? ''),
    ...triggers.map(({ type }) => type),
  ];
}

/** What a sender has written, and another form of a pathway. */
const isData = ({ type, labels }: Pending, types: ReadonlySet<string>): boolean =>
  types.has(type) && (labels?.register == null || type === 'QuestionnaireResponse');

const isWaiting = ({ type, resource = {} }: Pending, questionnaires: ReadonlySet<string>): boolean =>
  type === 'Task' &&
  resource['status'] === 'ready' &&
  questionnaires.has(parseCanonical(questionnaireOf(resource) ?? '').url);

function personsOf({ id, type, resource, previous }: Pending): readonly string[] {
  if (type === 'Patient') {
    return [id];
  }
  const about = resource ?? (parseJson(previous?.content ?? '{}') as JsonObject);
  const patient = patientOf(about as unknown as Resource);
  return patient === null ? [] : [patient];
}

/** All of the persons' pathways in these registers. */
async function pathwaysOf(
  scope: WriteScope,
  persons: readonly string[],
  registers: readonly string[],
): Promise<readonly string[]> {
  const rows = await scope.query<{ id: string }>({
    text: `select r.id
      from resource r
      where r.type = $1
        and r.patient = any($2)
        and r.reg = any($3)
        and r.content is not null`,
    values: [typeCode('EpisodeOfCare'), persons, registers],
  });
  return rows.map(({ id }) => id);
}
