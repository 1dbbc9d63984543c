/**
 * Variables of a form: evaluated once for each place in each round of evaluation, not at every use. A value keeps its types on
 * the way (a date is a date). Where a value cannot be had (the expression fails, though a branch that is not taken may be the only
 * one that uses it), the variables are put into the expression by their text, as FHIRPath would see it.
 * https://hl7.org/fhir/R4/extension-variable.html
 */
import type { QuestionnaireResponseItem } from '../fhir/types.ts';
import type { Fragment, PathCompiler, PathRun, Scope, Variable, VariableMemo } from './fragment.ts';
import { ExpressionFault } from './expression-fault.ts';

/** Values of variables in one evaluation copy. A write forgets what it may have changed. */
export class VariableValues implements VariableMemo {
  private readonly values = new Map<
    string,
    { readonly mentions: ReadonlySet<string>; readonly value: Value }
  >();

  /** The value at the place of the scope; made at the first time. */
  valueOf({ alias, fragment, evaluate }: Variable, scope: Scope): Value {
    const places = [...fragment.holders].map((order) => scope.pathAt(order));
    const key = [alias, ...places].join('|');
    const known = this.values.get(key);
    if (known !== undefined) {
      return known.value;
    }
    const value = attempted(() => evaluate(scope));
    this.values.set(key, { mentions: fragment.mentions, value });
    return value;
  }

  /** Items with these linkIds are written; a variable that names none may read any. */
  forget(linkIds: readonly string[]): void {
    for (const [key, { mentions }] of this.values) {
      if (mentions.size === 0 || linkIds.some((linkId) => mentions.has(linkId))) {
        this.values.delete(key);
      }
    }
  }
}

/** Undefined for one whose evaluation fails. */
type Value = readonly unknown[] | undefined;

function attempted(evaluate: () => readonly unknown[]): Value {
  try {
    return evaluate();
  } catch {
    return undefined; // the expression that uses it fails in the same way, if it comes to it
  }
}

/** The fragment as a variable; as it is when it can only be put in by its text. */
export function asVariable(source: string, fragment: Fragment, compilePath: PathCompiler): Fragment {
  const run = parse(source, fragment.text, compilePath);
  const { nodes } = run;
  if (nodes === undefined) {
    return fragment;
  }
  const needs = needsOf(fragment);
  const variable: Variable = {
    alias: `_v${digest(fragment.text)}`,
    fragment,
    evaluate: (scope) => {
      const used = usedIn(fragment, scope);
      if (used === undefined) {
        throw new Error(`A variable of "${source}" has no value.`);
      }
      return nodes(scope.resource, {
        ...scope.variables,
        ...needs(scope),
        ...used,
        resource: scope.resource,
      });
    },
  };
  return { ...fragment, variable };
}

/** Evaluates a fragment in a scope. Throws ExpressionFault when the FHIRPath engine refuses the text. */
export function evaluator(
  source: string,
  fragment: Fragment,
  compilePath: PathCompiler,
): (scope: Scope) => readonly unknown[] {
  const run = parse(source, fragment.text, compilePath);
  const needs = needsOf(fragment);
  const whole = inlined(fragment);
  const needsOfWhole = needsOf(whole);
  return (scope) => {
    const { resource, variables } = scope;
    const used = usedIn(fragment, scope);
    return used === undefined
      ? compilePath(whole.text)(resource, { ...variables, ...needsOfWhole(scope), resource })
      : run(resource, { ...variables, ...needs(scope), ...used, resource });
  };
}

/** Values of the variables that a fragment names; undefined when one of them has none. */
function usedIn({ uses = NONE }: Fragment, scope: Scope): Readonly<Record<string, unknown>> | undefined {
  const used: Record<string, unknown> = {};
  for (const [alias, variable] of uses) {
    const value = scope.memo.valueOf(variable, scope);
    if (value === undefined) {
      return undefined;
    }
    used[alias] = value;
  }
  return used;
}

const NONE: ReadonlyMap<string, Variable> = new Map();

/** The fragment without names of variables: each is put in by its text. */
function inlined(fragment: Fragment): Fragment {
  const { uses = NONE, text } = fragment;
  const whole = [...uses].reduce(
    (rest, [alias, { fragment: inner }]) => rest.replaceAll(`%${alias}`, `(${inlined(inner).text})`),
    text,
  );
  return { ...fragment, text: whole, uses: NONE };
}

/** The response items that the text starts from, each in a response of its own. */
function needsOf({ holders, text }: Fragment): (scope: Scope) => Readonly<Record<string, unknown>> {
  const named = [...holders].filter((order) => text.includes(`%in${order}.`));
  return ({ itemAt }) => Object.fromEntries(named.map((order) => [`in${order}`, holder(itemAt(order))]));
}

const holder = (item: QuestionnaireResponseItem): object => ({
  resourceType: 'QuestionnaireResponse',
  status: 'in-progress',
  item: [item],
});

function parse(source: string, text: string, compilePath: PathCompiler): PathRun {
  try {
    return compilePath(text);
  } catch (cause) {
    throw new ExpressionFault(
      'expression-syntax',
      `"${source}" is not FHIRPath: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** 53 bits of a text, as letters and digits. Not for secrets: two variables of a form must not share a name. */
function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  const mixedHigh = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  const mixedLow = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & mixedLow) + (mixedHigh >>> 0)).toString(36);
}
