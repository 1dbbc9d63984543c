/** A request to a handler of node:http without a connection: for questions that are asked thousands of times. */
import { IncomingMessage, type OutgoingHttpHeaders, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';

export interface InProcessCall {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface InProcessAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly text: string;
}

export function askInProcess(handler: RequestListener, call: InProcessCall): Promise<InProcessAnswer> {
  const { method, url, headers = {}, body = '' } = call;
  const request = new IncomingMessage(new PassThrough() as unknown as Socket);
  Object.assign(request, { method, url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  request.headers = { host: 'in-process', 'content-length': String(Buffer.byteLength(body)), ...headers };
  request.push(body);
  request.push(null);
  request.complete = true;
  return new Promise((resolve) => {
    const response = new ServerResponse(request);
    const end = (chunk?: unknown): ServerResponse => {
      const text = chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk ?? '');
      resolve({ status: response.statusCode, headers: response.getHeaders(), text });
      return response;
    };
    response.end = end as ServerResponse['end'];
    handler(request, response);
  });
}
