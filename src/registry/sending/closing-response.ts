/**
 * The answer of a form that is closed without one: nothing but why, in the item whose `definition` is Task.statusReason, and what
 * every new form is filled with. So a closed form is data like the others.
 */
import type {
  CodeableConcept,
  JsonObject,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Resource,
} from '../../fhir/types.ts';
import type { Form } from '../../sdc/form-types.ts';
import { populate } from '../../sdc/populate.ts';
import { EPISODE_EXTENSION } from '../form/pathway.ts';

const REASON = 'http://hl7.org/fhir/StructureDefinition/Task#Task.statusReason';

export interface ClosedForm {
  readonly form: Form;
  readonly reason: CodeableConcept | undefined;
  readonly episode: JsonObject;
  readonly patient: JsonObject | undefined;
  readonly now: Date;
}

/** Undefined when the form has no place for a reason, or the reason no code. */
export async function closingResponse(closed: ClosedForm): Promise<JsonObject | undefined> {
  const { form, reason, episode, patient, now } = closed;
  const path = pathTo(form.questionnaire.item ?? []);
  const coding = reason?.coding?.[0];
  if (path === undefined || coding === undefined || patient === undefined) {
    return undefined;
  }
  const { response } = await populate(form, {
    now,
    launch: { patient: patient as unknown as Resource, episode: episode as unknown as Resource },
    fetch: () => Promise.resolve([]),
  });
  const answered: QuestionnaireResponse = {
    ...response,
    status: 'completed',
    subject: { reference: `Patient/${String(patient['id'])}` },
    extension: [
      ...(response.extension ?? []),
      { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` } },
    ],
    item: withAnswer(response.item ?? [], path, { valueCoding: coding }),
  };
  return answered as unknown as JsonObject;
}

/** linkIds from the outermost group to the item. */
function pathTo(items: readonly QuestionnaireItem[]): readonly string[] | undefined {
  for (const { linkId, definition, item = [] } of items) {
    const below = definition === REASON ? [] : pathTo(item);
    if (below !== undefined) {
      return [linkId, ...below];
    }
  }
  return undefined;
}

type ResponseAnswer = NonNullable<QuestionnaireResponseItem['answer']>[number];

function withAnswer(
  items: readonly QuestionnaireResponseItem[],
  [linkId = '', ...below]: readonly string[],
  answer: ResponseAnswer,
): QuestionnaireResponseItem[] {
  const found = items.find((item) => item.linkId === linkId) ?? { linkId };
  const changed =
    below.length === 0
      ? { linkId, answer: [answer] }
      : { ...found, item: withAnswer(found.item ?? [], below, answer) };
  return items.some((item) => item.linkId === linkId)
    ? items.map((item) => (item.linkId === linkId ? changed : item))
    : [...items, changed];
}
