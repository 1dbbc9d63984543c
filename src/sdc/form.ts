/**
 * compileForm: Questionnaire → Form. https://hl7.org/fhir/R4/questionnaire.html, docs/sdc-dialect.md
 */
import { adoptionOf, SAFEST, type Adoption } from './adoption.ts';
import { itemBase, RESOURCE_BASE } from './expression.ts';
import { dependencyOrder } from './dependencies.ts';
import { EXT, companion, extensionOf, extensionsOf, extensionValue, hasFlag } from './extensions.ts';
import { expressionSource, FaultList, Naming } from './naming.ts';
import { limitsOf } from './limits.ts';
import { optionsOf } from './options.ts';
import { compileTemplates } from './template.ts';
import { CONTROLS, ITEM_TYPES } from './form-types.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import type { Fault } from './naming.ts';
import type { Base } from './expression.ts';
import type { Fragment } from './fragment.ts';
import type {
  CalculationMode,
  CompileOptions,
  Condition,
  Constraint,
  Control,
  Form,
  FormItem,
  ItemType,
  RequiredAt,
} from './form-types.ts';
import type {
  Coding,
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireItemEnableWhen,
} from '../fhir/types.ts';

/**
 * Compile a Questionnaire once; the Form is immutable and may be kept as long as the content stands.
 * Throws FhirError 422 with all faults of its expressions, and for cycles and duplicate linkIds.
 */
export function compileForm(questionnaire: Questionnaire, options: CompileOptions): Form {
  const { form, faults } = buildForm(questionnaire, options);
  if (faults.length > 0) {
    throw new FhirError(
      422,
      faults.map(({ rule, message, linkId }) =>
        error('invalid', `${linkId ?? questionnaire.url}: ${message}`, undefined, rule),
      ),
    );
  }
  return form;
}

/** As compileForm, but hands the faults back; the form then lacks what is faulty. */
export function buildForm(
  questionnaire: Questionnaire,
  options: CompileOptions,
): { readonly form: Form; readonly faults: readonly Fault[] } {
  const builder = new Builder(questionnaire, options);
  const form = builder.build();
  return { form, faults: builder.faults.list };
}

type Draft = { -readonly [K in keyof FormItem]: FormItem[K] };

/** Holds what the items of one compilation share. */
class Builder {
  readonly faults = new FaultList();
  private readonly byLinkId = new Map<string, FormItem>();
  private readonly questionnaire: Questionnaire;
  private readonly options: CompileOptions;
  private readonly naming: Naming;

  constructor(questionnaire: Questionnaire, options: CompileOptions) {
    this.questionnaire = questionnaire;
    this.options = options;
    this.naming = new Naming(options.compilePath, this.faults);
  }

  build(): Form {
    const launchNames = launchNamesOf(this.questionnaire);
    const queries = queriesOf(this.questionnaire);
    const external = [...launchNames, ...queries.map(({ name }) => name)];
    const names = this.naming.declare(
      this.questionnaire,
      RESOURCE_BASE,
      this.naming.externals(external),
      undefined,
    );
    const items = (this.questionnaire.item ?? []).flatMap((item) => this.item(item, undefined, names));
    const constraints = this.constraints(this.questionnaire, RESOURCE_BASE, names, undefined);
    const all = [...this.byLinkId.values()];
    return Object.freeze({
      questionnaire: this.questionnaire,
      canonical: `${this.questionnaire.url ?? ''}|${this.questionnaire.version ?? ''}`,
      items,
      byLinkId: this.byLinkId,
      calculated: dependencyOrder(this.byLinkId, this.faults),
      constraints,
      templates: this.templates(this.questionnaire, RESOURCE_BASE, names, undefined),
      launchNames: external,
      queries,
      hasWeights: all.some(
        (item) => item.options?.list.some((option) => option.weight !== undefined) === true,
      ),
      compileOptions: this.options,
    });
  }

  private item(
    source: QuestionnaireItem,
    parent: FormItem | undefined,
    outer: ReadonlyMap<string, Fragment>,
  ): readonly FormItem[] {
    const linkId = source.linkId;
    if (this.byLinkId.has(linkId)) {
      this.faults.add('duplicate-link-id', 'the linkId stands twice in the form', linkId);
      return [];
    }
    const order = this.byLinkId.size;
    const base = itemBase(order);
    const names = this.naming.declare(source, base, outer, linkId);
    const item: Draft = {
      ...plainParts(source, order, parent),
      adoption: this.adoption(source, parent),
      options: optionsOf(source, this.questionnaire, this.options.resolveValueSet),
      ...this.expressions(source, base, names),
      constraints: this.constraints(source, base, names, linkId),
      templates: this.templates(source, base, names, linkId),
    };
    this.byLinkId.set(linkId, item);
    item.children = (source.item ?? [])
      .filter((child) => !isHelp(child))
      .flatMap((child) => this.item(child, item, population(item, names)));
    return [Object.freeze(item)];
  }

  /** Its own rule, or that of what is around it. What the server alone fills nobody can confirm. */
  private adoption(source: QuestionnaireItem, parent: FormItem | undefined): Adoption {
    const form = adoptionOf(this.questionnaire) ?? this.options.adoption ?? SAFEST;
    const stated = adoptionOf(source) ?? parent?.adoption ?? form;
    return source.readOnly === true || hasFlag(source, EXT.hidden) ? 'taken' : stated;
  }

  private expressions(
    source: QuestionnaireItem,
    base: Base,
    names: ReadonlyMap<string, Fragment>,
  ): Pick<FormItem, 'enableExpression' | 'calculation' | 'initialExpression' | 'population'> {
    const compile = (url: string): FormItem['calculation'] =>
      this.naming.compile(expressionSource(extensionOf(source, url)), base, names, source);
    const context = compile(EXT.populationContext);
    const name = extensionOf(source, EXT.populationContext)?.valueExpression?.name;
    return {
      enableExpression: compile(EXT.enableWhen),
      calculation: compile(EXT.calculated),
      initialExpression: compile(EXT.initial),
      population: context === undefined || name === undefined ? undefined : { name, expression: context },
    };
  }

  private templates(
    element: Questionnaire | QuestionnaireItem,
    base: Base,
    names: ReadonlyMap<string, Fragment>,
    linkId: string | undefined,
  ): FormItem['templates'] {
    const { compilePath } = this.options;
    return compileTemplates(element, { base, names }, this.questionnaire, {
      compilePath,
      faults: this.faults,
      linkId,
    });
  }

  private constraints(
    element: Questionnaire | QuestionnaireItem,
    base: Base,
    names: ReadonlyMap<string, Fragment>,
    linkId: string | undefined,
  ): readonly Constraint[] {
    const all = [...extensionsOf(element, EXT.constraint), ...extensionsOf(element, EXT.targetConstraint)];
    return all.flatMap((extension) => {
      const part = extensionOf(extension, 'expression');
      const item = linkId === undefined ? undefined : (element as QuestionnaireItem);
      const expression = this.naming.compile(expressionSource(part), base, names, item);
      return expression === undefined ? [] : [constraint(extension, expression)];
    });
  }
}

function plainParts(
  source: QuestionnaireItem,
  order: number,
  parent: FormItem | undefined,
): Omit<
  FormItem,
  | 'options'
  | 'adoption'
  | 'enableExpression'
  | 'calculation'
  | 'initialExpression'
  | 'population'
  | 'constraints'
  | 'templates'
> {
  const mode = extensionOf(source, EXT.calculationMode)?.valueCode as CalculationMode | undefined;
  return {
    linkId: source.linkId,
    type: ITEM_TYPES.find((type) => type === source.type) ?? ('string' satisfies ItemType),
    order,
    source,
    parent,
    children: [],
    help: source.item?.find(isHelp),
    control: controlOf(source),
    requiredAt: requiredAt(source),
    isRepeating: source.repeats === true,
    isReadOnly: source.readOnly === true,
    isHidden: hasFlag(source, EXT.hidden),
    limits: limitsOf(source),
    unit: extensionOf(source, EXT.unit)?.valueCoding,
    unitOptions: extensionsOf(source, EXT.unitOption).flatMap(({ valueCoding }) =>
      valueCoding ? [valueCoding] : [],
    ),
    conditions: (source.enableWhen ?? []).map(condition),
    behaviour: source.enableBehavior === 'any' ? 'any' : 'all',
    calculationMode: mode ?? 'fixed',
    sourceMaps: extensionsOf(source, EXT.sourceMap).flatMap(({ valueCanonical }) => valueCanonical ?? []),
  };
}

/** The names seen by an item's children: its own, and the element that a row is populated from. */
function population(item: FormItem, names: ReadonlyMap<string, Fragment>): ReadonlyMap<string, Fragment> {
  const name = item.population?.name;
  if (name === undefined) {
    return names;
  }
  const start = extensionOf(item.source, EXT.populationContext)?.valueExpression?.expression ?? '{}';
  return new Map([...names, [name, Naming.populated(item.order, start, names)]]);
}

function controlOf(source: QuestionnaireItem): Control | undefined {
  const codings = extensionOf(source, EXT.itemControl)?.valueCodeableConcept?.coding ?? [];
  return CONTROLS.find((control) => codings.some(({ code }) => code === control));
}

const isHelp = (source: QuestionnaireItem): boolean =>
  source.type === 'display' && controlOf(source) === 'help';

function requiredAt(source: QuestionnaireItem): RequiredAt {
  if (source.required === true) {
    return extensionOf(source, EXT.requiredAt)?.valueCode === 'draft' ? 'draft' : 'final';
  }
  return hasFlag(source, EXT.recommended) ? 'recommended' : 'never';
}

function condition({ question, operator, ...rest }: QuestionnaireItemEnableWhen): Condition {
  const key = Object.keys(rest).find((name) => name.startsWith('answer'));
  return {
    question,
    operator: operator as Condition['operator'],
    value: key === undefined ? undefined : (rest as Record<string, unknown>)[key],
  };
}

function constraint(extension: Extension, expression: Constraint['expression']): Constraint {
  const human = extensionOf(extension, 'human');
  return {
    key: String(extensionValue(extensionOf(extension, 'key')) ?? 'constraint'),
    severity: extensionOf(extension, 'severity')?.valueCode === 'warning' ? 'warning' : 'error',
    human: String(extensionValue(human) ?? ''),
    humanSource: companion(human, 'valueString'),
    expression,
    locations: extensionsOf(extension, 'location').map((part) =>
      locationLinkId(String(extensionValue(part))),
    ),
  };
}

/** A location is a linkId, or a path whose last linkId literal names the item. */
function locationLinkId(location: string): string {
  return [...location.matchAll(/linkId\s*=\s*'([^']*)'/g)].at(-1)?.[1] ?? location;
}

function launchNamesOf(questionnaire: Questionnaire): readonly string[] {
  return extensionsOf(questionnaire, EXT.launchContext).flatMap((extension) => {
    const name = extensionValue(extensionOf(extension, 'name')) as Coding | string | undefined;
    const code = typeof name === 'string' ? name : name?.code;
    return code === undefined ? [] : [code];
  });
}

function queriesOf(questionnaire: Questionnaire): Form['queries'] {
  return extensionsOf(questionnaire, EXT.variable).flatMap(({ valueExpression }) =>
    valueExpression?.language === 'application/x-fhir-query' && valueExpression.name !== undefined
      ? [{ name: valueExpression.name, query: valueExpression.expression ?? '' }]
      : [],
  );
}
