/**
 * A form filled from what is known: https://hl7.org/fhir/uv/sdc/populate.html#expression-based-population
 * Every prefilled answer says which resources it came from; an answer that is there is never overwritten.
 */
import { attempt } from './expression.ts';
import { buildTree, hasRows, walk } from './tree.ts';
import { EvaluationCopy } from './evaluation.ts';
import { fetchVariables } from './populate-query.ts';
import { initialAnswers, newRow } from './initial.ts';
import { convertValues, NO_CONVERSIONS, type Conversions } from './convert-values.ts';
import { mergeRows } from './merge-rows.ts';
import { insertItem, withAnswers, withItems, writeAnswers, writeItems } from './rewrite-response.ts';
import { recalculate } from './calculate.ts';
import { isObject } from './answer.ts';
import { viewForm } from './visibility.ts';
import { sourcesIn } from './answer-source.ts';
import { sourceValuesOf, withSourceValues } from './source-value.ts';
import { statementOf, type Statement } from './statements.ts';
import type { AnswerSource } from './answer-source.ts';
import type { Form, FormItem } from './form-types.ts';
import type { FormContext } from './expression.ts';
import type { FormNode } from './tree.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem, Reference, Resource } from '../fhir/types.ts';

type Item = QuestionnaireResponseItem;

export interface PopulateOptions {
  readonly now: Date;
  /** The launch contexts by name. */
  readonly launch: Readonly<Record<string, Resource>>;
  /** Runs a FHIR search such as `Observation?patient=1`; the resources, not a Bundle. */
  readonly fetch: (query: string) => Promise<readonly Resource[]>;
  /** The register's ConceptMaps, and units; without them codes and units must be the form's own. */
  readonly conversions?: Conversions;
  /** A draft to fill further; without it a new response is made. */
  readonly response?: QuestionnaireResponse;
}

export interface Populated {
  readonly response: QuestionnaireResponse;
  /** Number of questions that the user sees filled from a resource or an expression. */
  readonly filled: number;
  readonly sources: readonly (AnswerSource & { readonly path: string; readonly linkId: string })[];
}

/** The variables as they are for one row: which resource it is made from, and which of that resource's results. */
interface RowOrigin {
  readonly launch: Readonly<Record<string, unknown>>;
  readonly index: number;
}

/** Populate a form. Rejects only when `fetch` does; expressions that do not suit the data fill nothing. */
export async function populate(form: Form, options: PopulateOptions): Promise<Populated> {
  const { now } = options;
  const launch = { ...options.launch, ...(await fetchVariables(form, options)) };
  const context: FormContext = { now, launch };
  const started = withInitial(form, options.response ?? emptyResponse(form, options));
  const { response, origins } = withRows(form, started, context);
  const roots = buildTree(form, response);
  const copy = new EvaluationCopy(form, response, roots, () => true, context);
  const { conversions = NO_CONVERSIONS } = options;
  const filled = [...walk(roots)].flatMap((node) => fillNode(node, copy, context, { origins, conversions }));
  const changes = new Map(filled.map((one) => [one.node.path, (item: Item) => filledItem(item, one)]));
  const merged = mergeRows(form, writeItems(response, roots, changes));
  const result = withoutIdle(form, recalculate(form, merged, context), context);
  const before = viewForm(form, started, context);
  const view = viewForm(form, result, context);
  const isNew = ({ item, path }: FormNode): boolean =>
    item.initialExpression !== undefined && (before.byPath.get(path)?.answers ?? []).length === 0;
  const nodes = [...walk(view.roots)].filter((node) => node.answers.length > 0 && isNew(node));
  return {
    response: result,
    filled: nodes.filter((node) => view.isVisible(node)).length,
    sources: nodes.flatMap(({ answers, path, item: { linkId } }) =>
      answers.flatMap(sourcesIn).map((source) => ({ ...source, path, linkId })),
    ),
  };
}

const filledItem = (item: Item, { answers, beside }: Statement): Item =>
  withSourceValues(answers.length === 0 ? item : withAnswers(item, answers), beside);

/** What cannot be coded is told of where it is asked for: a question that is not asked has nothing to be coded. */
function withoutIdle(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
): QuestionnaireResponse {
  const view = viewForm(form, response, context);
  const idle = [...walk(view.roots)].filter(
    (node) => !view.isVisible(node) && sourceValuesOf(node.source).some(({ kind }) => kind === 'unmapped'),
  );
  const asked = (item: Item): Item =>
    withSourceValues(
      item,
      sourceValuesOf(item).filter(({ kind }) => kind !== 'unmapped'),
    );
  return writeItems(response, view.roots, new Map(idle.map(({ path }) => [path, asked])));
}

function emptyResponse({ canonical }: Form, { launch, now }: PopulateOptions): QuestionnaireResponse {
  const about = (name: string): Reference | undefined => {
    const { resourceType, id } = launch[name] ?? {};
    return id === undefined ? undefined : { reference: `${resourceType ?? ''}/${id}` };
  };
  const subject = about('patient');
  const encounter = about('encounter');
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: canonical,
    status: 'in-progress',
    ...(subject !== undefined && { subject }),
    ...(encounter !== undefined && { encounter }),
    authored: now.toISOString(),
  } as QuestionnaireResponse;
}

function withInitial(form: Form, response: QuestionnaireResponse): QuestionnaireResponse {
  const roots = buildTree(form, response);
  const changes = [...walk(roots)]
    .filter((node) => node.answers.length === 0)
    .map((node) => [node.path, initialAnswers(node.item)] as const)
    .filter(([, answers]) => answers.length > 0);
  return writeAnswers(response, roots, new Map(changes));
}

/** Make the rows of repeating groups that are populated and have none yet. Only groups at the top or in groups without rows. */
function withRows(
  form: Form,
  response: QuestionnaireResponse,
  context: FormContext,
): { readonly response: QuestionnaireResponse; readonly origins: ReadonlyMap<string, RowOrigin> } {
  const origins = new Map<string, RowOrigin>();
  const groups = [...form.byLinkId.values()].filter((item) => item.population !== undefined && hasRows(item));
  const result = groups.reduce((current, item) => {
    const roots = buildTree(form, current);
    if ([...walk(roots)].some((node) => node.item === item)) {
      return current;
    }
    const copy = new EvaluationCopy(form, current, roots, () => true, context);
    const above = [...walk(roots)].find((node) => node.item === item.parent);
    const rows = rowOrigins(item, above, copy, context);
    rows.forEach((origin, row) => origins.set(`${item.linkId}[${row}]`, origin));
    return rows.reduce((filled) => appendRow(form, filled, item), current);
  }, response);
  return { response: result, origins };
}

function appendRow(form: Form, response: QuestionnaireResponse, item: FormItem): QuestionnaireResponse {
  return appendTo(response, item, form, newRow(item));
}

/** Append an item at its place, making the groups around it. */
function appendTo(
  response: QuestionnaireResponse,
  item: FormItem,
  form: Form,
  added: ReturnType<typeof newRow>,
): QuestionnaireResponse {
  const { parent } = item;
  if (parent === undefined) {
    return withItems(response, insertItem(response.item ?? [], added, form.items));
  }
  const node = [...walk(buildTree(form, response))].find((candidate) => candidate.item === parent);
  const old = node?.source ?? { linkId: parent.linkId };
  const next = withItems(old, insertItem(old.item ?? [], added, parent.children));
  return node?.source === undefined ? appendTo(response, parent, form, next) : replaced(response, old, next);
}

function replaced<T extends { item?: QuestionnaireResponse['item'] }>(
  holder: T,
  old: object,
  next: object,
): T {
  const item = holder.item?.map((entry) => (entry === old ? next : replaced(entry, old, next)));
  return item === undefined ? holder : ({ ...holder, item } as T);
}

/**
 * One origin per row: the resource that it is made from, found by evaluating the context for every fetched resource alone.
 * Where a row comes from several resources together, or is no part of one, it is tied to its number among all results.
 */
function rowOrigins(
  item: FormItem,
  above: FormNode | undefined,
  copy: EvaluationCopy,
  { launch = {} }: FormContext,
): readonly RowOrigin[] {
  const expression = item.population?.expression;
  if (expression === undefined) {
    return [];
  }
  const results = (variables: Readonly<Record<string, unknown>>): readonly unknown[] =>
    attempt(expression, copy.scope(above, variables)) ?? [];
  const names = [...expression.externals].filter((external) => Array.isArray(launch[external]));
  const none = Object.fromEntries(names.map((name) => [name, []]));
  const origins = new Map<unknown, RowOrigin>();
  for (const name of names) {
    for (const resource of listOf(launch[name])) {
      const alone = { ...launch, ...none, [name]: [resource] };
      results(alone)
        .filter(isObject)
        .forEach((result, index) => origins.set(result, { launch: alone, index }));
    }
  }
  return results(launch)
    .slice(0, item.limits.maxOccurs)
    .map((result, index) => origins.get(result) ?? { launch, index });
}

interface Filled extends Statement {
  readonly node: FormNode;
}

function fillNode(
  node: FormNode,
  copy: EvaluationCopy,
  context: FormContext,
  {
    origins,
    conversions,
  }: { readonly origins: ReadonlyMap<string, RowOrigin>; readonly conversions: Conversions },
): readonly Filled[] {
  const { initialExpression } = node.item;
  if (initialExpression === undefined || node.answers.length > 0 || node.item.type === 'group') {
    return [];
  }
  const origin = originOf(node, origins);
  if (origin === undefined && isInPopulatedRow(node)) {
    // The rows were there before: they are somebody's work.
    return [];
  }
  const rows = Object.fromEntries(rowVariables(node, origins));
  const statement = statementOf(
    {
      item: node.item,
      externals: initialExpression.externals,
      evaluate: (variables) =>
        convertValues(
          node.item,
          attempt(initialExpression, copy.scope(node, { ...variables, ...rows })) ?? [],
          conversions,
        ),
    },
    origin?.launch ?? context.launch ?? {},
  );
  return statement.answers.length + statement.beside.length === 0 ? [] : [{ node, ...statement }];
}

function originOf(
  node: FormNode | undefined,
  origins: ReadonlyMap<string, RowOrigin>,
): RowOrigin | undefined {
  return node === undefined ? undefined : (origins.get(rowKey(node)) ?? originOf(node.parent, origins));
}

const isInPopulatedRow = (node: FormNode): boolean =>
  (hasRows(node.item) && node.item.population !== undefined) ||
  (node.parent !== undefined && isInPopulatedRow(node.parent));

const rowKey = ({ item, row }: FormNode): string => `${item.linkId}[${row ?? ''}]`;

/** `%row5`: which result of the population context of the group with order 5 the row is made from. */
function rowVariables(
  node: FormNode | undefined,
  origins: ReadonlyMap<string, RowOrigin>,
): readonly (readonly [string, number])[] {
  if (node === undefined) {
    return [];
  }
  const own = [`row${node.item.order}`, origins.get(rowKey(node))?.index ?? 0] as const;
  return node.item.population === undefined
    ? rowVariables(node.parent, origins)
    : [own, ...rowVariables(node.parent, origins)];
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? value : [value];
}
