/**
 * Contained resources: https://hl7.org/fhir/R4/references.html#contained
 */
import { fail, isObject, listOf, shown, type Check } from '../run.ts';

/** Each contained resource has an id of its own; references find it by that. */
export const containedRules: Check = (resource, at, run) => {
  if (!isObject(resource) || resource['contained'] === undefined) {
    return;
  }
  const seen = new Set<unknown>();
  for (const [index, contained] of listOf(resource['contained']).entries()) {
    const id = isObject(contained) ? contained['id'] : undefined;
    if (typeof id === 'string' && seen.has(id)) {
      const text = `Another contained resource has the id "${shown(id)}"; each needs its own.`;
      fail(run, 'duplicate', 'contained-id', `${at}.contained[${index}].id`, text);
    }
    seen.add(id);
  }
};
