/**
 * The text before `=` → a condition on the resource itself: parameter and modifier.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import { FhirError, error } from '../fhir/outcome.ts';
import { isResourceType } from '../fhir/resource-types.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';
import { parseModified, parseTypedReferences, parseValues } from './parse-value.ts';
import { tupleKind } from './tuple.ts';
import type { Modifier, PlainCriterion } from './tree.ts';

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
      parameter: requireIndexed(parameter),
    };
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
  return { kind: 'match', parameter, modifier: known, values: parseModified(value, known, values) };
}

function splitModifier(name: string): {
  readonly code: string;
  readonly modifier: string | undefined;
} {
  const colon = name.indexOf(':');
  return colon === -1
    ? { code: name, modifier: undefined }
    : { code: name.slice(0, colon), modifier: name.slice(colon + 1) };
}

/** The parameter, alike for every type searched and indexed in all of them. Throws 400 `not-supported`. */
export function requireParameter(code: string, { types, parameters }: NameContext): Parameter {
  const found = types.map((type) => parameters.find(type, code));
  const [first] = found;
  if (first === undefined || found.some((parameter) => !isAlike(parameter, first))) {
    const where = types.length === 1 ? (types[0] as string) : 'all the types searched';
    const reason = parameters.refusal?.(types[0] ?? '', code);
    throw unsupported(
      reason === undefined
        ? `The search parameter ${clip(code)} is not known for ${where}.`
        : `The search parameter ${clip(code)} is not supported for ${where}: ${reason}.`,
    );
  }
  requireReady(code, types, parameters);
  return first;
}

/** A parameter whose values are being indexed would not find everything. */
function requireReady(code: string, types: readonly string[], { pending }: ParameterTable): void {
  const progress = pending && types.map((type) => pending(type, code)).find((text) => text !== undefined);
  if (progress !== undefined) {
    throw unsupported(
      `The search parameter ${code} is not searchable yet: its values are being indexed (${progress}). Try again later.`,
    );
  }
}

const isAlike = (parameter: Parameter | undefined, first: Parameter): boolean =>
  parameter?.type === first.type && parameter.column === first.column;

/** Whether a parameter of the definitions can be searched by; some composites cannot. */
export const isIndexed = (parameter: Parameter): boolean =>
  parameter.type !== 'composite' || parameter.isRootComposite === true || tupleKind(parameter) !== undefined;

function requireIndexed(parameter: Parameter): Parameter {
  if (!isIndexed(parameter)) {
    throw unsupported(`The composite search parameter ${parameter.code} is not supported.`);
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

const MODIFIERS: Readonly<Record<ParameterType, readonly Modifier[]>> = {
  token: ['not', 'text', 'in', 'not-in', 'above', 'below', 'of-type'],
  string: ['exact', 'contains'],
  reference: ['identifier', 'above', 'below'],
  uri: ['above', 'below'],
  date: [],
  number: [],
  quantity: [],
  composite: [],
  special: [],
};

function requireModifier({ code, type, column }: Parameter, modifier: string): Modifier {
  const known = MODIFIERS[type].find((candidate) => candidate === modifier);
  if (known === undefined || (known !== 'not' && column === 'id')) {
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
