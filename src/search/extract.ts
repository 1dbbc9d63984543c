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

/** Selects values from one node: a resource, or an element of it (components of composite parameters). */
export type Extractor = (node: unknown) => readonly unknown[];

/** Input nodes → output nodes; `undefined` at compile time means: not in the subset. */
type Step = (input: readonly unknown[]) => readonly unknown[];

/**
 * Compile an expression. The closure never throws on odd data; the compiler throws on an expression that does not parse.
 * `resolve()` is answered from the reference's text alone, contained resources are not followed.
 */
export function compileExpression(expression: string): Extractor {
  const atom = parseFhirPath(expression);
  const step = compileAtom(atom, true);
  return step === undefined ? interpret(atom) : (node) => step([node]);
}

/** True when the whole expression is compiled, so that a test can see what falls back. */
export const isCompiled = (expression: string): boolean =>
  compileAtom(parseFhirPath(expression), true) !== undefined;

const interpret =
  (atom: FhirPathAtom): Extractor =>
  (node) =>
    evalFhirPathTyped(atom, [toTypedValue(node)]).map(({ value }) => value as unknown);

/** `isFirst`: a leading symbol may be the resource type itself. */
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
  entry(FunctionAtom, compileFunction),
  entry(AsAtom, (atom, isFirst) => compileCast(atom.left, atom.right, isFirst)),
  entry(IndexerAtom, compileIndexer),
  entry(LiteralAtom, (atom) => () => [atom.value.value as unknown]),
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
    return (input) => input.filter((node) => isOfType(node, name));
  }
  return (input) => input.flatMap((node) => property(node, name));
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
  const second = compileAtom(right, false);
  return first === undefined || second === undefined ? undefined : (input) => second(first(input));
}

/** `value.ofType(Quantity)` is the element `valueQuantity`; casts of anything but a choice element are not compiled. */
function compileCast(left: Atom, type: Atom | undefined, isFirst: boolean): Step | undefined {
  if (!(type instanceof SymbolAtom)) {
    return undefined;
  }
  const suffix = type.name.charAt(0).toUpperCase() + type.name.slice(1);
  if (left instanceof SymbolAtom) {
    return (input) => input.flatMap((node) => ownProperty(node, left.name + suffix));
  }
  if (!(left instanceof DotAtom && left.right instanceof SymbolAtom)) {
    return undefined;
  }
  const parent = compileAtom(left.left, isFirst);
  const name = left.right.name + suffix;
  return parent === undefined
    ? undefined
    : (input) => parent(input).flatMap((node) => ownProperty(node, name));
}

/** Equal values count once, as FHIRPath's union demands. */
function compileUnion({ left, right }: UnionAtom, isFirst: boolean): Step | undefined {
  const a = compileAtom(left, isFirst);
  const b = compileAtom(right, isFirst);
  return a === undefined || b === undefined ? undefined : (input) => distinct([...a(input), ...b(input)]);
}

function distinct(nodes: readonly unknown[]): readonly unknown[] {
  if (nodes.length < 2) {
    return nodes;
  }
  const byText = new Map(nodes.map((node) => [isObject(node) ? JSON.stringify(node) : node, node] as const));
  return byText.size === nodes.length ? nodes : [...byText.values()];
}

function compileIndexer({ left, expr }: IndexerAtom, isFirst: boolean): Step | undefined {
  const list = compileAtom(left, isFirst);
  if (list === undefined || !(expr instanceof LiteralAtom) || typeof expr.value.value !== 'number') {
    return undefined;
  }
  const index = expr.value.value;
  return (input) => list(input).slice(index, index + 1);
}

function compileComparison(
  { left, right }: EqualsAtom | NotEqualsAtom,
  isFirst: boolean,
  holds: (a: unknown, b: unknown) => boolean,
): Step | undefined {
  const a = compileAtom(left, isFirst);
  const b = compileAtom(right, isFirst);
  if (a === undefined || b === undefined || !(right instanceof LiteralAtom)) {
    return undefined;
  }
  return (input) => {
    const [first, ...rest] = a(input);
    const [literal] = b(input);
    return first === undefined ? [] : [rest.length === 0 && holds(first, literal)];
  };
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
  return (input) => {
    const result = join(truth(a(input)), truth(b(input)));
    return result === undefined ? [] : [result];
  };
}

const truth = (nodes: readonly unknown[]): Truth => (nodes.length === 0 ? undefined : nodes[0] !== false);

function compileFunction({ name, args }: FunctionAtom): Step | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.(args) : undefined;
}

const FUNCTIONS: Readonly<Record<string, (args: readonly Atom[]) => Step | undefined>> = {
  first: () => (input) => input.slice(0, 1),
  exists: (args) => (args.length === 0 ? (input) => [input.length > 0] : existsWhere(args[0])),
  empty: () => (input) => [input.length === 0],
  where: ([condition]) => (condition === undefined ? undefined : compileWhere(condition)),
  extension: ([url]) => (url instanceof LiteralAtom ? extensionOf(url.value.value) : undefined),
};

function existsWhere(condition: Atom | undefined): Step | undefined {
  const where = condition === undefined ? undefined : compileWhere(condition);
  return where === undefined ? undefined : (input) => [where(input).length > 0];
}

const extensionOf =
  (url: unknown): Step =>
  (input) =>
    input.flatMap((node) =>
      property(node, 'extension').filter((extension) => isObject(extension) && extension['url'] === url),
    );

function compileWhere(condition: Atom): Step | undefined {
  const type = resolvedType(condition);
  if (type !== undefined) {
    return (input) => input.filter((node) => referencedType(node) === type);
  }
  const test = compileAtom(condition, false);
  return test === undefined ? undefined : (input) => input.filter((node) => test([node])[0] === true);
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

/** An element by name; a choice element by its name without the type (`effective` finds `effectivePeriod`). */
function property(node: unknown, name: string): readonly unknown[] {
  if (!isObject(node)) {
    return [];
  }
  return Object.hasOwn(node, name) ? asList(node[name]) : choice(node, name);
}

function choice(node: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  for (const key of Object.keys(node)) {
    if (key.length > name.length && key.startsWith(name) && CHOICE_TYPES.has(key.slice(name.length))) {
      return asList(node[key]);
    }
  }
  return [];
}

const ownProperty = (node: unknown, name: string): readonly unknown[] =>
  isObject(node) && Object.hasOwn(node, name) ? asList(node[name]) : [];

const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.filter(isPresent) : [value].filter(isPresent);
const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types that may follow the name of a choice element: https://hl7.org/fhir/R4/datatypes.html#open */
const CHOICE_TYPES = new Set(
  (
    'Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time ' +
    'UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance ' +
    'Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing ' +
    'ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition ' +
    'UsageContext Dosage Meta'
  ).split(' '),
);
