/**
 * Does the response have the shape of the form? Known linkIds at their places, in order, answers only where they belong.
 * https://hl7.org/fhir/R4/questionnaireresponse.html#link
 */
import { entries, isObject } from './answer.ts';
import { hasRows } from './tree.ts';
import type { Breach } from './validate-answer.ts';
import { breach } from './validate-answer.ts';
import type { Form, FormItem } from './form-types.ts';
import type { QuestionnaireResponseItem } from '../fhir/types.ts';

export interface PlacedBreach extends Breach {
  readonly expression: string;
  readonly linkId: string | undefined;
}

/** Every item that is unknown, misplaced, out of order, doubled, or holds what its type cannot hold. */
export function checkStructure(form: Form, response: { readonly item?: unknown }): readonly PlacedBreach[] {
  return checkItems(form, form.items, response.item, 'QuestionnaireResponse');
}

function checkItems(
  form: Form,
  known: readonly FormItem[],
  items: unknown,
  above: string,
): readonly PlacedBreach[] {
  if (items === undefined) {
    return [];
  }
  if (!Array.isArray(items) || items.some((item) => !isObject(item))) {
    return [
      {
        ...breach('item-json', 'Svarene må være en liste av felter.', 'structure'),
        expression: above,
        linkId: undefined,
      },
    ];
  }
  const byLinkId = new Map(known.map((item) => [item.linkId, item]));
  const seen = new Set<FormItem>();
  let highest = -1;
  return entries<QuestionnaireResponseItem>(items).flatMap(({ index, entry }) => {
    const expression = `${above}.item[${index}]`;
    const item = byLinkId.get(entry.linkId);
    if (item === undefined) {
      return [{ ...unknownItem(form, entry), expression, linkId: undefined }];
    }
    const breaches = [...placeBreaches(item, seen, highest), ...contentBreaches(item, entry)];
    seen.add(item);
    highest = Math.max(highest, item.order);
    const placed = breaches.map((found) => ({ ...found, expression, linkId: item.linkId }));
    return item.type === 'group'
      ? [...placed, ...checkItems(form, item.children, entry.item, expression)]
      : placed;
  });
}

function unknownItem(form: Form, entry: QuestionnaireResponseItem): Breach {
  return form.byLinkId.has(entry.linkId)
    ? breach('misplaced-item', 'Feltet hører ikke hjemme her i skjemaet.', 'structure')
    : breach('unknown-link-id', 'Feltet finnes ikke i denne versjonen av skjemaet.', 'structure');
}

function placeBreaches(item: FormItem, seen: ReadonlySet<FormItem>, highest: number): readonly Breach[] {
  if (seen.has(item) && !hasRows(item)) {
    return [breach('doubled-item', 'Feltet finnes to ganger.', 'structure')];
  }
  return item.order < highest ? [breach('item-order', 'Feltet står i feil rekkefølge.', 'structure')] : [];
}

function contentBreaches(item: FormItem, entry: QuestionnaireResponseItem): readonly Breach[] {
  if (item.type === 'group' || item.type === 'display') {
    return entry.answer === undefined
      ? []
      : [breach('answer-on-group', 'Feltet kan ikke ha svar.', 'structure')];
  }
  if (entry.answer !== undefined && !Array.isArray(entry.answer)) {
    return [breach('answer-json', 'Svaret må være en liste.', 'structure')];
  }
  const isNested =
    entry.item !== undefined ||
    entries(entry.answer).some((answer) => isObject(answer.entry) && 'item' in answer.entry);
  return isNested ? [breach('nested-item', 'Et spørsmål kan ikke ha felter under seg.', 'structure')] : [];
}
