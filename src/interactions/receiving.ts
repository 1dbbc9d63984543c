/**
 * What a system asks for over REST, as a message (docs/adr/0030): its own id and time, its text, and what is kept of it when it is
 * refused. https://hl7.org/fhir/R4/http.html#ops
 */
import { createHash } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import { error, unprocessable } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/types.ts';
import { type Inbox, keepingRefused, type Sent } from '../registry/intake/inbox.ts';
import type { Message } from '../repository/message.ts';
import type { FhirRequest } from './exchange.ts';

/** A request as far as it must be known to be done again. */
export interface Asked {
  readonly method: string;
  /** Below the base: `Observation/1`; empty for the base itself. */
  readonly path: string;
  readonly query: string;
  readonly raw: string;
  header(name: string): string | undefined;
}

/** Headers that change what is asked for. */
const MEANT = ['if-match', 'if-none-exist', 'idempotency-key', 'content-type'];
const MINUTES_AHEAD = 15;

/** Do what a system asks for; what is refused of it is kept. Others' requests are not messages. */
export function receiving<T>(
  inbox: Pick<Inbox, 'refuse'>,
  principal: Principal,
  asked: Asked,
  work: () => Promise<T>,
): Promise<T> {
  return principal.kind === 'ehr' && asked.method !== 'GET' && asked.method !== 'HEAD'
    ? keepingRefused(inbox, principal, () => toSent(asked), work)
    : work();
}

function toSent({ method, path, query, raw, header }: Asked): Sent {
  const headers = Object.fromEntries(
    MEANT.flatMap((name) => [[name, header(name)] as const].filter(isGiven)),
  );
  const { bundle } = looselyRead(raw);
  const id = keyOf(header('idempotency-key')) ?? identifierOf(bundle) ?? headerIdOf(bundle);
  const sentAt = instantOf(bundle['timestamp']);
  return {
    door: bundle['type'] === 'message' ? 'message' : 'fhir',
    raw,
    contentType: header('content-type') ?? '',
    ...{ method, path, query, headers },
    ...(id !== undefined && { id }),
    ...(sentAt !== undefined && { sentAt }),
  };
}

const isGiven = (pair: readonly [string, string | undefined]): pair is readonly [string, string] =>
  pair[1] !== undefined;

/** What was refused may be no JSON at all. */
function looselyRead(raw: string): { readonly bundle: JsonObject } {
  try {
    const value: unknown = raw.includes('"Bundle"') ? JSON.parse(raw) : undefined;
    return { bundle: typeof value === 'object' && value !== null ? (value as JsonObject) : {} };
  } catch {
    return { bundle: {} };
  }
}

/** A key that a header gives. */
const keyOf = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : keepable(header);

/** `MessageHeader.id`. */
function headerIdOf({ type, entry }: JsonObject): string | undefined {
  const [head] = type === 'message' && Array.isArray(entry) ? (entry as readonly JsonObject[]) : [];
  const { id } = (head?.['resource'] ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? keepable(id) : undefined;
}

/** A single resource as a message, when a system sends it. */
export function messageOf(request: FhirRequest): { readonly message?: Message } {
  const { principal, type, id, query, rawBody, body } = request;
  if (principal.kind !== 'ehr') {
    return {};
  }
  const key = keyOf(request.header('idempotency-key'));
  const text = rawBody ?? (body === undefined ? '' : JSON.stringify(body));
  return {
    message: {
      door: 'fhir',
      raw: `${type}/${id}?${query.toString()}\n${text}`,
      isBundle: false,
      ...(key !== undefined && { id: key }),
    },
  };
}

/** A transaction as a message. Throws 422 for one that says it was made in the future. */
export function bundleMessageOf(
  request: FhirRequest,
  bundle: JsonObject,
  now: Date,
): { readonly message?: Message } {
  const { principal, rawBody } = request;
  if (principal.kind !== 'ehr' || rawBody === undefined) {
    return {};
  }
  const id = keyOf(request.header('idempotency-key')) ?? identifierOf(bundle);
  const sentAt = sentAtOf(bundle, now);
  return {
    message: {
      door: 'fhir',
      raw: rawBody,
      isBundle: true,
      ...(id !== undefined && { id }),
      ...(sentAt !== undefined && { sentAt }),
    },
  };
}

/**
 * When a Bundle was made, as its sender says. One from the future would keep out all that comes until then: the clock must be
 * mended first. Throws 422.
 */
export function sentAtOf({ timestamp }: JsonObject, now: Date): Date | undefined {
  const sentAt = instantOf(timestamp);
  if (sentAt !== undefined && sentAt.getTime() > now.getTime() + MINUTES_AHEAD * 60_000) {
    throw unprocessable(
      error(
        'value',
        `Bundle.timestamp is more than ${MINUTES_AHEAD} minutes ahead of this server's clock. Correct the sender's clock and send it again.`,
        'Bundle.timestamp',
        'message-time',
      ),
    );
  }
  return sentAt;
}

function instantOf(value: unknown): Date | undefined {
  const time = typeof value === 'string' && /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** `system|value` of `Bundle.identifier`. */
export function identifierOf({ identifier }: JsonObject): string | undefined {
  const { system = '', value } = (identifier ?? {}) as { readonly system?: string; readonly value?: string };
  return typeof value === 'string' ? keepable(`${system}|${value}`) : undefined;
}

const LONGEST = 255;

/** What a sender calls a message by is what the sender likes: what is too long for an index, or no plain text, is kept as its hash. */
const keepable = (id: string): string =>
  id.length <= LONGEST && !/\p{Cc}/u.test(id)
    ? id
    : `sha256:${createHash('sha256').update(id).digest('base64url')}`;
