/**
 * A draft laid against what its sources say today. A newer version of the resource that an answer was read from replaces an answer
 * that nobody has stood by; beside what somebody has, it is shown. Nothing that a person has written, chosen or cleared is changed.
 * Section 5.1 of docs/sdc-dialect.md.
 */
import { sameAnswer, type Answer } from './answer.ts';
import { sourcesIn, type AnswerSource } from './answer-source.ts';
import { EXT, extensionOf, extensionsOf } from './extensions.ts';
import { recalculate } from './calculate.ts';
import { writeItems } from './rewrite-response.ts';
import { isSameSourceValue, sourceValuesOf, withSourceValues, type SourceValue } from './source-value.ts';
import { buildTree, hasRows, walk, type FormNode } from './tree.ts';
import type { FormContext } from './expression.ts';
import type { Form } from './form-types.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

type Item = QuestionnaireResponseItem;

/** The draft after that. `fresh` is the same form filled anew. Never throws; the same draft when nothing is new. */
export function refreshed(
  form: Form,
  draft: QuestionnaireResponse,
  fresh: QuestionnaireResponse,
  context: FormContext,
): QuestionnaireResponse {
  const roots = buildTree(form, draft);
  const now = [...walk(buildTree(form, fresh))];
  const byPath = new Map(now.map((node) => [node.path, node]));
  const said = new Map(now.flatMap((node) => node.answers.flatMap((answer) => keysOf(node, answer))));
  const changes = [...walk(roots)].filter(isFilled).flatMap((node) => {
    const next = isInRow(node)
      ? sameSources(node, said)
      : (sameSources(node, said) ?? atPlace(node, byPath.get(node.path)));
    return next === undefined ? [] : [[node.path, () => next] as const];
  });
  return changes.length === 0
    ? draft
    : recalculate(form, writeItems(draft, roots, new Map(changes)), context);
}

const isFilled = ({ item }: FormNode): boolean =>
  item.initialExpression !== undefined && item.type !== 'group' && !item.isReadOnly;

const isInRow = ({ item, parent }: FormNode): boolean =>
  hasRows(item) || (parent !== undefined && isInRow(parent));

const keyOf = (node: FormNode, { reference, system }: AnswerSource): string =>
  [node.item.linkId, system ?? '', reference ?? ''].join(' ');

const keysOf = (node: FormNode, answer: Answer): readonly (readonly [string, Answer])[] =>
  sourcesIn(answer).map((source) => [keyOf(node, source), answer]);

/** What the same resource says now, of a question whose answer was read from it. */
function sameSources(node: FormNode, said: ReadonlyMap<string, Answer>): Item | undefined {
  const [answer] = node.answers;
  const [source] = answer === undefined ? [] : sourcesIn(answer);
  const now = source === undefined ? undefined : said.get(keyOf(node, source));
  if (answer === undefined || source === undefined || now === undefined || node.item.isRepeating) {
    return undefined;
  }
  const [newer] = sourcesIn(now).filter((one) => keyOf(node, one) === keyOf(node, source));
  if (newer === undefined || newer.version === source.version) {
    return undefined;
  }
  const item = node.source ?? { linkId: node.item.linkId };
  const isUnseen = isUntouched(answer);
  if (isUnseen || sameAnswer(answer, now)) {
    const extension = isUnseen ? now.extension : asAdopted(now, answer);
    return { ...item, answer: [{ ...answer, ...now, ...(extension !== undefined && { extension }) }] };
  }
  return beside(node, [asValue('changed', now, newer)]);
}

/** The marks of the newer one, with what was said to the older. */
const asAdopted = (now: Answer, before: Answer): Answer['extension'] => {
  const adopted = extensionOf(extensionOf(before, EXT.answerSource), 'adopted');
  return now.extension?.map((mark) =>
    mark.url === EXT.answerSource && adopted !== undefined
      ? { ...mark, extension: [...(mark.extension ?? []).filter(({ url }) => url !== 'adopted'), adopted] }
      : mark,
  );
};

/** What the sources together say now of a question outside of rows. */
function atPlace(node: FormNode, now: FormNode | undefined): Item | undefined {
  const values = sourceValuesOf(now?.source);
  const fetched = (now?.answers ?? []).filter((answer) => sourcesIn(answer).length > 0);
  const before = sourceValuesOf(node.source);
  const item = node.source ?? { linkId: node.item.linkId };
  const isOpen = node.answers.length === 0 && before.every(({ isDeclined }) => !isDeclined);
  if (isOpen || (node.answers.every(isUntouched) && values.some(({ kind }) => kind === 'conflict'))) {
    const { answer: _answer, ...rest } = withSourceValues(item, values);
    const next = fetched.length === 0 ? rest : { ...rest, answer: fetched };
    return isOpen && fetched.length === 0 && isSameAs(before, values) ? undefined : next;
  }
  const others = fetched
    .filter((answer) => !node.answers.some((one) => sameAnswer(one, answer)))
    .flatMap((answer) => sourcesIn(answer).map((source) => asValue('changed', answer, source)));
  return node.item.isRepeating ? undefined : beside(node, [...others, ...values]);
}

const isSameAs = (before: readonly SourceValue[], now: readonly SourceValue[]): boolean =>
  before.length === now.length &&
  before.every((value, at) => now[at] !== undefined && isSameSourceValue(value, now[at]));

/** The item with these beside it, if any of them is new and not its answer. */
function beside(node: FormNode, values: readonly SourceValue[]): Item | undefined {
  const before = sourceValuesOf(node.source);
  const added = values.filter(
    (value) =>
      !before.some((one) => isSameSourceValue(one, value)) &&
      !node.answers.some((answer) => sameAnswer(answer, value.value)),
  );
  return added.length === 0
    ? undefined
    : withSourceValues(node.source ?? { linkId: node.item.linkId }, [...before, ...added.map(asChanged)]);
}

/** There is an answer: what is new is no choice that must be made before locking. */
const asChanged = (value: SourceValue): SourceValue =>
  value.kind === 'conflict' ? { ...value, kind: 'changed' } : value;

function asValue(kind: SourceValue['kind'], answer: Answer, source: AnswerSource): SourceValue {
  const { extension: _extension, id: _id, ...value } = answer;
  return { kind, value: value as Answer, source, isDeclined: false };
}

/** Nobody has said anything to it: neither confirmed, nor changed. */
const isUntouched = (answer: Answer): boolean => {
  const marks = extensionsOf(answer, EXT.answerSource);
  const adopted = marks.map((mark) => extensionOf(mark, 'adopted')?.valueCode);
  return marks.length > 0 && adopted.every((code) => code === 'suggested' || code === 'captured');
};
