/** Search parameters where nothing is searched: https://hl7.org/fhir/R4/http.html#ccreate */
import { badRequest } from '../fhir/outcome.ts';
import type { FhirRequest } from './exchange.ts';

/**
 * Throws 400 for search parameters at a write that searches for nothing: passed over, they would let happen what their
 * sender meant to prevent, such as the same person twice.
 */
export function refuseParameters(
  { query, type, id }: Pick<FhirRequest, 'query' | 'type' | 'id'>,
  at?: string,
): void {
  if (query.size > 0) {
    throw badRequest(
      id === ''
        ? 'A create takes no search parameters in its URL. The condition of a conditional create is sent as If-None-Exist.'
        : `What is written at ${type}/[id] is found by its id: leave the search parameters out, or leave out the id.`,
      at,
      'condition',
    );
  }
}
