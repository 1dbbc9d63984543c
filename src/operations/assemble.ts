/** https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-assemble.html */
import { parseCanonical, formatCanonical } from '../fhir/canonical.ts';
import { FhirError, badRequest, error } from '../fhir/outcome.ts';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject, Questionnaire } from '../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import type { Caller } from '../repository/audit.ts';
import { assemble, partsOf } from '../sdc/assemble.ts';
import { requireReference } from './forms-of.ts';
import { givenParameters, refuseUnknown, single } from './given-parameters.ts';
import type { OperationRoute } from './route.ts';

const DEFINITION = 'http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-assemble';
const MAX_LEVELS = 10;
const MAX_PARTS = 50;

/** A form with its parts in their places. Nothing is stored. */
export function assembleRoutes(): readonly OperationRoute[] {
  const route = (method: 'get' | 'post', path: string): OperationRoute => ({
    method,
    path,
    name: 'assemble',
    definition: DEFINITION,
    run: assembleForm,
  });
  return [
    route('post', '/Questionnaire/$assemble'),
    route('get', '/Questionnaire/:id/$assemble'),
    route('post', '/Questionnaire/:id/$assemble'),
  ];
}

async function assembleForm(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const caller = callerOf(request, '$assemble');
  const whole = await questionnaireAsked(deps, caller, request);
  const parts = await allParts(deps, caller, whole);
  const find = (canonical: string): Questionnaire | undefined => newest(parts, canonical);
  return { status: 200, headers: {}, body: assemble(whole, find) };
}

async function questionnaireAsked(deps: Deps, caller: Caller, request: FhirRequest): Promise<Questionnaire> {
  if (request.id !== '') {
    return stored(deps, caller, request.id);
  }
  await deps.repository.authorise(caller, 'read', { type: 'Questionnaire' });
  const body = (request.body ?? {}) as JsonObject;
  if (body['resourceType'] === 'Questionnaire') {
    return questionnaire(body);
  }
  const given = givenParameters(request);
  refuseUnknown(given, ['questionnaire', 'questionnaireRef'], '$assemble');
  const inline = single(given, 'questionnaire');
  const reference = single(given, 'questionnaireRef');
  if (inline?.resource !== undefined) {
    return questionnaire(inline.resource);
  }
  const named = reference ?? inline;
  if (named === undefined) {
    throw new FhirError(
      400,
      error(
        'required',
        '$assemble needs a questionnaire: a resource, or questionnaireRef.',
        'Parameters.parameter',
        'operation-parameter',
      ),
    );
  }
  return stored(deps, caller, requireReference(named.text, 'Questionnaire', named.at));
}

async function stored({ repository }: Deps, caller: Caller, id: string): Promise<Questionnaire> {
  const row = await repository.read(caller, { type: 'Questionnaire', id });
  return parseJson(row.content) as unknown as Questionnaire;
}

/** What is put together must at least be shaped like a form. */
function questionnaire(resource: JsonObject): Questionnaire {
  if (resource['resourceType'] !== 'Questionnaire' || !hasItems(resource)) {
    throw badRequest(
      'The questionnaire must be a Questionnaire with a list of items.',
      'questionnaire',
      'structure',
    );
  }
  return resource as unknown as Questionnaire;
}

const hasItems = ({ item = [] }: JsonObject): boolean =>
  Array.isArray(item) &&
  (item as readonly JsonObject[]).every(
    (entry) =>
      entry !== null && typeof entry === 'object' && typeof entry['linkId'] === 'string' && hasItems(entry),
  );

/** The parts, and their parts: one search for each level. */
async function allParts(deps: Deps, caller: Caller, whole: Questionnaire): Promise<readonly Questionnaire[]> {
  const known: Questionnaire[] = [];
  const asked = new Set<string>();
  let wanted = partsOf(whole);
  for (let level = 0; wanted.length > 0 && level < MAX_LEVELS; level++) {
    const urls = [...new Set(wanted.map((canonical) => parseCanonical(canonical).url))].filter(
      (url) => !asked.has(url),
    );
    urls.forEach((url) => asked.add(url));
    const found = urls.length === 0 ? [] : await searchUrls(deps, caller, urls);
    known.push(...found);
    wanted = found.flatMap(partsOf);
  }
  return known;
}

async function searchUrls(
  { search }: Deps,
  caller: Caller,
  urls: readonly string[],
): Promise<readonly Questionnaire[]> {
  if (urls.length > MAX_PARTS) {
    throw new FhirError(
      422,
      error('too-costly', `A form has at most ${MAX_PARTS} parts.`, 'Questionnaire.item', 'assemble-part'),
    );
  }
  const value = urls.map((url) => url.replaceAll(/[\\,|$]/g, '\\$&')).join(',');
  const query = new URLSearchParams({ url: value, _count: '200' });
  const { matches } = await search.search(caller, 'Questionnaire', query, { lenient: false });
  return matches.map(({ content }) => parseJson(content) as unknown as Questionnaire);
}

/** The exact version; without one, the highest. */
function newest(parts: readonly Questionnaire[], canonical: string): Questionnaire | undefined {
  const { url, version } = parseCanonical(canonical);
  return parts
    .filter(
      (part) =>
        part.url === url && (version === undefined || formatCanonical(url, part.version) === canonical),
    )
    .toSorted((a, b) => (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true }))[0];
}
