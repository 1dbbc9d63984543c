/**
 * SQL composed of fragments with their parameters, so that no value ever becomes text.
 */
import type { Sql } from '../storage/store.ts';

/** A piece of SQL text with values in its gaps. */
export interface Fragment {
  /** One more than there are values. */
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
}

/** A value that is to become a parameter. Arrays are SQL arrays. */
type Parameter = string | number | null | readonly string[] | readonly number[];

/** `sql\`r.id = ${id}\``: fragments in the gaps are inlined, everything else becomes a parameter. */
export function sql(texts: TemplateStringsArray, ...gaps: readonly (Fragment | Parameter)[]): Fragment {
  return gaps.reduce<Fragment>(
    (before, gap, index) => append(append(before, toFragment(gap)), raw(texts[index + 1] as string)),
    raw(texts[0] as string),
  );
}

/** Text of our own, such as a column's name; never anything from outside. */
export const raw = (text: string): Fragment => ({ texts: [text], values: [] });

export const NONE: Fragment = raw('');

export function join(fragments: readonly Fragment[], separator: string): Fragment {
  const [first, ...rest] = fragments;
  return first === undefined
    ? NONE
    : rest.reduce((before, fragment) => append(append(before, raw(separator)), fragment), first);
}

/** A finished statement or condition (an access filter) as a fragment; a parameter used twice becomes two. */
export function fromSql({ text, values }: Sql): Fragment {
  const texts = text.split(/\$\d+/);
  const places = [...text.matchAll(/\$(\d+)/g)].map(([, place]) => Number(place));
  return { texts, values: places.map((place) => values[place - 1]) };
}

/** Numbers the parameters. */
export function toSql({ texts, values }: Fragment): Sql {
  const text = texts.map((part, index) => (index === 0 ? part : `$${index}${part}`)).join('');
  return { text, values };
}

const append = (a: Fragment, b: Fragment): Fragment => ({
  texts: [...a.texts.slice(0, -1), `${a.texts.at(-1) as string}${b.texts[0] as string}`, ...b.texts.slice(1)],
  values: [...a.values, ...b.values],
});

const toFragment = (gap: Fragment | Parameter): Fragment =>
  typeof gap === 'object' && gap !== null && 'texts' in gap ? gap : { texts: ['', ''], values: [gap] };
