/**
 * Extensions: https://hl7.org/fhir/R4/extensibility.html — known ones keep to their definition and place, unknown ones are
 * passed on, unknown modifiers are refused.
 */
import { compilePath, PathError } from '../fhir/path.ts';
import type { JsonObject, JsonValue, StructureDefinition } from '../fhir/types.ts';
import { valueAt } from './container.ts';
import type { Definitions } from './definitions.ts';
import type { ElementNode } from './element-tree.ts';
import { wantedValue } from './pattern.ts';
import { fail, inform, isObject, listOf, shown, stringOf, type Check, type Run } from './run.ts';

/** Where an extension stands, as far as the base definitions say (`HumanName`, `Patient.contact`, `Address.district`). */
export interface ExtensionPlace {
  readonly containerPath: string;
  readonly containerType: string;
  readonly isModifier: boolean;
}

export type ExtensionCheckOf = (place: ExtensionPlace) => Check;

export interface ExtensionNeeds {
  readonly definitions: Definitions;
  /** The check against an extension's definition. */
  readonly definitionCheck: (canonical: string) => Check | undefined;
}

/** Makes the check of extensions at a place, beyond the structure of the type Extension. */
export function createExtensionCheck({ definitions, definitionCheck }: ExtensionNeeds): ExtensionCheckOf {
  return (place) => (value, at, run) => {
    const url = isObject(value) ? stringOf(value['url']) : undefined;
    if (url === undefined || !isObject(value)) {
      return;
    }
    const isNested = place.containerType === 'Extension';
    if (!url.includes(':')) {
      relativeUrl(isNested, at, run);
      return;
    }
    const definition = definitions.get(url);
    if (definition === undefined || definition.type !== 'Extension') {
      unknownExtension(url, place, at, run);
      return;
    }
    if (!mayStandHere(definition, place, at, run, definitions)) {
      fail(
        run,
        'extension',
        'extension-context',
        at,
        `The extension ${shown(url)} is not allowed on this element.`,
      );
    }
    modifierFault(definition, place, at, run);
    unknownParts(definitions.tree(definition), value, at, run);
    definitionCheck(url)?.(value as JsonValue, at, run);
  };
}

function relativeUrl(isNested: boolean, at: string, run: Run): void {
  if (!isNested) {
    fail(run, 'extension', 'extension-url', `${at}.url`, 'The url of an extension must be absolute.');
  }
}

function unknownExtension(url: string, { isModifier }: ExtensionPlace, at: string, run: Run): void {
  if (isModifier) {
    fail(
      run,
      'extension',
      'unknown-modifier-extension',
      at,
      `The modifier extension ${shown(url)} is not known here; it may change the meaning, so the resource cannot be taken.`,
    );
  } else {
    inform(
      run,
      'extension',
      'unknown-extension',
      at,
      `The extension ${shown(url)} is not known here; it is kept unchecked.`,
    );
  }
}

function modifierFault(
  definition: StructureDefinition,
  { isModifier }: ExtensionPlace,
  at: string,
  run: Run,
): void {
  const isModifierDefinition = definition.snapshot?.element?.[0]?.isModifier === true;
  if (isModifier !== isModifierDefinition) {
    const words = isModifierDefinition
      ? 'belongs in `modifierExtension`'
      : 'is no modifier: it belongs in `extension`';
    fail(run, 'extension', 'extension-modifier', at, `This extension ${words}.`);
  }
}

/** The parts of a complex extension are those of its definition; others must be extensions of their own, with absolute urls. */
function unknownParts(tree: ElementNode, value: JsonObject, at: string, run: Run): void {
  const parts = tree.children.find(({ name }) => name === 'extension');
  if (value['extension'] === undefined || isClosed(parts)) {
    return;
  }
  const known = parts.slices.map(partUrl);
  for (const [index, part] of listOf(value['extension']).entries()) {
    const url = isObject(part) ? stringOf(part['url']) : undefined;
    if (url !== undefined && !url.includes(':') && !known.includes(url) && !known.includes(undefined)) {
      const text = `The extension ${shown(stringOf(value['url']) ?? '')} has no part "${shown(url)}".`;
      fail(run, 'extension', 'unknown-extension-part', `${at}.extension[${index}]`, text);
    }
  }
}

const isClosed = (parts: ElementNode | undefined): parts is undefined =>
  parts === undefined || parts.definition.max === '0' || parts.definition.slicing?.rules === 'closed';

function partUrl({ children }: ElementNode): JsonValue | undefined {
  const url = children.find(({ name }) => name === 'url');
  return url && wantedValue(url.definition)?.value;
}

function mayStandHere(
  { context = [], contextInvariant = [] }: StructureDefinition,
  place: ExtensionPlace,
  at: string,
  run: Run,
  definitions: Definitions,
): boolean {
  const path = pathInResource(at, run);
  const isInContext =
    context.length === 0 ||
    context.some(({ type, expression = '' }) => {
      if (type === 'fhirpath') {
        return isAmong(expression, path, at, run);
      }
      return type === 'extension'
        ? isOnExtension(expression, place, at, run)
        : fits(expression, place, path, definitions);
    });
  return isInContext && contextInvariant.every((invariant) => holdsFor(invariant, at, run));
}

const containerOf = (at: string, run: Run): JsonValue | undefined =>
  valueAt(at.slice(0, at.lastIndexOf('.')), run);

/** Context of type fhirpath: the element is one of those that the expression selects. */
function isAmong(expression: string, path: string, at: string, run: Run): boolean {
  const container = containerOf(at, run);
  const found = evaluate(expression, run.resource, run);
  return found === undefined || expression === path || (isObject(container) && found.includes(container));
}

/** Context of type extension: the element is an extension with that url, or its value. */
function isOnExtension(url: string, place: ExtensionPlace, at: string, run: Run): boolean {
  const above = at.slice(0, at.lastIndexOf('.')).replace(/\.value$/, '');
  const container =
    place.containerType === 'Extension' || above.length < at.lastIndexOf('.')
      ? valueAt(above, run)
      : undefined;
  return isObject(container) && container['url'] === url;
}

/** The focus is the element; `%extension` is the extension. */
function holdsFor(invariant: string, at: string, run: Run): boolean {
  const result = evaluate(invariant, containerOf(at, run) ?? run.resource, run, {
    extension: valueAt(at, run),
  });
  return result === undefined || result[0] !== false;
}

function evaluate(
  expression: string,
  focus: JsonValue,
  run: Run,
  variables: Readonly<Record<string, unknown>> = {},
): readonly unknown[] | undefined {
  try {
    return compilePath(expression)(focus, { ...variables, resource: run.resource, rootResource: run.root });
  } catch (cause) {
    if (cause instanceof PathError) {
      return undefined;
    }
    throw cause;
  }
}

/** `Bundle.entry[0].resource.name[1].extension[0]` → `Patient.name`. */
function pathInResource(at: string, { resource, resourceAt }: Run): string {
  const own = at.slice(resourceAt.length, at.lastIndexOf('.'));
  return `${String(resource['resourceType'])}${own.replaceAll(/\[[0-9]+\]/g, '')}`;
}

function fits(
  expression: string,
  { containerPath, containerType }: ExtensionPlace,
  path: string,
  definitions: Definitions,
): boolean {
  const wanted = expression.replace(/\[x\]$/, '');
  if (wanted === containerPath || wanted === path || wanted === withoutRepeats(path)) {
    return true;
  }
  // The core definitions name ElementDefinition's extensions loosely (on `type`, on `type.code`, on the whole).
  if (wanted.startsWith('ElementDefinition') && containerPath.startsWith('ElementDefinition')) {
    return true;
  }
  if (!wanted.includes('.')) {
    return wanted === 'Element' || isOfKind(containerType, wanted, definitions);
  }
  const [type = '', ...below] = wanted.split('.');
  const [resourceType = '', ...own] = path.split('.');
  return definitions.get(type)?.kind === 'resource'
    ? own.join('.') === below.join('.') && definitions.isKindOf(resourceType, type)
    : path.endsWith(`.${below.join('.')}`);
}

/** Newer definitions name what later versions call canonical resources: those with a `url`. */
const isOfKind = (type: string, wanted: string, definitions: Definitions): boolean =>
  wanted === 'CanonicalResource' || wanted === 'MetadataResource'
    ? definitions.baseElement(`${type}.url`) !== undefined && type !== 'Extension'
    : definitions.isKindOf(type, wanted);

/** `Questionnaire.item.item.item` → `Questionnaire.item`. */
function withoutRepeats(path: string): string {
  const parts = path.split('.');
  return parts.filter((part, index) => part !== parts[index - 1]).join('.');
}
