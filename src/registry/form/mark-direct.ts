/**
 * Answers that say who somebody is carry the mark of their question, so that whoever reads the response pseudonymised, in
 * whatever way, does not get them (BK-10).
 */
import type { Extension, QuestionnaireResponse, QuestionnaireResponseItem } from '../../fhir/types.ts';
import { EXT, hasFlag } from '../../sdc/extensions.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';

const MARK: Extension = { url: EXT.directIdentifier, valueBoolean: true };

/** The response with the mark on the items of such questions, and on no others; the same one when the form has none. */
export function markDirect(form: Form, response: QuestionnaireResponse): QuestionnaireResponse {
  const direct = new Set(directIn(form.items));
  return direct.size === 0 || response.item === undefined
    ? response
    : { ...response, item: response.item.map((item) => marked(item, direct)) };
}

const directIn = (items: readonly FormItem[]): readonly string[] =>
  items.flatMap(({ linkId, source, children }) => [
    ...(hasFlag(source, EXT.directIdentifier) ? [linkId] : []),
    ...directIn(children),
  ]);

function marked(item: QuestionnaireResponseItem, direct: ReadonlySet<string>): QuestionnaireResponseItem {
  const { extension, ...rest } = item;
  const others = (extension ?? []).filter(({ url }) => url !== EXT.directIdentifier);
  const own = direct.has(item.linkId ?? '') ? [...others, MARK] : others;
  return {
    ...rest,
    ...(own.length > 0 && { extension: own }),
    ...(item.item !== undefined && { item: item.item.map((child) => marked(child, direct)) }),
    ...(item.answer !== undefined && {
      answer: item.answer.map((answer) =>
        answer.item === undefined
          ? answer
          : { ...answer, item: answer.item.map((child) => marked(child, direct)) },
      ),
    }),
  };
}
