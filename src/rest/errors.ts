/**
 * The one place that turns errors into answers: https://hl7.org/fhir/R4/http.html#Status-Codes
 */
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { FhirError, error, toOutcome } from '../fhir/outcome.ts';
import { StorageError } from '../storage/errors.ts';
import type { XmlFormat } from '../fhir/xml.ts';
import { negotiated } from './content-type.ts';
import { xmlText } from './send.ts';

/** Last handler of the FHIR routes: every error leaves as an OperationOutcome. */
export function errorHandler(log: Logger, xml: XmlFormat): ErrorRequestHandler {
  return (cause: unknown, request, response, _next) => {
    const refused = asFhirError(cause);
    if (refused.status >= 500) {
      log.error(
        { err: cause, method: request.method, requestId: response.locals['requestId'] as string },
        'request failed',
      );
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { format, contentType } = negotiated(response);
    const outcome = toOutcome(refused.issues);
    response
      .status(refused.status)
      .set(refused.headers)
      .set('Cache-Control', 'no-store')
      .set('Content-Type', contentType);
    response.send(format === 'xml' ? xmlText(outcome, xml) : JSON.stringify(outcome));
  };
}

/** Not better after a while: somebody has to look at the keys, or at who has changed the database. */
const LASTING: ReadonlySet<string> = new Set(['keys', 'identifiers']);
const LASTING_TEXT = 'A stored identifier cannot be read, so this cannot be answered. It has been logged.';

/** Any thrown thing as an error that a client may see. What is not ours says nothing of the inside. */
function asFhirError(cause: unknown): FhirError {
  if (cause instanceof FhirError) {
    return cause;
  }
  if (cause instanceof StorageError && LASTING.has(cause.code)) {
    return new FhirError(500, error('exception', LASTING_TEXT, undefined, cause.code), { cause });
  }
  if (cause instanceof StorageError) {
    return new FhirError(
      503,
      error('transient', 'The database is not available just now. Try again shortly.'),
      {
        cause,
        headers: { 'Retry-After': '5' },
      },
    );
  }
  return (
    bodyError(cause) ??
    new FhirError(500, error('exception', 'The server failed to carry this out. It has been logged.'), {
      cause,
    })
  );
}

/** Errors of the body reader and of the router: too large, cut off, unreadable encoding. */
function bodyError(cause: unknown): FhirError | undefined {
  const { status, type } = (cause ?? {}) as { status?: unknown; type?: unknown };
  if (typeof status !== 'number' || status < 400 || status >= 500) {
    return undefined;
  }
  const named = typeof type === 'string' ? type : 'body';
  const rule = cause instanceof URIError ? 'url-encoding' : named;
  const text =
    rule === 'entity.too.large'
      ? tooLarge(cause)
      : (BODY_ERRORS[rule] ?? 'The body of the request could not be read.');
  return new FhirError(status, error(status === 413 ? 'too-long' : 'invalid', text, undefined, rule), {
    cause,
  });
}

/** The limit that was passed, as the body reader knows it. */
function tooLarge(cause: unknown): string {
  const { limit } = (cause ?? {}) as { limit?: unknown };
  const bytes = typeof limit === 'number' ? `${limit} bytes` : 'its limit';
  return `The body is larger than ${bytes}, unpacked. Send a large history in several Bundles.`;
}

const BODY_ERRORS: Readonly<Record<string, string>> = {
  'url-encoding': 'The percent signs of the URL do not spell UTF-8. Encode the URL again.',
  body: 'The body could not be decompressed. Send what Content-Encoding says, or leave that header out.',
  'request.aborted': 'The request was cut off before the body was complete.',
  'encoding.unsupported': 'This Content-Encoding is not supported; use gzip, br or deflate.',
  'charset.unsupported': 'The body must be UTF-8.',
  'request.size.invalid': 'The body is shorter or longer than its Content-Length says.',
};
