/**
 * Conditions that reach other resources: chains, `_has`, `_list`, in any mixture, over a few steps.
 * https://hl7.org/fhir/R4/search.html#chaining, #has, #list
 */
import { FhirError, error } from '../fhir/outcome.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { Parameter } from './parameters.ts';
import {
  clip,
  parsePlain,
  requireParameter,
  requireReference,
  requireTarget,
  unsupported,
} from './parse-name.ts';
import type { NameContext } from './parse-name.ts';
import type { Criterion, HasCriterion } from './tree.ts';

/** Steps from the resource that is searched to the one that the value is about. */
export const MAX_STEPS = 3;

/** One `name=value` of a search. Throws 400: `not-supported` for what is unknown here, `invalid` for a bad value. */
export const parseCriterion = (name: string, value: string, context: NameContext): Criterion =>
  name === '_list' ? parseList(value, context) : parseSteps(name, value, context, MAX_STEPS);

/** The condition at the end of a path; a link takes one of the steps that are left. */
export type ParseEnd = (rest: string, context: NameContext, left: number) => Criterion;

function parseSteps(name: string, value: string, context: NameContext, left: number): Criterion {
  const end: ParseEnd = (rest, inner, steps) => parseSteps(rest, value, inner, steps);
  if (name.startsWith('_has:')) {
    return parseHas(name, end, context, left);
  }
  const dot = name.indexOf('.');
  return dot === -1
    ? parsePlain(name, value, context)
    : parseChain(name.slice(0, dot), name.slice(dot + 1), end, context, left);
}

/** `head` is a reference parameter, perhaps with a type; `rest` is asked of what it refers to. */
export function parseChain(
  head: string,
  rest: string,
  end: ParseEnd,
  context: NameContext,
  left: number,
): Criterion {
  requireStep(left);
  const [code = '', ...modifiers] = head.split(':');
  const parameter = requireReference(requireParameter(code, context));
  const modifier = modifiers.length === 0 ? undefined : modifiers.join(':');
  if (modifier !== undefined) {
    requireTarget(parameter, modifier);
  }
  const types = modifier === undefined ? allTargets(code, context) : [modifier];
  if (types.length === 0) {
    throw unsupported(`${clip(code)} may refer to any type: name it, as in ${clip(code)}:Patient.`);
  }
  const next = /^[^.:[]*/.exec(rest)?.[0] ?? '';
  const known = types.filter((type) => isKnown(next, type, context));
  if (known.length === 0) {
    throw unsupported(
      `No resource type that ${clip(code)} can refer to has the search parameter ${clip(next)}.`,
    );
  }
  const attempts = known.map((type) =>
    attempt(type, () => end(rest, { ...context, types: [type] }, left - 1)),
  );
  const targets = attempts.flatMap((tried) => (tried.criterion === undefined ? [] : [tried]));
  if (targets.length === 0) {
    throw attempts[0]?.failure ?? unsupported(`${clip(head)} cannot be followed.`);
  }
  return { kind: 'chain', parameter, targets };
}

const isKnown = (code: string, type: string, { parameters }: NameContext): boolean =>
  code === '_has' || parameters.find(type, code) !== undefined;

interface Attempt {
  readonly type: string;
  readonly criterion: Criterion;
  readonly failure?: undefined;
}
interface Failure {
  readonly type: string;
  readonly criterion?: undefined;
  readonly failure: FhirError;
}

/** A condition that one of several target types does not have says nothing about the others. */
function attempt(type: string, parse: () => Criterion): Attempt | Failure {
  try {
    return { type, criterion: parse() };
  } catch (cause) {
    if (cause instanceof FhirError && cause.issues.every(({ code }) => code === 'not-supported')) {
      return { type, failure: cause };
    }
    throw cause;
  }
}

/** Of every type searched: the same parameter may refer to more from one of them. */
function allTargets(code: string, { types, parameters }: NameContext): readonly string[] {
  const targets = types.map((type) => parameters.find(type, code)?.targets ?? []);
  return targets.some((list) => list.length === 0) ? [] : [...new Set(targets.flat())];
}

function parseHas(name: string, end: ParseEnd, context: NameContext, left: number): Criterion {
  requireStep(left);
  const [, type = '', code = '', ...rest] = name.split(':');
  const target = rest.join(':');
  if (!isResourceType(type) || code === '' || target === '') {
    throw unsupported(`${clip(name)} must be _has:<type>:<reference parameter>:<parameter>.`);
  }
  const inner = { ...context, types: [type] };
  const parameter = requireReference(requireParameter(code, inner));
  requireReferrer(type, parameter, context);
  return { kind: 'has', type, parameter, criterion: end(target, inner, left - 1) };
}

function requireReferrer(type: string, { code, targets }: Parameter, { types }: NameContext): void {
  if (targets.length > 0 && !types.some((searched) => targets.includes(searched))) {
    throw unsupported(`${type}.${clip(code)} cannot refer to ${types.slice(0, 5).join(' or ')}.`);
  }
}

function requireStep(left: number): void {
  if (left === 0) {
    throw new FhirError(
      400,
      error(
        'not-supported',
        `Chains and _has may go over ${MAX_STEPS} steps together. Search in two requests, with _id for what was found.`,
        undefined,
        'search-depth',
      ),
    );
  }
}

/** `_list=42`: what the List refers to. Lists that the server would have to work out are none of its data. */
function parseList(value: string, context: NameContext): HasCriterion {
  if (value.startsWith('$')) {
    throw unsupported(`The functional list ${clip(value)} is not supported: name a List by its id.`);
  }
  const inner = { ...context, types: ['List'] };
  return {
    kind: 'has',
    type: 'List',
    parameter: requireParameter('item', inner),
    criterion: parsePlain('_id', value, inner),
  };
}
