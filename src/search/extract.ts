/**
 * FHIRPath expressions of search parameters as closures: https://hl7.org/fhir/R4/searchparameter.html
 * The subset that search parameters use is compiled once per expression; whatever else an expression holds is left to
 * Medplum's evaluator, which is also the oracle of the tests (it is ten times slower).
 */
import {
  AndAtom,
  AsAtom,
  DotAtom,
  EqualsAtom,
  evalFhirPathTyped,
  FhirPathAtom,
  FunctionAtom,
  IndexerAtom,
  IsAtom,
  LiteralAtom,
  NotEqualsAtom,
  OrAtom,
  parseFhirPath,
  SymbolAtom,
  toTypedValue,
  UnionAtom,
} from '@medplum/core';
import type { Atom } from '@medplum/core';
import { CHOICE_ELEMENTS, choiceStep, isObject, memberStep } from './members.ts';
import type { Members, Step, Visit } from './members.ts';

/** Selects values from one node: a resource, or an element of it (components of composite parameters). */
export type Extractor = (node: unknown) => readonly unknown[];

const emit: Visit = (node, out) => {
  out.push(node);
};

/**
 * Compile an expression. The closure never throws on odd data; the compiler throws on an expression that does not parse.
 * `resolve()` is answered from the reference's text alone, contained resources are not followed.
 */
export function compileExpression(expression: string): Extractor {
  const atom = parseFhirPath(expression);
  const step = compileAtom(atom, true);
  return step === undefined ? interpret(atom) : toExtractor(step);
}

/** True when the whole expression is compiled, so that a test can see what falls back. */
export const isCompiled = (expression: string): boolean =>
  compileAtom(parseFhirPath(expression), true) !== undefined;

function toExtractor(step: Step): Extractor {
  const visit = step(emit);
  return (node) => {
    const out: unknown[] = [];
    visit(node, out);
    return out;
  };
}

/** What the evaluator cannot evaluate selects nothing: a register's odd expression must not stop a resource from being stored. */
const interpret =
  (atom: FhirPathAtom): Extractor =>
  (node) => {
    try {
      return evalFhirPathTyped(atom, [toTypedValue(node)]).map(({ value }) => value as unknown);
    } catch {
      return [];
    }
  };

/** `isFirst`: a leading symbol may be the resource type itself. `undefined`: not in the subset. */
function compileAtom(atom: Atom, isFirst: boolean): Step | undefined {
  for (const [kind, compile] of COMPILERS) {
    if (atom instanceof kind) {
      return compile(atom, isFirst);
    }
  }
  return undefined;
}

type Compiler = (atom: never, isFirst: boolean) => Step | undefined;
type AtomClass = abstract new (...args: never[]) => Atom;

const COMPILERS: readonly (readonly [AtomClass, (atom: Atom, isFirst: boolean) => Step | undefined])[] = [
  entry(FhirPathAtom, (atom, isFirst) => compileAtom(atom.child, isFirst)),
  entry(DotAtom, compileDot),
  entry(SymbolAtom, compileSymbol),
  entry(UnionAtom, compileUnion),
  entry(FunctionAtom, (atom) => compileFunction(atom, (next) => next)),
  entry(AsAtom, (atom, isFirst) => compileCast(atom.left, atom.right, isFirst)),
  entry(IndexerAtom, compileIndexer),
  entry(LiteralAtom, (atom) => (next) => (_node, out) => next(atom.value.value, out)),
  entry(EqualsAtom, (atom, isFirst) => compileComparison(atom, isFirst, (a, b) => a === b)),
  entry(NotEqualsAtom, (atom, isFirst) => compileComparison(atom, isFirst, (a, b) => a !== b)),
  entry(AndAtom, (atom, isFirst) => compileLogic(atom, isFirst, and)),
  entry(OrAtom, (atom, isFirst) => compileLogic(atom, isFirst, or)),
];

function entry<T extends Atom>(
  kind: abstract new (...args: never[]) => T,
  compile: (atom: T, isFirst: boolean) => Step | undefined,
): readonly [AtomClass, (atom: Atom, isFirst: boolean) => Step | undefined] {
  return [kind, compile as Compiler as (atom: Atom, isFirst: boolean) => Step | undefined];
}

function compileSymbol({ name }: SymbolAtom, isFirst: boolean): Step | undefined {
  if (name.startsWith('%') || name.startsWith('$')) {
    return undefined;
  }
  if (isFirst && /^[A-Z]/.test(name)) {
    return (next) => (node, out) => {
      if (isOfType(node, name)) {
        next(node, out);
      }
    };
  }
  return CHOICE_ELEMENTS.has(name) ? choiceStep(name) : memberStep(name);
}

const isOfType = (node: unknown, name: string): boolean =>
  name === 'Resource' || name === 'DomainResource'
    ? isObject(node) && 'resourceType' in node
    : isObject(node) && node['resourceType'] === name;

function compileDot({ left, right }: DotAtom, isFirst: boolean): Step | undefined {
  if (right instanceof FunctionAtom && (right.name === 'ofType' || right.name === 'as')) {
    return compileCast(left, right.args[0], isFirst);
  }
  const first = compileAtom(left, isFirst);
  if (first === undefined) {
    return undefined;
  }
  if (right instanceof FunctionAtom) {
    return compileFunction(right, first);
  }
  const second = compileAtom(right, false);
  return second === undefined ? undefined : (next) => first(second(next));
}

/** `value.ofType(Quantity)` is the element `valueQuantity`; casts of anything but a choice element are not compiled. */
function compileCast(left: Atom, type: Atom | undefined, isFirst: boolean): Step | undefined {
  if (!(type instanceof SymbolAtom)) {
    return undefined;
  }
  const suffix = type.name.charAt(0).toUpperCase() + type.name.slice(1);
  if (left instanceof SymbolAtom) {
    return memberStep(left.name + suffix);
  }
  if (!(left instanceof DotAtom && left.right instanceof SymbolAtom)) {
    return undefined;
  }
  const parent = compileAtom(left.left, isFirst);
  const member = memberStep(left.right.name + suffix);
  return parent === undefined ? undefined : (next) => parent(member(next));
}

/** Steps that need all values at once: what they select is collected, then passed on. */
const collect =
  (step: Step, pass: (found: readonly unknown[], next: Visit, out: unknown[]) => void): Step =>
  (next) => {
    const visit = step(emit);
    return (node, out) => {
      const found: unknown[] = [];
      visit(node, found);
      pass(found, next, out);
    };
  };

/** Equal values count once, as FHIRPath's union demands. */
function compileUnion({ left, right }: UnionAtom, isFirst: boolean): Step | undefined {
  const a = compileAtom(left, isFirst);
  const b = compileAtom(right, isFirst);
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const both: Step = (next) => {
    const [first, second] = [a(next), b(next)];
    return (node, out) => {
      first(node, out);
      second(node, out);
    };
  };
  return collect(both, (found, next, out) => {
    for (const [index, value] of found.entries()) {
      if (!hasEqualBefore(found, index)) {
        next(value, out);
      }
    }
  });
}

function hasEqualBefore(values: readonly unknown[], end: number): boolean {
  for (let index = 0; index < end; index++) {
    if (isEqual(values[index], values[end])) {
      return true;
    }
  }
  return false;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b;
  }
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[] as [Members, Members];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]))
  );
}

function compileIndexer({ left, expr }: IndexerAtom, isFirst: boolean): Step | undefined {
  const list = compileAtom(left, isFirst);
  if (list === undefined || !(expr instanceof LiteralAtom) || typeof expr.value.value !== 'number') {
    return undefined;
  }
  return nth(list, expr.value.value);
}

const nth = (list: Step, index: number): Step =>
  collect(list, (found, next, out) => {
    if (index < found.length) {
      next(found[index], out);
    }
  });

function compileComparison(
  { left, right }: EqualsAtom | NotEqualsAtom,
  isFirst: boolean,
  holds: (a: unknown, b: unknown) => boolean,
): Step | undefined {
  const list = compileAtom(left, isFirst);
  if (list === undefined || !(right instanceof LiteralAtom)) {
    return undefined;
  }
  const literal: unknown = right.value.value;
  return collect(list, (found, next, out) => {
    if (found.length > 0) {
      next(found.length === 1 && holds(found[0], literal), out);
    }
  });
}

type Truth = boolean | undefined;

/** Three-valued logic: an empty operand is unknown. */
const and = (a: Truth, b: Truth): Truth => {
  if (a === false || b === false) {
    return false;
  }
  return a === true && b === true ? true : undefined;
};
const or = (a: Truth, b: Truth): Truth => {
  if (a === true || b === true) {
    return true;
  }
  return a === false && b === false ? false : undefined;
};

function compileLogic(
  { left, right }: AndAtom | OrAtom,
  isFirst: boolean,
  join: (a: Truth, b: Truth) => Truth,
): Step | undefined {
  const a = compileAtom(left, isFirst);
  const b = compileAtom(right, isFirst);
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const [first, second] = [toExtractor(a), toExtractor(b)];
  return (next) => (node, out) => {
    const result = join(truth(first(node)), truth(second(node)));
    if (result !== undefined) {
      next(result, out);
    }
  };
}

const truth = (nodes: readonly unknown[]): Truth => (nodes.length === 0 ? undefined : nodes[0] !== false);

/** A function of what `list` selects. */
const compileFunction = ({ name, args }: FunctionAtom, list: Step): Step | undefined =>
  Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.(args, list) : undefined;

const FUNCTIONS: Readonly<Record<string, (args: readonly Atom[], list: Step) => Step | undefined>> = {
  first: (_, list) => nth(list, 0),
  exists: ([condition], list) => {
    const selected = condition === undefined ? list : compileWhere(condition, list);
    return selected && collect(selected, (found, next, out) => next(found.length > 0, out));
  },
  empty: (_, list) => collect(list, (found, next, out) => next(found.length === 0, out)),
  where: ([condition], list) => (condition === undefined ? undefined : compileWhere(condition, list)),
  extension: ([url], list) => (url instanceof LiteralAtom ? extensionOf(url.value.value, list) : undefined),
};

function extensionOf(url: unknown, list: Step): Step {
  const extensions = memberStep('extension');
  return (next) =>
    list(
      extensions((node, out) => {
        if (isObject(node) && node['url'] === url) {
          next(node, out);
        }
      }),
    );
}

function compileWhere(condition: Atom, list: Step): Step | undefined {
  const holds = compileTest(condition);
  return (
    holds &&
    ((next) =>
      list((node, out) => {
        if (holds(node)) {
          next(node, out);
        }
      }))
  );
}

function compileTest(condition: Atom): ((node: unknown) => boolean) | undefined {
  const type = resolvedType(condition);
  if (type !== undefined) {
    return (node) => referencedType(node) === type;
  }
  if (condition instanceof EqualsAtom && condition.left instanceof SymbolAtom) {
    const { left, right } = condition;
    if (right instanceof LiteralAtom && !CHOICE_ELEMENTS.has(left.name) && /^[a-z]/.test(left.name)) {
      return memberEquals(left.name, right.value.value);
    }
  }
  const test = compileAtom(condition, false);
  const extract = test && toExtractor(test);
  return extract && ((node) => extract(node)[0] === true);
}

function memberEquals(name: string, literal: unknown): (node: unknown) => boolean {
  return (node) => {
    const value = isObject(node) ? node[name] : undefined;
    return value === literal || (Array.isArray(value) && value.length === 1 && value[0] === literal);
  };
}

/** `resolve() is Patient` → `Patient`. */
function resolvedType(condition: Atom): string | undefined {
  return condition instanceof IsAtom &&
    condition.left instanceof FunctionAtom &&
    condition.left.name === 'resolve' &&
    condition.right instanceof SymbolAtom
    ? condition.right.name
    : undefined;
}

const REFERENCE = /^(?:.*\/)?([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]+(?:\/_history\/[A-Za-z0-9\-.]+)?|\?.*)$/;

/** The type a reference points at, by its URL or its `type`. */
function referencedType(node: unknown): string | undefined {
  const reference = isObject(node) ? node['reference'] : node;
  if (typeof reference === 'string' && !reference.startsWith('#')) {
    return REFERENCE.exec(reference)?.[1] ?? typeElement(node);
  }
  return typeElement(node);
}

const typeElement = (node: unknown): string | undefined =>
  isObject(node) && typeof node['type'] === 'string' && isObject(node['identifier'])
    ? node['type']
    : undefined;
