/**
 * A filled form → its score Observations, ready to be written beside what the form's templates make (sdc/extract.ts).
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import type { Answer } from '../../sdc/answer.ts';
import { answerValue } from '../../sdc/answer.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { ExtractedResource, ExtractOptions } from '../../sdc/extract.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { optionOf } from '../../sdc/options.ts';
import { enabledNodes, viewForm, type FormView } from '../../sdc/visibility.ts';
import type { Binding } from './bind.ts';
import { scoreObservation } from './observation.ts';
import type { Answers, ScoreResult } from './result.ts';
import { score } from './score.ts';

/**
 * One Observation for each score of each instrument that the form asks and that is not hidden from the person; with the
 * same key after an amendment. Answers of disabled questions are none.
 */
export function scoreForm(
  form: Form,
  bindings: readonly Binding[],
  response: QuestionnaireResponse,
  options: ExtractOptions,
): readonly ExtractedResource[] {
  return resultsOfForm(form, bindings, response, options).map(({ binding, result }) => {
    const key = [response.id ?? '', 'score', binding.within, result.score.code].join('|');
    const observation = scoreObservation(binding.instrument, result, { response, about: binding.about });
    return { key, resource: { ...observation, id: options.newId(key) } };
  });
}

export interface BoundResult {
  readonly binding: Binding;
  readonly result: ScoreResult;
}

/** The results themselves, of every instrument that is not hidden from the person. */
export function resultsOfForm(
  form: Form,
  bindings: readonly Binding[],
  response: QuestionnaireResponse,
  context: FormContext,
): readonly BoundResult[] {
  const view = viewForm(form, response, context);
  return bindings
    .filter((binding) => isAsked(view, binding))
    .flatMap((binding) =>
      score(
        binding.instrument,
        answersIn(view, binding),
        binding.scores.map(({ code }) => code),
      ).map((result) => ({ binding, result })),
    );
}

/** The answers of one instrument in a response, as scores by item code. */
export function answersOfForm(
  form: Form,
  binding: Binding,
  response: QuestionnaireResponse,
  context: FormContext,
): Answers {
  return answersIn(viewForm(form, response, context), binding);
}

function answersIn(view: FormView, { questions }: Binding): Answers {
  const answered = new Map(enabledNodes(view).map(({ item, answers }) => [item.linkId, answers]));
  return Object.fromEntries(
    [...questions].map(([code, question]) => [code, pointsOf(question, answered.get(question.linkId) ?? [])]),
  );
}

function isAsked(view: FormView, { questions }: Binding): boolean {
  const asked = new Set([...questions.values()].map(({ linkId }) => linkId));
  return enabledNodes(view).some(({ item }) => asked.has(item.linkId));
}

/** What an answer counts as; two answers to one question cannot both count, and count as none. */
function pointsOf(question: FormItem, answers: readonly Answer[]): number | undefined {
  const [answer, ...more] = answers;
  if (answer === undefined || more.length > 0) {
    return undefined;
  }
  if (answer.valueCoding !== undefined) {
    return optionOf(question, answer)?.weight;
  }
  const value = answer.valueQuantity?.value ?? answerValue(answer);
  if (typeof value === 'boolean') {
    return value ? 1 : 0;
  }
  return typeof value === 'number' ? value : undefined;
}
