/** https://hl7.org/fhir/R4/http.html#patch */
import { FhirError, error } from '../fhir/outcome.ts';
import { type ApplyPatch, readJsonPatch } from '../fhir/patch-json.ts';
import { readPathPatch } from '../fhir/patch-path.ts';
import type { Shapes } from '../fhir/shape.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { one } from './create.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  onceOf,
  parseIfMatch,
  preferredReturn,
} from './exchange.ts';
import { messageOf } from './receiving.ts';
import { targetOf } from './target.ts';
import { writeResponse } from './write-response.ts';

/** Change parts of a resource, by id or by a condition that matches one. It is read and written under one lock. */
export async function patch({ repository, fhirBase }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { type } = request;
  const apply = readPatch(request.body, request.header('content-type'), repository.deps.shapes);
  const ifMatch = parseIfMatch(request.header('if-match'));

  const target = targetOf(request, 'patch');
  const [result] = await repository.commit(
    callerOf(request, 'patch'),
    [{ kind: 'patch', type, apply, ...target, ...(ifMatch !== undefined && { ifMatch }) }],
    { ...onceOf(request, 'patch'), ...messageOf(request) },
  );

  return writeResponse(one(result), preferredReturn(request.header('prefer')), fhirBase);
}

/** A body as a patch: JSON Patch by its content type, else the Parameters of FHIRPath Patch. Throws 400. */
export function readPatch(
  body: JsonValue | undefined,
  contentType: string | undefined,
  shapes: Shapes,
): ApplyPatch {
  if (contentType?.startsWith('application/json-patch+json') === true) {
    return readJsonPatch(body);
  }
  const parameters = (body ?? null) as JsonObject | null;
  if (parameters === null || typeof parameters !== 'object' || parameters['resourceType'] !== 'Parameters') {
    throw new FhirError(
      400,
      error(
        'structure',
        'A patch is application/json-patch+json, or a Parameters resource with operations of FHIRPath Patch.',
        'resourceType',
        'resource-type',
      ),
    );
  }
  return readPathPatch(parameters, shapes);
}
