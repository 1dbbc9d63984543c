/**
 * The suggestions of the search fields, each list once in the page however many fields use it.
 */
import type { ReactNode } from 'react';
import type { Form, FormItem, OptionList } from '../../sdc/form-types.ts';
import { useFrame } from './form-context.tsx';
import { optionsOf, widgetOf } from './item-control.ts';
import { searchLabel } from './option-search.ts';

/** Id of the list of a search field: named after the first question that has it. */
export const listId = (form: Form, item: FormItem): string =>
  `list/${ownersOf(form).get(item.options)?.linkId ?? item.linkId}`;

/** Id of the words that are suggested for a text. */
export const suggestionsId = ({ linkId }: Pick<FormItem, 'linkId'>): string => `words/${linkId}`;

const known = new WeakMap<Form, ReadonlyMap<OptionList | undefined, FormItem>>();

/** Each list with the first question that uses it. */
function ownersOf(form: Form): ReadonlyMap<OptionList | undefined, FormItem> {
  const before = known.get(form);
  if (before !== undefined) {
    return before;
  }
  const searched = [...form.byLinkId.values()].filter((item) => widgetOf(item) === 'search');
  const owners = new Map(searched.reverse().map((item) => [item.options, item]));
  known.set(form, owners);
  return owners;
}

export function OptionLists(): ReactNode {
  const { form, suggestions } = useFrame();
  const words = Object.entries(suggestions).map(([linkId, own]) => (
    <datalist key={`words/${linkId}`} id={suggestionsId({ linkId })}>
      {own.map((word) => (
        <option key={word} value={word} />
      ))}
    </datalist>
  ));
  const lists = [...ownersOf(form).values()].map((item) => (
    <datalist key={item.linkId} id={listId(form, item)}>
      {optionsOf(item)
        .filter(({ isSystemOnly }) => !isSystemOnly)
        .map((option) => (
          <option key={searchLabel(option)} value={searchLabel(option)} />
        ))}
    </datalist>
  ));
  return [...lists, ...words];
}
