/**
 * What a `$validate` asks: https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import { FhirError, error } from '../../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import type { FhirRequest } from '../../interactions/exchange.ts';

const MODES = ['create', 'update', 'delete', 'profile'] as const;
export type Mode = (typeof MODES)[number];

export interface Asked {
  readonly resource: JsonValue | undefined;
  readonly mode: Mode | undefined;
  readonly profiles: readonly string[];
}

interface Part {
  readonly name?: string;
  readonly resource?: JsonObject;
  readonly [value: string]: JsonValue | undefined;
}

/** From the resource itself with parameters in the address, or from a Parameters. Throws 400 for an unknown mode. */
export function readAsked({ body, query }: FhirRequest): Asked {
  const object = (typeof body === 'object' && !Array.isArray(body) ? body : undefined) as
    JsonObject | undefined;
  const isParameters = object?.['resourceType'] === 'Parameters';
  const parts =
    isParameters && Array.isArray(object['parameter']) ? (object['parameter'] as readonly Part[]) : [];
  const valuesOf = (name: string): readonly string[] =>
    parts.filter((part) => part.name === name).flatMap(textOf);
  const mode = valuesOf('mode')[0] ?? query.get('mode') ?? undefined;
  if (mode !== undefined && !isMode(mode)) {
    const text = `The mode must be one of ${MODES.join(', ')}, or be left out.`;
    throw new FhirError(400, error('value', text, 'Parameters.parameter', 'validate-mode'));
  }
  return {
    resource: isParameters ? parts.find(({ name }) => name === 'resource')?.resource : body,
    mode,
    profiles: [...query.getAll('profile'), ...valuesOf('profile')],
  };
}

const isMode = (text: string): text is Mode => (MODES as readonly string[]).includes(text);

const textOf = (part: Part): readonly string[] => {
  const value = part['valueUri'] ?? part['valueCanonical'] ?? part['valueCode'] ?? part['valueString'];
  return typeof value === 'string' ? [value] : [];
};
