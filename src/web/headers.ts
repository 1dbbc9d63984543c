/**
 * Headers of every page, and who may send to it. No inline script or style, nothing from elsewhere, never framed, never
 * stored by caches.
 * https://www.w3.org/TR/CSP3/
 */
import type { Request, Response } from 'express';
import { refuseOtherSites } from '../smart/form-post.ts';

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Headers of a page; writes only from our own pages. */
export function pageGuard(request: Request, response: Response, next: () => void): void {
  response.set(PAGE_HEADERS);
  refuseOtherSites(request, response, next);
}
