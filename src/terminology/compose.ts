/**
 * A value set as parts, one for each code system: https://hl7.org/fhir/R4/valueset.html#compositions
 * Imported value sets are fetched level by level; a set that imports itself is refused.
 */
import { parseCanonical } from '../fhir/canonical.ts';
import { error, unprocessable } from '../fhir/outcome.ts';
import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '../fhir/types.ts';
import { systemName } from './aliases.ts';
import { and, not, or, type Condition } from './condition.ts';
import type { Designation } from './concept.ts';
import { conditionOfFilter } from './filters.ts';
import { implicitValueSet } from './implicit.ts';

/** The concepts of one system (and version, where one is named) that belong to a set. */
export interface Part {
  readonly system: string;
  readonly version?: string;
  readonly condition: Condition;
  /** Texts that the value set itself gives, by code. */
  readonly texts: ReadonlyMap<string, ListedText>;
}

export interface ListedText {
  readonly display?: string;
  readonly designations: readonly Designation[];
}

const MAX_LEVELS = 10;
const MAX_IMPORTS = 200;

/** Finds value sets by canonical, those it does not know left out. */
export type FindValueSets = (canonicals: readonly string[]) => Promise<ReadonlyMap<string, ValueSet>>;

/** Compile; throws 422 naming the import that is not known, the circle, or the filter that is not supported. */
export async function composeValueSet(valueSet: ValueSet, find: FindValueSets): Promise<readonly Part[]> {
  const imports = await loadImports(valueSet, find);
  return partsOf(valueSet, imports, [valueSet.url ?? '']);
}

async function loadImports(valueSet: ValueSet, find: FindValueSets): Promise<ReadonlyMap<string, ValueSet>> {
  const known = new Map<string, ValueSet>();
  let wanted = importsOf(valueSet);
  for (let level = 0; wanted.length > 0; level++) {
    if (level === MAX_LEVELS || known.size > MAX_IMPORTS) {
      throw refusal(
        'too-costly',
        `The value set imports others more than ${MAX_LEVELS} levels deep.`,
        'value-set-depth',
      );
    }
    const implicit = wanted.flatMap((canonical) => {
      const found = implicitValueSet(canonical);
      return found === undefined ? [] : [[canonical, found] as const];
    });
    const found = new Map([...(await find(wanted)), ...implicit]);
    const missing = wanted.find((canonical) => !found.has(canonical));
    if (missing !== undefined) {
      throw refusal('not-found', `The imported value set ${missing} is not known here.`, 'value-set-unknown');
    }
    for (const [canonical, imported] of found) {
      known.set(canonical, imported);
    }
    wanted = [...new Set([...found.values()].flatMap(importsOf))].filter(
      (canonical) => !known.has(canonical),
    );
  }
  return known;
}

const importsOf = ({ compose }: ValueSet): readonly string[] => [
  ...new Set(
    [...(compose?.include ?? []), ...(compose?.exclude ?? [])].flatMap(({ valueSet = [] }) => valueSet),
  ),
];

function partsOf(
  { url, compose, expansion }: ValueSet,
  imports: ReadonlyMap<string, ValueSet>,
  path: readonly string[],
): readonly Part[] {
  if (compose === undefined) {
    if (expansion === undefined) {
      throw refusal(
        'invalid',
        `The value set ${url ?? ''} has neither a compose nor an expansion.`,
        'value-set-empty',
      );
    }
    return union(listedParts(flatten(expansion.contains ?? [])));
  }
  const each = (include: ValueSetComposeInclude): readonly Part[] => includedParts(include, imports, path);
  const included = union((compose.include ?? []).flatMap(each));
  const excluded = union((compose.exclude ?? []).flatMap(each));
  return included.map((part) => without(part, excluded));
}

function includedParts(
  include: ValueSetComposeInclude,
  imports: ReadonlyMap<string, ValueSet>,
  path: readonly string[],
): readonly Part[] {
  const imported = (include.valueSet ?? []).map((canonical) => {
    const { url } = parseCanonical(canonical);
    if (path.includes(url)) {
      throw refusal(
        'processing',
        `The value set ${url} imports itself: ${[...path, url].join(' → ')}.`,
        'value-set-circle',
      );
    }
    return partsOf(imports.get(canonical) as ValueSet, imports, [...path, url]);
  });
  const own = include.system === undefined ? [] : [[ownPart(include, include.system)]];
  const [first = [], ...others] = [...own, ...imported];
  return others.reduce(intersection, first);
}

function ownPart({ version, concept, filter }: ValueSetComposeInclude, system: string): Part {
  const place = { system, ...(version !== undefined && version !== '*' && { version }) };
  if (concept !== undefined) {
    const texts = concept.flatMap(({ code = '', display, designation = [] }) =>
      display === undefined && designation.length === 0
        ? []
        : [
            [
              code,
              {
                ...(display !== undefined && { display }),
                designations: designation.map(({ value = '', language }) => ({
                  value,
                  ...(language !== undefined && { language }),
                })),
              },
            ] as const,
          ],
    );
    return {
      ...place,
      condition: { kind: 'codes', codes: concept.map(({ code = '' }) => code) },
      texts: new Map(texts),
    };
  }
  const conditions = (filter ?? []).map((each) => {
    const condition = conditionOfFilter(system, each);
    if (condition === undefined) {
      throw refusal(
        'not-supported',
        `The filter ${each.property ?? ''} ${each.op ?? ''} "${(each.value ?? '').slice(0, 200)}" on ${system} is not supported here.`,
        'value-set-filter',
      );
    }
    return condition;
  });
  return { ...place, condition: and(...conditions), texts: new Map() };
}

const listedParts = (contains: readonly ValueSetExpansionContains[]): readonly Part[] =>
  contains.flatMap(({ system = '', version, code, display, abstract }) =>
    code === undefined || abstract === true
      ? []
      : [
          ownPart(
            {
              system,
              ...(version !== undefined && { version }),
              concept: [{ code, ...(display !== undefined && { display }) }],
            },
            system,
          ),
        ],
  );

const flatten = (contains: readonly ValueSetExpansionContains[]): readonly ValueSetExpansionContains[] =>
  contains.flatMap((entry) => [entry, ...flatten(entry.contains ?? [])]);

const keyOf = ({ system, version }: Part): string => `${system}|${version ?? ''}`;

/** One part for each system and version, in the order they first came. */
function union(parts: readonly Part[]): readonly Part[] {
  const groups = Map.groupBy(parts, keyOf);
  return [...groups.values()].map((group) => {
    const [first] = group as [Part, ...Part[]];
    return group.length === 1
      ? first
      : {
          ...first,
          condition: merged(group.map(({ condition }) => condition)),
          texts: new Map(group.flatMap(({ texts }) => [...texts])),
        };
  });
}

/** Lists of codes become one list: an expansion is thousands of lists of one. */
function merged(conditions: readonly Condition[]): Condition {
  const codes = conditions.flatMap((condition) => (condition.kind === 'codes' ? condition.codes : []));
  const others = conditions.filter(({ kind }) => kind !== 'codes');
  return or(
    ...others,
    ...(codes.length === 0 ? [] : [{ kind: 'codes', codes: [...new Set(codes)] } as const]),
  );
}

const meets = (a: Part, b: Part): boolean =>
  systemName(a.system) === systemName(b.system) &&
  (a.version === undefined || b.version === undefined || a.version === b.version);

function intersection(left: readonly Part[], right: readonly Part[]): readonly Part[] {
  return union(
    left.flatMap((part) =>
      right
        .filter((other) => meets(part, other))
        .map((other) => ({
          ...part,
          ...(part.version === undefined && other.version !== undefined && { version: other.version }),
          condition: and(part.condition, other.condition),
          texts: new Map([...other.texts, ...part.texts]),
        })),
    ),
  );
}

function without(part: Part, excluded: readonly Part[]): Part {
  const away = excluded.filter((other) => meets(part, other)).map(({ condition }) => condition);
  return away.length === 0 ? part : { ...part, condition: and(part.condition, not(or(...away))) };
}

function refusal(
  code: Parameters<typeof error>[0],
  text: string,
  rule: string,
): ReturnType<typeof unprocessable> {
  return unprocessable(error(code, text, undefined, rule));
}
