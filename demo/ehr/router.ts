/**
 * The simulated EHR as an Express router: launch page, SMART authorisation server, FHIR read and search.
 * Mounted under `/demo/ehr` in demo mode, and run as a server of its own in tests.
 */
import { randomUUID } from 'node:crypto';
import { json, Router, urlencoded, type Request, type Response } from 'express';
import type { Clock } from '../../src/fhir/id.ts';
import type { Patient, Resource } from '../../src/fhir/types.ts';
import { constraintsFor } from '../../src/access/scopes.ts';
import { demoAuthorization, OAuthError, type AccessGrant, type DemoAuthorization } from './authorization.ts';
import { choicePage, documentPage, launchPage, PAGE_POLICY } from './page.ts';
import { caseOf, PATIENT_IDS } from './cases.ts';
import { demoResources } from './patients.ts';
import { demoStore, outcome, type DemoStore } from './store.ts';

export interface DemoEhrOptions {
  /** Absolute URL that the router is mounted at: `http://127.0.0.1:8080/demo/ehr`. */
  readonly url: string;
  /** Absolute URL of the registry, no trailing slash. */
  readonly registryUrl: string;
  readonly clock: Clock;
  readonly grantable?: (scope: string) => boolean;
  /** More that the token response tells of a launch. */
  readonly context?: () => Readonly<Record<string, unknown>>;
}

/** Our client id at the simulated EHR. */
export const DEMO_CLIENT_ID = 'ryggrad';

/** FHIR base of the EHR mounted at `url`: the `iss` of its launches. */
export const demoFhirBase = (url: string): string => `${url}/fhir`;

export async function demoEhr({
  url,
  registryUrl,
  clock,
  grantable,
  context,
}: DemoEhrOptions): Promise<Router> {
  const base = demoFhirBase(url);
  const patients: string[] = [...PATIENT_IDS];
  const written: Resource[] = [];
  const store = (): DemoStore => demoStore([...demoResources(clock.now(), patients), ...written]);
  const authorization = await demoAuthorization({
    base,
    tokenEndpoint: `${url}/token`,
    app: {
      clientId: DEMO_CLIENT_ID,
      redirectUri: `${registryUrl}/launch/callback`,
      jwksUri: `${registryUrl}/.well-known/jwks.json`,
    },
    clock,
    ...(grantable !== undefined && { grantable }),
    ...(context !== undefined && { context }),
  });

  const router = Router();
  router.get('/', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.set('Content-Security-Policy', PAGE_POLICY);
    response.type('html').send(page(store(), { patients, authorization, base, registryUrl, url }));
  });
  router.post('/innleggelse', urlencoded({ extended: false }), (request, response) => {
    admit(patients, (request.body as Readonly<Record<string, string | undefined>>)['nummer']);
    response.redirect(303, `${url}/`);
  });
  router.get('/authorize', (request, response) => {
    const query = new URL(request.originalUrl, 'http://ehr').searchParams;
    if (authorization.mustChoose(query)) {
      response.set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': PAGE_POLICY });
      response.type('html').send(choicePage(persons(store(), patients), `${url}/authorize?${query}`));
      return;
    }
    authorize(authorization, request, response);
  });
  router.post('/token', urlencoded({ extended: false }), (request, response) =>
    token(authorization, request, response),
  );
  router.get('/jwks', (_request, response) => {
    response.json({ keys: authorization.publicKeys });
  });
  router.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.json(configuration(url, base));
  });
  router.get('/dokumenter', (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': PAGE_POLICY });
    response.type('html').send(documentPage(written));
  });
  router.post('/fhir/:type', json({ type: 'application/fhir+json', limit: '5mb' }), (request, response) =>
    create(written, authorization, base, request, response),
  );
  router.get('/fhir/:type', (request, response) => search(store(), authorization, base, request, response));
  router.get('/fhir/:type/:id', (request, response) => read(store(), authorization, request, response));
  return router;
}

const configuration = (url: string, base: string) => ({
  issuer: base,
  jwks_uri: `${url}/jwks`,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
  grant_types_supported: ['authorization_code'],
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
  capabilities: [
    'launch-ehr',
    'launch-standalone',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-ehr-patient',
    'context-ehr-encounter',
    'context-standalone-patient',
    'permission-patient',
    'permission-v2',
  ],
});

const persons = (store: DemoStore, patients: readonly string[]): readonly Patient[] =>
  patients.map((patient) => store.read('Patient', patient) as Patient);

const MOST_PATIENTS = 200;

/** One more patient: the person of a number that is given, or of the next free one. */
function admit(patients: string[], number: string | undefined): void {
  const id = `pasient-${number ?? patients.length + 1}`;
  if (caseOf(id) !== undefined && !patients.includes(id) && patients.length < MOST_PATIENTS) {
    patients.push(id);
  }
}

interface PageParts {
  readonly patients: readonly string[];
  readonly authorization: DemoAuthorization;
  readonly base: string;
  readonly registryUrl: string;
  readonly url: string;
}

function page(store: DemoStore, { patients, authorization, base, registryUrl, url }: PageParts): string {
  return launchPage(
    patients.map((patient) => {
      const launch = authorization.launch({ patient, encounter: `${patient}-opphold` });
      return {
        patient: store.read('Patient', patient) as Patient,
        launchUrl: `${registryUrl}/launch?${new URLSearchParams({ iss: base, launch })}`,
      };
    }),
    `${url}/innleggelse`,
  );
}

function authorize(authorization: DemoAuthorization, request: Request, response: Response): void {
  try {
    response.redirect(
      302,
      authorization.authorize(new URL(request.originalUrl, 'http://ehr').searchParams).href,
    );
  } catch (error) {
    response
      .status(400)
      .type('text/plain')
      .send(error instanceof OAuthError ? error.message : 'invalid request');
  }
}

async function token(authorization: DemoAuthorization, request: Request, response: Response): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  try {
    response.json(await authorization.token(new URLSearchParams(request.body as Record<string, string>)));
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      throw error;
    }
    response.status(error.code === 'invalid_client' ? 401 : 400);
    response.json({ error: error.code, error_description: error.message });
  }
}

function search(
  store: DemoStore,
  authorization: DemoAuthorization,
  base: string,
  request: Request<{ type: string }>,
  response: Response,
): void {
  const grant = grantOf(authorization, request, response);
  if (grant === undefined || isRefused(grant, request.params.type, 's', response)) {
    return;
  }
  const query = new URL(request.originalUrl, 'http://ehr').searchParams;
  const patient = (query.get('patient') ?? query.get('subject') ?? '').replace(/^Patient\//, '');
  if (patient !== grant.patient) {
    fhir(response, 403, outcome('forbidden', 'The token is for another patient, or none is named.'));
    return;
  }
  const answer = store.search(base, request.params.type, query);
  fhir(response, answer.resourceType === 'Bundle' ? 200 : 400, answer);
}

function read(
  store: DemoStore,
  authorization: DemoAuthorization,
  request: Request<{ type: string; id: string }>,
  response: Response,
): void {
  const { type, id } = request.params;
  const grant = grantOf(authorization, request, response);
  if (grant === undefined || isRefused(grant, type, 'r', response)) {
    return;
  }
  const resource = store.read(type, id);
  const isMine =
    type === 'Practitioner' ||
    type === 'Organization' ||
    store.compartment(grant.patient).includes(resource as never);
  if (resource === undefined || !isMine) {
    fhir(response, 404, outcome('not-found', `${type}/${id} is not known.`));
    return;
  }
  fhir(response, 200, resource);
}

/** What an app may leave here about the patient of its token; the same identifier once (If-None-Exist). */
function create(
  written: Resource[],
  authorization: DemoAuthorization,
  base: string,
  request: Request<{ type: string }>,
  response: Response,
): void {
  const { type } = request.params;
  const grant = grantOf(authorization, request, response);
  if (grant === undefined || isRefused(grant, type, 'c', response)) {
    return;
  }
  const resource = request.body as Resource & { subject?: { reference?: string }; identifier?: unknown };
  if (resource.resourceType !== type || resource.subject?.reference !== `Patient/${grant.patient}`) {
    fhir(
      response,
      422,
      outcome('not-supported', 'The resource is about another patient, or of another type.'),
    );
    return;
  }
  const known = written.find(
    (one) =>
      request.get('if-none-exist') !== undefined &&
      JSON.stringify((one as typeof resource).identifier) === JSON.stringify(resource.identifier),
  );
  const kept = known ?? { ...resource, id: randomUUID() };
  if (known === undefined) {
    written.push(kept as Resource);
  }
  response.setHeader('Location', `${base}/${type}/${kept.id ?? ''}/_history/1`);
  fhir(response, known === undefined ? 201 : 200, kept);
}

/** The grant of the request's token; answers 401 itself when there is none. */
function grantOf(
  authorization: DemoAuthorization,
  request: Request,
  response: Response,
): AccessGrant | undefined {
  const [, accessToken] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const grant = accessToken === undefined ? undefined : authorization.grantOf(accessToken);
  if (grant === undefined) {
    response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
    fhir(response, 401, outcome('login', 'The access token is missing, unknown or expired.'));
  }
  return grant;
}

/** Answers 403 when the scopes do not cover it; the logged-in user's own Practitioner comes with `fhirUser`. */
function isRefused(
  { scopes }: AccessGrant,
  type: string,
  letter: 'c' | 'r' | 's',
  response: Response,
): boolean {
  const isOwn = letter === 'r' && type === 'Practitioner' && scopes.includes('fhirUser');
  if (isOwn || constraintsFor(scopes, { level: 'patient', type, letter }) === 'all') {
    return false;
  }
  fhir(response, 403, outcome('forbidden', `The scopes do not cover ${type}.`));
  return true;
}

function fhir(response: Response, status: number, body: object): void {
  response.status(status).type('application/fhir+json').send(JSON.stringify(body));
}
