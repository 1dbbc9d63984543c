/**
 * The search parameters of every resource type: https://hl7.org/fhir/R4/searchparameter-registry.html
 * Built from SearchParameter resources (the specification's and the registers' own), each expression cut down to the
 * branches of one resource type and compiled on first use.
 */
import type { SearchParameter } from '../fhir/types.ts';
import { RESOURCE_TYPES, isResourceType } from '../fhir/resource-types.ts';
import { hash32 } from '../fhir/id.ts';
import { compileExpression } from './extract.ts';
import type { Extractor } from './extract.ts';
import { columnOf } from './columns.ts';
import type { Column } from './columns.ts';

export const PARAMETER_TYPES = [
  'number',
  'date',
  'string',
  'token',
  'reference',
  'composite',
  'quantity',
  'uri',
] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** One search parameter of one resource type. */
export interface Parameter {
  readonly code: string;
  /** The resource type that it was asked for (`Observation`, also for parameters of `Resource`). */
  readonly base: string;
  readonly type: ParameterType;
  /** Canonical url of the definition, for the CapabilityStatement. */
  readonly url: string;
  readonly documentation: string;
  /** hash32 of the code: `param` in the index tables. */
  readonly key: number;
  /** Types that a reference may point at; empty = any. */
  readonly targets: readonly string[];
  readonly expression: string;
  readonly extract: Extractor;
  /** Where the value is kept when it is not (only) in an index table. */
  readonly column: Column | undefined;
  /** Parts of a composite parameter, in order; empty for others. */
  readonly components: readonly Component[];
  /** Composite of the resource's own elements: its parts are independent criteria. */
  readonly isRootComposite: boolean;
}

export interface Component {
  /** The parameter that the part is defined by. */
  readonly code: string;
  readonly type: ParameterType;
  /** Applied to a node that the composite's own expression selects. */
  readonly extract: Extractor;
}

export interface ParameterTable {
  /** All parameters of a resource type, by code; the common ones (`_id`, `_tag` …) included. */
  of(type: string): ReadonlyMap<string, Parameter>;
  find(type: string, code: string): Parameter | undefined;
}

/** Parameters that would promise more than is done: sound-alike search does not work on Norwegian names. */
const LEFT_OUT: ReadonlySet<string> = new Set(['phonetic']);

/**
 * Index definitions by resource type. A later definition of the same type and code replaces an earlier one, so that a
 * register's content may sharpen a parameter. Definitions without an expression (`_text`, `_content`) are left out.
 */
export function createParameters(definitions: readonly SearchParameter[]): ParameterTable {
  const byUrl = new Map(definitions.map((definition) => [definition.url, definition]));
  const byType = groupByType(definitions);
  const compiled = new Map<string, ReadonlyMap<string, Parameter>>();
  const of = (type: string): ReadonlyMap<string, Parameter> => {
    const known = compiled.get(type) ?? compileType(type, byType.get(type) ?? [], byUrl);
    compiled.set(type, known);
    return known;
  };
  return { of, find: (type, code) => of(type).get(code) };
}

type ByUrl = ReadonlyMap<string, SearchParameter>;

function groupByType(
  definitions: readonly SearchParameter[],
): ReadonlyMap<string, readonly SearchParameter[]> {
  const byType = new Map<string, SearchParameter[]>(RESOURCE_TYPES.map((type) => [type, []]));
  for (const definition of definitions) {
    for (const type of definition.base.flatMap(concreteTypes)) {
      byType.get(type)?.push(definition);
    }
  }
  return byType;
}

/** `Resource` and `DomainResource` stand for every type; search cannot tell them apart, as R4's own list does not. */
const concreteTypes = (base: string): readonly string[] =>
  isResourceType(base) || !(base === 'Resource' || base === 'DomainResource') ? [base] : RESOURCE_TYPES;

function compileType(
  type: string,
  definitions: readonly SearchParameter[],
  byUrl: ByUrl,
): ReadonlyMap<string, Parameter> {
  const parameters = definitions
    .map((definition) => compileParameter(type, definition, byUrl))
    .filter((parameter) => parameter !== undefined);
  return new Map(parameters.map((parameter) => [parameter.code, parameter]));
}

function compileParameter(type: string, definition: SearchParameter, byUrl: ByUrl): Parameter | undefined {
  const expression = branchesOf(type, definition.expression ?? '');
  if (expression === '' || !isParameterType(definition.type) || LEFT_OUT.has(definition.code)) {
    return undefined;
  }
  const { code } = definition;
  return {
    code,
    base: type,
    type: definition.type,
    url: definition.url,
    documentation: definition.description,
    key: hash32(code),
    targets: definition.target ?? [],
    expression,
    extract: compileExpression(expression),
    column: columnOf(type, code, expression),
    components: (definition.component ?? []).map((part) => compileComponent(part, byUrl)),
    isRootComposite: definition.type === 'composite' && expression === type,
  };
}

const isParameterType = (type: string): type is ParameterType =>
  (PARAMETER_TYPES as readonly string[]).includes(type);

function compileComponent(
  { definition, expression }: NonNullable<SearchParameter['component']>[number],
  byUrl: ByUrl,
): Component {
  const target = byUrl.get(definition);
  if (target === undefined || !isParameterType(target.type)) {
    throw new Error(`The search parameter ${definition}, part of a composite, is not defined`);
  }
  return { code: target.code, type: target.type, extract: compileExpression(expression) };
}

/** The alternatives of `A.x | B.x | (C.y.ofType(Z))` that can select something in one type, joined again. */
export function branchesOf(type: string, expression: string): string {
  return splitUnion(expression)
    .filter((branch) => {
      const head = /^\(*\s*([A-Za-z]+)/.exec(branch)?.[1] ?? '';
      return head === type || head === 'Resource' || head === 'DomainResource' || !isResourceType(head);
    })
    .join(' | ');
}

/** Splits at `|` outside of brackets and quotes. */
function splitUnion(expression: string): readonly string[] {
  const branches: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (const [i, c] of [...expression].entries()) {
    if (c === "'") {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (c === '(' || c === ')')) {
      depth += c === '(' ? 1 : -1;
    } else if (c === '|' && depth === 0 && !isQuoted) {
      branches.push(expression.slice(start, i));
      start = i + 1;
    }
  }
  return [...branches, expression.slice(start)]
    .map((branch) => branch.trim())
    .filter((branch) => branch !== '');
}
