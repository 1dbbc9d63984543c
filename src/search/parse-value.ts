/**
 * The text after `=` → typed values: https://hl7.org/fhir/R4/search.html#escaping and the sections on each type.
 * Messages name the parameter and the rule, never the value: it may be a national identity number.
 */
import { parseDate, PREFIXES } from '../fhir/date.ts';
import type { Prefix } from '../fhir/date.ts';
import { normaliseIdentifierSystem } from '../fhir/identifiers.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import { parseNumber } from '../fhir/quantity.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { Parameter, ParameterType } from './parameters.ts';
import { parseNear } from './near.ts';
import type {
  CompositeValue,
  Modifier,
  OfTypeValue,
  QuantityValue,
  SearchValue,
  TokenValue,
  UriValue,
} from './tree.ts';
import { literalForms } from './values.ts';
import { parseWords } from './words.ts';

export interface ValueContext {
  /** The parameter's name as the caller wrote it, for messages. */
  readonly name: string;
  readonly parameter: Parameter;
  /** This server's base url: references below it are local. */
  readonly baseUrl: string | undefined;
}

/** Comma-separated alternatives of a parameter's own type. Throws 400. */
export function parseValues(text: string, context: ValueContext): readonly SearchValue[] {
  return alternatives(text, context).map((value) => VALUE_PARSERS[context.parameter.type](value, context));
}

/** Alternatives of a parameter with a modifier, which may change what kind of value is meant. */
export const parseModified = (
  text: string,
  modifier: Modifier,
  context: ValueContext,
): readonly SearchValue[] =>
  alternatives(text, context).map((value) =>
    (MODIFIED_PARSERS[modifier] ?? VALUE_PARSERS[context.parameter.type])(value, context),
  );

/** Alternatives of `subject:Patient=…`: ids, or references that must be of that type. */
export function parseTypedReferences(
  text: string,
  type: string,
  context: ValueContext,
): readonly SearchValue[] {
  return alternatives(text, context).map((value) => {
    const id = unescape(value);
    const [literal] = literalForms(id.includes('/') ? id : `${type}/${id}`, context.baseUrl);
    if (literal?.startsWith(`${type}/`) !== true) {
      throw malformed(context, `must be an id or reference of the type ${type}`);
    }
    return { type: 'reference', form: 'literal', text: literal };
  });
}

function alternatives(text: string, context: ValueContext): readonly string[] {
  const values = splitAt(text, ',');
  if (values.some((value) => value === '')) {
    throw malformed(context, 'has an empty value');
  }
  return values;
}

/** Split at a character that is not escaped; the parts stay escaped. */
function splitAt(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      i++;
    } else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** `\,` `\|` `\$` `\\` → the character. */
const unescape = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

type ValueParser = (text: string, context: ValueContext) => SearchValue;

const VALUE_PARSERS: Readonly<Record<ParameterType, ValueParser>> = {
  token: parseToken,
  reference: parseReference,
  uri: (text) => ({ type: 'uri', uri: unescape(text) }),
  string: (text) => ({ type: 'string', text: unescape(text) }),
  date: (text, context) => {
    const { prefix, rest } = splitPrefix(text);
    // a plus sign that was not percent-encoded arrives as a space
    const range = parseDate(rest.replace(/ (?=\d\d:\d\d$)/, '+'));
    if (range === undefined) {
      throw malformed(
        context,
        'must be a date such as 2024, 2024-03, 2024-03-14 or 2024-03-14T10:30:00+01:00',
      );
    }
    return { type: 'date', prefix, range };
  },
  number: (text, context) => {
    const { prefix, rest } = splitPrefix(text);
    return { type: 'number', prefix, number: requireNumber(rest, context) };
  },
  quantity: parseQuantity,
  composite: parseComposite,
  special: (text, context) => {
    if (context.parameter.special !== 'near') {
      return parseText(text, context);
    }
    const near = parseNear(splitAt(text, '|').map(unescape));
    if (near === undefined) {
      throw malformed(
        context,
        'must be latitude|longitude|distance|units, such as 59.94|10.72|5|km; units are km, m or [mi_i]',
      );
    }
    return near;
  },
};

function parseText(text: string, context: ValueContext): SearchValue {
  const words = unescape(text);
  if (parseWords(words) === undefined) {
    throw malformed(
      context,
      'must hold words, with OR between alternatives: smerte rygg, "kronisk smerte", smert*',
    );
  }
  return { type: 'string', text: words };
}

function parseToken(text: string, context: ValueContext): TokenValue {
  const parts = splitAt(text, '|').map(unescape);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && second === '')) {
    throw malformed(context, 'must be code, system|code, |code or system|');
  }
  if (second === undefined) {
    return { type: 'token', system: undefined, code: first };
  }
  const system = normaliseIdentifierSystem(first);
  return { type: 'token', system, code: second === '' ? undefined : second };
}

const MODIFIED_PARSERS: Readonly<Partial<Record<Modifier, ValueParser>>> = {
  identifier: parseToken,
  text: (text) => ({ type: 'string', text: unescape(text) }),
  in: parseValueSet,
  'not-in': parseValueSet,
  'of-type': parseOfType,
  above: parsePlaceInHierarchy,
  below: parsePlaceInHierarchy,
};

function parseValueSet(text: string, context: ValueContext): UriValue {
  const uri = unescape(text);
  if (!uri.includes(':')) {
    throw malformed(context, 'must be the canonical url of a value set');
  }
  return { type: 'uri', uri };
}

function parseOfType(text: string, context: ValueContext): OfTypeValue {
  const [system = '', code = '', value = '', ...rest] = splitAt(text, '|').map(unescape);
  if (code === '' || value === '' || rest.length > 0) {
    throw malformed(context, 'must be system|code|value: the type of the identifier, then its value');
  }
  return { type: 'of-type', system, code, value };
}

/** A code that has others above and below it, or a canonical url. */
function parsePlaceInHierarchy(text: string, context: ValueContext): SearchValue {
  const { parameter } = context;
  if (parameter.type !== 'token') {
    const uri = unescape(text);
    if (!uri.includes(':')) {
      throw malformed(context, 'must be a url: only canonical urls have others above and below them');
    }
    return { type: 'uri', uri };
  }
  const token = parseToken(text, context);
  const [implicit, ...others] = parameter.systems();
  const system = token.system ?? (others.length === 0 ? implicit : undefined);
  if (system === undefined || system === '' || token.code === undefined) {
    throw malformed(context, 'must be system|code: a hierarchy of codes is that of a system');
  }
  return { type: 'token', system, code: token.code };
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function parseReference(text: string, context: ValueContext): SearchValue {
  const value = unescape(text);
  const [literal] = literalForms(value, context.baseUrl);
  if (literal === undefined) {
    throw malformed(context, 'must not point into contained resources');
  }
  const isId = ID.test(literal) && !isResourceType(literal);
  const { targets } = context.parameter;
  if (isId && targets.length === 1) {
    return { type: 'reference', form: 'literal', text: `${targets[0] as string}/${literal}` };
  }
  return { type: 'reference', form: isId ? 'id' : 'literal', text: literal };
}

function parseQuantity(text: string, context: ValueContext): QuantityValue {
  const [first = '', ...units] = splitAt(text, '|').map(unescape);
  if (units.length !== 0 && units.length !== 2) {
    throw malformed(context, 'must be number, number|system|code or number||unit');
  }
  const { prefix, rest } = splitPrefix(first);
  const [system, unit] = units.map((part) => (part === '' ? undefined : part));
  return { type: 'quantity', prefix, number: requireNumber(rest, context), system, unit };
}

function parseComposite(text: string, context: ValueContext): CompositeValue {
  const { components } = context.parameter;
  const parts = splitAt(text, '$');
  if (parts.length !== components.length || parts.some((part) => part === '')) {
    throw malformed(context, `must have ${components.length} parts with $ between them`);
  }
  return {
    type: 'composite',
    parts: components.map(({ type }, index) => VALUE_PARSERS[type](parts[index] as string, context)),
  };
}

function requireNumber(text: string, context: ValueContext): NonNullable<ReturnType<typeof parseNumber>> {
  const number = parseNumber(text);
  if (number === undefined) {
    throw malformed(context, 'must be a number with a decimal point, such as 5.4');
  }
  return number;
}

function splitPrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const prefix = PREFIXES.find((candidate) => text.startsWith(candidate));
  return prefix === undefined ? { prefix: 'eq', rest: text } : { prefix, rest: text.slice(2) };
}

const malformed = ({ name }: ValueContext, rule: string): FhirError =>
  new FhirError(400, error('invalid', `The search parameter ${name} ${rule}.`, undefined, 'search-value'));
