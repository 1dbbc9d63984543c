/**
 * What every form post of the login has in common: only from our own pages, never stored, and back by a redirect.
 */
import { urlencoded, type Request, type Response } from 'express';
import { isSameOrigin } from './same-origin.ts';

/** Reads a small form. */
export const readForm = () => urlencoded({ extended: false, limit: '10kb', parameterLimit: 20 });

/** Writes are taken from our own pages only. */
export function refuseOtherSites(request: Request, response: Response, next: () => void): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead || isSameOrigin(request.headers)) {
    next();
    return;
  }
  response.status(403).type('text/plain').send('Skjemaet må sendes fra våre egne sider.');
}

export function noStore(_request: Request, response: Response, next: () => void): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

/** One field of the form; empty when it is missing or stands more than once. */
export function field(request: Request, name: string): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** A path on this server, or undefined: never a way to another site. */
export function localPath(path: string): string | undefined {
  return /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : undefined;
}

export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
