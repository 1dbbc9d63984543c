/**
 * The resource that a write is about: by its id, or by a condition in the URL.
 * https://hl7.org/fhir/R4/http.html#cond-update, https://hl7.org/fhir/R4/http.html#3.1.0.7.1
 */
import { error, FhirError } from '../fhir/outcome.ts';
import type { FhirRequest } from './exchange.ts';
import { refuseParameters } from './refuse-parameters.ts';

/** Throws 400 for a condition that says nothing, and for parameters beside an id. */
export function targetOf(
  request: FhirRequest,
  interaction: 'update' | 'patch' | 'delete',
): { readonly id: string } | { readonly condition: string } {
  const { id, query } = request;
  if (id !== '') {
    refuseParameters(request);
    return { id };
  }
  if (query.size === 0) {
    throw new FhirError(
      400,
      error(
        'required',
        `A conditional ${interaction} needs search parameters in the URL.`,
        undefined,
        'condition',
      ),
    );
  }
  return { condition: query.toString() };
}
