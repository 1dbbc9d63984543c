/** A small FHIR client for the tests: one call, one answer with status, headers and parsed body; it never throws on a status. */

/** What came back. `body` is the parsed JSON, the text where it is not JSON, or undefined when empty. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What goes out beside method and path. */
export interface HttpCall {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as FHIR JSON; text is sent as it stands with the content type of `headers`. */
  readonly body?: unknown;
}

/** A client of one server. Redirects are handed back, not followed. */
export interface HttpClient {
  send(method: string, path: string, call?: HttpCall): Promise<HttpAnswer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  put(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  patch(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** POST of form fields, as for `_search` and the token endpoint. */
  postForm(path: string, fields: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** The same server as someone else. */
  withToken(accessToken: string): HttpClient;
}

/**
 * Makes a client of the server at `baseUrl`.
 *
 * @param baseUrl without a slash at the end, e.g. `http://127.0.0.1:8080`
 * @param accessToken sent as bearer token with every call
 */
export function httpClient(baseUrl: string, accessToken?: string): HttpClient {
  const send = async (method: string, path: string, call: HttpCall = {}): Promise<HttpAnswer> => {
    const response = await fetch(new URL(path, `${baseUrl}/`), {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/fhir+json',
        ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: textOf(call.body) }),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response) };
  };
  return {
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, body, headers = {}) => send('POST', path, { body, headers }),
    put: (path, body, headers = {}) => send('PUT', path, { body, headers }),
    patch: (path, body, headers = {}) => send('PATCH', path, { body, headers }),
    delete: (path, headers = {}) => send('DELETE', path, { headers }),
    postForm: (path, fields) =>
      send('POST', path, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    withToken: (token) => httpClient(baseUrl, token),
  };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') {
    return undefined;
  }
  return /[/+]json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}
