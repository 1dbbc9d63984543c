/**
 * `_filter`: https://hl7.org/fhir/R4/search_filter.html
 * filter = expression (("and" | "or") expression)*, read from left to right without precedence, as the grammar says;
 * expression = "(" filter ")" | "not" "(" filter ")" | path operator value.
 */
import { FhirError, error } from '../fhir/outcome.ts';
import type { ParameterType } from './parameters.ts';
import { MAX_STEPS, parseChain } from './parse-link.ts';
import type { ParseEnd } from './parse-link.ts';
import { clip, parsePlain, requireParameter, unsupported } from './parse-name.ts';
import type { NameContext } from './parse-name.ts';
import type { Criterion, DateValue, MatchCriterion, PlainCriterion } from './tree.ts';

/** Brackets inside brackets, `not` included. */
const MAX_NESTING = 16;

/** The filter as a condition. Throws 400: `invalid` where it breaks the grammar, `not-supported` with what is not done. */
export function parseFilter(text: string, context: NameContext): Criterion {
  const reader: Reader = { text, at: 0 };
  const criterion = readFilter(reader, context, { steps: MAX_STEPS, nesting: MAX_NESTING });
  skipSpace(reader);
  if (reader.at < text.length) {
    throw broken(reader, 'and, or, or the end');
  }
  return criterion;
}

/** The one thing here that changes: how far the text is read. */
interface Reader {
  readonly text: string;
  at: number;
}

interface Left {
  readonly steps: number;
  readonly nesting: number;
}

function readFilter(reader: Reader, context: NameContext, left: Left): Criterion {
  let criterion = readExpression(reader, context, left);
  for (let word = takeLogic(reader); word !== undefined; word = takeLogic(reader)) {
    criterion = { kind: word, criteria: [criterion, readExpression(reader, context, left)] };
  }
  return criterion;
}

const takeLogic = (reader: Reader): 'and' | 'or' | undefined =>
  take(reader, /(and|or)(?=[\s(])/y) as 'and' | 'or' | undefined;

function readExpression(reader: Reader, context: NameContext, left: Left): Criterion {
  if (take(reader, /not(?=\s*\()/y) !== undefined) {
    return { kind: 'not', criterion: readBrackets(reader, context, left) };
  }
  return peek(reader) === '(' ? readBrackets(reader, context, left) : readComparison(reader, context, left);
}

function readBrackets(reader: Reader, context: NameContext, { steps, nesting }: Left): Criterion {
  if (nesting === 0) {
    throw malformed(`_filter may be nested ${MAX_NESTING} deep.`);
  }
  require(reader, /\(/y, '(');
  const criterion = readFilter(reader, context, { steps, nesting: nesting - 1 });
  require(reader, /\)/y, ')');
  return criterion;
}

/** A step to another resource, with the condition in square brackets that it must satisfy too; or the parameter. */
function readComparison(reader: Reader, context: NameContext, left: Left): Criterion {
  const start = reader.at;
  const name = require(reader, /[_A-Za-z][_A-Za-z0-9-]*(?::[A-Z][A-Za-z]+)?/y, 'the name of a search parameter');
  if (take(reader, /(?=[.[])/y) === undefined) {
    return readOperator(reader, name, context);
  }
  let end = start;
  const parse: ParseEnd = (_rest, inner, steps) => {
    reader.at = start;
    require(reader, /[_A-Za-z][_A-Za-z0-9:-]*/y, 'the name of a search parameter');
    const inside = readStep(reader, inner, { ...left, steps });
    end = reader.at;
    return inside;
  };
  const next = /^\s*[_A-Za-z][_A-Za-z0-9:-]*[.[]([_A-Za-z0-9-]*)/.exec(reader.text.slice(start))?.[1] ?? '';
  const criterion = parseChain(name, next, parse, context, left.steps);
  reader.at = end;
  return criterion;
}

function readStep(reader: Reader, context: NameContext, left: Left): Criterion {
  if (peek(reader) !== '[') {
    require(reader, /\./y, '.');
    return readComparison(reader, context, left);
  }
  require(reader, /\[/y, '[');
  const condition = readFilter(reader, context, { ...left, nesting: left.nesting - 1 });
  require(reader, /\]/y, ']');
  require(reader, /\./y, '.');
  return { kind: 'and', criteria: [condition, readComparison(reader, context, left)] };
}

function readOperator(reader: Reader, name: string, context: NameContext): Criterion {
  const operator = require(reader, /[a-z]{2}(?=\s)/y, 'an operator such as eq');
  const value = readValue(reader);
  const parameter = requireParameter(name.split(':')[0] ?? '', context);
  const compare = operator === 'pr' ? present : COMPARISONS[parameter.type][operator];
  if (compare === undefined) {
    throw unsupported(
      OPERATORS.has(operator)
        ? `The operator ${operator} of _filter is not supported for ${parameter.code}, a parameter of type ${parameter.type}.`
        : `${clip(operator)} is no operator of _filter.`,
    );
  }
  return compare({ name, value, context });
}

const OPERATORS = new Set('eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in ni re'.split(' '));

function readValue(reader: Reader): string {
  const quoted = take(reader, /"(?:[^"\\]|\\.)*"/y);
  if (quoted === undefined) {
    return require(reader, /[^\s()[\]"][^\s()[\]]*/y, 'a value');
  }
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw malformed('A text in _filter is no JSON string.');
  }
}

interface Comparison {
  readonly name: string;
  readonly value: string;
  readonly context: NameContext;
}
type Compare = (comparison: Comparison) => Criterion;

const present: Compare = ({ name, value, context }) => {
  if (value !== 'true' && value !== 'false') {
    throw malformed(`${clip(name)} pr must be followed by true or false.`);
  }
  return parsePlain(`${name}:missing`, value === 'true' ? 'false' : 'true', context);
};

/** The value is one value: what would separate alternatives belongs to it. */
const escaped = (value: string, special: RegExp): string => value.replace(special, '\\$&');

/** As a search parameter with a modifier: `code in http://…` is `code:in=http://…`. */
const modified =
  (modifier: string, special = /[\\,]/g): Compare =>
  ({ name, value, context }) =>
    parsePlain(modifier === '' ? name : `${name}:${modifier}`, escaped(value, special), context);

const prefixed =
  (prefix: string): Compare =>
  ({ name, value, context }) =>
    parsePlain(name, `${prefix}${escaped(value, /[\\,]/g)}`, context);

/** Texts are compared as search compares them: without case and accents. */
const text =
  (modifier: MatchCriterion['modifier']): Compare =>
  ({ name, value, context }) => ({
    ...matching(parsePlain(name, escaped(value, /[\\,|$]/g), context)),
    modifier,
  });

const overlaps: Compare = ({ name, value, context }) => {
  const criterion = matching(parsePlain(name, escaped(value, /[\\,]/g), context));
  const values = (criterion.values as readonly DateValue[]).map((date) => ({
    ...date,
    prefix: 'po' as const,
  }));
  return { ...criterion, values };
};

/** There is a value, and none that equals: what is absent is not unequal. */
const unequal =
  (equal: Compare): Compare =>
  (comparison) => ({
    kind: 'and',
    criteria: [present({ ...comparison, value: 'true' }), { kind: 'not', criterion: equal(comparison) }],
  });

function matching(criterion: PlainCriterion): MatchCriterion {
  if (criterion.kind !== 'match') {
    throw new Error('A parameter without a modifier is matched');
  }
  return criterion;
}

const ordered = (...prefixes: readonly string[]): Readonly<Record<string, Compare>> =>
  Object.fromEntries(prefixes.map((prefix) => [prefix, prefixed(prefix)]));

const COMPARISONS: Readonly<Record<ParameterType, Readonly<Record<string, Compare | undefined>>>> = {
  string: {
    eq: text('equals'),
    ne: unequal(text('equals')),
    co: text('contains'),
    sw: text(undefined),
    ew: text('ends'),
  },
  token: {
    eq: modified(''),
    ne: unequal(modified('')),
    ss: modified('above'),
    sb: modified('below'),
    in: modified('in'),
    ni: modified('not-in'),
  },
  reference: { eq: modified(''), ne: unequal(modified('')), re: modified('') },
  uri: { eq: modified(''), ne: unequal(modified('')), ss: modified('above'), sb: modified('below') },
  date: { ...ordered('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'), po: overlaps },
  number: ordered('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'),
  quantity: ordered('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'),
  composite: { eq: modified('') },
  special: {},
};

function skipSpace(reader: Reader): void {
  const space = /\s*/y;
  space.lastIndex = reader.at;
  space.exec(reader.text);
  reader.at = space.lastIndex;
}

function peek(reader: Reader): string | undefined {
  skipSpace(reader);
  return reader.text[reader.at];
}

/** The text that the sticky pattern matches here, after space. */
function take(reader: Reader, pattern: RegExp): string | undefined {
  skipSpace(reader);
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

function require(reader: Reader, pattern: RegExp, what: string): string {
  const found = take(reader, pattern);
  if (found === undefined) {
    throw broken(reader, what);
  }
  return found;
}

const broken = ({ at }: Reader, what: string): FhirError =>
  malformed(`_filter is not well formed at character ${at + 1}: ${what} is expected there.`);

const malformed = (diagnostics: string): FhirError =>
  new FhirError(400, error('invalid', diagnostics, undefined, 'search-filter'));
