/**
 * Reading an EHR's FHIR API with a token of our own: https://hl7.org/fhir/R4/http.html#read and #search. Only below its base; what
 * passes by itself is EhrAway, and is asked again later.
 */
import type { Clock } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Fetch } from '../guarded-fetch.ts';
import type { BackendToken } from './backend-token.ts';
import { EhrAway, requireThere } from './connection.ts';
import { isBelow } from './pull.ts';

export type Answer =
  | { readonly kind: 'found'; readonly resource: Resource }
  /** 404 or 410. */
  | { readonly kind: 'gone'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number };

export interface EhrReader {
  readonly base: string;
  /** An absolute address below the base, or a path there: `Patient/1`, `Condition?patient=1`. Throws EhrAway. */
  get(address: string): Promise<Answer>;
  /** A search that says nothing in its address, for national numbers. Throws EhrAway. */
  search(type: string, query: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface ReaderDeps {
  readonly ask: Fetch;
  readonly token: BackendToken;
  readonly clock: Clock;
  readonly pace: () => Promise<void>;
}

/** What is sent for an address outside the base: nothing. */
const OUTSIDE: Answer = { kind: 'refused', status: 0 };

export function ehrReader(fhirBase: string, deps: ReaderDeps): EhrReader {
  const base = fhirBase.replace(/\/$/, '');
  return {
    base,
    async get(address) {
      const url = URL.parse(address, `${base}/`)?.href ?? '';
      return isBelow(base, url) ? answered(deps, url, { method: 'GET' }) : OUTSIDE;
    },
    search: (type, query) =>
      answered(deps, `${base}/${type}/_search`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(query).toString(),
      }),
  };
}

/** A token that is not taken is renewed, once. */
async function answered(deps: ReaderDeps, url: string, init: RequestInit): Promise<Answer> {
  const first = await send(deps, url, init);
  if (first.status !== 401) {
    return toAnswer(first);
  }
  deps.token.drop();
  const second = await send(deps, url, init);
  if (second.status === 401) {
    throw new EhrAway('not-let-in');
  }
  return toAnswer(second);
}

async function send(
  { ask, token, clock, pace }: ReaderDeps,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const accessToken = await token.current();
  await pace();
  const response = await ask(url, {
    ...init,
    headers: {
      ...(init.headers as Record<string, string> | undefined),
      accept: 'application/fhir+json',
      authorization: `Bearer ${accessToken}`,
    },
  }).catch(() => {
    throw new EhrAway('no-answer');
  });
  requireThere(response, clock.now());
  return response;
}

async function toAnswer(response: Response): Promise<Answer> {
  const { status } = response;
  if (status === 404 || status === 410) {
    return { kind: 'gone', status };
  }
  const resource = response.ok ? readResource(await response.text()) : undefined;
  return resource === undefined ? { kind: 'refused', status } : { kind: 'found', resource };
}

function readResource(text: string): Resource | undefined {
  try {
    const value = parseJson(text) as { readonly resourceType?: unknown } | null;
    return typeof value?.resourceType === 'string' ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}
