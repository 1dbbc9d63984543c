/**
 * A form filled from what is known: https://hl7.org/fhir/uv/sdc/populate.html#expression-based-population
 * Every prefilled answer says which resources it came from; an answer that is there is never overwritten.
 */
import { attempt } from './expression.ts';
import { buildTree, hasRows, walk } from './tree.ts';
import { EvaluationCopy } from './evaluation.ts';
import { fetchVariables } from './populate-query.ts';
import { initialAnswers, newRow } from './initial.ts';
import { insertItem, withItems, writeAnswers } from './rewrite-response.ts';
import { recalculate } from './calculate.ts';
import { roundAnswer, toAnswers } from './to-answers.ts';
import { isObject, sameAnswers } from './answer.ts';
import { viewForm } from './visibility.ts';
import { sourceOf, withSources } from './answer-source.ts';
import type { Answer } from './answer.ts';
import type { AnswerSource } from './answer-source.ts';
import type { Form, FormItem } from './form-types.ts';
import type { FormContext, FormExpression } from './expression.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';
import type { QuestionnaireResponse, Reference, Resource } from '../fhir/types.ts';

export interface PopulateOptions {
  readonly now: Date;
  /** The launch contexts by name. */
  readonly launch: Readonly<Record<string, Resource>>;
  /** Runs a FHIR search such as `Observation?patient=1`; the resources, not a Bundle. */
  readonly fetch: (query: string) => Promise<readonly Resource[]>;
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
  const filled = [...walk(roots)].flatMap((node) => fillNode(node, copy, context, origins));
  const changes = new Map(filled.map(({ node, answers }) => [node.path, answers]));
  const result = recalculate(form, writeAnswers(response, roots, changes), context);
  const view = viewForm(form, result, context);
  return {
    response: result,
    filled: filled.filter(({ node }) => isSeen(view, node.path)).length,
    sources: filled.flatMap(({ node, sources }) =>
      sources.map((source) => ({ ...source, path: node.path, linkId: node.item.linkId })),
    ),
  };
}

function isSeen(view: FormView, path: string): boolean {
  const node = view.byPath.get(path);
  return node !== undefined && view.isVisible(node) && node.answers.length > 0;
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

interface Filled {
  readonly node: FormNode;
  readonly answers: readonly Answer[];
  readonly sources: readonly AnswerSource[];
}

function fillNode(
  node: FormNode,
  copy: EvaluationCopy,
  context: FormContext,
  origins: ReadonlyMap<string, RowOrigin>,
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
  const launch = origin?.launch ?? context.launch ?? {};
  const evaluate = (variables: Readonly<Record<string, unknown>>): readonly Answer[] => {
    const rows = Object.fromEntries(rowVariables(node, origins));
    const values = attempt(initialExpression, copy.scope(node, { ...variables, ...rows })) ?? [];
    return toAnswers(node.item, values).map((answer) => roundAnswer(node.item, answer));
  };
  const answers = evaluate(launch).map((answer) => {
    const sources = sourcesOf(initialExpression, answer, launch, evaluate);
    return { answer: withSources(answer, sources), sources };
  });
  return answers.length === 0
    ? []
    : [
        {
          node,
          answers: answers.map(({ answer }) => answer),
          sources: answers.flatMap(({ sources }) => sources),
        },
      ];
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

/**
 * The resources that give the answer when they stand alone in their variable. A launch context counts only when the
 * expression uses nothing that was fetched: there it says whose data, not which.
 */
function sourcesOf(
  { externals }: FormExpression,
  answer: Answer,
  launch: Readonly<Record<string, unknown>>,
  evaluate: (launch: Readonly<Record<string, unknown>>) => readonly Answer[],
): readonly AnswerSource[] {
  const fetched = [...externals].filter((name) => Array.isArray(launch[name]));
  const names = fetched.length > 0 ? fetched : [...externals];
  return names.flatMap((name) => {
    const resources = listOf(launch[name]);
    const giving = resources.filter((resource) =>
      evaluate({ ...launch, [name]: [resource] }).some((alone) => sameAnswers([alone], [answer])),
    );
    // An answer put together from several resources has no single one that gives it.
    return (giving.length > 0 ? giving : resources).map((resource) => sourceOf(resource as Resource));
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? value : [value];
}
