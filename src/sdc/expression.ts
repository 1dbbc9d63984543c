/**
 * FHIRPath in forms: https://hl7.org/fhir/uv/sdc/expressions.html
 *
 * The FHIRPath engine is handed in. It knows the types of a resource, but not those of a piece of one that is given as a
 * variable, so `value` in such a piece would find nothing. Expressions are therefore rewritten to start at whole
 * resources: a response item travels inside a response of its own (`%in7.item.first()`). A variable is evaluated once for
 * its place (variable.ts) and handed on under a name of its own; what changes within an evaluation is put in by its text.
 * Weights are read from the extension that the evaluation copy of the response carries.
 */
import { ExpressionFault } from './expression-fault.ts';
import { EXT } from './extensions.ts';
import type { Fragment, PathCompiler, Scope, Variable } from './fragment.ts';
import { evaluator } from './variable.ts';

/** What surrounds a form: the moment, and the launch contexts and fetched variables by name. */
export interface FormContext {
  readonly now: Date;
  readonly launch?: Readonly<Record<string, unknown>>;
}

export interface FormExpression {
  readonly source: string;
  /** linkIds that the expression, or a variable it uses, names after `linkId =`. */
  readonly mentions: ReadonlySet<string>;
  /** Launch contexts and fetched variables it uses. */
  readonly externals: ReadonlySet<string>;
  /** Throws what the FHIRPath engine throws; see `attempt`. */
  evaluate(scope: Scope): readonly unknown[];
}

/** Where a path starts, and what `%context` is there. */
export interface Base {
  readonly start: string;
  readonly context: string;
  readonly holders: readonly number[];
  /** Variables that `start` names. */
  readonly uses?: ReadonlyMap<string, Variable>;
}

export const RESOURCE_BASE: Base = { start: '%resource', context: '%resource', holders: [] };

/** Base of an expression on the item with this order. */
export function itemBase(order: number): Base {
  const text = `%in${order}.item.first()`;
  return { start: text, context: text, holders: [order] };
}

const TOKEN =
  /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*|%[A-Za-z_][A-Za-z0-9_]*|%`[^`]*`|[A-Za-z_][A-Za-z0-9_]*|\s+|[\s\S]/g;
const WEIGHT = `select(iif(value.exists(), value, $this).extension('${EXT.ordinalValue}').value)`;
const MENTION = /linkId\s*[=~]\s*'([^']*)'/g;
const MENTIONS = /linkId\s+in\s*\(([^)]*)\)/g;
const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    descendants: 'descendants() makes long forms slow; write the path with linkIds',
    repeat: 'repeat() makes long forms slow; write the path with linkIds',
    resolve: 'resolve() needs a server',
    memberOf: 'memberOf() needs a server',
  }),
);
/** Variables of FHIRPath itself. */
const CONSTANTS = new Set(['%ucum', '%sct', '%loinc']);

/**
 * Rewrite an expression for its place. `names` are the variables seen there. Throws ExpressionFault for what the dialect
 * refuses and for names that nobody declared.
 */
export function rewrite(source: string, base: Base, names: ReadonlyMap<string, Fragment>): Fragment {
  const mentions = new Set(mentionsOf(source));
  const externals = new Set<string>();
  const holders = new Set(base.holders);
  const uses = new Map(base.uses);
  const passing = { is: false };
  const tokens = significant(source);
  const text = tokens
    .map((token, index) => {
      if (token.startsWith('%')) {
        return environment(token, base, names, { mentions, externals, holders, uses, passing });
      }
      return isCall(tokens, index) ? call(token, tokens[index - 1]) : token;
    })
    .join('');
  return {
    text: `${base.start}.select(${dropEmptyCall(text)})`,
    mentions,
    externals,
    holders,
    uses,
    ...(passing.is && { isPassing: true }),
  };
}

/** A name of a launch context or fetched variable, as a fragment. */
export function externalName(name: string): Fragment {
  return { text: `%${name}`, mentions: new Set(), externals: new Set([name]), holders: new Set() };
}

/** Fragment → expression. Throws ExpressionFault when the FHIRPath engine refuses the text. */
export function compileFragment(
  source: string,
  fragment: Fragment,
  compilePath: PathCompiler,
): FormExpression {
  const { mentions, externals } = fragment;
  return { source, mentions, externals, evaluate: evaluator(source, fragment, compilePath) };
}

/** Evaluate; undefined when the data do not suit the expression (two values where one is needed, text for a number). */
export function attempt(expression: FormExpression, scope: Scope): readonly unknown[] | undefined {
  try {
    return expression.evaluate(scope);
  } catch {
    // What the user has typed may not suit the expression yet; the caller decides what that means.
    return undefined;
  }
}

/** The variables of every expression: launch contexts (empty when not given), `today` and `now`. */
export function environmentOf(
  names: readonly string[],
  { now, launch = {} }: FormContext,
): Readonly<Record<string, unknown>> {
  const given = names.map((name) => [name, launch[name] ?? []]);
  return { ...Object.fromEntries(given), today: dayInOslo(now), now: now.toISOString() };
}

/** The calendar day in the registers' time zone: `2026-10-30`. */
export function dayInOslo(now: Date): string {
  return OSLO.format(now);
}

const OSLO = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Oslo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

function environment(
  token: string,
  base: Base,
  names: ReadonlyMap<string, Fragment>,
  found: {
    mentions: Set<string>;
    externals: Set<string>;
    holders: Set<number>;
    uses: Map<string, Variable>;
    passing: { is: boolean };
  },
): string {
  const name = token.slice(1).replaceAll('`', '');
  const fixed = FIXED.get(name)?.(base);
  if (fixed !== undefined || CONSTANTS.has(token)) {
    return fixed ?? token;
  }
  const fragment = names.get(name);
  if (fragment === undefined) {
    throw new ExpressionFault('undeclared-name', `%${name} is not declared here`);
  }
  fragment.mentions.forEach((entry) => found.mentions.add(entry));
  fragment.externals.forEach((entry) => found.externals.add(entry));
  fragment.holders.forEach((entry) => found.holders.add(entry));
  const { variable } = fragment;
  if (variable !== undefined) {
    found.uses.set(variable.alias, variable);
    return `%${variable.alias}`;
  }
  found.passing.is ||= fragment.isPassing === true;
  fragment.uses?.forEach((use, alias) => found.uses.set(alias, use));
  return `(${fragment.text})`;
}

const FIXED: ReadonlyMap<string, (base: Base) => string> = new Map(
  Object.entries({
    resource: () => '%resource',
    context: (base: Base) => base.context,
    today: () => '(%today.toDate())',
    now: () => '(%now.toDateTime())',
  }),
);

/** A function call in other words: `weight()`, `today()`; the parentheses that follow are dropped by the marker. */
const DROP = '\u0000';

function call(name: string, before: string | undefined): string {
  const refusal = REFUSED.get(name);
  if (refusal !== undefined) {
    throw new ExpressionFault('refused-function', refusal);
  }
  if (name === 'weight' || name === 'ordinal') {
    return `${before === '.' ? '' : '$this.'}${WEIGHT}${DROP}`;
  }
  if (before !== '.' && (name === 'today' || name === 'now')) {
    return `${FIXED.get(name)?.(RESOURCE_BASE) ?? ''}${DROP}`;
  }
  return name;
}

const dropEmptyCall = (text: string): string => text.replaceAll(`${DROP}()`, '');

/** Tokens without white space and comments, except that words keep a blank between them. */
function significant(source: string): readonly string[] {
  const raw = source.match(TOKEN) ?? [];
  const kept: string[] = [];
  let isGap = false;
  for (const token of raw) {
    if (/^(\s|\/\*|\/\/)/.test(token)) {
      isGap = true;
      continue;
    }
    const last = kept.at(-1);
    if (isGap && last !== undefined && isWord(last.at(-1)) && isWord(token[0])) {
      kept.push(' ');
    }
    kept.push(token);
    isGap = false;
  }
  return kept;
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\w'`%$@{}]/.test(character);

const isCall = (tokens: readonly string[], index: number): boolean =>
  tokens[index + 1] === '(' && /^[A-Za-z_]/.test(tokens[index] ?? '');

function mentionsOf(source: string): readonly string[] {
  const single = [...source.matchAll(MENTION)].map((match) => match[1] ?? '');
  const several = [...source.matchAll(MENTIONS)].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/'([^']*)'/g)].map((literal) => literal[1] ?? ''),
  );
  return [...single, ...several];
}
