/**
 * What is wrong with a Questionnaire: section 11 of docs/sdc-dialect.md. Used by `register check`; an author reads the result.
 */
import { buildForm } from './form.ts';
import { checkConditions } from './check-conditions.ts';
import { checkItem } from './check-item.ts';
import { isAbove } from './dependencies.ts';
import { EXT, extensionOf, extensionsOf } from './extensions.ts';
import { issue } from '../fhir/outcome.ts';
import type { CompileOptions, Form, FormItem } from './form-types.ts';
import type { FormExpression } from './expression.ts';
import type { Finding } from './check-item.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Questionnaire, QuestionnaireItem } from '../fhir/types.ts';

/** All findings; errors keep the form from being used, warnings do not. */
export function checkForm(questionnaire: Questionnaire, options: CompileOptions): readonly Issue[] {
  const { form, faults } = buildForm(questionnaire, options);
  const places = expressionsByLinkId(questionnaire);
  const items = [...form.byLinkId.values()];
  const findings: readonly Finding[] = [
    ...checkHead(questionnaire),
    ...faults.map(({ rule, message, linkId }) => ({
      rule,
      text: message,
      linkId,
      severity: 'error' as const,
    })),
    ...items.flatMap((item) => [...checkItem(item, questionnaire, options), ...checkConditions(item, form)]),
    ...checkPages(form),
    ...items.flatMap((item) => checkMentions(item, form)),
    ...form.constraints.flatMap(({ key, expression, locations }) =>
      unknownMentions(form, [...ownMentions(expression), ...locations], undefined, `constraint ${key}`),
    ),
  ];
  return findings.map(({ severity, rule, text, linkId }) =>
    issue(
      severity,
      severity === 'error' ? 'invalid' : 'business-rule',
      linkId === undefined ? text : `${linkId}: ${text}`,
      (linkId === undefined ? undefined : places.get(linkId)) ?? 'Questionnaire',
      rule,
    ),
  );
}

const REQUIRED_HEAD = ['url', 'version', 'name', 'title', 'status'] as const;
const KNOWN_LANGUAGES = new Set(['nb', 'nb-NO']);

function checkHead(questionnaire: Questionnaire): readonly Finding[] {
  const missing = REQUIRED_HEAD.filter((name) => questionnaire[name] === undefined).map((name) => ({
    severity: 'error' as const,
    rule: `missing-${name}`,
    text: `the Questionnaire has no ${name}`,
    linkId: undefined,
  }));
  const isBokmal = KNOWN_LANGUAGES.has(questionnaire.language ?? '');
  const contexts = extensionsOf(questionnaire, EXT.launchContext).filter(
    (extension) =>
      extensionOf(extension, 'name') === undefined || extensionOf(extension, 'type') === undefined,
  );
  return [
    ...missing,
    ...(isBokmal
      ? []
      : [
          {
            severity: 'error' as const,
            rule: 'language',
            text: 'language must be nb: the texts are bokmål',
            linkId: undefined,
          },
        ]),
    ...contexts.map(() => ({
      severity: 'error' as const,
      rule: 'launch-context',
      text: 'a launchContext needs a name and a type',
      linkId: undefined,
    })),
  ];
}

/** `page` on all groups at the top or on none. */
function checkPages({ items }: Form): readonly Finding[] {
  const pages = items.filter(({ control }) => control === 'page');
  return pages.length === 0 || pages.length === items.length
    ? []
    : items
        .filter(({ control }) => control !== 'page')
        .map(({ linkId }) => ({
          severity: 'error',
          rule: 'page',
          text: 'all items at the top must be pages, or none',
          linkId,
        }));
}

function checkMentions(item: FormItem, form: Form): readonly Finding[] {
  const expressions = [item.calculation, item.enableExpression, item.initialExpression].concat(
    item.constraints.map(({ expression }) => expression),
  );
  const named = [
    ...expressions.flatMap(ownMentions),
    ...item.constraints.flatMap(({ locations }) => locations),
  ];
  const later = [...new Set(ownDependencies(item))].filter((linkId) => {
    const other = form.byLinkId.get(linkId);
    return other !== undefined && other.order > item.order && !isAbove(item, other);
  });
  return [
    ...unknownMentions(form, named, item.linkId, 'expression'),
    ...later.map((linkId) => ({
      severity: 'warning' as const,
      rule: 'depends-on-later',
      text: `opens by an answer that is given further down (${linkId})`,
      linkId: item.linkId,
    })),
  ];
}

/** linkIds of this form; an expression over fetched resources may name those of another form. */
function ownMentions(expression: FormExpression | undefined): readonly string[] {
  return expression === undefined || expression.externals.size > 0 ? [] : [...expression.mentions];
}

/** Only what opens the item: a calculation may look anywhere. */
const ownDependencies = ({ conditions, enableExpression }: FormItem): readonly string[] => [
  ...conditions.map(({ question }) => question),
  ...(enableExpression?.mentions ?? []),
];

function unknownMentions(
  form: Form,
  named: readonly string[],
  linkId: string | undefined,
  where: string,
): readonly Finding[] {
  return [...new Set(named)]
    .filter((name) => !form.byLinkId.has(name))
    .map((name) => ({
      severity: 'error',
      rule: 'unknown-link-id',
      text: `${where} names the linkId ${name}, which the form does not have`,
      linkId,
    }));
}

/** The place of every item in the JSON: `Questionnaire.item[0].item[2]`. */
function expressionsByLinkId(questionnaire: Questionnaire): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (items: readonly QuestionnaireItem[] | undefined, above: string): void =>
    items?.forEach((item, index) => {
      const place = `${above}.item[${index}]`;
      found.set(item.linkId, place);
      visit(item.item, place);
    });
  visit(questionnaire.item, 'Questionnaire');
  return found;
}
