/**
 * Every canonical that an artefact refers to is defined, by the content or by FHIR R4 itself, and every code that it
 * takes from one of our code systems is in it.
 */
import { parseCanonical } from '../fhir/canonical.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { canonicalOf, type Artefact } from './artefact.ts';
import type { ContentProblem } from './problem.ts';
import { findMembers, type Visited } from './walk.ts';

/** Is this canonical defined by FHIR R4 itself? */
export type IsBase = (canonical: string) => boolean;

const OWN = 'https://ryggrad.no/fhir/';
const OWN_CODE_SYSTEM = `${OWN}CodeSystem/`;

/** Members whose value must be defined, wherever it points. */
const STRICT = new Set([
  'answerValueSet',
  'baseDefinition',
  'definitionCanonical',
  'derivedFrom',
  'instantiatesCanonical',
  'library',
  'measure',
  'sourceCanonical',
  'targetCanonical',
  'valueCanonical',
]);

/** Members that may point to lists nobody here has (national code books); ours must be defined. */
const OURS_ONLY = new Set([
  'valueSet',
  'profile',
  'targetProfile',
  'system',
  'source',
  'target',
  'supplements',
  'imports',
]);

/** What is not defined. */
export function checkReferences(artefacts: readonly Artefact[], isBase: IsBase): readonly ContentProblem[] {
  const defined = new Set(artefacts.flatMap((artefact) => [artefact.url, canonicalOf(artefact)]));
  const isDefined = (canonical: string): boolean => defined.has(canonical) || isBase(canonical);
  const codes = codesBySystem(artefacts);
  return artefacts.flatMap(({ file, json }) =>
    findMembers(
      json,
      (visited) => both(unresolved(visited, isDefined), unknownCodes(visited, codes)),
      MADE_BY_TOOLS,
    ).map(({ element, reason }) => ({ file, element, reason })),
  );
}

const both = (some: readonly Finding[], others: readonly Finding[]): readonly Finding[] =>
  some.length === 0 ? others : [...some, ...others];

const MADE_BY_TOOLS: ReadonlySet<string> = new Set(['snapshot']);

type Finding = Omit<ContentProblem, 'file'>;

const NOTHING: readonly Finding[] = [];

function unresolved(visited: Visited, isDefined: (canonical: string) => boolean): readonly Finding[] {
  const { name, value } = visited;
  if (typeof value !== 'string' || value.startsWith('#') || !mustBeDefined(name, value) || isDefined(value)) {
    return NOTHING;
  }
  const { version } = parseCanonical(value);
  const hint = version === undefined ? '' : ' in that version';
  return [
    {
      element: visited.path,
      reason: `${value} is not defined${hint}, neither by the content nor by FHIR R4.`,
    },
  ];
}

function mustBeDefined(name: string, value: string): boolean {
  if (STRICT.has(name)) {
    return value.includes(':');
  }
  return OURS_ONLY.has(name) && value.startsWith(OWN) && !value.startsWith(`${OWN}NamingSystem/`);
}

type Codes = ReadonlyMap<string, ReadonlySet<string>>;

function codesBySystem(artefacts: readonly Artefact[]): Codes {
  const complete = artefacts.filter(
    ({ type, json }) => type === 'CodeSystem' && json['content'] === 'complete',
  );
  return new Map(complete.map(({ url, json }) => [url, new Set(conceptCodes(json))]));
}

function conceptCodes(parent: JsonObject): readonly string[] {
  const concepts = (parent['concept'] ?? []) as readonly JsonObject[];
  return concepts.flatMap((concept) => [String(concept['code']), ...conceptCodes(concept)]);
}

/** Codings, the concepts a value set lists, and both sides of a concept map. */
function unknownCodes(visited: Visited, codes: Codes): readonly Finding[] {
  const { name, value } = visited;
  if (typeof value !== 'object' || value === null) {
    return NOTHING;
  }
  const node = value as JsonObject;
  if (typeof node['system'] === 'string') {
    const listed = name === 'include' || name === 'exclude' ? conceptsIn(node, 'concept') : [node['code']];
    return listed.flatMap((code) => unknownCode(codes, node['system'], code, visited));
  }
  return name === 'group'
    ? mapCodes(node).flatMap(([system, code]) => unknownCode(codes, system, code, visited))
    : NOTHING;
}

function mapCodes(group: JsonObject): readonly (readonly [JsonValue | undefined, JsonValue | undefined])[] {
  const elements = (group['element'] ?? []) as readonly JsonObject[];
  return elements.flatMap((element) => [
    [group['source'], element['code']] as const,
    ...conceptsIn(element, 'target').map((code) => [group['target'], code] as const),
  ]);
}

function conceptsIn(node: JsonObject, member: string): readonly (JsonValue | undefined)[] {
  return ((node[member] ?? []) as readonly JsonObject[]).map(({ code }) => code);
}

function unknownCode(
  codes: Codes,
  system: JsonValue | undefined,
  code: JsonValue | undefined,
  visited: Visited,
): readonly Finding[] {
  if (typeof system !== 'string' || typeof code !== 'string' || !system.startsWith(OWN_CODE_SYSTEM)) {
    return [];
  }
  const known = codes.get(system);
  return known === undefined || known.has(code)
    ? []
    : [{ element: visited.path, reason: `${system} has no code "${code}".` }];
}
