/**
 * The text before `=` → a condition on the resource itself: parameter and modifier.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import { FhirError, error } from '../fhir/outcome.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { parseIdentifiers, parseTypedReferences, parseValues } from './parse-value.ts';
import { tupleKind } from './tuple.ts';
import type { MatchCriterion, PlainCriterion } from './tree.ts';

export interface NameContext {
  readonly types: readonly string[];
  readonly parameters: ParameterTable;
  readonly baseUrl: string | undefined;
}

/** One `name=value` without steps to other resources. Throws 400: `not-supported`, or `invalid` for a bad value. */
export function parsePlain(name: string, value: string, context: NameContext): PlainCriterion {
  const { code, modifier } = splitModifier(name);
  const parameter = requireParameter(code, context);
  const values = { name, parameter, baseUrl: context.baseUrl };
  if (modifier === undefined) {
    return {
      kind: 'match',
      parameter: requireIndexed(parameter),
      modifier,
      values: parseValues(value, values),
    };
  }
  if (modifier === 'missing') {
    return {
      kind: requireBoolean(name, value) ? 'missing' : 'present',
      parameter: requireMissable(parameter),
    };
  }
  if (modifier === 'identifier' && parameter.type === 'reference') {
    return { kind: 'match', parameter, modifier, values: parseIdentifiers(value, values) };
  }
  if (parameter.type === 'reference' && isResourceType(modifier)) {
    requireTarget(parameter, modifier);
    return {
      kind: 'match',
      parameter,
      modifier: undefined,
      values: parseTypedReferences(value, modifier, values),
    };
  }
  const known = requireModifier(parameter, modifier);
  return { kind: 'match', parameter, modifier: known, values: parseValues(value, values) };
}

export function splitModifier(name: string): {
  readonly code: string;
  readonly modifier: string | undefined;
} {
  const colon = name.indexOf(':');
  return colon === -1
    ? { code: name, modifier: undefined }
    : { code: name.slice(0, colon), modifier: name.slice(colon + 1) };
}

/** The parameter, alike for every type searched. Throws 400 `not-supported`. */
export function requireParameter(code: string, { types, parameters }: NameContext): Parameter {
  const found = types.map((type) => parameters.find(type, code));
  const [first] = found;
  if (first === undefined || found.some((parameter) => !isAlike(parameter, first))) {
    const where = types.length === 1 ? (types[0] as string) : 'all the types searched';
    throw unsupported(`The search parameter ${clip(code)} is not known for ${where}.`);
  }
  return first;
}

const isAlike = (parameter: Parameter | undefined, first: Parameter): boolean =>
  parameter?.type === first.type && parameter.column === first.column;

/** Composites of more or other parts than are indexed cannot be asked for. */
/** Whether a parameter of the definitions can be searched by; some composites cannot. */
export const isIndexed = (parameter: Parameter): boolean =>
  parameter.type !== 'composite' || parameter.isRootComposite === true || tupleKind(parameter) !== undefined;

function requireIndexed(parameter: Parameter): Parameter {
  if (!isIndexed(parameter)) {
    throw unsupported(`The composite search parameter ${parameter.code} is not supported.`);
  }
  return parameter;
}

function requireMissable(parameter: Parameter): Parameter {
  if (parameter.type === 'composite' || parameter.column === 'id' || parameter.column === 'lastUpdated') {
    throw unsupported(`The modifier :missing is not supported for ${parameter.code}.`);
  }
  return parameter;
}

export function requireReference(parameter: Parameter): Parameter {
  if (parameter.type !== 'reference') {
    throw unsupported(`${parameter.code} is no reference, so it cannot be followed.`);
  }
  return parameter;
}

export function requireTarget({ code, targets }: Parameter, type: string): void {
  if (!isResourceType(type) || (targets.length > 0 && !targets.includes(type))) {
    throw unsupported(`${code} cannot refer to ${clip(type)}.`);
  }
}

const MODIFIERS: Readonly<Record<ParameterType, readonly MatchCriterion['modifier'][]>> = {
  token: ['not'],
  string: ['exact', 'contains'],
  reference: [],
  uri: [],
  date: [],
  number: [],
  quantity: [],
  composite: [],
};

function requireModifier({ code, type, column }: Parameter, modifier: string): MatchCriterion['modifier'] {
  const known = MODIFIERS[type].find((candidate) => candidate === modifier);
  if (known === undefined || (known === 'not' && column === 'id')) {
    throw unsupported(
      `The modifier :${clip(modifier)} is not supported for ${code}, a parameter of type ${type}.`,
    );
  }
  return known;
}

function requireBoolean(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') {
    throw new FhirError(
      400,
      error('invalid', `${clip(name)} must be true or false.`, undefined, 'search-value'),
    );
  }
  return value === 'true';
}

/** 400 for what is asked for and not done here; lenient handling turns it into a warning. */
export const unsupported = (diagnostics: string): FhirError =>
  new FhirError(400, error('not-supported', diagnostics, undefined, 'search-parameter'));

/** Names come from outside; no message repeats more of one than a name can be long, and no run of digits. */
export const clip = (text: string): string => text.slice(0, 64).replace(/\d{6,}/g, '…');
