/**
 * Requests that are refused before anything looks at them.
 */
import type { RequestHandler } from 'express';
import { FhirError, badRequest, error } from '../fhir/outcome.ts';
import { hasPersonNumber } from '../search/person-number.ts';
import { PATCH_TYPES } from './content-type.ts';
import { queryString } from './to-fhir-request.ts';

/** National identity numbers do not belong in URLs, which end in logs and histories (ASVS 14.2.1, HL7 Norway). */
export const refusePersonNumbers: RequestHandler = (request, _response, next) => {
  const segments = request.path.split('/').map((segment) => ['', segment] as const);
  const query = [...new URLSearchParams(queryString(request.originalUrl))];
  const typed = TERMINOLOGY.test(request.path) ? query.filter(([name]) => TYPED.has(name)) : query;
  if (hasPersonNumber([...segments, ...typed])) {
    throw badRequest(
      'The URL holds a national identity number. Send the search as a form by POST to [type]/_search instead.',
      undefined,
      'person-number-in-url',
    );
  }
  next();
};

/** Codes and editions of SNOMED CT may have eleven digits; in what a person typed, such a number is still one too many. */
const TERMINOLOGY = /^\/(?:CodeSystem|ValueSet|ConceptMap)\/(?:[A-Za-z0-9\-.]{1,64}\/)?\$[a-z-]+\/?$/;
const TYPED: ReadonlySet<string> = new Set(['filter', 'display']);

/** Methods by the shape of the path; what has no shape here is not there. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/^\/?$/, 'GET, HEAD, POST'],
  [/^\/(?:metadata|\.well-known\/smart-configuration)\/?$/, 'GET, HEAD'],
  [/^(?:\/[A-Z][A-Za-z]+)?\/_search\/?$/, 'POST'],
  [/^\/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}\/(?:[A-Z][A-Za-z]+|\*)\/?$/, 'GET, HEAD'],
  [/^\/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}\/(?:[A-Z][A-Za-z]+|\*)\/_search\/?$/, 'POST'],
  [/^(?:\/[A-Z][A-Za-z]+(?:\/[A-Za-z0-9\-.]{1,64})?)?\/_history(?:\/[A-Za-z0-9\-.]+)?\/?$/, 'GET, HEAD'],
  [/^\/[A-Z][A-Za-z]+\/?$/, 'GET, HEAD, POST, PUT, PATCH, DELETE'],
  [/^\/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}\/?$/, 'GET, HEAD, PUT, PATCH, DELETE'],
];

/** What no route took: a question for the methods, a method that the path does not have, or a path that is not there. */
export const refuseForgottenMethods: RequestHandler = (request, response) => {
  const [, allow] = METHODS.find(([shape]) => shape.test(request.path)) ?? [];
  if (request.method === 'OPTIONS' && allow !== undefined) {
    const patch = allow.includes('PATCH') ? { 'Accept-Patch': PATCH_TYPES } : {};
    response
      .status(204)
      .set({ Allow: `${allow}, OPTIONS`, ...patch })
      .end();
    return;
  }
  throw allow === undefined
    ? new FhirError(404, error('not-found', 'There is nothing at this address.'))
    : new FhirError(
        405,
        error(
          'not-supported',
          `${request.method} is not supported at this address; use ${allow}.`,
          undefined,
          'method',
        ),
        { headers: { Allow: allow } },
      );
};
