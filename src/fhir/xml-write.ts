/**
 * XML out without loss: https://hl7.org/fhir/R4/xml.html
 */
import { numberText } from './json.ts';
import { withoutNamedEntities } from './html-entities.ts';
import type { Member, Shape, Shapes } from './shape.ts';
import type { JsonObject, JsonValue } from './types.ts';
import { XHTML_NAMESPACE } from './narrative.ts';
import { FHIR_NAMESPACE } from './xml-read.ts';

/** XML text of a resource. Throws on what R4 does not know: nothing is left out in silence. */
export function writeXml(resource: JsonObject, shapes: Shapes, indent?: number): string {
  const body = resourceText(
    resource,
    { shapes, step: indent === undefined ? undefined : ' '.repeat(indent) },
    '\n',
  );
  return `<?xml version="1.0" encoding="UTF-8"?>${indent === undefined ? '' : '\n'}${body.trimStart()}${indent === undefined ? '' : '\n'}`;
}

interface Writing {
  readonly shapes: Shapes;
  /** One level of indentation; undefined = no line breaks. */
  readonly step: string | undefined;
}

function resourceText(resource: JsonObject, writing: Writing, margin: string, isRoot = true): string {
  const type = String(resource['resourceType']);
  const shape = writing.shapes.get(type);
  if (shape?.isResource !== true) {
    throw new Error(`R4 has no resource type ${type.slice(0, 64)}`);
  }
  const inner = membersText(resource, shape, writing, margin);
  return tagged(type, isRoot ? ` xmlns="${FHIR_NAMESPACE}"` : '', inner, writing, margin);
}

/** All members of an object that are elements, in the order of the definition. */
function membersText(object: JsonObject, shape: Shape, writing: Writing, margin: string): string {
  const inner = writing.step === undefined ? margin : margin + writing.step;
  const keys = Object.keys(object).filter((key) => key !== 'resourceType');
  const members = [...new Set(keys.map((key) => memberOf(key, shape)))].sort((a, b) => a.order - b.order);
  return members
    .filter(({ isAttribute }) => !isAttribute)
    .map((member) => occurrences(object, member, writing, inner))
    .join('');
}

function memberOf(key: string, { byName, name }: Shape): Member {
  const member = byName.get(key.startsWith('_') ? key.slice(1) : key);
  if (member === undefined) {
    throw new Error(`${name} has no element ${key.slice(0, 64)}`);
  }
  return member;
}

function occurrences(object: JsonObject, member: Member, writing: Writing, margin: string): string {
  const { name, isList } = member;
  const value = object[name];
  const extra = object[`_${name}`];
  if (!isList) {
    return elementText(member, { holder: object, key: name, value, extra }, writing, margin);
  }
  const values = (value ?? []) as readonly JsonValue[];
  const extras = (extra ?? []) as readonly JsonValue[];
  const count = Math.max(values.length, extras.length);
  return Array.from({ length: count }, (_, i) =>
    elementText(
      member,
      { holder: values, key: String(i), value: values[i], extra: extras[i] },
      writing,
      margin,
    ),
  ).join('');
}

interface Occurrence {
  /** The object or list that has the value, for the digits of numbers. */
  readonly holder: object;
  readonly key: string;
  readonly value: JsonValue | undefined;
  readonly extra: JsonValue | undefined;
}

function elementText(member: Member, occurrence: Occurrence, writing: Writing, margin: string): string {
  const { holder, key, value, extra } = occurrence;
  const { name, type } = member;
  if (type === 'xhtml') {
    return `${lineBreak(writing, margin)}${narrativeText(String(value))}`;
  }
  if (type === 'Resource') {
    const inner = writing.step === undefined ? margin : margin + writing.step;
    return tagged(name, '', resourceText(value as JsonObject, writing, inner, false), writing, margin);
  }
  const shape = member.shape();
  const object = (shape.isPrimitive ? (extra ?? {}) : (value ?? {})) as JsonObject;
  const own =
    !shape.isPrimitive || value === undefined || value === null ? '' : valueAttribute(holder, key, value);
  return tagged(
    name,
    attributesText(object, shape) + own,
    membersText(object, shape, writing, margin),
    writing,
    margin,
  );
}

function attributesText(object: JsonObject, { members }: Shape): string {
  return members
    .filter(({ isAttribute, name }) => isAttribute && object[name] !== undefined)
    .map(({ name }) => ` ${name}="${escaped(String(object[name]))}"`)
    .join('');
}

function valueAttribute(holder: object, key: string, value: JsonValue): string {
  const text = typeof value === 'number' ? numberText(holder, key, value) : escaped(String(value));
  return ` value="${text}"`;
}

function tagged(name: string, attributes: string, inner: string, writing: Writing, margin: string): string {
  const start = `${lineBreak(writing, margin)}<${name}${attributes}`;
  return inner === '' ? `${start}/>` : `${start}>${inner}${lineBreak(writing, margin)}</${name}>`;
}

const lineBreak = ({ step }: Writing, margin: string): string => (step === undefined ? '' : margin);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text as an attribute's value; what no XML may hold becomes U+FFFD. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

/** The narrative as it stands, in its namespace and without the entities that only HTML knows. */
function narrativeText(div: string): string {
  const text = withoutNamedEntities(div.trim()).toWellFormed();
  const [start = ''] = /^<div[^>]*/.exec(text) ?? [];
  return /\sxmlns\s*=/.test(start) ? text : `<div xmlns="${XHTML_NAMESPACE}"${text.slice('<div'.length)}`;
}
