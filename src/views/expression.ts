/**
 * FHIRPath as a small tree of our own, read from the parser's: https://hl7.org/fhirpath/N1/#grammar
 */
import { parsePath, type PathTree } from '../fhir/path.ts';
import { ViewError } from './view-error.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly type: LiteralType; readonly text: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'this' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression | undefined; readonly name: string }
  | {
      readonly kind: 'call';
      readonly of: Expression | undefined;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | {
      readonly kind: 'operator';
      readonly name: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'negative'; readonly of: Expression }
  | {
      readonly kind: 'type';
      readonly name: 'is' | 'as';
      readonly of: Expression;
      readonly type: string;
    };

export type LiteralType = 'string' | 'boolean' | 'integer' | 'decimal' | 'date' | 'dateTime' | 'time';

const MAX_LENGTH = 4000;

/** Read an expression. Throws `ViewError` when it is no FHIRPath, or too long to be one that a person wrote. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) {
    throw new ViewError(`The expression is longer than ${MAX_LENGTH} characters.`);
  }
  try {
    return read(parsePath(text));
  } catch (cause) {
    if (cause instanceof ViewError) {
      throw cause;
    }
    throw new ViewError(`"${text.slice(0, 200)}" is no FHIRPath: ${reasonOf(cause)}`, { cause });
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof RangeError
    ? 'it is nested too deeply.'
    : (/message: (.*)/.exec(String((cause as Error).message))?.[1] ?? 'it cannot be parsed.').slice(0, 200);

type Reader = (node: PathTree, parts: readonly PathTree[]) => Expression;

/** The grammar's rules; those that only wrap another are read through. */
const READERS: Readonly<Record<string, Reader>> = {
  EntireExpression: inner,
  TermExpression: inner,
  InvocationTerm: inner,
  ParenthesizedTerm: inner,
  LiteralTerm: inner,
  ExternalConstantTerm: inner,
  InvocationExpression: (_, [of, invocation]) => readInvocation(part(invocation), read(part(of))),
  MemberInvocation: (node) => readInvocation(node, undefined),
  FunctionInvocation: (node) => readInvocation(node, undefined),
  ThisInvocation: () => ({ kind: 'this' }),
  IndexerExpression: (_, [of, at]) => ({ kind: 'index', of: read(part(of)), at: read(part(at)) }),
  PolarityExpression: ({ text }, [of]) =>
    text === '-' ? { kind: 'negative', of: read(part(of)) } : read(part(of)),
  MultiplicativeExpression: readOperator,
  AdditiveExpression: readOperator,
  UnionExpression: readOperator,
  InequalityExpression: readOperator,
  EqualityExpression: readOperator,
  MembershipExpression: readOperator,
  AndExpression: readOperator,
  OrExpression: readOperator,
  ImpliesExpression: readOperator,
  TypeExpression: ({ text }, [of, type]) => ({
    kind: 'type',
    name: text === 'is' ? 'is' : 'as',
    of: read(part(of)),
    type: lastName(part(type)),
  }),
  ExternalConstant: (_, [name]) => ({ kind: 'variable', name: identifier(part(name).text ?? '') }),
  NullLiteral: () => ({ kind: 'empty' }),
  BooleanLiteral: ({ text = '' }) => ({ kind: 'literal', type: 'boolean', text }),
  StringLiteral: ({ text = '' }) => ({ kind: 'literal', type: 'string', text: unquoted(text) }),
  NumberLiteral: ({ text = '' }) => ({
    kind: 'literal',
    type: text.includes('.') ? 'decimal' : 'integer',
    text,
  }),
  DateLiteral: ({ text = '' }) => ({ kind: 'literal', type: 'date', text: text.slice(1) }),
  DateTimeLiteral: ({ text = '' }) => ({
    kind: 'literal',
    type: 'dateTime',
    text: text.slice(1).replace(/T$/, ''),
  }),
  TimeLiteral: ({ text = '' }) => ({ kind: 'literal', type: 'time', text: text.slice(2) }),
};

function read(node: PathTree): Expression {
  const reader = READERS[node.type];
  if (reader === undefined) {
    throw new ViewError(`${node.text ?? node.type} (${node.type}) is not supported in views.`);
  }
  return reader(node, node.children ?? []);
}

function inner(_: PathTree, [child]: readonly PathTree[]): Expression {
  return read(part(child));
}

function readOperator({ text = '' }: PathTree, [left, right]: readonly PathTree[]): Expression {
  return { kind: 'operator', name: text, left: read(part(left)), right: read(part(right)) };
}

function readInvocation(node: PathTree, of: Expression | undefined): Expression {
  const [child] = node.children ?? [];
  if (node.type === 'MemberInvocation') {
    return { kind: 'member', of, name: identifier(part(child).text ?? '') };
  }
  if (node.type === 'FunctionInvocation') {
    const [name, list] = part(child).children ?? [];
    return {
      kind: 'call',
      of,
      name: identifier(part(name).text ?? ''),
      args: (list?.children ?? []).map(read),
    };
  }
  return read(node);
}

/** The last part of a type's name: `FHIR.Patient` is `Patient`, `System.String` is `String`. */
function lastName(node: PathTree): string {
  const child = node.children?.at(-1);
  return child === undefined ? identifier(node.text ?? '') : lastName(child);
}

const identifier = (text: string): string => (text.startsWith('`') ? text.slice(1, -1) : text);

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

const unquoted = (text: string): string =>
  text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    );

function part(node: PathTree | undefined): PathTree {
  if (node === undefined) {
    throw new ViewError('The expression is incomplete.');
  }
  return node;
}
