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
import type { CompositeValue, QuantityValue, SearchValue, TokenValue } from './tree.ts';
import { literalForms } from './values.ts';

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

/** Alternatives of `:identifier`. */
export const parseIdentifiers = (text: string, context: ValueContext): readonly TokenValue[] =>
  alternatives(text, context).map((value) => parseToken(value, context));

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
export function splitAt(text: string, separator: string): readonly string[] {
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
export const unescape = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

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
};

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
