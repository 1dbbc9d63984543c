/**
 * The narrative's XHTML: https://hl7.org/fhir/R4/narrative.html — rules txt-1 and txt-2.
 * An allow-list of elements and attributes; no script, style sheet, form, frame, event handler or active link.
 */
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';

const ELEMENTS = new Set(
  (
    'div p span br hr pre blockquote h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption colgroup col thead tbody tfoot ' +
    'tr th td b i u em strong small big tt sub sup code kbd samp var cite dfn abbr acronym q a img address ins del ' +
    's strike map area bdo font center label'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'xmlns lang xml:lang xml:space dir title id class style name href src alt colspan rowspan headers scope abbr axis ' +
    'align valign width height border cellpadding cellspacing rules frame summary span char charoff type start value ' +
    'compact nowrap bgcolor color face size cite datetime shape coords usemap ismap rel rev hreflang accesskey tabindex ' +
    'longdesc hspace vspace clear background charset target noshade'
  ).split(' '),
);

const LINKS = new Set(['href', 'src', 'cite', 'longdesc', 'background', 'usemap']);
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z][A-Za-z0-9:]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<|[^<]+/gy;
const ATTRIBUTE = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const BAD_ENTITY = /&(?!(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#x[0-9A-Fa-f]+);)/;
const ACTIVE_LINK = /^(?:javascript|vbscript|data:(?!image\/(?:png|gif|jpe?g|webp|bmp)))/;
const ACTIVE_STYLE = /expression\s*\(|javascript:|behaviou?r\s*:|@import|-moz-binding/i;

/** What is wrong with a narrative `div`, as a plain sentence; undefined when it is fine. */
export function narrativeFault(div: unknown): string | undefined {
  if (typeof div !== 'string') {
    return 'The narrative must be a string of XHTML.';
  }
  const text = div.trim();
  if (!/^<div[\s>/]/.test(text)) {
    return 'The narrative must be one <div> element.';
  }
  return tagFault(text);
}

function tagFault(text: string): string | undefined {
  const open: string[] = [];
  let hasContent = false;
  let isClosed = false;
  for (const token of text.matchAll(TOKEN)) {
    const [whole, slash = '', name, attributes = '', selfClosing = ''] = token;
    if (isClosed && !whole.startsWith('<!--')) {
      return 'Nothing may follow the closing </div>.';
    }
    if (name === undefined) {
      const fault = textFault(whole);
      if (fault !== undefined) {
        return fault;
      }
      hasContent ||= !whole.startsWith('<!--') && whole.trim() !== '';
      continue;
    }
    if (slash === '/') {
      if (open.pop() !== name) {
        return `The tag </${name.slice(0, 20)}> closes an element that is not open.`;
      }
    } else {
      const fault = elementFault(name, attributes);
      if (fault !== undefined) {
        return fault;
      }
      hasContent ||= name === 'img';
      if (selfClosing === '') {
        open.push(name);
      }
    }
    isClosed = open.length === 0;
  }
  if (!isClosed) {
    return 'The narrative is not well-formed: an element is not closed.';
  }
  return hasContent ? undefined : 'The narrative has no text.';
}

function textFault(text: string): string | undefined {
  if (text === '<') {
    return 'The narrative is not well-formed: a "<" starts no allowed tag.';
  }
  if (text.startsWith('<!')) {
    return undefined;
  }
  return BAD_ENTITY.test(text) ? 'The narrative is not well-formed: write "&" as "&amp;".' : undefined;
}

function elementFault(name: string, attributes: string): string | undefined {
  if (!ELEMENTS.has(name)) {
    return `The element <${name.slice(0, 20)}> is not allowed in a narrative.`;
  }
  for (const [, attribute = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (!ATTRIBUTES.has(attribute) && !attribute.startsWith('xmlns:')) {
      return `The attribute "${attribute.slice(0, 20)}" is not allowed in a narrative.`;
    }
    if (attribute === 'xmlns' && (double ?? single) !== XHTML_NAMESPACE) {
      return `The namespace [xmlns] of a narrative is ${XHTML_NAMESPACE}.`;
    }
    if (isActive(attribute, double ?? single ?? '')) {
      return `The attribute "${attribute}" of a narrative must not run anything.`;
    }
  }
  return undefined;
}

function isActive(attribute: string, value: string): boolean {
  if (LINKS.has(attribute)) {
    return ACTIVE_LINK.test(plainLink(value));
  }
  return attribute === 'style' && ACTIVE_STYLE.test(value.replaceAll(/\/\*.*?\*\//g, ''));
}

/** The link as a browser reads it: character references decoded, control characters and blanks dropped. */
function plainLink(value: string): string {
  const decoded = value.replaceAll(/&#(x?)([0-9A-Fa-f]+);?/g, (_whole, hex: string, digits: string) => {
    const code = Number.parseInt(digits, hex === '' ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
  return decoded
    .replaceAll(/&(?:colon|tab|newline);/gi, (name) => (name.toLowerCase() === '&colon;' ? ':' : ''))
    .replaceAll(/[\p{Cc}\s]/gu, '')
    .toLowerCase();
}
