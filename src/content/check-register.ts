/**
 * Checks of a register folder: the manifest against the files, its schedules, the access rules and the texts.
 */
import type { JsonObject } from '../fhir/types.ts';
import { canonicalOf } from './artefact.ts';
import { checkMappings } from './check-csv.ts';
import { checkDump } from './check-dump.ts';
import { checkPlans } from './check-plans.ts';
import type { ContentProblem } from './problem.ts';
import { manifestLines, type RegisterSource } from './register-source.ts';

/** Everything that keeps a folder from being a register. `shared` are canonicals a manifest may name besides its own. */
export function checkRegister(
  register: RegisterSource,
  shared: ReadonlySet<string>,
): readonly ContentProblem[] {
  return [
    ...checkManifest(register, shared),
    ...checkPlans(register),
    ...checkRules(register),
    ...checkDump(register),
    ...checkMappings(register, new Set([...shared, ...register.artefacts.map(canonicalOf)])),
    ...[...register.texts.values()].flatMap(({ path, json }) => checkTexts(path, json)),
    ...checkPages(register),
  ];
}

function checkManifest(
  { folder, id, manifest, artefacts }: RegisterSource,
  shared: ReadonlySet<string>,
): readonly ContentProblem[] {
  if (manifest === undefined) {
    return [
      { file: folder, element: '', reason: 'The register has no manifest.json (an ImplementationGuide).' },
    ];
  }
  const { path: file, json } = manifest;
  const lines = manifestLines(json);
  const own = new Set(artefacts.map(canonicalOf));
  const listed = new Set(lines.map(({ canonical }) => canonical));
  return [
    ...(json['resourceType'] === 'ImplementationGuide'
      ? []
      : [{ file, element: 'resourceType', reason: 'The manifest must be an ImplementationGuide.' }]),
    ...(json['id'] === id
      ? []
      : [{ file, element: 'id', reason: `The id must be the folder's name, "${id}".` }]),
    ...(['url', 'version', 'title', 'publisher'] as const)
      .filter((name) => typeof json[name] !== 'string')
      .map((name) => ({ file, element: name, reason: `The manifest must have ${name}.` })),
    ...lines
      .filter(({ canonical }) => !own.has(canonical) && !shared.has(canonical))
      .map(({ element, canonical }) => ({
        file,
        element,
        reason: `No file defines ${canonical || 'this line'}.`,
      })),
    ...lines
      .filter(({ canonical }, index) => lines.findIndex((line) => line.canonical === canonical) !== index)
      .map(({ element, canonical }) => ({ file, element, reason: `${canonical} is listed twice.` })),
    ...artefacts
      .filter((artefact) => !listed.has(canonicalOf(artefact)))
      .map((artefact) => ({
        file: artefact.file,
        element: '',
        reason: `${canonicalOf(artefact)} is not listed in ${file}.`,
      })),
  ];
}

const MODES = new Set<unknown>(['consent', 'reservation']);
const SCOPES = new Set<unknown>(['pathway', 'register']);

function checkRules({ folder, rules }: RegisterSource): readonly ContentProblem[] {
  if (rules === undefined) {
    return [
      { file: `${folder}/access/rules.json`, element: '', reason: 'The register has no access rules.' },
    ];
  }
  const { path: file, json } = rules;
  const basis = Array.isArray(json['basis']) ? (json['basis'] as readonly JsonObject[]) : [];
  return [
    ...(basis.length > 0
      ? []
      : [{ file, element: 'basis', reason: 'At least one period with from and mode is needed.' }]),
    ...basis.flatMap(({ from, mode }, index) => [
      ...(/^\d{4}-\d{2}-\d{2}$/.test(String(from))
        ? []
        : [{ file, element: `basis[${index}].from`, reason: 'A date (YYYY-MM-DD) is needed.' }]),
      ...(MODES.has(mode)
        ? []
        : [{ file, element: `basis[${index}].mode`, reason: 'Must be consent or reservation.' }]),
    ]),
    ...(typeof json['national'] === 'string'
      ? []
      : [{ file, element: 'national', reason: 'A FHIRPath expression is needed.' }]),
    ...(json['consent'] === undefined || SCOPES.has(json['consent'])
      ? []
      : [{ file, element: 'consent', reason: 'Must be pathway or register.' }]),
  ];
}

/** Charts count rows of the register's own views. */
function checkPages({ pages, artefacts }: RegisterSource): readonly ContentProblem[] {
  const overview = pages.get('overview');
  const charts = (overview?.json['charts'] ?? []) as readonly JsonObject[];
  const views = new Set(artefacts.filter(({ type }) => type === 'ViewDefinition').map(canonicalOf));
  return charts.flatMap(({ view }, index) =>
    views.has(String(view))
      ? []
      : [
          {
            file: overview?.path ?? '',
            element: `charts[${index}].view`,
            reason: `No view of the register is ${String(view)}.`,
          },
        ],
  );
}

function checkTexts(file: string, json: JsonObject): readonly ContentProblem[] {
  return (['name', 'title'] as const)
    .filter((member) => typeof json[member] !== 'string')
    .map((member) => ({ file, element: member, reason: 'A text is needed.' }));
}
