/**
 * What an operation is asked with, from the query of a GET or the Parameters of a POST:
 * https://hl7.org/fhir/R4/operations.html#request
 */
import { FhirError, badRequest, error } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { FhirRequest } from '../interactions/exchange.ts';

/** One parameter. Of a GET it has a `text`; of a POST also the value, resource or parts as they came. */
export interface Given {
  readonly name: string;
  /** The value as text: a primitive, or the reference of a Reference. */
  readonly text: string | undefined;
  readonly value?: JsonValue;
  readonly resource?: JsonObject;
  readonly part?: readonly Given[];
  /** Place in the request, for issues. */
  readonly at: string;
}

/** All parameters of the request. Throws 400 when the body is something else than Parameters. */
export function givenParameters({ query, body }: Pick<FhirRequest, 'query' | 'body'>): readonly Given[] {
  const inUrl = [...query].map(([name, text]) => ({ name, text, at: name }));
  return body === undefined || body === null ? inUrl : [...inUrl, ...fromBody(body)];
}

function fromBody(body: JsonValue): readonly Given[] {
  const { resourceType, parameter } = body as JsonObject;
  if (resourceType !== 'Parameters') {
    throw badRequest('The body of this operation is a Parameters resource.', 'resourceType', 'parameters');
  }
  return toGiven(parameter, 'Parameters.parameter');
}

function toGiven(list: JsonValue | undefined, path: string): readonly Given[] {
  if (list === undefined) {
    return [];
  }
  if (!Array.isArray(list)) {
    throw badRequest('parameter and part are lists.', path, 'parameters');
  }
  return (list as readonly JsonValue[]).map((entry, index) => oneGiven(entry, `${path}[${index}]`));
}

function oneGiven(entry: JsonValue, at: string): Given {
  const { name, resource, part, ...rest } = (entry ?? {}) as JsonObject;
  if (typeof name !== 'string' || name === '') {
    throw badRequest('A parameter has a name.', `${at}.name`, 'parameters');
  }
  const value = Object.entries(rest).find(([key]) => key.startsWith('value'))?.[1];
  return {
    name,
    text: textOf(value),
    at,
    ...(value !== undefined && { value }),
    ...(resource !== undefined && { resource: resource as JsonObject }),
    ...(part !== undefined && { part: toGiven(part, `${at}.part`) }),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  const { reference } = value as JsonObject;
  return typeof reference === 'string' ? reference : undefined;
}

/** Refuse parameters that the operation does not know, by name. */
export function refuseUnknown(given: readonly Given[], known: readonly string[], operation: string): void {
  const unknown = given.filter(({ name }) => !known.includes(name));
  if (unknown.length > 0) {
    throw new FhirError(
      400,
      unknown.map(({ name, at }) =>
        error(
          'not-supported',
          `${operation} knows no parameter "${name.slice(0, 40)}". It takes ${known.join(', ')}.`,
          at,
          'operation-parameter',
        ),
      ),
    );
  }
}

/** The one value of a parameter; undefined when it is not given. Throws 400 when it is given twice. */
export function single(given: readonly Given[], name: string): Given | undefined {
  const found = given.filter((parameter) => parameter.name === name);
  if (found.length > 1) {
    throw badRequest(`The parameter ${name} may be given once.`, found[1]?.at, 'operation-parameter');
  }
  return found[0];
}

/** The text of a parameter that may be given once. */
export const singleText = (given: readonly Given[], name: string): string | undefined =>
  single(given, name)?.text;

/** The texts of a parameter that may be repeated, or be a list with commas. */
export const textList = (given: readonly Given[], name: string): readonly string[] =>
  given
    .filter((parameter) => parameter.name === name)
    .flatMap(({ text }) => (text ?? '').split(','))
    .filter((text) => text !== '');

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** An instant as UTC; a plus that the URL made a blank is one again. Throws 400. */
export function instantOf(given: readonly Given[], name: string): string | undefined {
  const text = singleText(given, name)?.replace(' ', '+');
  if (text === undefined) {
    return undefined;
  }
  if (!INSTANT.test(text) || Number.isNaN(Date.parse(text))) {
    throw badRequest(`${name} must be an instant, such as 2026-11-20T08:00:00+01:00.`, name, name);
  }
  return new Date(text).toISOString();
}

/** A whole number from `min` to `max`; more than the most is the most. Throws 400. */
export function countOf(
  given: readonly Given[],
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = singleText(given, name);
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,9}$/.test(text) || Number(text) < min) {
    throw badRequest(`${name} must be a whole number from ${min} on.`, name, name);
  }
  return Math.min(Number(text), max);
}
