/**
 * Content is shared by everything and changed by nothing.
 */

/** Freeze a JSON value and all below it; returns the same value. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const name in value) {
      deepFreeze(value[name]);
    }
  }
  return value;
}
