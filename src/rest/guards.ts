/**
 * Requests that are refused before anything looks at them.
 */
import type { RequestHandler } from 'express';
import { FhirError, badRequest, error } from '../fhir/outcome.ts';
import { hasPersonNumber } from '../search/person-number.ts';
import { queryString } from './to-fhir-request.ts';

/** National identity numbers do not belong in URLs, which end in logs and histories (ASVS 14.2.1, HL7 Norway). */
export const refusePersonNumbers: RequestHandler = (request, _response, next) => {
  const segments = request.path.split('/').map((segment) => ['', segment] as const);
  if (hasPersonNumber([...segments, ...new URLSearchParams(queryString(request.originalUrl))])) {
    throw badRequest(
      'The URL holds a national identity number. Send the search as a form by POST to [type]/_search instead.',
      undefined,
      'person-number-in-url',
    );
  }
  next();
};

/** What no route took: a method that the path does not have, or a path that is not there. */
export const refuseForgottenMethods: RequestHandler = (request) => {
  const isKnownPath =
    /^\/(?:[A-Z][A-Za-z]+(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history(?:\/[A-Za-z0-9\-.]+)?)?|\/_search|\/_history)?|metadata|_history)?\/?$/.test(
      request.path,
    );
  throw isKnownPath
    ? new FhirError(405, error('not-supported', `${request.method} is not supported at this address.`), {
        headers: { Allow: 'GET, HEAD, POST, PUT, DELETE' },
      })
    : new FhirError(404, error('not-found', 'There is nothing at this address.'));
};
