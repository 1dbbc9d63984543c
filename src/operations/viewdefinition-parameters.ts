/** The parameters of https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html */
import { FhirError, badRequest, error } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { FhirRequest } from '../interactions/exchange.ts';
import type { FormatOptions } from '../views/formats.ts';

export interface RunParameters extends FormatOptions {
  readonly format: string | undefined;
  readonly viewReference: string | undefined;
  readonly viewResource: JsonObject | undefined;
  readonly resources: readonly JsonObject[] | undefined;
  readonly patients: readonly string[];
  readonly groups: readonly string[];
  readonly since: string | undefined;
  readonly limit: number | undefined;
}

const KNOWN = new Set([
  '_format',
  'header',
  'escapeFormulas',
  'viewReference',
  'viewResource',
  'resource',
  'patient',
  'group',
  '_since',
  '_limit',
]);

/** From the query, and from a Parameters in the body. Throws 400 naming the parameter. */
export function readRunParameters(request: FhirRequest): RunParameters {
  const values = [...ofQuery(request.query), ...ofBody(request.body)];
  for (const { name } of values) {
    if (!KNOWN.has(name)) {
      const reason =
        name === 'source' ? 'Views run over this server or over "resource"; other sources are not read.' : '';
      throw new FhirError(
        400,
        error(
          'not-supported',
          `The parameter "${name.slice(0, 40)}" is not supported. ${reason}`.trim(),
          name.slice(0, 40),
          'view-parameter',
        ),
      );
    }
  }
  const texts = (name: string): readonly string[] =>
    values.flatMap((value) => (value.name === name && value.text !== undefined ? [value.text] : []));
  const resources = (name: string): readonly JsonObject[] =>
    values.flatMap((value) => (value.name === name && value.resource !== undefined ? [value.resource] : []));
  const sent = resources('resource');
  return {
    format: one('_format', texts('_format')),
    header: flag('header', texts('header'), { missing: 'true' }),
    escapeFormulas: flag('escapeFormulas', texts('escapeFormulas'), { missing: 'false' }),
    viewReference: one('viewReference', texts('viewReference')),
    viewResource: one('viewResource', resources('viewResource')),
    resources: sent.length === 0 ? undefined : sent,
    patients: texts('patient'),
    groups: texts('group'),
    since: instant(one('_since', texts('_since'))),
    limit: limitOf(one('_limit', texts('_limit'))),
  };
}

interface Given {
  readonly name: string;
  readonly text?: string;
  readonly resource?: JsonObject;
}

const ofQuery = (query: URLSearchParams): readonly Given[] =>
  [...query].map(([name, text]) => ({ name, text }));

function ofBody(body: JsonValue | undefined): readonly Given[] {
  if (body === undefined || body === null) {
    return [];
  }
  const { resourceType, parameter = [] } = body as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) {
    throw badRequest('The body must be a Parameters resource.', 'Parameters', 'parameters');
  }
  return (parameter as readonly (JsonObject | null)[]).map((item) => given(item ?? {}));
}

function given(item: JsonObject): Given {
  const { name, resource } = item;
  if (typeof name !== 'string') {
    throw badRequest('Every parameter has a name.', 'Parameters.parameter.name', 'required');
  }
  if (resource !== null && typeof resource === 'object' && !Array.isArray(resource)) {
    return { name, resource: resource as JsonObject };
  }
  const [, value] = Object.entries(item).find(([key]) => key.startsWith('value')) ?? [];
  const text =
    value !== null && typeof value === 'object' ? ((value as JsonObject)['reference'] as JsonValue) : value;
  if (typeof text !== 'string' && typeof text !== 'number' && typeof text !== 'boolean') {
    throw badRequest(`The parameter "${name.slice(0, 40)}" has no value.`, name.slice(0, 40), 'required');
  }
  return { name, text: String(text) };
}

function one<T>(name: string, values: readonly T[]): T | undefined {
  if (values.length > 1) {
    throw badRequest(`${name} may be given once.`, name, 'cardinality');
  }
  return values[0];
}

function flag(name: string, values: readonly string[], { missing }: { readonly missing: string }): boolean {
  const value = one(name, values) ?? missing;
  if (value !== 'true' && value !== 'false') {
    throw badRequest(`${name} must be true or false.`, name, 'boolean');
  }
  return value === 'true';
}

function instant(text: string | undefined): string | undefined {
  const time = text === undefined ? 0 : Date.parse(text.replace(' ', '+'));
  if (Number.isNaN(time)) {
    throw badRequest('_since must be an instant, such as 2026-11-20T08:00:00+01:00.', '_since', 'instant');
  }
  return text === undefined ? undefined : new Date(time).toISOString();
}

function limitOf(text: string | undefined): number | undefined {
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text)) {
    throw badRequest('_limit must be a whole number from 1.', '_limit', 'positive-integer');
  }
  return text === undefined ? undefined : Number(text);
}
