/**
 * FHIRPath with the R4 model: https://hl7.org/fhir/R4/fhirpath.html — the only file that knows the `fhirpath` package.
 * Compiled once, synchronous, and never writes to the values it is given (they may be frozen). What is FHIRPath beyond doubt
 * (path-syntax.ts) is parsed when it is first evaluated: of the thousands in the content a process evaluates few.
 */
import { compile, type Model, type OptionVariants, parse, type UserInvocationTable } from 'fhirpath';
import r4Model from 'fhirpath/fhir-context/r4';
import { narrativeFault } from './narrative.ts';
import { isPlainPath } from './path-syntax.ts';
import { parseLocalReference } from './reference.ts';
import { isResourceType } from './resource-types.ts';

/** An expression that cannot be parsed or evaluated; the message names the expression and the reason. */
export class PathError extends Error {
  readonly expression: string;

  constructor(expression: string, cause: unknown) {
    super(`The FHIRPath expression "${expression}" fails: ${reasonOf(cause)}`, { cause });
    this.name = 'PathError';
    this.expression = expression;
  }
}

/** Evaluates a compiled expression. Variables are named without `%`; throws `PathError`. */
export interface CompiledPath {
  (base: unknown, variables?: Readonly<Record<string, unknown>>): unknown[];
  /** The same as values that keep their types, to be handed to other expressions as a variable, and for nothing else. */
  readonly nodes: (base: unknown, variables?: Readonly<Record<string, unknown>>) => unknown[];
}

const MAX_CACHED = 10_000;
const cache = new Map<string, CompiledPath>();

/**
 * Compile an expression once. `basePath` says what a base is that is no resource itself (`QuestionnaireResponse.item`,
 * `Period`), so that choice elements and types are known. Throws `PathError` when the expression is not FHIRPath.
 */
export function compilePath(expression: string, basePath?: string): CompiledPath {
  const key = `${basePath ?? ''}\n${expression}`;
  const known = cache.get(key);
  if (known !== undefined) {
    return known;
  }
  const compiled = compileNew(expression, basePath);
  if (cache.size >= MAX_CACHED) {
    cache.clear();
  }
  cache.set(key, compiled);
  return compiled;
}

/** A node of the parsed expression: the rule of FHIRPath's grammar that it is, its text, and its parts. */
export interface PathTree {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly PathTree[];
}

/** The parse tree of an expression, for those who compile it to something else. Throws `PathError`. */
export function parsePath(expression: string): PathTree {
  return rethrown(expression, () => parse(expression) as PathTree);
}

/** One step down a resource: the element's name without a choice's type, and its place where it is one of a list. */
export interface PathStep {
  readonly name: string;
  readonly index: number | undefined;
}

/**
 * Where in the resource the elements stand that an expression selects, in its order; [] is the resource itself.
 * Throws `PathError` when it cannot be evaluated or selects something that is no element of the resource.
 */
export function locatePath(expression: string, resource: unknown): readonly (readonly PathStep[])[] {
  return rethrown(expression, () => {
    const evaluate = compile(withQuotedNames(expression), r4Model as unknown as Model, OPTIONS) as Evaluate;
    return evaluate(resource, {}).map(stepsTo);
  });
}

function rethrown<T>(expression: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new PathError(expression, cause);
  }
}

/** `text.div` is an element, though `div` is a word of the language. */
const withQuotedNames = (expression: string): string =>
  expression.replaceAll(/'(?:[^'\\]|\\.)*'|\.(div|mod)\b/g, (whole, word: string | undefined) =>
    word === undefined ? whole : `.\`${word}\``,
  );

function stepsTo(node: unknown): readonly PathStep[] {
  if (!isNode(node)) {
    throw new Error('it selects a value that is no element of the resource');
  }
  const steps: PathStep[] = [];
  for (let at = node as LocatedNode; at.parentResNode != null; at = at.parentResNode) {
    steps.unshift({ name: at.propName ?? '', index: at.index ?? undefined });
  }
  return steps;
}

interface LocatedNode extends PathNode {
  readonly parentResNode?: LocatedNode | null;
  readonly propName?: string | null;
  readonly index?: number | null;
}

/** The wrapper that the package puts around every value: the value, its path and its type. */
interface PathNode {
  readonly ctx: PathContext;
  readonly data: unknown;
}
interface PathContext {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly instanceSelectorTypeByData: WeakMap<object, unknown> | null;
}
interface PathNodeClass {
  makeResNode(
    ctx: PathContext,
    data: unknown,
    parent: null,
    path: string,
    companion: null,
    type: string,
  ): PathNode;
}

/** Where objects came from that earlier expressions returned: a later expression on them still knows their types. */
const origins = new WeakMap<object, PathNode>();

type Evaluate = (base: unknown, variables: Record<string, unknown>) => unknown[];

function compileNew(expression: string, basePath: string | undefined): CompiledPath {
  const model = r4Model as unknown as Model;
  const { text, lists } = withoutLists(expression);
  const constants = { ...constantsOf(expression), ...lists };
  const path = basePath === undefined ? text : { base: basePath, expression: text };
  let evaluate: Evaluate | undefined;
  const parsed = (): Evaluate => (evaluate ??= compile(path as string, model, OPTIONS) as Evaluate);
  if (!isPlainPath(text)) {
    rethrown(expression, parsed);
  }
  const nodes: CompiledPath['nodes'] = (base, variables = {}) =>
    rethrown(expression, () => {
      const environment = { ...withOrigins(variables), ...constants };
      return parsed()(basePath === undefined ? withOrigin(base) : base, environment);
    });
  const values = (base: unknown, variables?: Readonly<Record<string, unknown>>): unknown[] =>
    basePath !== undefined && typeof base === 'number'
      ? compilePath(expression)(base, variables) // the package cannot give a path to a bare number
      : nodes(base, variables).flatMap(plainValue);
  return Object.assign(values, { nodes });
}

const LIST = /\bin\s*\(\s*('[^'\\]*'(?:\s*\|\s*'[^'\\]*')+)\s*\)/g;

/**
 * `code in ('a' | 'b' | …)` with the list as a variable. The package makes the union anew at every evaluation, comparing each
 * member with all before it: with a hundred codes that takes the most of a second.
 */
function withoutLists(expression: string): {
  readonly text: string;
  readonly lists: Readonly<Record<string, readonly string[]>>;
} {
  const lists: Record<string, readonly string[]> = {};
  const text = expression.replace(LIST, (_, members: string) => {
    const name = `list${Object.keys(lists).length}`;
    lists[name] = [...new Set([...members.matchAll(/'([^']*)'/g)].map(([, member = '']) => member))];
    return `in %${name} `;
  });
  return { text, lists };
}

/** What R4 lets every expression name: code systems, value sets and extensions. https://hl7.org/fhir/R4/fhirpath.html#variables */
function constantsOf(expression: string): Readonly<Record<string, string>> {
  const canonicals = [...expression.matchAll(/%`((vs|ext)-([^`]+))`/g)].map(
    ([, name = '', kind, id = '']) =>
      [name, `http://hl7.org/fhir/${kind === 'vs' ? 'ValueSet' : 'StructureDefinition'}/${id}`] as const,
  );
  return {
    ...(expression.includes('%sct') && { sct: 'http://snomed.info/sct' }),
    ...(expression.includes('%loinc') && { loinc: 'http://loinc.org' }),
    ...Object.fromEntries(canonicals),
  };
}

function withOrigins(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(variables)) {
    result[name] = withOrigin(value);
  }
  return result;
}

function withOrigin(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => withOrigin(item));
  }
  return typeof value === 'object' && value !== null ? (origins.get(value) ?? value) : value;
}

/** Node → the JSON value it stands for; absent values vanish. */
function plainValue(result: unknown): unknown[] {
  const value = isNode(result) ? result.data : result;
  if (value === null || value === undefined) {
    return [];
  }
  if (typeof value === 'bigint') {
    return [value.toString()];
  }
  if (typeof value !== 'object') {
    return [value];
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return [(value as { toJSON(): unknown }).toJSON()];
  }
  if (isNode(result)) {
    if (result.ctx.instanceSelectorTypeByData?.has(value) === true) {
      return [JSON.parse(JSON.stringify(value)) as unknown];
    }
    origins.set(value, result);
  }
  return [value];
}

const isNode = (value: unknown): value is PathNode =>
  typeof value === 'object' && value !== null && 'fhirNodeDataType' in value && 'data' in value;

/**
 * What the package would ask a server for, answered from what is at hand. `resolve()` gives the contained resource or
 * the bundle's entry, else a resource of the type and id that the reference names, so that `resolve() is Patient` works.
 */
const FUNCTIONS: UserInvocationTable = {
  resolve: {
    arity: { 0: [] },
    internalStructures: true,
    fn(this: PathContext, inputs: readonly unknown[]): unknown[] {
      return inputs.flatMap((input) => resolveReference(this, input));
    },
  },
  htmlChecks: {
    arity: { 0: [] },
    fn: (inputs: readonly unknown[]) => inputs.every((div) => narrativeFault(div) === undefined),
  },
  /** Value sets are checked by bindings, not by expressions: unknown here. */
  memberOf: { arity: { 1: ['String'] }, fn: () => [] },
  /** A resource is of its own type and of no other one; what is said by other profiles is unknown here. */
  conformsTo: {
    arity: { 1: ['String'] },
    fn: (inputs: readonly unknown[], profile: string) => {
      const [, type = ''] = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/(\w+)$/.exec(profile) ?? [];
      return inputs.length > 0 && isResourceType(type)
        ? inputs.every((input) => resourceTypeOf(input) === type)
        : [];
    },
  },
};

const OPTIONS: OptionVariants = {
  resolveInternalTypes: false,
  preciseMath: true,
  traceFn: () => undefined,
  userInvocationTable: FUNCTIONS,
};

function resolveReference(ctx: PathContext, input: unknown): PathNode[] {
  if (!isNode(input)) {
    return [];
  }
  const reference = typeof input.data === 'string' ? input.data : memberOf(input.data, 'reference');
  const target = typeof reference === 'string' ? findTarget(ctx, reference) : undefined;
  const type = resourceTypeOf(target);
  const { makeResNode } = input.constructor as unknown as PathNodeClass;
  return type === '' ? [] : [makeResNode(ctx, target, null, type, null, type)];
}

function findTarget({ vars }: PathContext, reference: string): unknown {
  const root = memberOf(vars['rootResource'], 'data') ?? vars['rootResource'] ?? vars['resource'];
  if (reference.startsWith('#')) {
    const id = reference.slice(1);
    return id === ''
      ? root
      : listOf(memberOf(root, 'contained')).find((resource) => memberOf(resource, 'id') === id);
  }
  const entry = listOf(memberOf(root, 'entry')).find(
    (candidate) => memberOf(candidate, 'fullUrl') === reference,
  );
  const local =
    parseLocalReference(reference) ??
    parseLocalReference(/[A-Z][A-Za-z]+\/[^/]+$/.exec(reference)?.[0] ?? '');
  return memberOf(entry, 'resource') ?? (local && { resourceType: local.type, id: local.id });
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function resourceTypeOf(value: unknown): string {
  const type = memberOf(value, 'resourceType');
  return typeof type === 'string' ? type : '';
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
