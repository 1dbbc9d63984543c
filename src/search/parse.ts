/**
 * Search parameters of a request → tree: https://hl7.org/fhir/R4/search.html
 * Nothing is dropped without a word: what is not understood is refused (strict handling, the default) or reported
 * (lenient handling, `Prefer: handling=lenient`).
 */
import { badRequest, FhirError, error } from '../fhir/outcome.ts';
import type { Issue } from '../fhir/outcome.ts';
import { isResourceType, RESOURCE_TYPES } from '../fhir/resource-types.ts';
import { parseFilter } from './parse-filter.ts';
import { parseCriterion } from './parse-link.ts';
import { unsupported, clip } from './parse-name.ts';
import type { NameContext } from './parse-name.ts';
import { NO_RESULT_PARTS, REPEATABLE, RESULT_PARSERS } from './parse-result.ts';
import type { ResultParts } from './parse-result.ts';
import type { ParameterTable } from './parameters.ts';
import { compartmentTypes } from './compartments.ts';
import type { Criterion, SearchTree } from './tree.ts';

export interface ParseOptions {
  /** `lenient`: unknown parameters and modifiers become warnings. Malformed values are refused either way. */
  readonly handling?: 'strict' | 'lenient';
  /** This server's FHIR base url: references below it are local. */
  readonly baseUrl?: string;
  /** Only what belongs to this resource: `Patient/[id]/Observation`. */
  readonly compartment?: Compartment;
}

export interface Compartment {
  readonly type: string;
  readonly id: string;
}

export type SearchParams = Iterable<readonly [string, string]>;

/** Parameters that say how the answer is written; the REST layer has dealt with them. */
const NOT_OURS: ReadonlySet<string> = new Set(['_format', '_pretty']);

interface Outcome {
  readonly criteria: readonly Criterion[];
  readonly parts: ResultParts;
  readonly issues: readonly Issue[];
  readonly understood: readonly (readonly [string, string])[];
}

/**
 * Parse a search of one type, or of several at the system level (`type` undefined; `_type` narrows it).
 * Throws FhirError 400 with an issue for every parameter that is not understood.
 */
export function parseSearch(
  type: string | undefined,
  params: SearchParams,
  parameters: ParameterTable,
  { handling = 'strict', baseUrl, compartment }: ParseOptions = {},
): SearchTree {
  const list = [...params];
  const types = typesOf(type, list);
  const context: NameContext = {
    types: compartment === undefined ? types : typesIn(compartment, types, type ?? '*'),
    parameters,
    baseUrl,
  };
  refuseMany(list.length);
  const rest = list.filter(([name]) => !NOT_OURS.has(name) && !(type === undefined && name === '_type'));
  const outcome = rest.reduce<Outcome>((before, pair) => parseParameter(before, pair, context), {
    criteria: compartment === undefined ? [] : [{ kind: 'compartment', ...compartment }],
    parts: NO_RESULT_PARTS,
    issues: [],
    understood: list.filter(([name]) => type === undefined && name === '_type'),
  });
  const fatal = outcome.issues.filter(({ code }) => handling === 'strict' || code !== 'not-supported');
  if (fatal.length > 0) {
    throw new FhirError(400, fatal);
  }
  return {
    types: context.types,
    criteria: outcome.criteria,
    ...outcome.parts,
    warnings: outcome.issues.map((found) => ({ ...found, severity: 'warning' })),
    understood: outcome.understood,
  };
}

/** A question of a person or a program has a few; each costs a look at the index (LM-01). */
const MOST = 100;

function refuseMany(count: number): void {
  if (count > MOST) {
    throw badRequest(
      `The search has ${count} parameters; at most ${MOST} are taken. Values of one parameter may be joined by commas.`,
      undefined,
      'search-parameters',
    );
  }
}

function typesOf(
  type: string | undefined,
  params: readonly (readonly [string, string])[],
): readonly string[] {
  if (type !== undefined) {
    return [requireType(type)];
  }
  const narrowed = params.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  return narrowed.length === 0 ? RESOURCE_TYPES : [...new Set(narrowed.map(requireType))];
}

/** The types searched that can belong to the compartment at all. Throws 404 for a type that has none, or never is in it. */
function typesIn({ type }: Compartment, types: readonly string[], asked: string): readonly string[] {
  const members = compartmentTypes(type);
  if (members === undefined) {
    throw notThere(`R4 defines no compartment of ${clip(type)}: search with a reference parameter instead.`);
  }
  const inside = types.filter((candidate) => candidate === type || members.has(candidate));
  if (inside.length === 0) {
    throw notThere(`${clip(asked)} is never in the compartment of a ${type}.`);
  }
  return inside;
}

const notThere = (diagnostics: string): FhirError =>
  new FhirError(404, error('not-supported', diagnostics, undefined, 'compartment'));

function requireType(type: string): string {
  if (!isResourceType(type)) {
    throw new FhirError(
      400,
      error('not-supported', `${clip(type)} is no R4 resource type.`, undefined, 'resource-type'),
    );
  }
  return type;
}

/** One parameter added to what is parsed so far; a failure adds its issues instead. */
function parseParameter(before: Outcome, pair: readonly [string, string], context: NameContext): Outcome {
  const [name, value] = pair;
  try {
    refuseUnusable(name, value);
    refuseResultModifier(name);
    refuseUnsupported(name);
    const understood = [...before.understood, pair];
    if (Object.hasOwn(RESULT_PARSERS, name)) {
      const parts = { ...before.parts, ...parseResult(name, value, before, context) };
      return { ...before, understood, parts };
    }
    const criterion = name === '_filter' ? parseFilter(value, context) : parseCriterion(name, value, context);
    return { ...before, understood, criteria: [...before.criteria, criterion] };
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
    return { ...before, issues: [...before.issues, ...cause.issues] };
  }
}

/** What no stored value can ever equal: nothing, and text that the database does not hold. */
function refuseUnusable(name: string, value: string): void {
  if (value === '') {
    throw new FhirError(
      400,
      error('invalid', `The search parameter ${clip(name)} has no value.`, undefined, 'search-value'),
    );
  }
  if (`${name}${value}`.includes('\u0000')) {
    throw new FhirError(
      400,
      error('invalid', 'A search parameter holds a null character.', undefined, 'search-value'),
    );
  }
}

/** `_include:iterate` has a parser of its own; no other of these parameters has a modifier. */
function refuseResultModifier(name: string): void {
  const [code = '', modifier] = name.split(':');
  if (modifier === 'recurse') {
    throw unsupported(`${clip(name)} is the name of before R4; use ${clip(code)}:iterate.`);
  }
  if (modifier !== undefined && Object.hasOwn(RESULT_PARSERS, code) && !Object.hasOwn(RESULT_PARSERS, name)) {
    throw unsupported(`The modifier of ${clip(name)} is not supported.`);
  }
}

/** Parameters of the specification that are not done here, each with what to do instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  _contained:
    '_contained is not supported: contained resources are returned inside their containers, and not searched.',
  _containedType: '_containedType is not supported: contained resources are not searched.',
  _query: '_query is not supported: no named queries are defined here.',
};

function refuseUnsupported(name: string): void {
  const why = Object.hasOwn(UNSUPPORTED, name) ? UNSUPPORTED[name] : undefined;
  if (why !== undefined) {
    throw unsupported(why);
  }
}

function parseResult(
  name: string,
  value: string,
  before: Outcome,
  context: NameContext,
): Partial<ResultParts> {
  const isSecond = before.understood.some(([earlier]) => earlier === name);
  if (isSecond && !REPEATABLE.has(name)) {
    throw unsupported(`${name} may be given once.`);
  }
  return RESULT_PARSERS[name]?.(value, context, before.parts) ?? {};
}
