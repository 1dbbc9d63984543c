/**
 * One fact that two senders have told is one row: rows of a populated group with the same answers from different senders become one,
 * with the sources of both. Two of one sender stay two: it has said so.
 */
import { EXT, extensionsOf } from './extensions.ts';
import { sourcesIn } from './answer-source.ts';
import { withItems } from './rewrite-response.ts';
import type { Answer } from './answer.ts';
import type { Form, FormItem } from './form-types.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../fhir/types.ts';

type Item = QuestionnaireResponseItem;

/** The response with such rows merged, the first in place of all. */
export function mergeRows(form: Form, response: QuestionnaireResponse): QuestionnaireResponse {
  return response.item === undefined ? response : withItems(response, mergedIn(response.item, form.items));
}

function mergedIn(items: readonly Item[], definitions: readonly FormItem[]): readonly Item[] {
  const byLinkId = new Map(definitions.map((definition) => [definition.linkId, definition]));
  return items.reduce<readonly Item[]>((done, item) => {
    const definition = byLinkId.get(item.linkId);
    if (definition?.type !== 'group') {
      return [...done, item];
    }
    if (definition.population === undefined || !definition.isRepeating) {
      return [
        ...done,
        item.item === undefined ? item : withItems(item, mergedIn(item.item, definition.children)),
      ];
    }
    const at = done.findIndex((other) => isSameFact(other, item));
    const same = done[at];
    return same === undefined ? [...done, item] : done.with(at, withSourcesOf(same, item));
  }, []);
}

function isSameFact(one: Item, other: Item): boolean {
  if (one.linkId !== other.linkId) {
    return false;
  }
  const [left, right] = [sendersOf(one), sendersOf(other)];
  return (
    left.size > 0 &&
    right.size > 0 &&
    ![...left].some((sender) => right.has(sender)) &&
    factOf(one) === factOf(other)
  );
}

const sendersOf = ({ item = [], answer = [] }: Item): ReadonlySet<string> =>
  new Set([
    ...answer.flatMap(sourcesIn).flatMap(({ system }) => system ?? []),
    ...item.flatMap((child) => [...sendersOf(child)]),
  ]);

/** What a row says, without where it is from. */
const factOf = (row: Item): string =>
  JSON.stringify(row, (key, value: unknown) =>
    key === 'extension' || key === 'id' || key === 'display' ? undefined : value,
  );

/** The row with the sources that the other has for the same answers. */
function withSourcesOf(row: Item, other: Item): Item {
  const answer = row.answer?.map((one, at) => withMore(one, other.answer?.[at]));
  const item = row.item?.map((child, at) => withSourcesOf(child, other.item?.[at] ?? child));
  return { ...row, ...(answer !== undefined && { answer }), ...(item !== undefined && { item }) };
}

function withMore(answer: Answer, other: Answer | undefined): Answer {
  const more = extensionsOf(other, EXT.answerSource);
  return more.length === 0 ? answer : { ...answer, extension: [...(answer.extension ?? []), ...more] };
}
