/**
 * Requests that Node's own parser refuses never reach a route; they too are answered with an OperationOutcome.
 * https://nodejs.org/api/http.html#event-clienterror
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { error, toOutcome } from '../fhir/outcome.ts';
import { API_POLICY } from './answer-headers.ts';
import { FHIR_JSON } from './content-type.ts';

/** Those that matter for an answer that no route has seen. */
const HEADERS = {
  'Content-Type': FHIR_JSON,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': API_POLICY,
  'X-Content-Type-Options': 'nosniff',
};

const ANSWERS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The headers of the request are too large: 16 kB with the URL. Send a search as a form by POST.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of a chunk are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request was not complete in time.'],
};
const MALFORMED: readonly [number, string] = [400, 'This is no HTTP request that could be read.'];

/** Answer what cannot be parsed, and expectations that nobody meets. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (cause: NodeJS.ErrnoException, socket: Duplex) => {
    if (cause.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(answerTo(cause.code ?? ''));
  });
  server.on('checkExpectation', refuseExpectation);
}

/** `Expect` with anything but 100-continue: https://www.rfc-editor.org/rfc/rfc9110#name-expect */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const text = 'The only expectation that is met is "100-continue". Leave the header Expect out.';
  response
    .writeHead(417, HEADERS)
    .end(JSON.stringify(toOutcome([error('not-supported', text, undefined, 'expectation')])));
}

function answerTo(code: string): string {
  const [status, text] = ANSWERS[code] ?? MALFORMED;
  const body = JSON.stringify(
    toOutcome([error(status === 400 ? 'invalid' : 'too-long', text, undefined, 'http')]),
  );
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
