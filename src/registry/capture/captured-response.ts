/**
 * A form as what has arrived fills it: its answers with their sources, what keeps it from being complete, and in what it differs
 * from the one that is stored.
 */
import { CAPTURE } from '../../access/principal.ts';
import type {
  Extension,
  JsonObject,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '../../fhir/types.ts';
import { sameAnswers } from '../../sdc/answer.ts';
import { recalculate } from '../../sdc/calculate.ts';
import { EXT } from '../../sdc/extensions.ts';
import { finalise } from '../../sdc/clean.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { Form } from '../../sdc/form-types.ts';
import { buildTree, type FormNode, walk } from '../../sdc/tree.ts';
import { validateResponse } from '../../sdc/validate-response.ts';
import { ANSWER_SOURCE } from '../form/fetched.ts';

/** The device that has filled it: https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.author */
const AUTHOR = {
  type: 'Device',
  identifier: { system: 'https://ryggrad.no/fhir/NamingSystem/subject', value: CAPTURE.subject },
  display: CAPTURE.name,
} as const;

/** Has nobody but the server filled it? A form that somebody has saved is theirs. */
export const isOfCapture = (response: JsonObject): boolean =>
  (response['author'] as { readonly identifier?: { readonly value?: string } } | undefined)?.identifier
    ?.value === CAPTURE.subject;

export interface Captured {
  /** As it would be locked. */
  readonly response: QuestionnaireResponse;
  /** What keeps it from being complete, in words; undefined when nothing does. */
  readonly missing: string | undefined;
  /** Is anything in it from a source? */
  readonly hasSources: boolean;
}

/** The populated form, completed and checked as at locking; of its sources nothing is left to confirm. */
export function captured(form: Form, populated: QuestionnaireResponse, context: FormContext): Captured {
  const response = recalculate(form, finalise(form, takenIn(populated), context), context);
  const said = JSON.stringify(populated.item ?? []);
  const problems = validateResponse(form, response, 'final', context)
    .filter(({ severity }) => severity === 'error')
    .map(({ diagnostics }) => diagnostics);
  return {
    response: { ...response, author: AUTHOR } as unknown as QuestionnaireResponse,
    missing: problems.length === 0 ? undefined : [...new Set(problems)].join(' '),
    hasSources: [ANSWER_SOURCE, EXT.sourceValue].some((url) => said.includes(url)),
  };
}

/** A draft for somebody to verify: everything that was found, also what the form would not be locked with. */
export const draftOf = (populated: QuestionnaireResponse): QuestionnaireResponse =>
  ({ ...populated, author: AUTHOR }) as unknown as QuestionnaireResponse;

/** Every answer from a source as taken in: nobody is asked to confirm it. */
function takenIn(response: QuestionnaireResponse): QuestionnaireResponse {
  return response.item === undefined ? response : { ...response, item: response.item.map(itemTakenIn) };
}

const itemTakenIn = (item: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
  ...item,
  ...(item.item !== undefined && { item: item.item.map(itemTakenIn) }),
  ...(item.answer !== undefined && {
    answer: item.answer.map(({ extension, ...answer }) => ({
      ...answer,
      ...(extension !== undefined && { extension: extension.map(sourceTakenIn) }),
    })),
  }),
});

const sourceTakenIn = (one: Extension): Extension =>
  one.url === ANSWER_SOURCE
    ? {
        ...one,
        extension: [
          ...(one.extension ?? []).filter(({ url }) => url !== 'adopted'),
          { url: 'adopted', valueCode: 'captured' },
        ],
      }
    : one;

/**
 * The questions whose answers the sources have changed, in words. What follows from the day or from other answers alone is no
 * change of a source.
 */
export function changedQuestions(
  form: Form,
  before: QuestionnaireResponse,
  after: QuestionnaireResponse,
): readonly string[] {
  const [earlier, later] = [nodesByPath(form, before), nodesByPath(form, after)];
  const paths = new Set([...earlier.keys(), ...later.keys()]);
  const changed = [...paths].filter((path) => {
    const [was, is] = [earlier.get(path), later.get(path)];
    return (hasSource(was) || hasSource(is)) && !sameAnswers(was?.answers ?? [], is?.answers ?? []);
  });
  const texts = changed.map((path) => (later.get(path) ?? earlier.get(path))?.item.source.text ?? path);
  return [...new Set(texts)];
}

const nodesByPath = (form: Form, response: QuestionnaireResponse): ReadonlyMap<string, FormNode> =>
  new Map([...walk(buildTree(form, response))].map((node) => [node.path, node]));

const hasSource = (node: FormNode | undefined): boolean =>
  node?.answers.some(({ extension }) => extension?.some(({ url }) => url === ANSWER_SOURCE)) === true;
