/**
 * A resource in words: each element on a line, person numbers masked, and what differs between two versions.
 */
import { NATIONAL_SYSTEMS, OTHER_NUMBERS, systemOfNumber } from '../../fhir/identifiers.ts';
import { parseLocalReference } from '../../fhir/reference.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import { formatInstant } from '../ui/format.ts';
import type { ChangedElement, ElementLine, ElementValue } from '../models/resource-view.ts';

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers of persons, wherever they stand: the day of birth is left. */
export function masked(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    return value.replaceAll(/(?<!\d)(\d{6})[ -]?(\d{5})(?!\d)/g, (number, day: string, rest: string) =>
      systemOfNumber(`${day}${rest}`) === undefined ? number : `${day}*****`,
    );
  }
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).map(masked);
  }
  if (!isObject(value)) {
    return value;
  }
  const system = String(value['system']);
  const isFile = typeof value['contentType'] === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (isFile && key === 'data' && typeof inner === 'string') {
        return [key, `(${inner.length})`]; // in it there may be anybody's number, and it may be long
      }
      if (key === 'value' && system.startsWith(OTHER_NUMBERS)) {
        return [key, '*****'];
      }
      const isNational = key === 'value' && NATIONAL_SYSTEMS.includes(system);
      return [key, isNational ? `${String(inner).slice(0, 6)}*****` : masked(inner)];
    }),
  );
}

/** Said elsewhere on the page, or markup. */
const LEFT_OUT: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'text', 'contained', 'data']);

/** The elements of a resource, in its own order. */
export const elementLines = (resource: JsonObject): readonly ElementLine[] =>
  Object.entries(resource)
    .filter(([name]) => !LEFT_OUT.has(name) && !name.startsWith('_'))
    .map(([name, value]) => ({ name, values: valuesOf(value) }))
    .filter(({ values }) => values.length > 0);

const valuesOf = (value: JsonValue): readonly ElementValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).flatMap(valuesOf) : [valueOf(value)];

function valueOf(value: JsonValue): ElementValue {
  if (!isObject(value)) {
    return { text: primitive(value) };
  }
  const href = typeof value['reference'] === 'string' ? resourceHref(value['reference']) : undefined;
  const text = words(value);
  return href === undefined ? { text } : { text, href };
}

const primitive = (value: JsonValue): string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? formatInstant(value) : String(value);

/** Page of what a reference points to; undefined when that is not on this server. */
export function resourceHref(reference: string): string | undefined {
  const local = parseLocalReference(reference);
  return local === undefined ? undefined : `/ressurs/${local.type}/${local.id}`;
}

const text = (value: JsonObject, name: string): string | undefined =>
  typeof value[name] === 'string' ? value[name] : undefined;

/** The datatypes that say something by themselves: https://hl7.org/fhir/R4/datatypes.html */
function words(value: JsonObject): string {
  return (
    conceptWords(value) ??
    referenceWords(value) ??
    periodWords(value) ??
    quantityWords(value) ??
    nameWords(value) ??
    extensionWords(value) ??
    identifierWords(value) ??
    Object.entries(value)
      .map(
        ([key, inner]) =>
          `${key}: ${valuesOf(inner)
            .map(({ text: own }) => own)
            .join(', ')}`,
      )
      .join('; ')
  );
}

function conceptWords(value: JsonObject): string | undefined {
  const { coding } = value;
  if (Array.isArray(coding)) {
    const codes = (coding as readonly JsonObject[]).map(words).join(', ');
    const own = text(value, 'text');
    return own === undefined || codes.includes(own) ? codes : `${own} (${codes})`;
  }
  if (Object.keys(value).join() === 'text') {
    return text(value, 'text');
  }
  const code = text(value, 'code');
  if (code === undefined || (text(value, 'system') === undefined && text(value, 'display') === undefined)) {
    return undefined;
  }
  const display = text(value, 'display');
  if (typeof value['value'] === 'number') {
    return undefined;
  }
  return display === undefined ? code : `${display} (${code})`;
}

const referenceWords = (value: JsonObject): string | undefined => {
  const reference = text(value, 'reference');
  const display = text(value, 'display');
  return reference === undefined || display === undefined ? reference : `${display} (${reference})`;
};

function periodWords(value: JsonObject): string | undefined {
  const [start, end] = [text(value, 'start'), text(value, 'end')];
  const isPeriod = Object.keys(value).every((key) => key === 'start' || key === 'end');
  return isPeriod && (start ?? end) !== undefined
    ? `${formatInstant(start)} – ${formatInstant(end)}`.trim()
    : undefined;
}

const quantityWords = (value: JsonObject): string | undefined =>
  typeof value['value'] === 'number'
    ? [String(value['value']).replace('.', ','), text(value, 'unit') ?? text(value, 'code') ?? '']
        .join(' ')
        .trim()
    : undefined;

function nameWords(value: JsonObject): string | undefined {
  const family = text(value, 'family');
  const given = Array.isArray(value['given']) ? (value['given'] as readonly string[]) : [];
  return family === undefined ? undefined : [...given, family].join(' ');
}

/** The last part of the url says what an extension is. */
function extensionWords(value: JsonObject): string | undefined {
  const url = text(value, 'url');
  if (url === undefined) {
    return undefined;
  }
  const name = url.split('/').at(-1) ?? url;
  const inner = Object.entries(value).filter(([key]) => key !== 'url');
  return `${name}: ${inner
    .flatMap(([, one]) => valuesOf(one))
    .map(({ text: own }) => own)
    .join(', ')}`;
}

const identifierWords = (value: JsonObject): string | undefined => {
  const number = text(value, 'value');
  const system = text(value, 'system');
  if (number === undefined) {
    return undefined;
  }
  return system === undefined ? number : `${number} (${system})`;
};

/** Every leaf by its path. */
function leaves(value: JsonValue, path = ''): readonly (readonly [path: string, text: string])[] {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).flatMap((inner, at) => leaves(inner, `${path}[${at}]`));
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
    : [[path, String(value)]];
}

/** What the later of two versions has otherwise; the version's own number and time are no change. */
export function changedElements(before: JsonObject, after: JsonObject): readonly ChangedElement[] {
  const [old, now] = [new Map(leaves(before)), new Map(leaves(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path) && !/^meta\.(versionId|lastUpdated)$/.test(path))
    .map((path) => ({
      path,
      ...(old.has(path) && { before: old.get(path) ?? '' }),
      ...(now.has(path) && { after: now.get(path) ?? '' }),
    }));
}

/** Local references in a resource, each once. */
export function referencesIn(value: JsonValue): readonly string[] {
  const found = leaves(value)
    .filter(([path]) => path.endsWith('.reference') || path === 'reference')
    .map(([, reference]) => reference)
    .filter((reference) => parseLocalReference(reference) !== undefined);
  return [...new Set(found)];
}

/** A short title: its code, name or what it is. */
export function titleOf(resource: JsonObject): string {
  const { code, type, title, name } = resource;
  const found = [
    title,
    code,
    Array.isArray(type) ? type[0] : type,
    Array.isArray(name) ? name[0] : name,
  ].find((value) => value !== undefined);
  return found === undefined || found === null
    ? String(resource['resourceType'])
    : valueOf(found as JsonValue).text;
}
