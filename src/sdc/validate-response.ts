/**
 * A response against its form: section 10 of docs/sdc-dialect.md. Messages are in bokmål, since users read them.
 */
import { entries, isObject, sameAnswer, sameAnswers } from './answer.ts';
import { attempt } from './expression.ts';
import { breach, checkAnswer, doubt } from './validate-answer.ts';
import { checkStructure } from './validate-structure.ts';
import { constraintText, nodeText, shortText } from './text.ts';
import { EvaluationCopy } from './evaluation.ts';
import { hasRows, nearestNodes, pathOf, walk } from './tree.ts';
import { optionOf } from './options.ts';
import { isToConfirm, isUnsettled, sourceValuesOf } from './source-value.ts';
import { mayEdit, recalculate } from './calculate.ts';
import { viewForm } from './visibility.ts';
import { issue } from '../fhir/outcome.ts';
import type { Answer } from './answer.ts';
import type { Breach } from './validate-answer.ts';
import type { Constraint, Form, FormItem } from './form-types.ts';
import type { FormContext } from './expression.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';

/** `draft`: may be stored and worked on. `final`: may be locked. */
export type Strictness = 'draft' | 'final';

/** An issue with the place in the form it belongs to, for pages that show it at the field. */
export interface FormIssue extends Issue {
  readonly linkId?: string;
  /** Node path, e.g. `opioider/rad[1]/dose`. */
  readonly path?: string;
}

/**
 * All that is wrong with a response. Errors forbid storing (draft) or locking (final), warnings ask for a second look. Never throws, whatever
 * the JSON is.
 */
export function validateResponse(
  form: Form,
  response: unknown,
  strictness: Strictness,
  context: FormContext,
): readonly FormIssue[] {
  if (!isObject(response) || response['resourceType'] !== 'QuestionnaireResponse') {
    return [
      issue(
        'error',
        'structure',
        'Dette er ikke et utfylt skjema.',
        'QuestionnaireResponse',
        'response-json',
      ),
    ];
  }
  const given = response as unknown as QuestionnaireResponse;
  const view = viewForm(form, given, context);
  return [
    ...checkVersion(form, given),
    ...structureIssues(form, given),
    ...rowIssues(form.items, view.roots, undefined, strictness),
    ...enabledNodesIn(view).flatMap((node) => nodeIssues(node, view, strictness, context)),
    ...(strictness === 'final' ? disabledIssues(view) : []),
    ...constraintIssues(view, strictness, context),
    ...calculationIssues(view, context),
  ];
}

function checkVersion({ canonical }: Form, { questionnaire }: QuestionnaireResponse): readonly FormIssue[] {
  return questionnaire === canonical
    ? []
    : [
        issue(
          'error',
          'invalid',
          `Svaret hører til et annet skjema eller en annen versjon. Skjemaet er ${canonical}.`,
          'QuestionnaireResponse.questionnaire',
          'questionnaire-version',
        ),
      ];
}

function structureIssues(form: Form, response: QuestionnaireResponse): readonly FormIssue[] {
  return checkStructure(form, response).map(({ rule, text, code, severity, expression, linkId }) => {
    const item = linkId === undefined ? undefined : form.byLinkId.get(linkId);
    const name = item === undefined ? 'Ukjent felt' : `«${shortText(item, 'nb')}»`;
    return {
      ...issue(severity, code, `${name}: ${text}`, expression, rule),
      ...(linkId !== undefined && { linkId }),
    };
  });
}

const enabledNodesIn = (view: FormView): readonly FormNode[] => [...walk(view.roots)].filter(view.isEnabled);

function nodeIssues(
  node: FormNode,
  view: FormView,
  strictness: Strictness,
  { now }: FormContext,
): readonly FormIssue[] {
  const answers = entries<Answer>(node.source?.answer);
  const each =
    node.item.type === 'group' || node.item.type === 'display'
      ? []
      : answers.flatMap(({ index, entry }) =>
          checkAnswer(node.item, entry, now).map((found) => at(node, found, `.answer[${index}]`)),
        );
  const whole = [...countBreaches(node, strictness), ...choiceBreaches(node)].map((found) => at(node, found));
  return [
    ...each,
    ...whole,
    ...rowIssues(node.item.children, node.children, node, strictness),
    ...missing(node, view, strictness),
    ...(strictness === 'final' ? unsettled(node, view) : []),
  ];
}

/** The issue of a breach at a node; absent nodes are placed at what encloses them. */
function at(node: FormNode, { severity, code, rule, text }: Breach, suffix = ''): FormIssue {
  const expression = node.expression === undefined ? enclosing(node) : `${node.expression}${suffix}`;
  return {
    ...issue(severity, code, `«${nodeText(node, 'nb')}»: ${text}`, expression, rule),
    linkId: node.item.linkId,
    path: node.path,
  };
}

function enclosing(node: FormNode): string {
  return node.parent === undefined
    ? 'QuestionnaireResponse'
    : (node.parent.expression ?? enclosing(node.parent));
}

function countBreaches({ item, answers }: FormNode, strictness: Strictness): readonly Breach[] {
  const { minOccurs, maxOccurs } = item.limits;
  if (item.type === 'group' || answers.length === 0) {
    return [];
  }
  if (answers.length > maxOccurs) {
    return [
      breach(
        'max-answers',
        maxOccurs === 1 ? 'Bare ett svar er tillatt.' : `Høyst ${maxOccurs} svar er tillatt.`,
      ),
    ];
  }
  return strictness === 'final' && answers.length < minOccurs
    ? [breach('min-answers', `Velg minst ${minOccurs} svar.`)]
    : [];
}

function choiceBreaches({ item, answers }: FormNode): readonly Breach[] {
  if (answers.length < 2) {
    return [];
  }
  const hasExclusive = answers.some((answer) => optionOf(item, answer)?.isExclusive === true);
  const isDoubled = answers.some(
    (answer, index) => answers.findIndex((other) => sameAnswer(other, answer)) !== index,
  );
  return [
    ...(hasExclusive ? [breach('exclusive', 'Ett av svarene kan ikke velges sammen med andre.')] : []),
    ...(isDoubled ? [breach('doubled-answer', 'Samme svar er valgt to ganger.', 'duplicate')] : []),
  ];
}

/** Number of rows of the repeating groups among these items. */
function rowIssues(
  items: readonly FormItem[],
  nodes: readonly FormNode[],
  above: FormNode | undefined,
  strictness: Strictness,
): readonly FormIssue[] {
  const expression = above === undefined ? 'QuestionnaireResponse' : (above.expression ?? enclosing(above));
  return items.filter(hasRows).flatMap((group) => {
    const rows = nodes.filter(({ item }) => item === group).length;
    return rowBreaches(group, rows, strictness).map(({ severity, code, text, rule }) => ({
      ...issue(severity, code, `«${shortText(group, 'nb')}»: ${text}`, expression, rule),
      linkId: group.linkId,
      path: pathOf(above?.path ?? '', group, undefined),
    }));
  });
}

function rowBreaches(
  { limits, requiredAt }: FormItem,
  rows: number,
  strictness: Strictness,
): readonly Breach[] {
  if (rows > limits.maxOccurs) {
    return [breach('max-rows', `Høyst ${limits.maxOccurs} rader er tillatt.`)];
  }
  const isRequired = requiredAt === 'draft' || (requiredAt === 'final' && strictness === 'final');
  if (rows === 0 && isRequired) {
    return [breach('required', 'Legg til minst én rad.', 'required')];
  }
  return strictness === 'final' && rows < limits.minOccurs
    ? [breach('min-rows', `Fyll ut minst ${limits.minOccurs} rader.`)]
    : [];
}

function missing(node: FormNode, view: FormView, strictness: Strictness): readonly FormIssue[] {
  const { requiredAt } = node.item;
  const isChecked = requiredAt === 'draft' || (requiredAt !== 'never' && strictness === 'final');
  const isDisputed = strictness === 'final' && unsettled(node, view).length > 0; // says more
  if (!isChecked || isDisputed || isAnswered(node, view)) {
    return [];
  }
  return [
    requiredAt === 'recommended'
      ? at(node, doubt('recommended', 'Spørsmålet er ikke besvart.', 'required'))
      : at(node, breach('required', 'Må besvares.', 'required')),
  ];
}

/** What a person has to say to the sources before the form is locked. */
function unsettled(node: FormNode, view: FormView): readonly FormIssue[] {
  if (!view.isVisible(node) || !mayEdit(node.item, node.answers)) {
    return [];
  }
  if (node.answers.length === 0) {
    return isUnsettled(sourceValuesOf(node.source))
      ? [at(node, breach('source-conflict', 'Kildene sier ulikt. Velg verdien som gjelder.', 'conflict'))]
      : [];
  }
  return isToConfirm(node)
    ? [at(node, breach('source-unconfirmed', 'Hentet fra en kilde, og ikke bekreftet.', 'business-rule'))]
    : [];
}

const isAnswered = (node: FormNode, view: FormView): boolean =>
  node.answers.length > 0 || node.children.some((child) => view.isEnabled(child) && isAnswered(child, view));

function disabledIssues(view: FormView): readonly FormIssue[] {
  return [...walk(view.roots)]
    .filter((node) => !view.isEnabled(node) && node.answers.length > 0)
    .map((node) =>
      at(
        node,
        breach('disabled-answer', 'Spørsmålet er ikke aktuelt og skal ikke ha svar.', 'business-rule'),
      ),
    );
}

function constraintIssues(
  view: FormView,
  strictness: Strictness,
  context: FormContext,
): readonly FormIssue[] {
  const copy = new EvaluationCopy(view.form, view.response, view.roots, view.isEnabled, context);
  const places: readonly (readonly [Constraint, FormNode | undefined])[] = [
    ...view.form.constraints.map((constraint) => [constraint, undefined] as const),
    ...enabledNodesIn(view).flatMap((node) =>
      node.item.constraints.map((constraint) => [constraint, node] as const),
    ),
  ];
  return places
    .filter(([{ expression }]) =>
      [...expression.externals].every((name) => context.launch?.[name] !== undefined),
    )
    .flatMap(([constraint, node]) => {
      const result = attempt(constraint.expression, copy.scope(node));
      return result !== undefined && result[0] !== false
        ? []
        : broken(constraint, node, view, strictness, result);
    });
}

function broken(
  constraint: Constraint,
  node: FormNode | undefined,
  view: FormView,
  strictness: Strictness,
  result: readonly unknown[] | undefined,
): readonly FormIssue[] {
  const text = constraintText(constraint, 'nb');
  const isError = result !== undefined && constraint.severity === 'error' && strictness === 'final';
  const rule = constraint.key;
  const found = isError
    ? breach(rule, text, 'business-rule')
    : doubt(rule, result === undefined ? `Kunne ikke kontrolleres: ${text}` : text);
  const places = constraint.locations.flatMap((linkId) => located(view, node, linkId));
  const targets = places.length > 0 ? places : [node];
  return targets.map((target) =>
    target === undefined
      ? issue(found.severity, found.code, found.text, 'QuestionnaireResponse', rule)
      : { ...at(target, found), diagnostics: found.text },
  );
}

/** The nodes where a constraint's message stands: in the row that breaks it. */
function located(view: FormView, node: FormNode | undefined, linkId: string): readonly FormNode[] {
  const item = view.form.byLinkId.get(linkId);
  if (item === undefined) {
    return [];
  }
  const inside = node === undefined ? view.roots : [node];
  const found = [...walk(inside)].filter((candidate) => candidate.item === item);
  return found.length > 0 || node === undefined ? found : nearestNodes(view.roots, node, item);
}

function calculationIssues(view: FormView, context: FormContext): readonly FormIssue[] {
  const right = viewForm(view.form, recalculate(view.form, view.response, context), context);
  return [...walk(view.roots)]
    .filter(({ item }) => item.calculation !== undefined)
    .filter((node) => !sameAnswers(node.answers, right.byPath.get(node.path)?.answers ?? []))
    .map((node) =>
      at(
        node,
        breach(
          'calculated',
          'Verdien er beregnet og stemmer ikke med svarene den bygger på.',
          'business-rule',
        ),
      ),
    );
}
