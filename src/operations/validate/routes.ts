/** https://hl7.org/fhir/R4/resource-operation-validate.html */
import type { Clock } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { FhirError, error, issue, toOutcome, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import {
  callerOf,
  requireResource,
  type Deps,
  type FhirRequest,
  type FhirResponse,
} from '../../interactions/exchange.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import type { CodeChecker } from '../../terminology/deferred.ts';
import type { Validator } from '../../validation/validator.ts';
import type { OperationRoute } from '../route.ts';
import { readAsked, type Asked } from './asked.ts';
import { formFindings, type FormNeeds } from './form-findings.ts';
import { danglingFindings, idFindings, referrerFindings } from './mode-findings.ts';

export interface ValidateDeps extends FormNeeds {
  readonly validator: Validator;
  /** Decides codes of loaded systems. */
  readonly codes: CodeChecker;
  readonly parameters: ParameterTable;
  readonly clock: Clock;
}

const DEFINITION = 'http://hl7.org/fhir/OperationDefinition/Resource-validate';

/**
 * `POST [type]/$validate` and `[type]/[id]/$validate` (`GET` for what is stored): the resource itself, or a Parameters
 * with `resource`, `mode` and `profile`. Nothing is stored. 200 with the findings; 400 for a request that asks nothing.
 */
export function validateRoutes(validates: ValidateDeps): readonly OperationRoute[] {
  const run: OperationRoute['run'] = (deps, request) => validate(validates, deps, request);
  return [
    { method: 'post', path: '/:type/$validate', name: 'validate', definition: DEFINITION, run },
    { method: 'post', path: '/:type/:id/$validate', run },
    { method: 'get', path: '/:type/:id/$validate', run },
  ];
}

async function validate(validates: ValidateDeps, deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { repository } = deps;
  const caller = callerOf(request, '$validate');
  await repository.authorise(caller, 'read', { type: request.type });
  const asked = readAsked(request);
  const { mode } = asked;
  const issues =
    mode === 'delete'
      ? await deletion(validates, deps, request)
      : await findings(validates, deps, request, asked, await resourceOf(asked, deps, request));
  const outcome = toOutcome(
    issues.length > 0 ? issues : [issue('information', 'informational', 'No faults found.')],
  );
  return { status: 200, headers: {}, body: outcome };
}

/** The resource that was sent; at an instance without one, what is stored there (404 when it is not). */
async function resourceOf({ resource }: Asked, deps: Deps, request: FhirRequest): Promise<JsonObject> {
  const { type, id } = request;
  if (id === '' || (resource !== undefined && resource !== null)) {
    return requireResource(resource, type);
  }
  const { content } = await deps.repository.read(callerOf(request, '$validate'), { type, id });
  return parseJson(content) as JsonObject;
}

async function findings(
  { validator, codes, forms, terminology, clock }: ValidateDeps,
  { repository, search }: Deps,
  request: FhirRequest,
  { mode, profiles }: Asked,
  resource: JsonObject,
): Promise<readonly Issue[]> {
  const caller = callerOf(request, '$validate');
  const { issues, references, deferred } = validator.inspect(resource, { profiles });
  const decided = await codes.check(repository.deps.store.session, deferred);
  const isForm = resource['resourceType'] === 'QuestionnaireResponse';
  return [
    ...idFindings(mode, request.id, resource),
    ...issues.filter(
      ({ rule, diagnostics }) => rule !== 'code-not-checked' || diagnostics.includes('names a value set'),
    ),
    ...onceEach(decided.flat()),
    ...(mode === 'create' || mode === 'update' ? await danglingFindings(repository, caller, references) : []),
    ...(isForm ? await formFindings({ forms, terminology }, search, caller, resource, clock.now()) : []),
  ];
}

/** A system that is not here is told once, not at every code. */
function onceEach(issues: readonly Issue[]): readonly Issue[] {
  const told = new Set<string>();
  return issues.filter(({ rule, diagnostics }) => {
    const isRepeated = rule === 'code-not-checked' && told.has(diagnostics);
    told.add(diagnostics);
    return !isRepeated;
  });
}

async function deletion(
  { parameters }: ValidateDeps,
  { repository }: Deps,
  request: FhirRequest,
): Promise<readonly Issue[]> {
  const { type, id } = request;
  if (id === '') {
    const text = 'The mode "delete" asks about one resource: send it to [type]/[id]/$validate.';
    throw new FhirError(400, error('required', text, 'Parameters.parameter', 'validate-mode'));
  }
  const caller = callerOf(request, '$validate');
  await repository.authorise(caller, 'delete', { type, id });
  await repository.read(caller, { type, id });
  return referrerFindings(repository, parameters, caller, { type, id });
}
