/** https://hl7.org/fhir/R4/codesystem-operation-lookup.html, https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import { badRequest, error, FhirError } from '../fhir/outcome.ts';
import type { CodeSystem } from '../fhir/types.ts';
import type { Deps, FhirRequest, FhirResponse } from '../interactions/exchange.ts';
import { childrenOf, conceptsOf, subsumption } from '../terminology/answers.ts';
import { type Concept, displayIn, isValidOn, nameOf, type Property } from '../terminology/concept.ts';
import { systemUnknown } from '../terminology/service.ts';
import type { SystemSource } from '../terminology/sources.ts';
import {
  instanceOf,
  out,
  parametersOf,
  routesOf,
  serviceFor,
  type TerminologyDeps,
} from './terminology-context.ts';
import type { OperationRoute } from './route.ts';
import {
  languagesAsked,
  type OperationParameters,
  type ParameterTable,
  readParameters,
} from './terminology-parameters.ts';

const LOOKUP: ParameterTable = {
  code: 'text',
  system: 'text',
  version: 'text',
  coding: 'Coding',
  date: 'text',
  displayLanguage: 'text',
  property: 'text',
};
const SUBSUMES: ParameterTable = {
  codeA: 'text',
  codeB: 'text',
  system: 'text',
  version: 'text',
  codingA: 'Coding',
  codingB: 'Coding',
  date: 'text',
};

/** `CodeSystem/$lookup` and `CodeSystem/$subsumes`. */
export function lookupRoutes(terminology: TerminologyDeps): readonly OperationRoute[] {
  return [
    ...routesOf('CodeSystem', 'lookup', (deps, request) => lookup(terminology, deps, request), {
      instance: false,
    }),
    ...routesOf('CodeSystem', 'subsumes', (deps, request) => subsumes(terminology, deps, request), {
      instance: true,
    }),
  ];
}

async function lookup(terminology: TerminologyDeps, deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const parameters = readParameters(request, LOOKUP);
  const coding = parameters.coding('coding');
  const code = coding?.code ?? parameters.text('code');
  const system = coding?.system ?? parameters.text('system');
  const version = coding?.version ?? parameters.text('version');
  if (code === undefined || system === undefined) {
    throw badRequest('Send code and system, or a coding with both.', 'Parameters.parameter', 'required');
  }
  const service = await serviceFor(terminology, deps, request, 'CodeSystem', parameters);
  const source = await service.system(system, version);
  if (source === undefined) {
    throw systemUnknown(system, version);
  }
  const concept = (await conceptsOf(terminology.db, source, [code])).get(code);
  if (concept === undefined) {
    throw new FhirError(
      404,
      error('not-found', `The system ${system} has no code "${code}".`, undefined, 'unknown-code'),
    );
  }
  const wanted = new Set(parameters.texts('property'));
  const wants = (name: string): boolean => wanted.size === 0 || wanted.has(name) || wanted.has('*');
  const children = wants('child') ? await childrenOf(terminology.db, source, concept.code) : [];
  const languages = languagesAsked(parameters, request.header('accept-language'));
  return parametersOf(described({ concept, source, children, languages, day: service.day, wants }));
}

interface Described {
  readonly concept: Concept;
  readonly source: SystemSource;
  readonly children: readonly string[];
  readonly languages: readonly string[];
  readonly day: string;
  readonly wants: (property: string) => boolean;
}

function described({ concept, source, children, languages, day, wants }: Described): readonly object[] {
  const { definition, designations, properties, parents } = concept;
  const declared = new Set(parents);
  return [
    ...out('name', 'String', source.title),
    ...out('version', 'String', source.version),
    ...out('display', 'String', displayIn(concept, languages, source.language) ?? nameOf(concept)),
    ...(wants('designation')
      ? designations.map(({ value, language, use }) => ({
          name: 'designation',
          part: [
            ...out('language', 'Code', language),
            ...out('use', 'Coding', use),
            ...out('value', 'String', value),
          ],
        }))
      : []),
    ...(wants('definition') && definition !== undefined
      ? [property('definition', 'String', definition)]
      : []),
    ...(wants('inactive') ? [property('inactive', 'Boolean', !isValidOn(concept, day))] : []),
    ...(wants('validFrom') && concept.starts !== undefined
      ? [property('validFrom', 'DateTime', concept.starts)]
      : []),
    ...(wants('validTo') && concept.ends !== undefined
      ? [property('validTo', 'DateTime', concept.ends)]
      : []),
    ...(wants('parent') ? parents.map((code) => property('parent', 'Code', code)) : []),
    ...children.map((code) => property('child', 'Code', code)),
    ...properties
      .filter(
        ({ code, value }) =>
          wants(code) && !(code === 'parent' && declared.has(String(value))) && code !== 'inactive',
      )
      .map(ownProperty),
  ];
}

const property = (code: string, kind: string, value: unknown): object => ({
  name: 'property',
  part: [...out('code', 'Code', code), ...out('value', kind, value)],
});

function ownProperty({ code, type, value, system }: Property): object {
  return type === 'Coding'
    ? property(code, 'Coding', { ...(system !== undefined && { system }), code: value })
    : property(code, KINDS[type], value);
}

const KINDS = {
  code: 'Code',
  string: 'String',
  integer: 'Integer',
  boolean: 'Boolean',
  decimal: 'Decimal',
  dateTime: 'DateTime',
} as const satisfies Record<Exclude<Property['type'], 'Coding'>, string>;

async function subsumes(
  terminology: TerminologyDeps,
  deps: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const parameters = readParameters(request, SUBSUMES);
  const [a, b] = [parameters.coding('codingA'), parameters.coding('codingB')];
  const codeA = a?.code ?? parameters.text('codeA');
  const codeB = b?.code ?? parameters.text('codeB');
  if (codeA === undefined || codeB === undefined) {
    throw badRequest('Send codeA and codeB, or codingA and codingB.', 'Parameters.parameter', 'required');
  }
  if (a?.system !== b?.system && a?.system !== undefined && b?.system !== undefined) {
    throw badRequest('Both codings must be of one system.', 'Parameters.parameter', 'one-system');
  }
  const service = await serviceFor(terminology, deps, request, 'CodeSystem', parameters);
  const source = await subsumedSystem(deps, request, service, parameters, a?.system ?? b?.system);
  return parametersOf(out('outcome', 'Code', await subsumption(terminology.db, source, codeA, codeB)));
}

async function subsumedSystem(
  deps: Deps,
  request: FhirRequest,
  service: Awaited<ReturnType<typeof serviceFor>>,
  parameters: OperationParameters,
  ofCoding: string | undefined,
): Promise<SystemSource> {
  const resource =
    request.id === ''
      ? undefined
      : ((await instanceOf(deps, request, 'CodeSystem', '$subsumes')) as unknown as CodeSystem);
  const url = resource?.url ?? ofCoding ?? parameters.text('system');
  const version = parameters.text('version');
  if (url === undefined && resource === undefined) {
    throw badRequest('Name the system of the codes.', 'Parameters.parameter', 'required');
  }
  const source =
    resource === undefined ? await service.system(url ?? '', version) : await service.systemOf(resource);
  if (source === undefined) {
    throw systemUnknown(url ?? '', version);
  }
  return source;
}
