/**
 * Answers → resources: https://hl7.org/fhir/uv/sdc/extraction.html (templates, and Observations by code).
 */
import { isObject } from './answer.ts';
import { EvaluationCopy } from './evaluation.ts';
import { observationsOf } from './extract-observation.ts';
import { complete } from './extract-complete.ts';
import { viewForm, enabledNodes } from './visibility.ts';
import type { FormContext } from './expression.ts';
import type { Scope } from './fragment.ts';
import type { Form } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';
import type { Template } from './template.ts';
import type { QuestionnaireResponse, Resource } from '../fhir/types.ts';

export interface ExtractedResource {
  /** Response id, template or linkId, row path: the same answers in the same places give the same key. */
  readonly key: string;
  readonly resource: Resource & { readonly id: string };
}

export interface ExtractOptions extends FormContext {
  /** The id of the resource with this key; the same key must give the same id, so that an amendment replaces. */
  readonly newId: (key: string) => string;
}

/** What is made from one template at one place. */
interface Made {
  readonly key: string;
  readonly template: string;
  readonly path: string;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * All resources that the answers of enabled questions give, with subject, encounter, episode, date and a link back to the
 * response. Resources of an earlier extraction whose keys are not in the result are no longer true. Throws what
 * the FHIRPath engine throws when a template does not suit the data: a register must not lose a fact in silence.
 */
export function extract(
  form: Form,
  response: QuestionnaireResponse,
  options: ExtractOptions,
): readonly ExtractedResource[] {
  const view = viewForm(form, response, options);
  const made = [...fromTemplates(view, options), ...observationsOf(view)].map((entry) => ({
    ...entry,
    id: options.newId(entry.key),
  }));
  return made.map((entry) => ({
    key: entry.key,
    resource: complete(
      { ...linked(entry, made), id: entry.id } as unknown as Resource & { id: string },
      response,
    ),
  }));
}

type Unnamed = Omit<Made, 'id'>;

function fromTemplates(view: FormView, context: FormContext): readonly Unnamed[] {
  const copy = new EvaluationCopy(view.form, view.response, view.roots, view.isEnabled, context);
  const ofForm = fill(view, view.form.templates, copy.scope(undefined), '');
  const ofItems = enabledNodes(view)
    .filter((node) => node.item.templates.length > 0 && hasAnswer(node, view))
    .flatMap((node) => fill(view, node.item.templates, copy.scope(node), node.path));
  return [...ofForm, ...ofItems];
}

function fill(
  { response }: FormView,
  templates: readonly Template[],
  scope: Scope,
  path: string,
): readonly Unnamed[] {
  return templates.flatMap(({ id, part }) =>
    part
      .fill(scope)
      .filter(isObject)
      .map((body, index) => ({
        key: [response.id ?? '', id, path, ...(index === 0 ? [] : [index])].join('|'),
        template: id,
        path,
        body,
      })),
  );
}

const hasAnswer = (node: FormNode, view: FormView): boolean =>
  view.isEnabled(node) && (node.answers.length > 0 || node.children.some((child) => hasAnswer(child, view)));

/** References to templates become references to what was made from them: at the same place, above it, or for the form. */
function linked({ body, path }: Made, made: readonly Made[]): Readonly<Record<string, unknown>> {
  const target = (reference: string): Made | undefined =>
    made
      .filter(
        ({ template, path: other }) =>
          reference === `#${template}` && (other === '' || isWithin(path, other)),
      )
      .sort((left, right) => right.path.length - left.path.length)[0];
  return relink(body, target) as Readonly<Record<string, unknown>>;
}

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** The value with `#template` references replaced; references to what was not made go. */
function relink(value: unknown, target: (reference: string) => Made | undefined): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => relink(entry, target)).filter((entry) => entry !== undefined);
  }
  if (!isObject(value)) {
    return value;
  }
  const reference = value['reference'];
  if (typeof reference === 'string' && reference.startsWith('#')) {
    const found = target(reference);
    return found === undefined
      ? undefined
      : { ...value, reference: `${String(found.body['resourceType'])}/${found.id}` };
  }
  const members = Object.entries(value).map(([key, entry]) => [key, relink(entry, target)] as const);
  return Object.fromEntries(members.filter(([, entry]) => entry !== undefined));
}
