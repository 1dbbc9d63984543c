/**
 * A form put together from others: https://hl7.org/fhir/uv/sdc/modular.html#modular-questionnaires
 * A display item with the extension subQuestionnaire stands for the items of another Questionnaire. Its variable
 * `linkIdPrefix` goes before every linkId that it brings, and wherever those are named.
 */
import { FhirError, error, type Issue } from '../fhir/outcome.ts';
import { formatCanonical } from '../fhir/canonical.ts';
import type { Extension, Questionnaire, QuestionnaireItem } from '../fhir/types.ts';
import { EXT, extensionOf, extensionsOf } from './extensions.ts';

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const SUB = `${SDC}-subQuestionnaire`;
const ASSEMBLED_FROM = `${SDC}-assembledFrom`;
const EXPECTATION = `${SDC}-assemble-expectation`;
const CONTEXT = `${SDC}-assembleContext`;
const PREFIX = 'linkIdPrefix';
const MAX_DEPTH = 10;

/** Of a part's own extensions, those that the whole needs too. */
const CARRIED: ReadonlySet<string> = new Set([
  EXT.variable,
  EXT.launchContext,
  EXT.constraint,
  EXT.targetConstraint,
  'http://hl7.org/fhir/StructureDefinition/cqf-library',
]);

/** Canonicals of the parts that a Questionnaire names. */
export const partsOf = ({ item }: Pick<Questionnaire, 'item'>): readonly string[] =>
  (item ?? []).flatMap((entry) => {
    const part = extensionOf(entry, SUB)?.valueCanonical;
    return [...(part === undefined ? [] : [part]), ...partsOf(entry as Pick<Questionnaire, 'item'>)];
  });

interface Assembling {
  readonly find: (canonical: string) => Questionnaire | undefined;
  readonly issues: Issue[];
  /** Carried from the parts to the whole. */
  readonly extensions: Extension[];
  readonly contained: object[];
  readonly used: Set<string>;
}

/**
 * The whole form. `find` gives the parts, which are all at hand (see `partsOf`). Throws FhirError 422 with everything that
 * does not fit together: parts that are missing or contain themselves, linkIds that stand twice, variables of one name.
 */
export function assemble(questionnaire: Questionnaire, find: Assembling['find']): Questionnaire {
  const work: Assembling = {
    find,
    issues: [],
    extensions: [],
    contained: [...(questionnaire.contained ?? [])],
    used: new Set(),
  };
  const item = itemsOf(questionnaire.item ?? [], work, { prefix: '', above: [nameOf(questionnaire)] });
  const own = (questionnaire.extension ?? []).filter(({ url }) => url !== EXPECTATION && url !== CONTEXT);
  const extension = [
    ...own,
    ...carried(own, work),
    ...[...work.used].map((valueCanonical) => ({ url: ASSEMBLED_FROM, valueCanonical })),
  ];
  const whole = {
    ...questionnaire,
    ...(questionnaire.version !== undefined && { version: `${questionnaire.version}-assembled` }),
    ...(work.contained.length > 0 && { contained: work.contained }),
    ...(extension.length > 0 && { extension }),
    ...(item.length > 0 && { item }),
  } as Questionnaire;
  refuseTwice(item, work.issues);
  if (work.issues.length > 0) {
    throw new FhirError(422, work.issues);
  }
  return whole;
}

const nameOf = ({ url, version }: Questionnaire): string => formatCanonical(url ?? '', version);

interface Place {
  /** Before every linkId here. */
  readonly prefix: string;
  /** The forms that this one is part of, and itself. */
  readonly above: readonly string[];
}

const itemsOf = (
  items: readonly QuestionnaireItem[],
  work: Assembling,
  place: Place,
): readonly QuestionnaireItem[] =>
  items.flatMap((item) => {
    const part = extensionOf(item, SUB)?.valueCanonical;
    return part === undefined
      ? [withChildren(prefixed(item, place.prefix), work, place)]
      : partItems(item, part, work, place);
  });

function withChildren(item: QuestionnaireItem, work: Assembling, place: Place): QuestionnaireItem {
  return item.item === undefined ? item : { ...item, item: [...itemsOf(item.item, work, place)] };
}

function partItems(
  holder: QuestionnaireItem,
  canonical: string,
  work: Assembling,
  { prefix, above }: Place,
): readonly QuestionnaireItem[] {
  const part = work.find(canonical);
  const fault = faultOf(canonical, part, above);
  if (part === undefined || fault !== undefined) {
    work.issues.push(
      error('not-found', fault ?? '', `Questionnaire.item.where(linkId='${holder.linkId}')`, 'assemble-part'),
    );
    return [];
  }
  const inner = `${prefix}${prefixOf(holder)}`;
  work.used.add(nameOf(part));
  work.contained.push(...newContained(part, work));
  for (const extension of part.extension ?? []) {
    if (CARRIED.has(extension.url)) {
      work.extensions.push(withPrefixedNames(extension, inner) as Extension);
    }
  }
  return itemsOf(part.item ?? [], work, { prefix: inner, above: [...above, nameOf(part)] });
}

function faultOf(
  canonical: string,
  part: Questionnaire | undefined,
  above: readonly string[],
): string | undefined {
  if (part === undefined) {
    return `The part ${canonical} is not known here. Store it, or name a version that is.`;
  }
  if (above.includes(nameOf(part))) {
    return `The part ${canonical} contains itself.`;
  }
  return above.length > MAX_DEPTH ? `Parts are nested more than ${MAX_DEPTH} deep.` : undefined;
}

/** The literal that the holder's variable `linkIdPrefix` has. */
function prefixOf(holder: QuestionnaireItem): string {
  const variable = extensionsOf(holder, EXT.variable).find(
    ({ valueExpression }) => valueExpression?.name === PREFIX,
  );
  return /^\s*'([^']*)'\s*$/.exec(variable?.valueExpression?.expression ?? '')?.[1] ?? '';
}

/** Contained resources of the part, which keep their names: two of one name must be the same. */
function newContained(part: Questionnaire, { contained, issues }: Assembling): readonly object[] {
  return (part.contained ?? []).filter((resource) => {
    const other = contained.find((there) => (there as { id?: string }).id === resource.id);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(resource)) {
      issues.push(
        error(
          'conflict',
          `Two parts contain something else as #${resource.id ?? ''}.`,
          'Questionnaire.contained',
          'assemble-contained',
        ),
      );
    }
    return other === undefined;
  });
}

/** Extensions of parts that the whole does not have already; variables of one name must say the same. */
function carried(own: readonly Extension[], { extensions, issues }: Assembling): readonly Extension[] {
  const known = new Map(own.map((extension) => [keyOf(extension), JSON.stringify(extension)]));
  return extensions.filter((extension) => {
    const key = keyOf(extension);
    const text = JSON.stringify(extension);
    const earlier = known.get(key);
    known.set(key, text);
    if (earlier !== undefined && earlier !== text) {
      issues.push(
        error(
          'conflict',
          `Two parts declare ${key} differently.`,
          'Questionnaire.extension',
          'assemble-name',
        ),
      );
    }
    return earlier === undefined;
  });
}

function keyOf(extension: Extension): string {
  const { url, valueExpression } = extension;
  const nested = extensionOf(extension, 'name') ?? extensionOf(extension, 'key');
  const name =
    valueExpression?.name ?? nested?.valueCoding?.code ?? nested?.valueId ?? JSON.stringify(extension);
  return `${url.slice(url.lastIndexOf('/') + 1)} "${name}"`;
}

/** The item without its children's change: linkId, enableWhen and expressions name what is in its part by the new names. */
function prefixed(item: QuestionnaireItem, prefix: string): QuestionnaireItem {
  if (prefix === '') {
    return item;
  }
  const { item: children, ...rest } = item;
  const named = withPrefixedNames(rest, prefix) as QuestionnaireItem;
  return {
    ...named,
    linkId: `${prefix}${item.linkId}`,
    ...(item.enableWhen !== undefined && {
      enableWhen: item.enableWhen.map((when) => ({ ...when, question: `${prefix}${when.question}` })),
    }),
    ...(children !== undefined && { item: children }),
  };
}

/** Expressions of a part name linkIds of that part: `linkId = 'a'` and `linkId in ('a' | 'b')`. */
function withPrefixedNames(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => withPrefixedNames(entry, prefix));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'expression' && typeof member === 'string'
        ? prefixedExpression(member, prefix)
        : withPrefixedNames(member, prefix),
    ]),
  );
}

const prefixedExpression = (text: string, prefix: string): string =>
  text
    .replaceAll(/(linkId\s*!?[=~]\s*')([^']*)(')/g, `$1${escaped(prefix)}$2$3`)
    .replaceAll(
      /(linkId\s+in\s*\()([^)]*)(\))/g,
      (_, open: string, list: string, close: string) =>
        `${open}${list.replaceAll(/'([^']*)'/g, (_whole, id: string) => `'${prefix}${id}'`)}${close}`,
    );

const escaped = (text: string): string => text.replaceAll('$', '$$$$');

function refuseTwice(items: readonly QuestionnaireItem[], issues: Issue[]): void {
  const all = linkIds(items);
  const seen = new Set<string>();
  for (const id of all) {
    if (seen.has(id)) {
      issues.push(
        error(
          'duplicate',
          `The linkId "${id}" stands twice in the assembled form. Give one of the parts a linkIdPrefix.`,
          `Questionnaire.descendants().where(linkId='${id}')`,
          'duplicate-link-id',
        ),
      );
    }
    seen.add(id);
  }
}

const linkIds = (items: readonly QuestionnaireItem[]): readonly string[] =>
  items.flatMap(({ linkId, item }) => [linkId, ...linkIds(item ?? [])]);
