/** Checks of `intake/csv-<name>.json`: how a table becomes resources. */
import { isResourceType } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { CELL_TYPES, placeholdersIn } from './csv-mapping.ts';
import type { ContentProblem } from './problem.ts';
import type { RegisterSource } from './register-source.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  ...[
    'about',
    'title',
    'system',
    'id',
    'changed',
    'dates',
    'decimal',
    'missing',
    'columns',
    'ignored',
    'resources',
  ],
]);
const COLUMN_MEMBERS: ReadonlySet<string> = new Set(['type', 'required', 'codes', 'valueSet']);

type Problem = (element: string, reason: string) => ContentProblem;

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** Every mapping of a register. `valueSets`: canonicals that it may name. */
export function checkMappings(
  { mappings }: Pick<RegisterSource, 'mappings'>,
  valueSets: ReadonlySet<string>,
): readonly ContentProblem[] {
  return [...mappings.values()].flatMap(({ path: file, json }) =>
    checkMapping(json, valueSets, (element, reason) => ({ file, element, reason })),
  );
}

function checkMapping(
  json: JsonObject,
  valueSets: ReadonlySet<string>,
  problem: Problem,
): readonly ContentProblem[] {
  const columns = isObject(json['columns']) ? json['columns'] : {};
  const resources = Array.isArray(json['resources']) ? (json['resources'] as readonly JsonValue[]) : [];
  const named = [
    ...(Array.isArray(json['id']) ? (json['id'] as readonly JsonValue[]) : []).map(
      (name) => ['id', name] as const,
    ),
    ...(json['changed'] === undefined ? [] : [['changed', json['changed']] as const]),
  ];
  const { system, dates, decimal, missing, ignored } = json;
  return [
    ...Object.keys(json)
      .filter((name) => !MEMBERS.has(name))
      .map((name) => problem(name, `Not known here; known are ${[...MEMBERS].join(', ')}.`)),
    ...wrong(problem, 'title', isText(json['title']), 'A text is needed.'),
    ...wrong(problem, 'system', isText(system) && /^(?:https?:|urn:)/.test(system), 'A URI is needed.'),
    ...wrong(
      problem,
      'id',
      isTexts(json['id']) && named.length > 0,
      'The columns that name a row are needed.',
    ),
    ...wrong(
      problem,
      'dates',
      [undefined, 'iso', 'norwegian'].includes(dates as string),
      'Must be iso or norwegian.',
    ),
    ...wrong(problem, 'decimal', [undefined, '.', ','].includes(decimal as string), 'Must be . or ,'),
    ...wrong(problem, 'missing', missing === undefined || isTexts(missing), 'A list of texts is needed.'),
    ...wrong(problem, 'ignored', ignored === undefined || isTexts(ignored), 'A list of columns is needed.'),
    ...wrong(problem, 'columns', Object.keys(columns).length > 0, 'Columns are needed, by name.'),
    ...wrong(problem, 'resources', resources.length > 0, 'At least one resource is needed.'),
    ...Object.entries(columns).flatMap(([name, column]) =>
      checkColumn(column ?? null, `columns.${name}`, valueSets, problem),
    ),
    ...named
      .filter(([, name]) => !Object.hasOwn(columns, String(name)))
      .map(([element, name]) => problem(element, `No column is ${String(name)}.`)),
    ...checkResources(resources, columns, problem),
  ];
}

const wrong = (
  problem: Problem,
  element: string,
  isRight: boolean,
  reason: string,
): readonly ContentProblem[] => (isRight ? [] : [problem(element, reason)]);

function checkColumn(
  column: JsonValue,
  at: string,
  valueSets: ReadonlySet<string>,
  problem: Problem,
): readonly ContentProblem[] {
  if (!isObject(column)) {
    return [problem(at, 'An object with type is needed.')];
  }
  const { type, codes, valueSet } = column;
  const isCodes = isObject(codes) && Object.values(codes).every(isText);
  return [
    ...Object.keys(column)
      .filter((name) => !COLUMN_MEMBERS.has(name))
      .map((name) =>
        problem(`${at}.${name}`, `Not known here; known are ${[...COLUMN_MEMBERS].join(', ')}.`),
      ),
    ...wrong(
      problem,
      `${at}.type`,
      (CELL_TYPES as readonly unknown[]).includes(type),
      `Must be one of ${CELL_TYPES.join(', ')}.`,
    ),
    ...wrong(
      problem,
      `${at}.codes`,
      codes === undefined || isCodes,
      'Texts are needed, by what the table has.',
    ),
    ...wrong(
      problem,
      `${at}.valueSet`,
      valueSet === undefined || valueSets.has(String(valueSet)),
      `No value set here is ${String(valueSet)}.`,
    ),
    ...wrong(
      problem,
      at,
      type !== 'code' || (codes === undefined) !== (valueSet === undefined),
      'A code has codes, or a valueSet.',
    ),
  ];
}

function checkResources(
  resources: readonly JsonValue[],
  columns: JsonObject,
  problem: Problem,
): readonly ContentProblem[] {
  const names = resources.map((each) => (isObject(each) ? String(each['name']) : ''));
  return resources.flatMap((each, index) => {
    const at = `resources[${index}]`;
    if (!isObject(each) || !isText(each['name']) || !isObject(each['resource'])) {
      return [problem(at, 'A name and a resource are needed.')];
    }
    const { when, resource } = each;
    const type = String(resource['resourceType']);
    return [
      ...wrong(
        problem,
        `${at}.name`,
        names.indexOf(each['name']) === index,
        `Two are called ${each['name']}.`,
      ),
      ...wrong(problem, `${at}.resource.resourceType`, isResourceType(type), `${type} is no resource of R4.`),
      ...wrong(
        problem,
        `${at}.when`,
        when === undefined || Object.hasOwn(columns, String(when)),
        `No column is ${String(when)}.`,
      ),
      ...placeholdersIn(resource)
        .filter((name) =>
          name.startsWith('@') ? !names.includes(name.slice(1)) : !Object.hasOwn(columns, name),
        )
        .map((name) => problem(`${at}.resource`, `{${name}} is no column, and no resource of the mapping.`)),
    ];
  });
}
