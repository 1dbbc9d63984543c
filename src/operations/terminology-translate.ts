/** https://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import { parseCanonical } from '../fhir/canonical.ts';
import { badRequest, error, FhirError } from '../fhir/outcome.ts';
import type { ConceptMap } from '../fhir/types.ts';
import type { Deps, FhirRequest, FhirResponse } from '../interactions/exchange.ts';
import type { TerminologyService } from '../terminology/service.ts';
import { isTranslation, type Match, translateIn } from '../terminology/translate-maps.ts';
import {
  instanceOf,
  out,
  parametersOf,
  routesOf,
  serviceFor,
  type TerminologyDeps,
} from './terminology-context.ts';
import type { OperationRoute } from './route.ts';
import { type OperationParameters, type ParameterTable, readParameters } from './terminology-parameters.ts';

const PARAMETERS: ParameterTable = {
  url: 'text',
  conceptMap: 'resource',
  conceptMapVersion: 'text',
  code: 'text',
  system: 'text',
  version: 'text',
  source: 'text',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  target: 'text',
  targetsystem: 'text',
  reverse: 'boolean',
};

/** `ConceptMap/$translate`: by one map, or by every map between the value sets or systems that are named. */
export function translateRoutes(terminology: TerminologyDeps): readonly OperationRoute[] {
  return routesOf('ConceptMap', 'translate', (deps, request) => translate(terminology, deps, request), {
    instance: true,
  });
}

async function translate(
  terminology: TerminologyDeps,
  deps: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const parameters = readParameters(request, PARAMETERS);
  const codings = askedCodings(parameters);
  const service = await serviceFor(terminology, deps, request, 'ConceptMap', parameters);
  const isReverse = parameters.boolean('reverse') ?? false;
  const maps = await askedMaps(deps, request, service, parameters, isReverse);
  const known = await service.withOthers(
    new Map(maps.map((map, index) => [`${map.url ?? ''}#${index}`, map])),
  );
  const targetSystem = parameters.text('targetsystem');
  const matches = codings.flatMap(({ system, code }) =>
    translateIn(
      maps,
      {
        code,
        isReverse,
        ...(system !== undefined && { system }),
        ...(targetSystem !== undefined && { targetSystem }),
      },
      (canonical) => known.get(canonical),
    ),
  );
  return answer(matches);
}

function askedCodings(
  parameters: OperationParameters,
): readonly { readonly system?: string; readonly code: string }[] {
  const code = parameters.text('code');
  const system = parameters.text('system');
  const coding = parameters.coding('coding');
  const concept = parameters.concept('codeableConcept');
  const all = [
    ...(code === undefined ? [] : [{ code, ...(system !== undefined && { system }) }]),
    ...(coding === undefined ? [] : [coding]),
    ...(Array.isArray(concept?.coding) ? concept.coding : []),
  ];
  const codings = all.flatMap(({ system: of, code: each }) =>
    typeof each === 'string' ? [{ code: each, ...(of !== undefined && { system: of }) }] : [],
  );
  if (codings.length === 0) {
    throw badRequest(
      'Send a code: the parameter code (with system), coding or codeableConcept.',
      'Parameters.parameter',
      'required',
    );
  }
  return codings;
}

async function askedMaps(
  deps: Deps,
  request: FhirRequest,
  service: TerminologyService,
  parameters: OperationParameters,
  isReverse: boolean,
): Promise<readonly ConceptMap[]> {
  if (request.id !== '') {
    return [(await instanceOf(deps, request, 'ConceptMap', '$translate')) as unknown as ConceptMap];
  }
  const inline = parameters.resource('conceptMap', 'ConceptMap');
  if (inline !== undefined) {
    return [inline as unknown as ConceptMap];
  }
  const url = parameters.text('url');
  if (url !== undefined) {
    return [await mapByUrl(service, url, parameters.text('conceptMapVersion'))];
  }
  const [from, to] = [parameters.text('source'), parameters.text('target')];
  if (from === undefined && to === undefined && parameters.text('targetsystem') === undefined) {
    throw badRequest(
      'Name the map (url, conceptMap or ConceptMap/[id]), or what lies on its sides: source and target value sets, or targetsystem.',
      'Parameters.parameter',
      'required',
    );
  }
  const [source, target] = isReverse ? [to, from] : [from, to];
  return (await service.allConceptMaps()).filter(
    (map) =>
      isSet(source, map.sourceUri ?? map.sourceCanonical) &&
      isSet(target, map.targetUri ?? map.targetCanonical),
  );
}

const isSet = (asked: string | undefined, canonical: string | undefined): boolean =>
  asked === undefined ||
  (canonical !== undefined && (asked === canonical || asked === parseCanonical(canonical).url));

async function mapByUrl(
  service: TerminologyService,
  url: string,
  version: string | undefined,
): Promise<ConceptMap> {
  const canonical = version === undefined || url.includes('|') ? url : `${url}|${version}`;
  const found = (await service.conceptMaps([canonical])).get(canonical);
  if (found === undefined) {
    throw new FhirError(
      404,
      error(
        'not-found',
        `The concept map ${canonical.slice(0, 500)} is not known here.`,
        undefined,
        'concept-map-unknown',
      ),
    );
  }
  return found;
}

function answer(matches: readonly Match[]): FhirResponse {
  const result = matches.some(isTranslation);
  return parametersOf([
    ...out('result', 'Boolean', result),
    ...out('message', 'String', result ? undefined : 'No map translates this code.'),
    ...matches.map(toMatch),
  ]);
}

const toMatch = ({ equivalence, system, code, display, version, source, products }: Match): object => ({
  name: 'match',
  part: [
    ...out('equivalence', 'Code', equivalence),
    ...(code === undefined
      ? []
      : out('concept', 'Coding', {
          ...(system !== undefined && { system }),
          ...(version !== undefined && { version }),
          code,
          ...(display !== undefined && { display }),
        })),
    ...products.map(({ element, ...concept }) => ({
      name: 'product',
      part: [...out('element', 'Uri', element), ...out('concept', 'Coding', concept)],
    })),
    ...out('source', 'Uri', source),
  ],
});
