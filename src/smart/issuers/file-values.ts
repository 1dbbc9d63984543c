/** Values of a settings file in JSON, each with an error that says where it stands and what it should be. */

export class IssuersError extends Error {
  override readonly name = 'IssuersError';
}

export type Entry = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws when it is missing or empty. */
export function text(entry: Entry, name: string, at: string): string {
  const value = optionalText(entry, name, at);
  if (value === undefined) {
    throw new IssuersError(`${at}.${name} is missing`);
  }
  return value;
}

export function optionalText(entry: Entry, name: string, at: string): string | undefined {
  const value = entry[name];
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
    throw new IssuersError(`${at}.${name} must be a text`);
  }
  return value;
}

/** Throws when it is no list. */
export function list(entry: Entry, name: string, at: string): readonly unknown[] {
  const value = entry[name];
  if (!Array.isArray(value)) {
    throw new IssuersError(`${at}.${name} must be a list`);
  }
  return value as readonly unknown[];
}

/** A list of texts. */
export function optionalList(entry: Entry, name: string, at: string): readonly string[] | undefined {
  if (entry[name] === undefined) {
    return undefined;
  }
  const values = list(entry, name, at);
  if (!values.every((value) => typeof value === 'string')) {
    throw new IssuersError(`${at}.${name} must be a list of texts`);
  }
  return values;
}
