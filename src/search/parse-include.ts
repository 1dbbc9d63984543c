/**
 * `_include` and `_revinclude`: https://hl7.org/fhir/R4/search.html#include
 * `*` stands for every reference parameter, `:iterate` follows what is included as well.
 */
import { isResourceType, RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { Parameter, ParameterTable } from './parameters.ts';
import { clip, requireParameter, unsupported } from './parse-name.ts';
import type { NameContext } from './parse-name.ts';
import type { Include, SearchTree } from './tree.ts';

type ParseInclude = (value: string, context: NameContext, reach: Reach) => readonly Include[];

/** `iterate`: the start may be what other includes bring, whose types are not known before. */
type Reach = 'matches' | 'iterate';

type IncludeParts = Pick<SearchTree, 'includes' | 'revincludes'>;
type IncludeParser = (value: string, context: NameContext, parts: IncludeParts) => Partial<IncludeParts>;

/** Parsers of a parameter with and without `:iterate`, adding to one list of the result's parts. */
export function includeParsers(
  name: string,
  part: keyof IncludeParts,
  parse: ParseInclude,
): Readonly<Record<string, IncludeParser>> {
  return {
    [name]: (value, context, parts) => ({
      [part]: [...parts[part], ...parse(value, context, 'matches')],
    }),
    [`${name}:iterate`]: (value, context, parts) => ({
      [part]: [
        ...parts[part],
        ...parse(value, context, 'iterate').map((include) => ({ ...include, isIterated: true as const })),
      ],
    }),
  };
}

/** Throws 400 `not-supported` for what cannot be followed. */
export function parseInclude(value: string, context: NameContext, reach: Reach): readonly Include[] {
  const { source, code, target } = split('_include', value);
  const sources = source === '*' ? context.types : [source];
  if (reach === 'matches' && !sources.every((type) => context.types.includes(type))) {
    throw unsupported(
      `_include must start from ${context.types.slice(0, 5).join(' or ')}; use _include:iterate for what is included itself.`,
    );
  }
  return code === '*'
    ? sources.flatMap((type) => wildcards(type, target, context.parameters))
    : [named(source, code, target, context)];
}

export function parseRevinclude(value: string, context: NameContext, reach: Reach): readonly Include[] {
  const { source, code, target } = split('_revinclude', value);
  const isReached = ({ parameter: { targets } }: Include): boolean =>
    reach === 'iterate' || targets.length === 0 || context.types.some((type) => targets.includes(type));
  if (code === '*') {
    const sources = source === '*' ? RESOURCE_TYPES : [source];
    return sources.flatMap((type) => wildcards(type, target, context.parameters)).filter(isReached);
  }
  const include = named(source, code, target, context);
  if (!isReached(include)) {
    throw unsupported(
      `${source}.${include.parameter.code} cannot refer to ${context.types.slice(0, 5).join(' or ')}.`,
    );
  }
  return [include];
}

interface Parts {
  readonly source: string;
  readonly code: string;
  readonly target: string | undefined;
}

function split(name: string, value: string): Parts {
  const [source = '', code = source === '*' ? '*' : '', target, ...rest] = value.split(':');
  const isNamed = isResourceType(source) || (source === '*' && code === '*');
  if (!isNamed || code === '' || rest.length > 0) {
    throw unsupported(
      `${name} must be *, <type>:* or <type>:<reference parameter>, perhaps with :<target type> behind.`,
    );
  }
  return { source, code, target };
}

function wildcards(
  source: string,
  target: string | undefined,
  parameters: ParameterTable,
): readonly Include[] {
  const references = [...parameters.of(source).values()].filter(({ type }) => type === 'reference');
  return references
    .filter(({ targets }) => target === undefined || canTarget(targets, target))
    .map((parameter) => ({ source, parameter, target, isWildcard: true }));
}

function named(
  source: string,
  code: string,
  target: string | undefined,
  { parameters, baseUrl }: NameContext,
): Include {
  const parameter: Parameter = requireParameter(code, { types: [source], parameters, baseUrl });
  if (parameter.type !== 'reference') {
    throw unsupported(`${source}.${parameter.code} is no reference, so it cannot be followed.`);
  }
  if (target !== undefined && !(isResourceType(target) && canTarget(parameter.targets, target))) {
    throw unsupported(`${source}.${parameter.code} cannot refer to ${clip(target)}.`);
  }
  return { source, parameter, target };
}

const canTarget = (targets: readonly string[], type: string): boolean =>
  targets.length === 0 || targets.includes(type);
