/**
 * Sanity of code systems and value sets: https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/valueset.html
 */
import type { JsonObject } from '../../fhir/types.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { fail, isObject, listOf, shown, stringOf, warn, type Check, type Run } from '../run.ts';

/** Content that agrees with what it says of itself; properties defined once and used with their type. */
export const codeSystemRules: Check = (system, at, run) => {
  if (!isObject(system)) {
    return;
  }
  const concepts = listOf(system['concept']);
  if (system['content'] === 'not-present' && concepts.length > 0) {
    fail(
      run,
      'invalid',
      'code-system-content',
      `${at}.concept`,
      'The content is said to be "not-present", but concepts stand here.',
    );
  }
  if (system['supplements'] !== undefined && system['content'] !== 'supplement') {
    fail(
      run,
      'invalid',
      'code-system-supplement',
      `${at}.content`,
      'A code system that supplements another has the content "supplement".',
    );
  }
  const types = propertyRules(system, at, run);
  conceptRules(concepts, at, types, run);
};

function propertyRules(system: JsonObject, at: string, run: Run): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  const uris = new Set<string>();
  for (const [index, property] of listOf(system['property']).entries()) {
    const [code, uri] = isObject(property) ? [stringOf(property['code']), stringOf(property['uri'])] : [];
    if ((code !== undefined && types.has(code)) || (uri !== undefined && uris.has(uri))) {
      fail(
        run,
        'duplicate',
        'code-system-property',
        `${at}.property[${index}]`,
        'A property with this code or uri is defined before.',
      );
    }
    types.set(code ?? '', isObject(property) ? (stringOf(property['type']) ?? '') : '');
    uris.add(uri ?? `#${index}`);
  }
  return types;
}

/** Properties that every code system has. */
const STANDARD = new Set([
  'inactive',
  'deprecated',
  'deprecationDate',
  'notSelectable',
  'parent',
  'child',
  'status',
  'abstract',
  'partOf',
  'synonym',
  'comment',
  'itemWeight',
]);

function conceptRules(
  concepts: readonly unknown[],
  at: string,
  types: ReadonlyMap<string, string>,
  run: Run,
): void {
  for (const [index, concept] of (concepts as readonly JsonObject[]).entries()) {
    const place = `${at}.concept[${index}]`;
    for (const [i, property] of (isObject(concept) ? listOf(concept['property']) : []).entries()) {
      if (isObject(property)) {
        usedProperty(property, `${place}.property[${i}]`, types, run);
      }
    }
    if (isObject(concept)) {
      conceptRules(listOf(concept['concept']), place, types, run);
    }
  }
}

function usedProperty(property: JsonObject, at: string, types: ReadonlyMap<string, string>, run: Run): void {
  const code = stringOf(property['code']) ?? '';
  const type = types.get(code);
  const name = Object.keys(property).find((key) => key.startsWith('value')) ?? '';
  if (type === undefined) {
    if (!STANDARD.has(code)) {
      warn(
        run,
        'invalid',
        'code-system-property',
        at,
        `The code system defines no property "${shown(code)}".`,
      );
    }
  } else if (type !== '' && name !== '' && name.toLowerCase() !== `value${type}`.toLowerCase()) {
    fail(
      run,
      'invalid',
      'code-system-property',
      at,
      `The property "${shown(code)}" has the type ${shown(type)}.`,
    );
  }
}

/** Systems are absolute and no value sets; listed codes that a system here does not have are told. */
export const valueSetRules =
  (terminology: Terminology): Check =>
  (valueSet, at, run) => {
    const compose = isObject(valueSet) && isObject(valueSet['compose']) ? valueSet['compose'] : {};
    for (const part of ['include', 'exclude']) {
      for (const [index, include] of listOf(compose[part]).entries()) {
        if (isObject(include)) {
          includeRules(include, `${at}.compose.${part}[${index}]`, terminology, run);
        }
      }
    }
  };

function includeRules(include: JsonObject, at: string, terminology: Terminology, run: Run): void {
  const system = stringOf(include['system']);
  if (system === undefined) {
    return;
  }
  if (!system.includes(':')) {
    fail(
      run,
      'invalid',
      'absolute-system',
      `${at}.system`,
      'The system must be the absolute URL of a code system.',
    );
  }
  for (const [index, concept] of listOf(include['concept']).entries()) {
    const code = isObject(concept) ? stringOf(concept['code']) : undefined;
    if (code !== undefined && terminology.exists(system, code) === 'no') {
      warn(
        run,
        'code-invalid',
        'unknown-code',
        `${at}.concept[${index}].code`,
        `The system ${shown(system)} has no code "${shown(code)}".`,
      );
    }
  }
}
