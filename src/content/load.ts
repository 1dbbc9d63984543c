/**
 * The content of all registers, from folders to one checked, indexed and frozen `Content`.
 * A folder that breaks a rule stops the start-up, with every problem named.
 */
import { compilePath } from '../fhir/path.ts';
import type { JsonObject, Resource } from '../fhir/types.ts';
import { canonicalOf, isR4Resource, type Artefact } from './artefact.ts';
import { canonicalIndex } from './canonical-index.ts';
import type { CsvMapping } from './csv-mapping.ts';
import { checkContent, type CheckTools } from './check.ts';
import type { CanonicalIndex, Content } from './content.ts';
import { deepFreeze } from './freeze.ts';
import { readInstruments, type InstrumentIndex } from './instruments.ts';
import { ContentError } from './problem.ts';
import { loadR4 } from './r4.ts';
import type { AccessRules, DumpRules, Register, RegisterPages, RegisterTexts } from './register.ts';
import { manifestLines, sortFiles, type RegisterSource } from './register-source.ts';
import { KIND_FOLDERS, readTree } from './source.ts';

/**
 * Read the content below the given roots, in this order: shared artefacts (profiles, value sets, questionnaires), then
 * each register's in the order of its manifest. Throws `ContentError` with all problems.
 * @param roots folders that hold `fhir-profiles/`, `valuesets/`, `questionnaires/`, `instruments/` and `registers/`
 * @param tools how expressions are compiled and what FHIR itself defines; for tests
 */
export async function loadContent(
  roots: readonly string[],
  tools: CheckTools = defaultTools,
): Promise<Content> {
  const trees = await Promise.all(roots.map(readTree));
  const { instruments, problems: ofInstruments } = await readInstruments(roots);
  const source = sortFiles(trees.flatMap(({ files }) => files));
  const problems = [
    ...trees.flatMap((tree) => tree.problems),
    ...source.problems,
    ...ofInstruments,
    ...checkContent(source, tools),
  ];
  if (problems.length > 0) {
    throw new ContentError(problems);
  }
  const shared = source.shared.toSorted((a, b) => kindOf(a) - kindOf(b));
  const ordered = source.registers.map(inManifestOrder);
  const artefacts = [...shared, ...ordered.flatMap((register) => register.artefacts)];
  return toContent(artefacts, ordered.map(toRegister), instruments);
}

const defaultTools: CheckTools = {
  compileExpression: compilePath,
  isBase: (canonical) => loadR4().defines(canonical),
};

const kindOf = ({ file }: Artefact): number =>
  (KIND_FOLDERS as readonly string[]).indexOf(file.split('/')[0] ?? '');

function inManifestOrder(source: RegisterSource): RegisterSource {
  const order = manifestLines(source.manifest?.json ?? {}).map(({ canonical }) => canonical);
  const place = (artefact: Artefact): number => order.indexOf(canonicalOf(artefact));
  return { ...source, artefacts: source.artefacts.toSorted((a, b) => place(a) - place(b)) };
}

function toRegister({
  id,
  manifest,
  rules,
  dump,
  mappings,
  texts,
  pages,
  artefacts,
}: RegisterSource): Register {
  const ofType = (type: string): readonly JsonObject[] =>
    artefacts.filter((artefact) => artefact.type === type).map(({ json }) => json);
  return deepFreeze({
    id,
    manifest: manifest?.json as unknown as Register['manifest'],
    plans: ofType('PlanDefinition') as unknown as Register['plans'],
    access: rules?.json as unknown as AccessRules,
    ...(dump !== undefined && { dump: dump.json as unknown as DumpRules }),
    mappings: Object.fromEntries(
      [...mappings].map(([name, { json }]) => [name, json as unknown as CsvMapping]),
    ),
    texts: Object.fromEntries(
      [...texts].map(([language, { json }]) => [language, json as unknown as RegisterTexts]),
    ),
    pages: Object.fromEntries([...pages].map(([name, { json }]) => [name, json])) as RegisterPages,
    views: ofType('ViewDefinition'),
    graphs: ofType('GraphDefinition') as unknown as NonNullable<Register['graphs']>,
  });
}

function toContent(
  artefacts: readonly Artefact[],
  registers: readonly Register[],
  instruments: InstrumentIndex,
): Content {
  const resources = artefacts.filter(isR4Resource).map(({ json }) => deepFreeze(json) as unknown as Resource);
  const index = <T extends Resource>(type: T['resourceType']): CanonicalIndex<T> =>
    canonicalIndex(resources.filter((resource): resource is T => resource.resourceType === type));
  return Object.freeze({
    profiles: index('StructureDefinition'),
    searchParameters: index('SearchParameter'),
    questionnaires: index('Questionnaire'),
    valueSets: index('ValueSet'),
    codeSystems: index('CodeSystem'),
    conceptMaps: index('ConceptMap'),
    plans: index('PlanDefinition'),
    activities: index('ActivityDefinition'),
    instruments,
    registers: Object.freeze(registers),
    artefacts: Object.freeze(resources),
    files: new Map(artefacts.map((artefact) => [canonicalOf(artefact), artefact.file])),
  } satisfies Content);
}
