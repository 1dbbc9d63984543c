/** https://hl7.org/fhir/R4/valueset-operation-validate-code.html, https://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
import { badRequest } from '../fhir/outcome.ts';
import type { CodeSystem, Coding } from '../fhir/types.ts';
import type { Deps, FhirRequest, FhirResponse } from '../interactions/exchange.ts';
import { type AskedCoding, type Validation, validateInParts } from '../terminology/answers.ts';
import { ALL } from '../terminology/condition.ts';
import { systemUnknown, type TerminologyService } from '../terminology/service.ts';
import { ofList, type SystemSource } from '../terminology/sources.ts';
import {
  instanceOf,
  out,
  parametersOf,
  routesOf,
  serviceFor,
  type TerminologyDeps,
} from './terminology-context.ts';
import { askedValueSet } from './terminology-expand.ts';
import type { OperationRoute } from './route.ts';
import {
  languagesAsked,
  type OperationParameters,
  type ParameterTable,
  readParameters,
} from './terminology-parameters.ts';

const COMMON: ParameterTable = {
  url: 'text',
  code: 'text',
  display: 'text',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  date: 'text',
  abstract: 'boolean',
  displayLanguage: 'text',
};
const IN_VALUE_SET: ParameterTable = {
  ...COMMON,
  valueSet: 'resource',
  valueSetVersion: 'text',
  context: 'text',
  system: 'text',
  systemVersion: 'text',
};
const IN_CODE_SYSTEM: ParameterTable = { ...COMMON, codeSystem: 'resource', version: 'text' };

/** `$validate-code` of value sets and code systems: a code that is not in it is an answer (200), not a failure. */
export function validateCodeRoutes(terminology: TerminologyDeps): readonly OperationRoute[] {
  return [
    ...routesOf('ValueSet', 'validate-code', (deps, request) => inValueSet(terminology, deps, request), {
      instance: true,
    }),
    ...routesOf('CodeSystem', 'validate-code', (deps, request) => inCodeSystem(terminology, deps, request), {
      instance: true,
    }),
  ];
}

async function inValueSet(
  terminology: TerminologyDeps,
  deps: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const parameters = readParameters(request, IN_VALUE_SET);
  const codings = askedCodings(parameters);
  const service = await serviceFor(terminology, deps, request, 'ValueSet', parameters);
  const valueSet = await askedValueSet(deps, request, service, parameters, '$validate-code');
  const parts = await service.parts(valueSet);
  const name = `the value set ${valueSet.url ?? valueSet.id ?? ''}`;
  return answer(
    await validateInParts(terminology.db, parts, codings, optionsOf(service, parameters, request), name),
  );
}

async function inCodeSystem(
  terminology: TerminologyDeps,
  deps: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const parameters = readParameters(request, IN_CODE_SYSTEM);
  const codings = askedCodings(parameters);
  const service = await serviceFor(terminology, deps, request, 'CodeSystem', parameters);
  const source = await askedSystem(deps, request, service, parameters, codings);
  const parts = [{ system: source.url, condition: ALL, texts: new Map(), source }];
  const name = `the code system ${source.url}`;
  return answer(
    await validateInParts(terminology.db, parts, codings, optionsOf(service, parameters, request), name),
  );
}

async function askedSystem(
  deps: Deps,
  request: FhirRequest,
  service: TerminologyService,
  parameters: OperationParameters,
  codings: readonly AskedCoding[],
): Promise<SystemSource> {
  const inline = parameters.resource('codeSystem', 'CodeSystem');
  if (inline !== undefined) {
    return ofList(inline as unknown as CodeSystem);
  }
  if (request.id !== '') {
    const resource = (await instanceOf(
      deps,
      request,
      'CodeSystem',
      '$validate-code',
    )) as unknown as CodeSystem;
    return required(await service.systemOf(resource), resource.url ?? '');
  }
  const url = parameters.text('url') ?? codings[0]?.system;
  if (url === undefined) {
    throw badRequest(
      'Name a code system: the parameter url, codeSystem, or the system of the coding.',
      'Parameters.parameter',
      'required',
    );
  }
  const version = parameters.text('version');
  return required(await service.system(url, version), url, version);
}

function required(source: SystemSource | undefined, url: string, version?: string): SystemSource {
  if (source === undefined) {
    throw systemUnknown(url, version);
  }
  return source;
}

function askedCodings(parameters: OperationParameters): readonly AskedCoding[] {
  const display = parameters.text('display');
  const code = parameters.text('code');
  const coding = parameters.coding('coding');
  const concept = parameters.concept('codeableConcept');
  const given: readonly Coding[] = [
    ...(code === undefined ? [] : [plain(code, parameters, display)]),
    ...(coding === undefined ? [] : [coding]),
    ...(Array.isArray(concept?.coding) ? concept.coding : []),
  ];
  const codings = given.filter((each) => typeof each.code === 'string') as readonly AskedCoding[];
  if (codings.length === 0) {
    throw badRequest(
      'Send a code: the parameter code, coding or codeableConcept.',
      'Parameters.parameter',
      'required',
    );
  }
  return codings;
}

function plain(code: string, parameters: OperationParameters, display: string | undefined): Coding {
  const system = parameters.text('system');
  return { code, ...(system !== undefined && { system }), ...(display !== undefined && { display }) };
}

const optionsOf = (
  { day }: TerminologyService,
  parameters: OperationParameters,
  request: FhirRequest,
): Parameters<typeof validateInParts>[3] => {
  const abstract = parameters.boolean('abstract');
  return {
    day,
    languages: languagesAsked(parameters, request.header('accept-language')),
    ...(abstract !== undefined && { abstract }),
  };
};

const answer = ({ result, message, display }: Validation): FhirResponse =>
  parametersOf([
    ...out('result', 'Boolean', result),
    ...out('message', 'String', message),
    ...out('display', 'String', display),
  ]);
