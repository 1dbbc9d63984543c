/**
 * Chains, `_has`, `_filter` and compartments as conditions: https://hl7.org/fhir/R4/search.html#chaining, #has
 * The far side of a link is looked at first. If few resources are there, the search goes on with their ids, which no
 * planner can misjudge; if there are many, the link becomes a semi-join of two conditions that each stand by themselves,
 * and the database begins where it pays. Either way every matching resource is found. The access filter holds on both
 * sides: nothing can be concluded about a hidden resource.
 */
import { hash64 } from '../fhir/id.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Resource } from '../fhir/types.ts';
import type { StoreSession } from '../storage/store.ts';
import { anyOf } from './condition.ts';
import type { Condition, RowsCondition } from './condition.ts';
import { conditionOf } from './conditions.ts';
import { compartmentTypes } from './compartments.ts';
import { planSearch } from './plan.ts';
import type { Plan, PlannedCriterion } from './plan.ts';
import { columnSql, contentSql, idsSql } from './print.ts';
import type { PrintOptions } from './print.ts';
import type { Parameter, ParameterTable } from './parameters.ts';
import type {
  ChainCriterion,
  CompartmentCriterion,
  Criterion,
  HasCriterion,
  PlainCriterion,
  ReferenceValue,
} from './tree.ts';
import { resolveCodes } from './resolve-codes.ts';
import { resolveDirect } from './resolve-direct.ts';
import { referenceValues } from './values.ts';

/** Up to so many ids are listed; more become a semi-join. */
export const FEW = 1000;
/** Contents are heavier than ids. */
const FEW_CONTENTS = 200;
/** Links of one search; each costs a statement. */
export const MAX_LINKS = 24;

export interface LinkContext extends PrintOptions {
  readonly session: StoreSession;
  readonly parameters: ParameterTable;
  readonly baseUrl: string | undefined;
}

/**
 * The criteria with everything resolved that is more than a condition on the resource itself. `types` are those
 * searched. Throws 400 `too-costly` for more links than a question needs.
 */
export async function resolveLinks(
  asked: readonly Criterion[],
  types: readonly string[],
  context: LinkContext,
): Promise<readonly PlannedCriterion[]> {
  refuseManyLinks(asked);
  const known = await resolveDirect(asked, context.session);
  const criteria = await resolveCodes(known, context.parameters.codes);
  const planned: PlannedCriterion[] = [];
  for (const criterion of criteria) {
    planned.push(
      isPlain(criterion)
        ? criterion
        : { kind: 'resolved', condition: await resolve(criterion, types, context) },
    );
  }
  return planned;
}

const isPlain = (criterion: Criterion): criterion is PlainCriterion =>
  criterion.kind === 'match' || criterion.kind === 'missing' || criterion.kind === 'present';

function refuseManyLinks(criteria: readonly Criterion[]): void {
  if (criteria.reduce((sum, criterion) => sum + linksIn(criterion), 0) > MAX_LINKS) {
    throw new FhirError(
      400,
      error(
        'too-costly',
        `A search may follow ${MAX_LINKS} links in all; a chain without a type counts once for each type. Name the types, or ask for less at once.`,
        undefined,
        'search-too-broad',
      ),
    );
  }
}

function linksIn(criterion: Criterion): number {
  switch (criterion.kind) {
    case 'chain':
      return criterion.targets.reduce((sum, target) => sum + 1 + linksIn(target.criterion), 0);
    case 'has':
      return 1 + linksIn(criterion.criterion);
    case 'and':
    case 'or':
      return criterion.criteria.reduce((sum, part) => sum + linksIn(part), 0);
    case 'not':
      return linksIn(criterion.criterion);
    default:
      return 0;
  }
}

async function resolve(
  criterion: Criterion,
  types: readonly string[],
  context: LinkContext,
): Promise<Condition> {
  switch (criterion.kind) {
    case 'chain':
      return resolveChain(criterion, context);
    case 'has':
      return resolveHas(criterion, types, context);
    case 'compartment':
      return compartmentCondition(criterion, types, context.parameters);
    case 'not':
      return { kind: 'not', condition: await resolve(criterion.criterion, types, context) };
    case 'and':
    case 'or': {
      const conditions: Condition[] = [];
      for (const part of criterion.criteria) {
        conditions.push(await resolve(part, types, context));
      }
      return { kind: criterion.kind, conditions };
    }
    default:
      return conditionOf(criterion, context.parameters);
  }
}

async function farSide(
  type: string,
  criterion: Criterion,
  context: LinkContext,
  count: number,
): Promise<Plan> {
  const planned: PlannedCriterion = isPlain(criterion)
    ? criterion
    : { kind: 'resolved', condition: await resolve(criterion, [type], context) };
  return planSearch({ types: [type], sort: [], count, cursor: undefined }, [planned], context.parameters);
}

interface Far {
  readonly type: string;
  readonly plan: Plan;
}
interface Found {
  readonly place: number;
  readonly value: string;
  readonly url: string | null;
  readonly version: string | null;
}

/** One statement for all target types. */
async function resolveChain(
  { parameter, targets }: ChainCriterion,
  context: LinkContext,
): Promise<Condition> {
  const far: Far[] = [];
  for (const { type, criterion } of targets) {
    const count = isDefinition(type, context.parameters) ? ALL_DEFINITIONS : FEW;
    far.push({ type, plan: await farSide(type, criterion, context, count) });
  }
  const found = await context.session.query<Found>(
    idsSql(
      far.map(({ plan }) => plan),
      context,
    ),
  );
  const foundAt = far.map((_, place) => found.filter((row) => row.place === place));
  const few = far.map(({ plan }, place) => (foundAt[place]?.length ?? 0) <= plan.count);
  const listed = far.flatMap(({ type }, place) =>
    few[place] === true ? (foundAt[place] ?? []).map((row) => ({ ...row, type })) : [],
  );
  const joined = far.filter((_, place) => few[place] !== true);
  return anyOf([
    ...(listed.length === 0 && joined.length > 0
      ? []
      : listedConditions(parameter, listed, context.parameters)),
    ...(joined.length === 0 ? [] : [refersCondition(parameter, joined)]),
  ]);
}

/** Definitions are referred to by their urls, so they are always listed; no server has as many as this. */
const ALL_DEFINITIONS = 100_000;

const isDefinition = (type: string, parameters: ParameterTable): boolean =>
  parameters.find(type, 'url')?.column === 'canon';

const refersCondition = (parameter: Parameter, far: readonly Far[]): Condition => ({
  kind: 'refers',
  param: parameter.key,
  targets: far.map(({ type, plan }) => ({
    type,
    column: ownColumn(parameter, type),
    selection: plan,
  })),
});

const COLUMN_TYPES = { patient: 'Patient', org: 'Organization' } as const;

/** The column that holds the parameter's references to that type. */
function ownColumn({ column }: Parameter, type: string): 'patient' | 'org' | undefined {
  return (column === 'patient' || column === 'org') && COLUMN_TYPES[column] === type ? column : undefined;
}

/** References by id, and by url with the version that is there; a url without a version means whichever there is. */
function listedConditions(
  parameter: Parameter,
  found: readonly (Found & { readonly type: string })[],
  parameters: ParameterTable,
): readonly Condition[] {
  const definitions = found.filter(({ type, url }) => url !== null && isDefinition(type, parameters));
  const exact = [
    ...found.map(({ type, value }) => `${type}/${value}`),
    ...definitions.flatMap(({ url, version }) => (version === null ? [] : [`${url as string}|${version}`])),
  ];
  const urls = [...new Set(definitions.map(({ url }) => url as string))];
  const matching = (texts: readonly string[]): Condition =>
    conditionOf({ kind: 'match', parameter, modifier: undefined, values: texts.map(literal) }, parameters);
  const byUrl = urls.length === 0 ? [] : [unversioned(parameter, matching(urls))];
  return [matching(exact), ...byUrl];
}

const literal = (text: string): ReferenceValue => ({ type: 'reference', form: 'literal', text });

/** Where the url has a column, the token table has rows for references with a version alone. */
const unversioned = ({ column, key }: Parameter, byUrl: Condition): Condition =>
  column === 'canon'
    ? {
        kind: 'and',
        conditions: [byUrl, { kind: 'not', condition: { kind: 'present', table: 'idx_token', param: key } }],
      }
    : byUrl;

async function resolveHas(
  { type, parameter, criterion }: HasCriterion,
  types: readonly string[],
  context: LinkContext,
): Promise<Condition> {
  const [only] = types;
  const column = types.length === 1 && only !== undefined ? ownColumn(parameter, only) : undefined;
  const plan = await farSide(type, criterion, context, column === undefined ? FEW_CONTENTS : FEW);
  const ids =
    column === undefined
      ? await referredIds(plan, parameter, types, context)
      : await columnIds(plan, column, context);
  return ids === undefined
    ? {
        kind: 'referred',
        param: parameter.key,
        types: referredTypes(parameter, types),
        column,
        selection: plan,
      }
    : idsCondition(ids);
}

const referredTypes = ({ targets }: Parameter, types: readonly string[]): readonly string[] =>
  types.filter((type) => targets.length === 0 || targets.includes(type));

/** Undefined when there are many. */
async function columnIds(
  plan: Plan,
  column: 'patient' | 'org',
  context: LinkContext,
): Promise<readonly Referred[] | undefined> {
  const rows = await context.session.query<{ value: string }>(columnSql(plan, column, context));
  const ids = [...new Set(rows.map(({ value }) => value))];
  return rows.length > plan.count ? undefined : ids.map((id) => ({ type: COLUMN_TYPES[column], id }));
}

interface Referred {
  readonly type: string;
  readonly id: string;
}

/** References are only hashes in the index, so their ids are read from the contents. */
async function referredIds(
  plan: Plan,
  parameter: Parameter,
  types: readonly string[],
  context: LinkContext,
): Promise<readonly Referred[] | undefined> {
  const rows = await context.session.query<{ content: string }>(contentSql(plan, context));
  if (rows.length > plan.count) {
    return undefined;
  }
  const literals = rows
    .flatMap(({ content }) => parameter.extract(JSON.parse(content) as Resource))
    .flatMap((value) => referenceValues(value, context.baseUrl))
    .flatMap((value) => value.literals);
  return [...new Set(literals)].flatMap((text) => {
    const [type = '', id, ...rest] = text.split('/');
    return id !== undefined && rest.length === 0 && types.includes(type) ? [{ type, id }] : [];
  });
}

/** An id belongs to its type: several types searched together may use the same one. */
function idsCondition(ids: readonly Referred[]): Condition {
  const types = [...new Set(ids.map(({ type }) => type))];
  return types.length <= 1
    ? { kind: 'column', column: 'id', values: ids.map(({ id }) => id) }
    : {
        kind: 'rows',
        columns: ids.map(({ type, id }) => ({ column: 'id', types: [typeCode(type) as number], value: id })),
        tokens: [],
      };
}

/** Everything that refers to the resource by one of the compartment's parameters, and the resource itself. */
function compartmentCondition(
  { type, id }: CompartmentCriterion,
  types: readonly string[],
  parameters: ParameterTable,
): RowsCondition {
  const members = types.flatMap((member) =>
    (compartmentTypes(type)?.get(member) ?? []).flatMap((code) => {
      const parameter = parameters.find(member, code);
      return parameter === undefined ? [] : [{ code: typeCode(member) as number, parameter }];
    }),
  );
  const inColumn = members.flatMap(({ code, parameter }) => {
    const column = ownColumn(parameter, type);
    return column === undefined ? [] : [{ code, column }];
  });
  const columns = [...new Set(inColumn.map(({ column }) => column))].map((column) => ({
    column,
    types: inColumn.filter((member) => member.column === column).map(({ code }) => code),
    value: id,
  }));
  const self = types.includes(type)
    ? [{ column: 'id' as const, types: [typeCode(type) as number], value: id }]
    : [];
  const h = hash64(`${type}/${id}`);
  return {
    kind: 'rows',
    columns: [...self, ...columns],
    tokens: members.map(({ code, parameter }) => ({ type: code, param: parameter.key, h })),
  };
}
