/**
 * What R4 says of elements, so that paths compile to direct access: https://hl7.org/fhir/R4/elementdefinition.html
 * The name of a type is FHIR's (`HumanName`), or the path of an element with parts of its own (`Patient.contact`).
 */
import { loadR4 } from '../content/r4.ts';
import type { ElementDefinition } from '../fhir/types.ts';

export interface Element {
  readonly name: string;
  /** Types that it may have; more than one, or `isChoice`, is a choice: `value[x]`. */
  readonly types: readonly string[];
  readonly isChoice: boolean;
  readonly repeats: boolean;
}

/** The type of what nothing is known about: elements of `Resource`, elements that R4 does not have. */
export const UNKNOWN = '*';

const tables = new Map<string, ReadonlyMap<string, Element>>();

/** An element of a type; undefined when R4 has none of that name, or when the type is not known. */
export function elementOf(type: string, name: string): Element | undefined {
  if (type === UNKNOWN) {
    return undefined;
  }
  const [root = ''] = type.split('.', 1);
  let table = tables.get(root);
  if (table === undefined) {
    table = readElements(root);
    tables.set(root, table);
  }
  return table.get(`${type}.${name}`);
}

function readElements(root: string): ReadonlyMap<string, Element> {
  const elements = loadR4().structureDefinitions.get(root)?.snapshot?.element ?? [];
  const parents = new Set(elements.map(({ path = '' }) => path.slice(0, path.lastIndexOf('.'))));
  return new Map(elements.map((definition) => toElement(definition, parents)));
}

function toElement(
  { path = '', type = [], max, contentReference }: ElementDefinition,
  parents: ReadonlySet<string>,
): readonly [string, Element] {
  const isChoice = path.endsWith('[x]');
  const key = isChoice ? path.slice(0, -3) : path;
  const own =
    contentReference === undefined ? key : contentReference.slice(contentReference.indexOf('#') + 1);
  const hasParts = contentReference !== undefined || parents.has(path);
  return [
    key,
    {
      name: key.slice(key.lastIndexOf('.') + 1),
      types: hasParts ? [own] : type.map(({ code = '' }) => typeName(code)),
      isChoice,
      repeats: max !== '0' && max !== '1',
    },
  ];
}

/** Ids and urls of elements are given as FHIRPath's System types. */
const typeName = (code: string): string =>
  code.startsWith('http://hl7.org/fhirpath/System.')
    ? lowerFirst(code.slice(code.lastIndexOf('.') + 1))
    : code;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** How values are compared and written. */
export type Kind = 'text' | 'boolean' | 'integer' | 'decimal' | 'time' | 'clock' | 'complex' | 'unknown';

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['boolean', 'boolean'],
  ['integer', 'integer'],
  ['positiveInt', 'integer'],
  ['unsignedInt', 'integer'],
  ['integer64', 'integer'],
  ['decimal', 'decimal'],
  ['date', 'time'],
  ['dateTime', 'time'],
  ['instant', 'time'],
  ['time', 'clock'],
  [UNKNOWN, 'unknown'],
]);

const TEXTS = new Set('string code uri url canonical id oid uuid markdown base64Binary xhtml'.split(' '));

export const kindOf = (type: string): Kind => KINDS.get(type) ?? (TEXTS.has(type) ? 'text' : 'complex');

/** Whether the type is FHIR's or FHIRPath's at all. */
export const isType = (name: string): boolean =>
  kindOf(name) !== 'complex' || loadR4().structureDefinitions.get(name) !== undefined;
