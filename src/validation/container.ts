/**
 * The element that an extension stands on, found again by the extension's place: contexts given as FHIRPath ask for it.
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { choiceType } from './element-types.ts';
import { isObject, type Run } from './run.ts';

/** The value at `Patient.name[0]` in the run's resource; undefined for what is not there. */
export function valueAt(at: string, { resource, resourceAt }: Run): JsonValue | undefined {
  const steps = at.slice(resourceAt.length).match(/[A-Za-z0-9]+|\[[0-9]+\]/g) ?? [];
  return steps.reduce<JsonValue | undefined>(stepInto, resource);
}

function stepInto(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (step.startsWith('[')) {
    return Array.isArray(value) ? (value as readonly JsonValue[])[Number(step.slice(1, -1))] : undefined;
  }
  return isObject(value)
    ? (value[step] ?? value[variantOf(value, step) ?? ''] ?? value[`_${step}`])
    : undefined;
}

const variantOf = (value: JsonObject, stem: string): string | undefined =>
  Object.keys(value).find((key) => choiceType(key.replace(/^_/, ''), stem) !== undefined);
