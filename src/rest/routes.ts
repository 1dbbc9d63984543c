/**
 * The FHIR base: which request goes to which interaction. https://hl7.org/fhir/R4/http.html
 */
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import type { Principal } from '../access/principal.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import { capabilities, type CapabilityOptions } from '../interactions/capabilities.ts';
import { create } from '../interactions/create.ts';
import { deleteResource } from '../interactions/delete.ts';
import { type Deps, type FhirRequest, type FhirResponse, isStoredType } from '../interactions/exchange.ts';
import { history } from '../interactions/history.ts';
import { patch } from '../interactions/patch.ts';
import { read } from '../interactions/read.ts';
import { search } from '../interactions/search.ts';
import { transactionOrBatch } from '../interactions/transaction.ts';
import { update } from '../interactions/update.ts';
import { receiving } from '../interactions/receiving.ts';
import { vread } from '../interactions/vread.ts';
import { auditRead, closeVisit } from '../repository/audit.ts';
import { Visit } from '../repository/visit.ts';
import type { OperationRoute } from '../operations/route.ts';
import type { XmlFormat } from '../fhir/xml.ts';
import { API_POLICY } from './answer-headers.ts';
import { negotiate, negotiated } from './content-type.ts';
import { errorHandler } from './errors.ts';
import { bundleBody, formBody, resourceBody } from './body.ts';
import { refuseForgottenMethods, refusePersonNumbers } from './guards.ts';
import { nativeAnswer } from './binary.ts';
import type { RateClass, RateLimits } from './rate-limits.ts';
import { send } from './send.ts';
import { askedOf, toFhirRequest } from './to-fhir-request.ts';

export interface RestDeps extends Deps {
  /** Token → principal; throws 401 with WWW-Authenticate when there is none. */
  readonly authenticate: (request: Request) => Promise<Principal>;
  readonly operations: readonly OperationRoute[];
  readonly smartConfiguration: () => object;
  /** `GET /metadata?mode=terminology`. */
  readonly terminologyCapabilities: () => Promise<object>;
  readonly capabilityOptions: CapabilityOptions;
  readonly refusePersonNumbersInUrls: boolean;
  readonly xml: XmlFormat;
  /** Largest Bundle that is taken, in bytes as it is unpacked. */
  readonly maxBundleBytes: number;
  readonly limits: RateLimits;
  readonly log: Logger;
}

type Interaction = (deps: Deps, request: FhirRequest) => Promise<FhirResponse>;

/** All routes below the FHIR base. */
export function restRouter(deps: RestDeps): Router {
  const router = express.Router({ strict: false, caseSensitive: true });
  const run = runner(deps);
  router.use((request, response, next) => {
    response.set('Content-Security-Policy', API_POLICY);
    response.locals['negotiated'] = negotiate(request);
    next();
  });
  router.get('/.well-known/smart-configuration', (_request, response) => {
    response.set({ 'Access-Control-Allow-Origin': '*' }).json(deps.smartConfiguration());
  });
  const body = capabilities({ ...deps.capabilityOptions, smart: deps.smartConfiguration() });
  router.get('/metadata', async (request, response) => {
    response.set({ 'Access-Control-Allow-Origin': '*' });
    const answer = request.query['mode'] === 'terminology' ? await deps.terminologyCapabilities() : body;
    await send(request, response, { status: 200, headers: {}, body: answer }, deps.xml);
  });
  router.all(['/metadata', '/.well-known/smart-configuration'], refuseForgottenMethods);
  if (deps.refusePersonNumbersInUrls) {
    router.use(refusePersonNumbers);
  }
  for (const { method, path, run: operation, takes } of deps.operations) {
    const body = takes === 'bundle' ? bundleBody(deps.maxBundleBytes) : resourceBody;
    router[method](path, body, run(takes === 'bundle' ? 'write' : rateOf(path), inOneVisit(operation)));
  }
  router.post('/', bundleBody(deps.maxBundleBytes), run('write', transactionOrBatch));
  router.get('/', run('search', search));
  router.post('/_search', formBody, run('search', search));
  router.get('/_history', run('search', history));
  router.get('/:type', run('search', search));
  router.post('/:type/_search', formBody, run('search', search));
  router.post('/:type', resourceBody, run('write', create));
  router.put('/:type', resourceBody, run('write', update));
  router.patch('/:type', resourceBody, run('write', patch));
  router.delete('/:type', run('write', deleteResource));
  router.get('/:type/_history', run('search', history));
  router.get('/:type/:id', run('read', read));
  router.put('/:type/:id', resourceBody, run('write', update));
  router.patch('/:type/:id', resourceBody, run('write', patch));
  router.delete('/:type/:id', run('write', deleteResource));
  router.get('/:type/:id/_history', run('search', history));
  router.get('/:type/:id/_history/:versionId', run('read', vread));
  router.get('/:compartment/:compartmentId/:type', run('search', search));
  router.post('/:compartment/:compartmentId/:type/_search', formBody, run('search', search));
  router.use(refuseForgottenMethods);
  router.use(errorHandler(deps.log, deps.xml));
  return router;
}

/** To ask for an export is dear; to ask how it goes, or for its files, is not. */
const rateOf = (path: string): RateClass => (/\$(?:[a-z]+-)?export$/.test(path) ? 'export' : 'search');

/** Authenticate, make the FHIR request, run the interaction, send its answer. */
function runner(deps: RestDeps) {
  return (rate: RateClass, interaction: Interaction) => {
    const handle = async (request: Request, response: Response): Promise<void> => {
      const requestId = response.locals['requestId'] as string;
      const principal = await authenticated(deps, request, requestId);
      await deps.limits.take(rate, principal.subject);
      const carryOut = (): Promise<FhirResponse> => {
        const fhirRequest = toFhirRequest(request, principal, requestId, deps.xml);
        refuseUnknownPath(request.method, fhirRequest);
        return interaction(deps, fhirRequest);
      };
      const answer = await (rate === 'write'
        ? receiving(deps.inbox, principal, askedOf(request), async () => carryOut())
        : carryOut());
      await send(request, response, nativeAnswer(answer, negotiated(response)), deps.xml);
    };
    return Object.assign(handle, { rate }); // seen by the test of the route table
  };
}

/** An operation looks at many things: one event tells of all of them, before the answer leaves (AU-01). */
function inOneVisit(operation: Interaction): Interaction {
  return async (deps, request) => {
    const visit = new Visit();
    const { principal, requestId } = request;
    const answer = await operation(deps, { ...request, visit });
    await closeVisit(deps.repository.deps, { principal, requestId, visit });
    return answer;
  };
}

/** Who asks; a request that nobody vouches for is in the audit trail too (AU-01). */
async function authenticated(deps: RestDeps, request: Request, requestId: string): Promise<Principal> {
  try {
    return await deps.authenticate(request);
  } catch (cause) {
    if (cause instanceof FhirError && cause.status < 500) {
      await auditRead(
        deps.repository.deps,
        { principal: undefined, requestId, interaction: 'refused' },
        { status: cause.status },
      );
    }
    throw cause;
  }
}

/** A type that is none, or an id that can be none, is not there; only a PUT is told why. */
function refuseUnknownPath(method: string, { type: asked, id: own, compartment }: FhirRequest): void {
  refuseUnknown(method, asked, own);
  if (compartment !== undefined) {
    refuseUnknown(method, compartment.type, compartment.id);
  }
}

function refuseUnknown(method: string, type: string, id: string): void {
  if (type !== '' && !isStoredType(type)) {
    throw new FhirError(
      404,
      error(
        'not-supported',
        `Resources of type "${type.slice(0, 64)}" are not kept here.`,
        undefined,
        'resource-type',
      ),
    );
  }
  if (id !== '' && !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    const text = 'The id in the URL can be no FHIR id: 1 to 64 letters, digits, "-" and ".".';
    throw method === 'PUT'
      ? new FhirError(400, error('value', text, `${type}.id`, 'id-format'))
      : new FhirError(404, error('not-found', text, undefined, 'id-format'));
  }
}
