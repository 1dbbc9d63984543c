/**
 * Refreshing without `client_id`: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#refresh-access-token
 * SMART's request to refresh does not name the client, and widely used libraries (fhirclient) leave the name out where a
 * public app has nothing to authenticate with; `oidc-provider` knows no client then. The token itself says whose it is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SqlClient } from './ports.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than any request for a token; the library's own limit. */
const MAX_BYTES = 56 * 1024;
const CREDENTIALS = ['client_id', 'client_assertion', 'client_secret'] as const;

/** `inner`, which is asked with the name of the client that the refresh token was given to. Other requests pass as they are. */
export function withClientOfRefreshToken(db: SqlClient, inner: Handler): Handler {
  return async (request, response) => {
    const { method, url = '', headers } = request;
    const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '');
    const isToken = method === 'POST' && /^\/token\/?(?:\?|$)/.test(url);
    if (!isToken || !isForm || headers.authorization !== undefined) {
      return inner(request, response);
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      response.writeHead(413, { 'Content-Type': 'application/json', Connection: 'close' });
      response.end(
        JSON.stringify({ error: 'invalid_request', error_description: 'the request is too long' }),
      );
      return;
    }
    const fields = new URLSearchParams(body.toString('latin1'));
    const token = isNameless(fields) ? fields.get('refresh_token') : null;
    const client = token === null ? undefined : await clientOf(db, token);
    const named = client === undefined ? body : Buffer.concat([body, nameOf(client)]);
    return inner(withBody(request, named), response);
  };
}

const isNameless = (fields: URLSearchParams): boolean =>
  fields.get('grant_type') === 'refresh_token' && CREDENTIALS.every((name) => !fields.has(name));

const nameOf = (client: string): Buffer => Buffer.from(`&client_id=${encodeURIComponent(client)}`);

/** A client that has keys is refused by the library, whatever it is named. */
async function clientOf(db: SqlClient, token: string): Promise<string | undefined> {
  const { rows } = await db.query(
    `select payload ->> 'clientId' as client
       from oidc
      where model = 'RefreshToken'
        and id = $1`,
    [token],
  );
  return (rows[0]?.client ?? undefined) as string | undefined;
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) {
      return undefined;
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** The same request with this body, to be read from the beginning. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const headers = { ...request.headers, 'content-length': String(body.length) };
  delete headers['transfer-encoding'];
  return Object.create(request, {
    headers: { value: headers },
    readable: { value: true },
    iterator: { value: () => [body][Symbol.iterator]() },
  }) as IncomingMessage;
}
