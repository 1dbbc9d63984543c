/**
 * References: https://hl7.org/fhir/R4/references.html — the target's type as far as it shows, and fragments (ref-1).
 */
import { isResourceType } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { enclosingBundle } from './bundle-index.ts';
import { fail, isObject, listOf, shown, stringOf, type Check, type Run } from './run.ts';

const TYPED =
  /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?|\?[^/]*)$/;

/** Longer ones are not looked into. */
const MAX_REFERENCE = 2048;

/** The type that a literal reference names: `Patient/1`, `https://x/fhir/Patient/1/_history/2`, `Patient?identifier=…`. */
export function typeInReference(reference: string): string | undefined {
  const type = reference.length > MAX_REFERENCE ? undefined : TYPED.exec(reference)?.[1];
  return type !== undefined && isResourceType(type) ? type : undefined;
}

/** The type of what a Reference points at: from the contained resource, the reference, or its `type`. */
export function targetTypeOf(value: JsonObject, run: Run): string | undefined {
  const reference = stringOf(value['reference']);
  if (reference?.startsWith('#') === true) {
    return stringOf(containedResource(reference.slice(1), run)?.['resourceType']);
  }
  const inBundle = reference === undefined ? undefined : bundledTarget(reference, run);
  return (
    stringOf(inBundle?.['resourceType']) ??
    (reference === undefined ? undefined : typeInReference(reference)) ??
    stringOf(value['type'])
  );
}

/** The resource that a reference in a Bundle's entry finds in the same Bundle. */
function bundledTarget(reference: string, run: Run): JsonObject | undefined {
  if (run.outer === undefined) {
    return undefined;
  }
  const bundle = enclosingBundle(run);
  return bundle?.index.find(reference, bundle.fullUrl)[0]?.resource;
}

/** What a Reference points at, as far as it is at hand: a contained resource, or an entry of the same Bundle. */
export function targetAtHand(value: JsonObject, run: Run): JsonObject | undefined {
  const reference = stringOf(value['reference']);
  if (reference === undefined) {
    return undefined;
  }
  return reference.startsWith('#')
    ? containedResource(reference.slice(1), run)
    : bundledTarget(reference, run);
}

/** The contained resource with that id; the container itself for an empty id. */
function containedResource(id: string, { root }: Run): JsonObject | undefined {
  return id === ''
    ? root
    : listOf(root['contained'])
        .filter(isObject)
        .find((resource) => resource['id'] === id);
}

/** Collects the literal reference and checks the target's type; an empty list allows any type. */
export function referenceCheck(targetTypes: readonly string[]): Check {
  const allowed = new Set(targetTypes);
  return (value, at, run) => {
    if (!isObject(value)) {
      return;
    }
    const reference = stringOf(value['reference']);
    if (reference !== undefined && !reference.startsWith('#')) {
      run.references.push({ reference, expression: at, targetTypes });
    }
    const type = targetTypeOf(value, run);
    if (type !== undefined && allowed.size > 0 && !allowed.has(type) && isResourceType(type)) {
      fail(
        run,
        'value',
        'reference-type',
        at,
        `The reference points at a ${type}; here it must be ${targetTypes.join(' or ')}.`,
      );
    }
  };
}

/** ref-1: `#x` names a contained resource. And `type`, when given, says what `reference` says. */
export const referenceRules: Check = (value, at, run) => {
  const reference = isObject(value) ? stringOf(value['reference']) : undefined;
  if (!isObject(value) || reference === undefined) {
    return;
  }
  if (reference.startsWith('#') && containedResource(reference.slice(1), run) === undefined) {
    fail(
      run,
      'invariant',
      'ref-1',
      at,
      'The reference names a contained resource that is not in `contained`.',
    );
  }
  if (/\s/.test(reference)) {
    fail(run, 'value', 'reference-format', `${at}.reference`, 'A reference is a URL: it has no blanks.');
  }
  const named = typeInReference(reference);
  const found = run.outer === undefined ? undefined : bundledTarget(reference, run)?.['resourceType'];
  if (named !== undefined && typeof found === 'string' && found !== named) {
    const text = `The reference names a ${named}, but what it finds in the Bundle is a ${shown(found)}.`;
    fail(run, 'value', 'reference-type', at, text);
  }
  const type: JsonValue | undefined = value['type'];
  if (typeof type === 'string' && named !== undefined && isResourceType(type) && type !== named) {
    fail(
      run,
      'value',
      'reference-type',
      at,
      `Reference.type says ${type}, but the reference names a ${named}.`,
    );
  }
};
