/**
 * Extensions: https://hl7.org/fhir/R4/extensibility.html — known ones keep to their definition and place, unknown ones are
 * passed on, unknown modifiers are refused.
 */
import type { JsonValue, StructureDefinition } from '../fhir/types.ts';
import type { Definitions } from './definitions.ts';
import { fail, inform, isObject, shown, stringOf, type Check, type Run } from './run.ts';

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

function mayStandHere(
  { context = [] }: StructureDefinition,
  place: ExtensionPlace,
  at: string,
  run: Run,
  definitions: Definitions,
): boolean {
  if (context.length === 0) {
    return true;
  }
  const path = pathInResource(at, run);
  return context.some(({ type, expression = '' }) => {
    if (type === 'fhirpath') {
      return true;
    }
    return type === 'extension'
      ? place.containerType === 'Extension'
      : fits(expression, place, path, definitions);
  });
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
    return wanted === 'Element' || definitions.isKindOf(containerType, wanted);
  }
  const [type = '', ...below] = wanted.split('.');
  return definitions.get(type)?.kind !== 'resource' && path.endsWith(`.${below.join('.')}`);
}

/** `Questionnaire.item.item.item` → `Questionnaire.item`. */
function withoutRepeats(path: string): string {
  const parts = path.split('.');
  return parts.filter((part, index) => part !== parts[index - 1]).join('.');
}
