/**
 * Parameters of an operation, from the address or from a Parameters resource, held to what the operation knows:
 * https://hl7.org/fhir/R4/operations.html#request
 */
import { badRequest } from '../fhir/outcome.ts';
import type { CodeableConcept, Coding, JsonObject, JsonValue } from '../fhir/types.ts';
import type { FhirRequest } from '../interactions/exchange.ts';

export type ParameterKind = 'text' | 'boolean' | 'integer' | 'Coding' | 'CodeableConcept' | 'resource';

/** Name → kind; what is not in it is refused. */
export type ParameterTable = Readonly<Record<string, ParameterKind>>;

interface Given {
  readonly name: string;
  readonly value: JsonValue;
}

/** The parameters that were sent, read by name and kind. Reading throws 400 naming the parameter. */
export class OperationParameters {
  private readonly given: readonly Given[];

  constructor(given: readonly Given[]) {
    this.given = given;
  }

  texts(name: string): readonly string[] {
    return this.given
      .filter((parameter) => parameter.name === name)
      .map(({ value }) => {
        if (typeof value !== 'string' || value === '') {
          throw badRequest(
            `The parameter "${name}" must be a text that is not empty.`,
            `Parameters.parameter`,
            'parameter-type',
          );
        }
        return value;
      });
  }

  text(name: string): string | undefined {
    const found = this.texts(name);
    if (found.length > 1) {
      throw badRequest(
        `The parameter "${name}" stands ${found.length} times; send it once.`,
        'Parameters.parameter',
        'parameter-repeated',
      );
    }
    return found[0];
  }

  boolean(name: string): boolean | undefined {
    const value = this.one(name);
    if (value === undefined) {
      return undefined;
    }
    if (value !== true && value !== false && value !== 'true' && value !== 'false') {
      throw badRequest(
        `The parameter "${name}" must be true or false.`,
        'Parameters.parameter',
        'parameter-type',
      );
    }
    return value === true || value === 'true';
  }

  /** A number from 0 on. */
  integer(name: string): number | undefined {
    const value = this.one(name);
    if (value === undefined) {
      return undefined;
    }
    if (!/^\d{1,9}$/.test(String(value as string | number))) {
      throw badRequest(
        `The parameter "${name}" must be a whole number from 0 on.`,
        'Parameters.parameter',
        'parameter-type',
      );
    }
    return Number(value);
  }

  coding(name: string): Coding | undefined {
    return this.object(name) as Coding | undefined;
  }

  concept(name: string): CodeableConcept | undefined {
    return this.object(name) as CodeableConcept | undefined;
  }

  /** A resource of that type. */
  resource(name: string, type: string): JsonObject | undefined {
    const found = this.object(name);
    if (found !== undefined && found['resourceType'] !== type) {
      throw badRequest(
        `The parameter "${name}" must hold a ${type}.`,
        'Parameters.parameter',
        'parameter-type',
      );
    }
    return found;
  }

  private one(name: string): JsonValue | undefined {
    const found = this.given.filter((parameter) => parameter.name === name);
    if (found.length > 1) {
      throw badRequest(
        `The parameter "${name}" stands ${found.length} times; send it once.`,
        'Parameters.parameter',
        'parameter-repeated',
      );
    }
    return found[0]?.value;
  }

  private object(name: string): JsonObject | undefined {
    const value = this.one(name);
    if (value === undefined) {
      return undefined;
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw badRequest(
        `The parameter "${name}" is not a plain value: send it in the Parameters resource of a POST.`,
        'Parameters.parameter',
        'parameter-type',
      );
    }
    return value as JsonObject;
  }
}

/** Parameters of address and body together. Throws 400 for one that the operation does not know. */
export function readParameters(
  { query, body }: Pick<FhirRequest, 'query' | 'body'>,
  table: ParameterTable,
  /** Parameter that a body of its own type stands for. */
  main?: { readonly name: string; readonly type: string },
): OperationParameters {
  const inAddress = [...query].map(([name, value]) => ({ name, value }));
  const given = [...inAddress, ...inBody(body, main)];
  const unknown = given.find(({ name }) => !Object.hasOwn(table, name));
  if (unknown !== undefined) {
    throw badRequest(
      `The parameter "${unknown.name.slice(0, 64)}" is not known to this operation. It takes: ${Object.keys(table).join(', ')}.`,
      'Parameters.parameter',
      'unknown-parameter',
    );
  }
  return new OperationParameters(given);
}

function inBody(
  body: JsonValue | undefined,
  main?: { readonly name: string; readonly type: string },
): readonly Given[] {
  if (body === undefined) {
    return [];
  }
  const resource = (
    typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
  ) as JsonObject;
  if (main !== undefined && resource['resourceType'] === main.type) {
    return [{ name: main.name, value: resource }];
  }
  const list = resource['parameter'] ?? [];
  if (resource['resourceType'] !== 'Parameters' || !Array.isArray(list)) {
    throw badRequest('The body must be a Parameters resource.', 'resourceType', 'resource-type');
  }
  return (list as readonly JsonValue[]).map((entry, index) => {
    const { name, resource: held, ...rest } = (entry ?? {}) as JsonObject;
    const value = held ?? Object.entries(rest).find(([key]) => key.startsWith('value'))?.[1];
    if (typeof name !== 'string' || value === undefined) {
      throw badRequest(
        'Every parameter has a name, and a value or a resource.',
        `Parameters.parameter[${index}]`,
        'parameter-shape',
      );
    }
    return { name, value };
  });
}

/** Languages asked for, best first: `displayLanguage`, else the header Accept-Language. */
export function languagesAsked(
  parameters: OperationParameters,
  header: string | undefined,
): readonly string[] {
  const asked = parameters.text('displayLanguage') ?? header ?? '';
  return asked
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/\s*;\s*q=/);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,16})*$/.test(tag) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
