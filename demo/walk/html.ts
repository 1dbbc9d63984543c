/**
 * Enough HTML for our own pages: forms with the values that a browser would send, and the text without tags.
 * https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#constructing-entry-list
 */
export interface PageForm {
  readonly action: string;
  /** Name and value of every field that would be sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

type Attributes = ReadonlyMap<string, string>;

/** The forms of a page. Buttons are no fields: a browser sends the one that is pressed. */
export function readForms(html: string): readonly PageForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(
    ([, attributes = '', content = '']) => ({
      action: attributesOf(attributes).get('action') ?? '',
      fields: fieldsOf(content),
    }),
  );
}

const FIELD =
  /<input\b([^>]*)>|<textarea\b([^>]*)>([\s\S]*?)<\/textarea>|<select\b([^>]*)>([\s\S]*?)<\/select>/g;

function fieldsOf(content: string): PageForm['fields'] {
  return [...content.matchAll(FIELD)].flatMap(([, input, area, text = '', select, options = '']) => {
    if (input !== undefined) {
      return inputFields(attributesOf(input));
    }
    return area === undefined
      ? selectFields(attributesOf(select ?? ''), options)
      : named(attributesOf(area), unescape(text));
  });
}

const TICKED = new Set(['checkbox', 'radio']);
const NEVER = new Set(['submit', 'button', 'reset', 'image', 'file']);

function inputFields(attributes: Attributes): PageForm['fields'] {
  const type = attributes.get('type') ?? 'text';
  if (NEVER.has(type) || (TICKED.has(type) && !attributes.has('checked'))) {
    return [];
  }
  return named(attributes, attributes.get('value') ?? (TICKED.has(type) ? 'on' : ''));
}

function selectFields(attributes: Attributes, options: string): PageForm['fields'] {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/g)].map(([, option = '', text = '']) => {
    const read = attributesOf(option);
    return { isSelected: read.has('selected'), value: read.get('value') ?? unescape(text) };
  });
  const chosen = all.find(({ isSelected }) => isSelected) ?? all[0];
  return chosen === undefined ? [] : named(attributes, chosen.value);
}

function named(attributes: Attributes, value: string): PageForm['fields'] {
  const name = attributes.get('name');
  return name === undefined || attributes.has('disabled') ? [] : [[name, value]];
}

function attributesOf(text: string): Attributes {
  return new Map(
    [...text.matchAll(/([^\s"'=/]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      unescape(value),
    ]),
  );
}

/** What a reader sees. */
export const textOf = (html: string): string =>
  unescape(
    html
      .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' '),
  ).trim();

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

const unescape = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        return ENTITIES[name] ?? whole;
      }
      return String.fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16));
    },
  );
