/**
 * Requests to the authorisation server, before the library reads them. What no text can hold is refused here, since a database
 * cannot keep it; and a public app that refreshes is named:
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#refresh-access-token
 * SMART's request does not name the client, and widely used libraries (fhirclient) leave the name out where a public app has
 * nothing to authenticate with; `oidc-provider` knows no client then. The token itself says whose it is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SqlClient } from './ports.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than any request; the library's own limit. */
const MAX_BYTES = 56 * 1024;
const CREDENTIALS = ['client_id', 'client_assertion', 'client_secret'] as const;
const FORM = /^application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?([^"\s;]+)"?\s*)?$/i;

/** `inner`, which is asked with forms that can be read. */
export function withReadableForms(db: SqlClient, inner: Handler): Handler {
  return async (request, response) => {
    const { method, url = '', headers } = request;
    if (/%00/.test(url)) {
      refuse(response, 400, 'a parameter holds what no text has');
      return undefined;
    }
    const type = headers['content-type'] ?? '';
    if (method !== 'POST' || !/^application\/x-www-form-urlencoded\b/i.test(type)) {
      return inner(request, response);
    }
    const [isForm, charset = 'utf-8'] = FORM.exec(type) ?? [];
    if (isForm === undefined || charset.toLowerCase() !== 'utf-8') {
      refuse(response, 400, 'a form is sent in UTF-8');
      return undefined;
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      refuse(response, 413, 'the request is too long');
      return undefined;
    }
    if (body.includes(0) || body.includes('%00')) {
      refuse(response, 400, 'a parameter holds what no text has');
      return undefined;
    }
    return inner(withBody(request, await named(db, request, body)), response);
  };
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    Connection: 'close',
  });
  response.end(JSON.stringify({ error: 'invalid_request', error_description: why }));
}

/** The form, with the client that a refresh token was given to where the request names none. */
async function named(db: SqlClient, { url = '', headers }: IncomingMessage, body: Buffer): Promise<Buffer> {
  const fields = new URLSearchParams(body.toString('latin1'));
  const isNameless =
    /^\/token\/?(?:\?|$)/.test(url) &&
    headers.authorization === undefined &&
    fields.get('grant_type') === 'refresh_token' &&
    CREDENTIALS.every((name) => !fields.has(name));
  const token = isNameless ? fields.get('refresh_token') : null;
  const client = token === null ? undefined : await clientOf(db, token);
  return client === undefined
    ? body
    : Buffer.concat([body, Buffer.from(`&client_id=${encodeURIComponent(client)}`)]);
}

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
