/**
 * A patch in a Bundle: a Binary with the patch document, or Parameters. https://hl7.org/fhir/R4/http.html#patch (transactions)
 */
import { parseJson } from '../fhir/json.ts';
import { badRequest, FhirError, error } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';

export interface PatchBody {
  readonly body: JsonValue;
  readonly contentType: string;
}

const JSON_PATCH = 'application/json-patch+json';

/** The patch document of an entry. Throws 400 when its resource is none, 415 for a kind of patch that is not known here. */
export function patchBody(resource: JsonObject, at: string): PatchBody {
  const { resourceType, contentType, data } = resource;
  if (resourceType === 'Parameters') {
    return { body: resource, contentType: 'application/fhir+json' };
  }
  if (resourceType !== 'Binary') {
    throw badRequest(
      'A PATCH in a Bundle has a Binary with a JSON Patch, or Parameters with a FHIRPath Patch, as its resource.',
      `${at}.resource`,
      'resource-type',
    );
  }
  if (typeof contentType !== 'string' || !contentType.toLowerCase().startsWith(JSON_PATCH)) {
    throw new FhirError(
      415,
      error(
        'not-supported',
        `The Binary of a PATCH must be ${JSON_PATCH}.`,
        `${at}.resource.contentType`,
        'content-type',
      ),
    );
  }
  return { body: decoded(data, `${at}.resource.data`), contentType: JSON_PATCH };
}

function decoded(data: JsonValue | undefined, at: string): JsonValue {
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/=\s]+$/.test(data)) {
    throw badRequest('The Binary of a PATCH must hold the patch as base64.', at, 'base64');
  }
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64')));
  } catch (cause) {
    throw new FhirError(400, error('invalid', 'The Binary of a PATCH holds no JSON.', at, 'json-syntax'), {
      cause,
    });
  }
}
