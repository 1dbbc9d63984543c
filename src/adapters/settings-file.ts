/** Settings files in JSON: values of an entry, each with an error that says where it stands and what it should be. */
import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export type Entry = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws when it is missing or empty. */
export function text(entry: Entry, name: string, at: string): string {
  const value = optionalText(entry, name, at);
  if (value === undefined) {
    throw new SettingsError(`${at}.${name} is missing`);
  }
  return value;
}

export function optionalText(entry: Entry, name: string, at: string): string | undefined {
  const value = entry[name];
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
    throw new SettingsError(`${at}.${name} must be a text`);
  }
  return value;
}

/** Throws when it is no list. */
export function list(entry: Entry, name: string, at: string): readonly unknown[] {
  const value = entry[name];
  if (!Array.isArray(value)) {
    throw new SettingsError(`${at}.${name} must be a list`);
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
    throw new SettingsError(`${at}.${name} must be a list of texts`);
  }
  return values;
}

/** Throws when it is none of these. */
export function choice<T extends string>(
  entry: Entry,
  name: string,
  at: string,
  of: readonly T[],
  otherwise: T | undefined,
): T {
  const value = optionalText(entry, name, at) ?? otherwise;
  const found = of.find((one) => one === value);
  if (found === undefined) {
    throw new SettingsError(`${at}.${name} must be ${of.join(' or ')}`);
  }
  return found;
}

/** https, or http to this machine (a stand-in). */
export function url(entry: Entry, name: string, at: string): string {
  const value = text(entry, name, at);
  const { protocol, hostname } = URL.parse(value) ?? {};
  const isLocal = protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost');
  if (protocol !== 'https:' && !isLocal) {
    throw new SettingsError(`${at}.${name} must be an https address`);
  }
  return value;
}

/** Throws when it is no object. */
export function object(entry: Entry, name: string, at: string): Entry {
  const value = entry[name];
  if (!isObject(value)) {
    throw new SettingsError(`${at === '' ? '' : `${at}.`}${name} must be an object`);
  }
  return value;
}

/** A private key in a file of its own. */
export async function privateKey(path: string, at: string): Promise<JWK> {
  const key = await readJson(path);
  if (!isObject(key) || typeof key['kty'] !== 'string' || typeof key['d'] !== 'string') {
    throw new SettingsError(`${at} must hold a private key as JWK`);
  }
  return key as unknown as JWK;
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new SettingsError(`${path} cannot be read as JSON`, { cause });
  }
}
