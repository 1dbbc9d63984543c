/**
 * What every definitional resource of a register has in common, for content that is made by a command.
 * https://hl7.org/fhir/R4/metadatatypes.html
 */
import type { JsonObject } from '../../fhir/types.ts';

export const BASE = 'https://ryggrad.no/fhir';
export const FIRST_VERSION = '1.0.0';
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/** A text in the three languages of the pages. */
export interface Texts {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

/** A file of the content: its path below the content root, and what stands in it. */
export interface NewFile {
  readonly path: string;
  readonly content: JsonObject | string;
}

export interface Head {
  readonly id: string;
  readonly title: Texts | string;
  readonly description: string;
  /** Who publishes the register. */
  readonly publisher: string;
  /** Day, YYYY-MM-DD. */
  readonly date: string;
  readonly version?: string;
}

export const canonical = (type: string, id: string, version: string = FIRST_VERSION): string =>
  `${BASE}/${type}/${id}|${version}`;

/** `smerte-ute` → `SmerteUte`: the name that a definitional resource needs. */
export const pascal = (id: string): string =>
  id
    .split(/[^A-Za-z0-9]+/)
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('');

/** The members before those of the resource type itself. */
export function artefact(type: string, head: Head, more: JsonObject): JsonObject {
  const { id, title, description, publisher, date, version = FIRST_VERSION } = head;
  return {
    resourceType: type,
    id,
    language: 'nb',
    url: `${BASE}/${type}/${id}`,
    version,
    name: pascal(id),
    ...(typeof title === 'string' ? { title } : worded('title', title)),
    status: 'active',
    experimental: false,
    date,
    publisher,
    description,
    ...more,
  };
}

/** A member in bokmål, and beside it its translations. */
export const worded = (member: string, { nb, nn, en }: Texts): JsonObject => ({
  [member]: nb,
  [`_${member}`]: { extension: [translation('nn', nn), translation('en', en)] },
});

const translation = (language: string, content: string): JsonObject => ({
  url: TRANSLATION,
  extension: [
    { url: 'lang', valueCode: language },
    { url: 'content', valueString: content },
  ],
});

/** A concept of a code system, with its translations. */
export const concept = (code: string, { nb, nn, en }: Texts): JsonObject => ({
  code,
  display: nb,
  designation: [
    { language: 'nn', value: nn },
    { language: 'en', value: en },
  ],
});
