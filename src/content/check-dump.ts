/** Checks of `dump/dump.json`: how a data dump of the register is laid out (docs/adr/0022 and 0027). */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { ContentProblem } from './problem.ts';
import type { RegisterSource } from './register-source.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  'about',
  'variables',
  'codes',
  'common',
  'tables',
  'rows',
  'maps',
  'shape',
]);

/** Names of the columns that `shape.columns` may rename. */
export const DUMP_COLUMNS = [
  'pathway',
  'form',
  'unit',
  'person',
  'row',
  'status',
  'authored',
  'reason',
  'pathwayStatus',
  'start',
  'end',
  'withdrawn',
  'birthDate',
  'gender',
  'deceased',
  'deceasedDate',
  'numberSystem',
  'number',
] as const;

type Check = readonly [holds: (value: JsonValue) => boolean, reason: string];

const oneOf = (...values: readonly string[]): Check => [
  (value) => values.includes(String(value)),
  `Must be ${values.join(' or ')}.`,
];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const SHAPE: Readonly<Record<string, Check>> = {
  kind: oneOf('openqreg', 'mrs'),
  columns: [
    (value) => isObject(value) && Object.values(value).every(isText),
    `Names of columns are needed, by ${DUMP_COLUMNS.join(', ')}.`,
  ],
  states: [
    (value) =>
      isObject(value) &&
      Object.values(value).every((state) =>
        ['none', 'in-progress', 'completed', 'amended'].includes(String(state)),
      ),
    'Each state must be none, in-progress, completed or amended.',
  ],
  delimiter: oneOf(';', ',', '\t', '|'),
  decimal: oneOf('.', ','),
  dates: oneOf('iso', 'norwegian'),
  booleans: [
    (value) => isTexts(value) && value.length === 2 && value[0] !== value[1],
    'Two different texts are needed: no, then yes.',
  ],
  encoding: oneOf('utf-8', 'windows-1252'),
  missing: [isTexts, 'A list of codes is needed.'],
  unanswered: oneOf('coded', 'empty'),
  checkboxes: oneOf('named', 'joined'),
  identifiers: [(value) => isText(value) && /^(https?:|urn:)/.test(value), 'A URI is needed.'],
};

/** `dump/dump.json` may be left out. */
export function checkDump({ dump }: Pick<RegisterSource, 'dump'>): readonly ContentProblem[] {
  if (dump === undefined) {
    return [];
  }
  const { path: file, json } = dump;
  const problem = (element: string, reason: string): ContentProblem => ({ file, element, reason });
  const isTable = (value: unknown): boolean =>
    isObject(value) && Object.values(value).every((name) => /^[A-Za-z][A-Za-z0-9_]*$/.test(String(name)));
  const { maps } = json;
  return [
    ...Object.keys(json)
      .filter((name) => !MEMBERS.has(name))
      .map((name) => problem(name, `Not known here; known are ${[...MEMBERS].join(', ')}.`)),
    ...(['variables', 'common'] as const)
      .filter((name) => !Array.isArray(json[name]))
      .map((name) => problem(name, 'A list is needed.')),
    ...(typeof json['codes'] === 'string'
      ? []
      : [problem('codes', 'The beginning of the systems of old codes is needed.')]),
    ...(['tables', 'rows'] as const)
      .filter((name) => !isTable(json[name]))
      .map((name) => problem(name, 'Names of tables are needed: letters, digits and _.')),
    ...sameName(json).map((name) => problem('tables', `Two tables are called ${name}.`)),
    ...(maps === undefined || (isObject(maps) && Object.values(maps).every(isText))
      ? []
      : [problem('maps', 'Names of maps are needed, by variable.')]),
    ...checkShape(json['shape'], problem),
  ];
}

/** Files are told apart by their names, on any disk. */
function sameName({ tables, rows }: JsonObject): readonly string[] {
  const names = [tables, rows]
    .flatMap((each) => (isObject(each) ? Object.values(each) : []))
    .map((name) => String(name).toLowerCase());
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

function checkShape(
  shape: JsonValue | undefined,
  problem: (element: string, reason: string) => ContentProblem,
): readonly ContentProblem[] {
  if (shape === undefined) {
    return [];
  }
  if (!isObject(shape)) {
    return [problem('shape', 'An object is needed, with kind.')];
  }
  const { kind, columns, identifiers } = shape;
  const known: readonly string[] = DUMP_COLUMNS;
  return [
    ...(kind === undefined ? [problem('shape.kind', 'Must be openqreg or mrs.')] : []),
    ...(kind === 'mrs' && identifiers === undefined
      ? [
          problem(
            'shape.identifiers',
            'Rows of MRS are known by GUIDs: say what their identifiers’ systems begin with.',
          ),
        ]
      : []),
    ...Object.entries(shape).flatMap(([name, value]) => {
      const [holds, reason] = SHAPE[name] ?? [
        () => false,
        `Not known here; known are ${Object.keys(SHAPE).join(', ')}.`,
      ];
      return value !== null && value !== undefined && holds(value) ? [] : [problem(`shape.${name}`, reason)];
    }),
    ...(isObject(columns) ? Object.keys(columns) : [])
      .filter((name) => !known.includes(name))
      .map((name) => problem(`shape.columns.${name}`, `Not known here; known are ${known.join(', ')}.`)),
  ];
}
