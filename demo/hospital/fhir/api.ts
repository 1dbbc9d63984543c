/**
 * The hospital's FHIR API: read, search, and writing back for the types that allow it, within what the token's scopes let
 * through. https://hl7.org/fhir/R4/http.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../../../src/fhir/types.ts';
import type { AccessGrant } from '../smart/authorization.ts';
import { isOfOnePatient, mayDo } from '../smart/scopes.ts';
import { capabilityStatement, WRITABLE } from './capability.ts';
import { type HospitalRecord, isAbout } from './record.ts';
import { outcome, PARAMETERS, search } from './search.ts';

/** What an app has written back. */
export interface WrittenBack {
  readonly at: string;
  readonly clientId: string;
  readonly resource: Resource;
}

interface ApiDeps {
  readonly url: string;
  readonly base: string;
  readonly clock: { now(): Date };
  readonly record: () => HospitalRecord;
  readonly grantOf: (accessToken: string) => AccessGrant | undefined;
  readonly received: WrittenBack[];
}

export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Below the FHIR base: `Patient/p1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body?: Resource;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Types without a patient that everybody with a token may read. */
const DIRECTORY = ['Practitioner', 'Organization'];

const refused = (status: number, ...[code, text]: Parameters<typeof outcome>): Answer => ({
  status,
  body: outcome(code, text),
});

export function fhirApi(deps: ApiDeps): (asked: ApiRequest) => void {
  return (asked) => {
    const { status, body, headers = {} } = answerTo(deps, asked);
    asked.response
      .writeHead(status, {
        ...(body !== undefined && { 'content-type': 'application/fhir+json; charset=utf-8' }),
        'cache-control': 'no-store',
        ...headers,
      })
      .end(body === undefined ? undefined : JSON.stringify(body));
  };
}

function answerTo(deps: ApiDeps, asked: ApiRequest): Answer {
  const { path, request } = asked;
  if (path === 'metadata' && request.method === 'GET') {
    return { status: 200, body: capabilityStatement(deps.base, deps.url, deps.clock.now().toISOString()) };
  }
  const [type = '', id] = path.split('/');
  const grant = grantOf(deps, request);
  if (grant === undefined) {
    return {
      ...refused(401, 'login', 'The access token is missing, unknown or expired.'),
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    };
  }
  if (PARAMETERS[type] === undefined) {
    return refused(404, 'not-supported', `Nothing of the type "${type}" is kept here.`);
  }
  const action = `${request.method} ${pathKind(id)}`;
  const answer: Readonly<Record<string, () => Answer>> = {
    'GET type': () => searched(deps, asked, grant, type, asked.query),
    'POST _search': () =>
      searched(
        deps,
        asked,
        grant,
        type,
        new URLSearchParams([...asked.query, ...new URLSearchParams(asked.body)]),
      ),
    'GET id': () => readOne(deps, grant, type, id ?? ''),
    'POST type': () => written(deps, asked, grant, type, undefined),
    'PUT id': () => written(deps, asked, grant, type, id),
  };
  return (
    answer[action]?.() ?? refused(405, 'not-supported', `${request.method ?? ''} is not supported here.`)
  );
}

function pathKind(id: string | undefined): string {
  if (id === undefined) {
    return 'type';
  }
  return id === '_search' ? '_search' : 'id';
}

function grantOf({ grantOf: grantOfToken }: ApiDeps, request: IncomingMessage): AccessGrant | undefined {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return token === undefined ? undefined : grantOfToken(token);
}

/** A token of a launch sees its patient; one of a system or a user everybody. */
function mayRead({ scopes, patient }: AccessGrant, resource: Resource): boolean {
  return (
    DIRECTORY.includes(resource.resourceType) ||
    !isOfOnePatient(scopes) ||
    (patient !== undefined && isAbout(resource, patient))
  );
}

/** Who is logged in comes with `fhirUser`. */
const isOwnUser = ({ scopes, practitioner }: AccessGrant, type: string, id: string): boolean =>
  type === 'Practitioner' && scopes.includes('fhirUser') && id === practitioner;

const insufficient = (type: string): Answer => ({
  ...refused(403, 'forbidden', `The scopes do not cover ${type}.`),
  headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
});

function readOne({ record }: ApiDeps, grant: AccessGrant, type: string, id: string): Answer {
  if (!mayDo(grant.scopes, type, 'r') && !isOwnUser(grant, type, id)) {
    return insufficient(type);
  }
  const resource = record().read(type, id);
  if (resource === undefined || !mayRead(grant, resource)) {
    return record().isGone(type, id)
      ? refused(410, 'deleted', `${type}/${id} is deleted.`)
      : refused(404, 'not-found', `${type}/${id} is not known.`);
  }
  return { status: 200, body: resource, headers: { etag: `W/"${resource.meta?.versionId ?? '1'}"` } };
}

function searched(
  deps: ApiDeps,
  _asked: ApiRequest,
  grant: AccessGrant,
  type: string,
  query: URLSearchParams,
): Answer {
  if (!mayDo(grant.scopes, type, 's')) {
    return insufficient(type);
  }
  const asked = query.get('patient') ?? query.get('subject');
  if (isOfOnePatient(grant.scopes) && asked !== null && asked.replace(/^Patient\//, '') !== grant.patient) {
    return refused(403, 'forbidden', 'The token is for another patient.');
  }
  const among = deps
    .record()
    .all(type)
    .filter((resource) => mayRead(grant, resource));
  const body = search(deps.base, type, query, among);
  return { status: body.resourceType === 'Bundle' ? 200 : 400, body };
}

function written(
  { record, clock, received, base }: ApiDeps,
  { body, request }: ApiRequest,
  grant: AccessGrant,
  type: string,
  id: string | undefined,
): Answer {
  if (!WRITABLE.includes(type)) {
    return refused(405, 'not-supported', `${type} cannot be written here.`);
  }
  if (!mayDo(grant.scopes, type, id === undefined ? 'c' : 'u')) {
    return insufficient(type);
  }
  const resource = parsed(body);
  if (resource?.resourceType !== type || (id !== undefined && resource.id !== id)) {
    return refused(400, 'invalid', `The body is no ${type}, or of another id than the address.`);
  }
  if (isOfOnePatient(grant.scopes) && !isAbout(resource, grant.patient ?? '')) {
    return refused(403, 'forbidden', 'What is written must be about the patient of the token.');
  }
  const known = id === undefined ? knownBy(record(), base, request, resource) : [];
  if (known.length > 0) {
    const [one] = known;
    return known.length > 1 || one === undefined
      ? refused(412, 'multiple-matches', 'If-None-Exist matches more than one resource.')
      : { status: 200, body: one, headers: versionHeaders(base, one) };
  }
  const isNew = id === undefined || record().read(type, id) === undefined;
  const { id: _own, ...content } = resource;
  const stored = record().write((id === undefined ? content : resource) as Resource, clock.now());
  received.push({ at: clock.now().toISOString(), clientId: grant.clientId, resource: stored });
  return {
    status: isNew ? 201 : 200,
    body: stored,
    headers: versionHeaders(base, stored),
  };
}

const versionHeaders = (base: string, { resourceType, id = '', meta }: Resource) => ({
  location: `${base}/${resourceType}/${id}/_history/${meta?.versionId ?? '1'}`,
  etag: `W/"${meta?.versionId ?? '1'}"`,
});

/** What is here already, by the condition of a create: https://hl7.org/fhir/R4/http.html#ccreate */
function knownBy(
  record: HospitalRecord,
  base: string,
  { headers }: IncomingMessage,
  { resourceType: type }: Resource,
): readonly Resource[] {
  const condition = headers['if-none-exist'];
  const found =
    typeof condition === 'string'
      ? search(base, type, new URLSearchParams(condition.replace(/^\?/, '')), record.all(type))
      : undefined;
  return found?.resourceType === 'Bundle'
    ? (found.entry ?? []).flatMap(({ resource }) => resource ?? [])
    : [];
}

function parsed(body: string): Resource | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}
