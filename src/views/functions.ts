/**
 * Functions of paths: those of FHIRPath that views have (https://hl7.org/fhirpath/N1/#functions), FHIR's own, and the
 * keys of SQL on FHIR (https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html).
 */
import type { Compile, Scope } from './compiler.ts';
import type { Expression } from './expression.ts';
import { toFilter } from './filter.ts';
import { isType, kindOf } from './model.ts';
import { truth } from './operators.ts';
import { extensionsOf, member, ofType, settled } from './paths.ts';
import { each, existsOf, first, joined, restrict, selectOf, single } from './several.ts';
import {
  bool,
  EMPTY,
  isWalk,
  jsonOf,
  type Node,
  type Scalar,
  scalar,
  type Several,
  textOf,
  type Value,
} from './value.ts';
import { ViewError } from './view-error.ts';

export interface Call {
  readonly name: string;
  /** The values it is called on; a choice is not settled yet. */
  readonly input: Value;
  readonly args: readonly Expression[];
  readonly scope: Scope;
  readonly compile: Compile;
}

type Run = (call: Call) => Value;

/** Carry out a call. Throws `ViewError` naming what views do not have. */
export function callFunction(call: Call): Value {
  const known = FUNCTIONS.get(call.name);
  if (known === undefined) {
    throw new ViewError(
      `The function ${call.name.slice(0, 60)}() is not supported in views; known are ${FUNCTION_NAMES.join(', ')}.`,
    );
  }
  const [least, most, run] = known;
  if (call.args.length < least || call.args.length > most) {
    throw new ViewError(`${call.name}() takes ${least === most ? least : `${least} to ${most}`} arguments.`);
  }
  return run(call);
}

/** Name → fewest and most arguments, and what it does. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, number, Run]> = new Map<
  string,
  readonly [number, number, Run]
>([
  ['where', [1, 1, where]],
  ['exists', [0, 1, (call) => bool(existsOf(matching(call), call.scope.binder))]],
  ['empty', [0, 0, (call) => bool(`(not ${existsOf(inputOf(call), call.scope.binder)})`)]],
  ['all', [1, 1, all]],
  ['not', [0, 0, (call) => bool(`(not ${truth(inputOf(call), call.scope.binder)})`)]],
  ['hasValue', [0, 0, (call) => bool(existsOf(inputOf(call), call.scope.binder))]],
  ['count', [0, 0, count]],
  ['first', [0, 0, firstOf]],
  ['single', [0, 0, (call) => single(inputOf(call), call.scope.binder)]],
  ['join', [0, 1, join]],
  ['ofType', [1, 1, (call) => ofType(call.input, typeArgument(call), call.scope)]],
  ['as', [1, 1, (call) => ofType(call.input, typeArgument(call), call.scope)]],
  [
    'is',
    [1, 1, (call) => bool(existsOf(ofType(call.input, typeArgument(call), call.scope), call.scope.binder))],
  ],
  ['extension', [1, 1, extension]],
  ['iif', [2, 3, iif]],
  ['getResourceKey', [0, 0, getResourceKey]],
  ['getReferenceKey', [0, 1, getReferenceKey]],
  ['lowBoundary', [0, 0, (call) => boundary(call, 'low')]],
  ['highBoundary', [0, 0, (call) => boundary(call, 'high')]],
  ['startsWith', [1, 1, (call) => text(call, 'boolean', (a, b) => `starts_with(${a}, ${b})`)]],
  ['endsWith', [1, 1, (call) => text(call, 'boolean', (a, b) => `(right(${a}, length(${b})) = ${b})`)]],
  ['contains', [1, 1, (call) => text(call, 'boolean', (a, b) => `(strpos(${a}, ${b}) > 0)`)]],
  ['replace', [2, 2, (call) => text(call, 'string', (a, b, c) => `replace(${a}, ${b}, ${c})`)]],
  ['upper', [0, 0, (call) => text(call, 'string', (a) => `upper(${a})`)]],
  ['lower', [0, 0, (call) => text(call, 'string', (a) => `lower(${a})`)]],
  ['trim', [0, 0, (call) => text(call, 'string', (a) => `btrim(${a}, e' \\t\\r\\n')`)]],
  ['length', [0, 0, (call) => text(call, 'integer', (a) => `length(${a})`)]],
  ['substring', [1, 2, substring]],
  ['toInteger', [0, 0, (call) => text(call, 'integer', (a) => `view_to_integer(${a})`)]],
  ['toDecimal', [0, 0, (call) => text(call, 'decimal', (a) => `view_to_decimal(${a})`)]],
  ['toString', [0, 0, (call) => text(call, 'string', (a) => a)]],
]);

/** Names of the functions, for documentation and messages. */
const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

const inputOf = ({ input, scope }: Call): Value => settled(input, scope);

/** The input, or what of it matches the criterion in the argument. */
function matching(call: Call): Value {
  return call.args.length === 0 ? inputOf(call) : where(call);
}

function where(call: Call): Value {
  const { args, scope, compile } = call;
  const input = inputOf(call);
  const [criterion] = args as [Expression];
  if (input.form === 'several') {
    return filtered(input, criterion, scope) ?? restrictBy(input, criterion, call);
  }
  const holds = truth(compile(criterion, { ...scope, focus: input }), scope.binder);
  return input.form === 'scalar'
    ? scalar(input.type, `(case when ${holds} then ${input.sql} end)`)
    : { form: 'node', type: input.type, root: `(case when ${holds} then ${jsonOf(input)} end)`, path: [] };
}

/** The criterion as part of the walk, when jsonpath can test it. */
function filtered(input: Several, criterion: Expression, scope: Scope): Several | undefined {
  if (!isWalk(input.end)) {
    return undefined;
  }
  const { end } = input;
  const filter = toFilter(criterion, input.type, scope, Object.keys(end.variables).length);
  return filter === undefined
    ? undefined
    : {
        ...input,
        end: {
          ...end,
          steps: `${end.steps} ? (${filter.text})`,
          variables: { ...end.variables, ...filter.variables },
        },
      };
}

function restrictBy(input: Several, criterion: Expression, { scope, compile }: Call): Several {
  return restrict(
    input,
    scope.binder,
    (focus) => `(${truth(compile(criterion, { ...scope, focus }), scope.binder)}) is true`,
  );
}

function all(call: Call): Value {
  const { args, scope, compile } = call;
  const [criterion] = args as [Expression];
  const input = inputOf(call);
  const fails = (focus: Node | Scalar): string =>
    `(${truth(compile(criterion, { ...scope, focus }), scope.binder)}) is not true`;
  if (input.form === 'several') {
    return bool(`(not ${existsOf(restrict(input, scope.binder, fails), scope.binder)})`);
  }
  return bool(`(not (${existsOf(input, scope.binder)} and ${fails(input)}))`);
}

function count(call: Call): Value {
  const input = inputOf(call);
  const { binder } = call.scope;
  return scalar(
    'integer',
    input.form === 'several'
      ? `(select count(*)::int from (${selectOf(input, binder)}) ${binder.alias()}(v))`
      : `(case when ${existsOf(input, binder)} then 1 else 0 end)`,
  );
}

function firstOf(call: Call): Value {
  const input = inputOf(call);
  return input.form === 'several' ? first(input, call.scope.binder) : input;
}

function join(call: Call): Value {
  const [separator] = call.args;
  const { binder } = call.scope;
  const between = separator === undefined ? "''" : textArgument(call, 0);
  return scalar('string', joined(inputOf(call), binder, between));
}

function extension(call: Call): Value {
  const { args, scope } = call;
  const extensions = extensionsOf(inputOf(call), scope);
  const url: Expression = { kind: 'member', of: undefined, name: 'url' };
  const criterion: Expression = { kind: 'operator', name: '=', left: url, right: args[0] as Expression };
  return where({ ...call, input: extensions, args: [criterion] });
}

function iif(call: Call): Value {
  const { scope, compile, args } = call;
  const focus = single(inputOf(call), scope.binder);
  const [criterion, yes, no] = args.map((arg) => single(compile(arg, { ...scope, focus }), scope.binder));
  const types = [yes, no].flatMap((value) => (value === undefined ? [] : [value.type]));
  const type = types.find((name) => kindOf(name) !== 'unknown') ?? types[0] ?? 'string';
  const [one, other] = [yes, no].map((value) => (value === undefined ? 'null' : textOf(value)));
  const chosen = `(case when ${truth(criterion ?? EMPTY, scope.binder)} then ${one ?? 'null'} else ${other ?? 'null'} end)`;
  const cast = CASTS[kindOf(type)];
  return scalar(type, cast === undefined ? chosen : `${chosen}::${cast}`);
}

const CASTS: Readonly<Partial<Record<string, string>>> = {
  boolean: 'boolean',
  integer: 'numeric',
  decimal: 'numeric',
};

function getResourceKey({ input, scope }: Call): Value {
  const isRoot = input.form === 'node' && input.root === scope.resource.root && input.path.length === 0;
  if (!isRoot) {
    throw new ViewError('getResourceKey() is a function of the resource itself, not of an element.');
  }
  return scalar('id', scope.resourceKey);
}

function getReferenceKey(call: Call): Value {
  const { scope, args } = call;
  const type = args.length === 0 ? 'null' : scope.binder.bind(typeArgument(call), 'text');
  const references = member(inputOf(call), 'reference', scope);
  return each(references, scope.binder, (item) =>
    scalar('id', `view_reference_key(${textOf(item)}, ${type})`),
  );
}

/** https://build.fhir.org/ig/HL7/FHIRPath/#lowboundaryprecision-integer-decimal--date--datetime--time */
function boundary(call: Call, side: 'low' | 'high'): Value {
  const { scope } = call;
  const input = inputOf(call);
  if (input.type === 'Period') {
    return boundary({ ...call, input: member(input, side === 'low' ? 'start' : 'end', scope) }, side);
  }
  const kind = kindOf(input.type);
  if (kind === 'integer' || kind === 'decimal') {
    return each(input, scope.binder, (item) =>
      scalar('decimal', `view_${side}_number(${textOf(item)}::numeric)`),
    );
  }
  if (kind !== 'time' && kind !== 'clock') {
    throw new ViewError(
      `${side}Boundary() of ${input.type} is not supported; of dates, times, numbers and periods it is.`,
    );
  }
  const type = input.type === 'instant' ? 'dateTime' : input.type;
  return each(input, scope.binder, (item) =>
    scalar(type, `view_${side}_${type.toLowerCase()}(${textOf(item)})`),
  );
}

/** A function of one text, with literal or computed arguments. */
function text(call: Call, type: string, sql: (...parts: readonly string[]) => string): Scalar {
  const input = single(inputOf(call), call.scope.binder);
  const args = call.args.map((_, index) => textArgument(call, index));
  return scalar(type, sql(textOf(input), ...args));
}

function textArgument({ args, scope, compile }: Call, index: number): string {
  return textOf(single(settled(compile(args[index] as Expression, scope), scope), scope.binder));
}

/** From 0; a start outside the text gives nothing. */
function substring(call: Call): Value {
  const { scope, compile, args } = call;
  const [start, length] = args.map((arg) => `(${textOf(single(compile(arg, scope), scope.binder))})::int`);
  const rest = length === undefined ? '' : ` for greatest(${length}, 0)`;
  return text(
    { ...call, args: [] },
    'string',
    (a) =>
      `(case when ${start ?? '0'} >= 0 and ${start ?? '0'} < length(${a}) then substring(${a} from ${start ?? '0'} + 1${rest}) end)`,
  );
}

function typeArgument({ args, name }: Call): string {
  const [argument] = args as [Expression];
  const type = nameIn(argument);
  if (type === undefined || !isType(type)) {
    throw new ViewError(`${name}() takes the name of a type of R4.`);
  }
  return type;
}

function nameIn(argument: Expression): string | undefined {
  if (argument.kind === 'member') {
    return argument.name;
  }
  return argument.kind === 'literal' ? argument.text : undefined;
}
