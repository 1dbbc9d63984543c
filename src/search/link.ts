/**
 * Chains and `_has` in two steps: first the other side's ids, then the search with them.
 * https://hl7.org/fhir/R4/search.html#chaining, #has
 * The two sides may lie on different nodes, and a join over estimates of both is where planners go wrong; a list of ids
 * is neither. The access filter holds on both sides: nothing can be concluded about a hidden resource.
 */
import { FhirError, error } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/types.ts';
import type { StoreSession } from '../storage/store.ts';
import { planSearch } from './plan.ts';
import type { Plan } from './plan.ts';
import { contentSql, distinctSql } from './print.ts';
import type { PrintOptions } from './print.ts';
import type { Parameter, ParameterTable } from './parameters.ts';
import type {
  ChainCriterion,
  Criterion,
  HasCriterion,
  MatchCriterion,
  PlainCriterion,
  ReferenceValue,
} from './tree.ts';
import { referenceValues } from './values.ts';

/** More ids than this and the first step is no step: 400 `too-costly`. */
export const MAX_LINKED = 5000;

export interface LinkContext extends PrintOptions {
  readonly session: StoreSession;
  readonly parameters: ParameterTable;
  readonly baseUrl: string | undefined;
}

/** The same criteria with every chain and `_has` replaced by the ids found. `types` are those searched. */
export async function resolveLinks(
  criteria: readonly Criterion[],
  types: readonly string[],
  context: LinkContext,
): Promise<readonly PlainCriterion[]> {
  const plain: PlainCriterion[] = [];
  for (const criterion of criteria) {
    plain.push(await RESOLVERS[criterion.kind](criterion as never, types, context));
  }
  return plain;
}

type Resolver<C> = (criterion: C, types: readonly string[], context: LinkContext) => Promise<PlainCriterion>;

const unchanged = (criterion: PlainCriterion): Promise<PlainCriterion> => Promise.resolve(criterion);

const RESOLVERS = {
  match: unchanged,
  missing: unchanged,
  present: unchanged,
  chain: resolveChain,
  has: resolveHas,
} as const satisfies { [K in Criterion['kind']]: Resolver<Extract<Criterion, { readonly kind: K }>> };

async function resolveChain(
  { parameter, targets }: ChainCriterion,
  _types: readonly string[],
  context: LinkContext,
): Promise<MatchCriterion> {
  const values: ReferenceValue[] = [];
  for (const { type, criterion } of targets) {
    const plan = linkPlan(type, criterion, context);
    const ids = await context.session.query<{ value: string }>(distinctSql(plan, 'id', context));
    values.push(
      ...ids.map(({ value }): ReferenceValue => ({
        type: 'reference',
        form: 'literal',
        text: `${type}/${value}`,
      })),
    );
  }
  refuseMany(values.length, parameter.code);
  return { kind: 'match', parameter, modifier: undefined, values };
}

async function resolveHas(
  { type, parameter, criterion }: HasCriterion,
  types: readonly string[],
  context: LinkContext,
): Promise<MatchCriterion> {
  const plan = linkPlan(type, criterion, context);
  const ids = isOwnColumn(parameter, types)
    ? (await context.session.query<{ value: string }>(distinctSql(plan, parameter.column, context))).map(
        ({ value }) => value,
      )
    : await referredIds(plan, parameter, types, context);
  refuseMany(ids.length, `_has:${type}`);
  return {
    kind: 'match',
    parameter: requireId(types, context.parameters),
    modifier: undefined,
    values: ids.map((id) => ({ type: 'token', system: undefined, code: id })),
  };
}

const linkPlan = (type: string, criterion: PlainCriterion, { parameters }: LinkContext): Plan =>
  planSearch({ types: [type], sort: [], count: MAX_LINKED, cursor: undefined }, [criterion], parameters);

const COLUMN_TYPES: Readonly<Record<'patient' | 'org', string>> = { patient: 'Patient', org: 'Organization' };

/** The ids asked for stand in a column of the referring row. */
function isOwnColumn(
  parameter: Parameter,
  types: readonly string[],
): parameter is Parameter & { readonly column: 'patient' | 'org' } {
  const { column } = parameter;
  return (
    (column === 'patient' || column === 'org') && types.length === 1 && types[0] === COLUMN_TYPES[column]
  );
}

/** References are only hashes in the index, so their ids are read from the contents. */
async function referredIds(
  plan: Plan,
  parameter: Parameter,
  types: readonly string[],
  context: LinkContext,
): Promise<readonly string[]> {
  const rows = await context.session.query<{ content: string }>(contentSql(plan, context));
  refuseMany(rows.length, `_has:${parameter.base}`);
  const references = rows
    .flatMap(({ content }) => parameter.extract(JSON.parse(content) as Resource))
    .flatMap((value) => referenceValues(value, context.baseUrl))
    .flatMap(({ literals }) => literals.map((literal) => literal.split('/')));
  const ids = references.flatMap(([type = '', id, ...rest]) =>
    id !== undefined && rest.length === 0 && types.includes(type) ? [id] : [],
  );
  return [...new Set(ids)];
}

function requireId(types: readonly string[], parameters: ParameterTable): Parameter {
  const id = parameters.find(types[0] ?? '', '_id');
  if (id === undefined) {
    throw new Error('The search parameter _id is not defined');
  }
  return id;
}

function refuseMany(count: number, name: string): void {
  if (count > MAX_LINKED) {
    throw new FhirError(
      400,
      error(
        'too-costly',
        `The condition ${name} is met by more than ${MAX_LINKED} resources. Narrow it, or search in the other direction.`,
        undefined,
        'search-too-broad',
      ),
    );
  }
}
