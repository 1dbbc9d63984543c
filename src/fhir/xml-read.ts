/**
 * XML in without loss: https://hl7.org/fhir/R4/xml.html
 * The elements become JSON text and pass the JSON parser, so that both formats have one set of limits and keep the digits
 * of decimals. No DTD, no entity but XML's own five; what R4 does not know is refused with its line and column.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { MAX_DEPTH, parseJson } from './json.ts';
import { XHTML_NAMESPACE } from './narrative.ts';
import { badRequest, FhirError, error } from './outcome.ts';
import type { Member, Shape, Shapes } from './shape.ts';
import type { JsonValue } from './types.ts';
import { addElement, type Collected, primitiveText, toText } from './xml-collect.ts';

export const FHIR_NAMESPACE = 'http://hl7.org/fhir';
const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** An element that is open. */
interface Open extends Collected {
  readonly member: Member | undefined;
  /** What may stand inside; undefined where one resource of any type is awaited. */
  readonly shape: Shape | undefined;
  readonly path: string;
  /** The value of a primitive as JSON text. */
  readonly value: string | undefined;
}

interface Reading {
  readonly parser: SaxesParser<{ xmlns: true }>;
  readonly text: string;
  readonly shapes: Shapes;
  readonly open: Open[];
  /** Depth inside a narrative, 0 outside, and where its text starts. */
  divDepth: number;
  divStart: number;
  result: string | undefined;
}

/** Parse a resource. Throws 400 naming line, column and element. */
export function readXml(text: string, shapes: Shapes): JsonValue {
  const parser = new SaxesParser({ xmlns: true });
  const reading: Reading = { parser, text, shapes, open: [], divDepth: 0, divStart: 0, result: undefined };
  let start = 0;
  parser.on('error', () => refuse(reading, 'The XML is not well-formed', 'xml-syntax'));
  parser.on('xmldecl', ({ encoding }) => requireUtf8(encoding));
  parser.on('doctype', () => refuse(reading, 'A document type declaration is not allowed', 'xml-doctype'));
  parser.on('opentagstart', () => {
    start = text.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', (tag) => openTag(reading, tag, start));
  parser.on('closetag', (tag) => closeTag(reading, tag));
  parser.on('text', (characters) => refuseText(reading, characters));
  parser.on('cdata', (characters) => refuseText(reading, characters));
  parser.write(text).close();
  if (reading.result === undefined) {
    return refuse(reading, 'The XML holds no resource', 'xml-syntax');
  }
  return parseJson(reading.result);
}

function openTag(reading: Reading, tag: SaxesTagNS, start: number): void {
  const { open, shapes } = reading;
  if (reading.divDepth > 0) {
    openInNarrative(reading, tag);
    return;
  }
  const parent = open.at(-1);
  const path = parent?.path ?? '';
  if (open.length >= MAX_DEPTH) {
    refuse(reading, `The XML is nested deeper than ${MAX_DEPTH} levels`, 'xml-depth');
  }
  if (tag.uri === XHTML_NAMESPACE && parent?.shape?.byName.get(tag.local)?.type === 'xhtml') {
    openNarrative(reading, tag, start);
    return;
  }
  if (tag.uri !== FHIR_NAMESPACE) {
    refuse(reading, `The element ${path}/${shown(tag.local)} is not in its namespace`, 'xml-namespace');
  }
  if (parent === undefined || parent.shape === undefined) {
    const shape = shapes.get(tag.local);
    if (shape?.isResource !== true || ABSTRACT.has(tag.local)) {
      refuse(reading, `"${shown(tag.local)}" is no R4 resource type`, 'resource-type');
    }
    if (parent !== undefined && parent.members.size > 0) {
      refuse(reading, `${path} holds more than one resource`, 'cardinality');
    }
    requireBareTag(reading, tag, parent === undefined);
    const at = parent === undefined ? tag.local : path;
    open.push({ member: undefined, shape, path: at, value: undefined, members: new Map() });
    return;
  }
  open.push(openMember(reading, tag, parent, parent.shape));
}

const ABSTRACT: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);

function openMember(reading: Reading, tag: SaxesTagNS, parent: Open, within: Shape): Open {
  const member = within.byName.get(tag.local);
  const path = `${parent.path}.${shown(tag.local)}`;
  if (member === undefined || member.isAttribute || member.type === 'xhtml') {
    return refuse(
      reading,
      `The element ${path} is not part of R4, or not in the XHTML namespace`,
      'unknown-element',
      path,
    );
  }
  if (!member.isList && parent.members.has(tag.local)) {
    refuse(reading, `The element ${path} may be given once`, 'cardinality', path);
  }
  if (member.type === 'Resource') {
    requireBareTag(reading, tag, false);
    return { member, shape: undefined, path, value: undefined, members: new Map() };
  }
  const shape = member.shape();
  const opened: Open = {
    member,
    shape,
    path,
    value: valueOf(reading, tag, member, shape, path),
    members: new Map(),
  };
  addAttributes(reading, tag, opened, shape);
  return opened;
}

function valueOf(
  reading: Reading,
  { attributes }: SaxesTagNS,
  { type }: Member,
  shape: Shape,
  path: string,
): string | undefined {
  const value = shape.isPrimitive ? attributes['value']?.value : undefined;
  if (value === undefined) {
    return undefined;
  }
  if (value === '') {
    refuse(reading, `The value of ${path} is empty; leave the element out`, 'ele-1', path);
  }
  const text = primitiveText(value, type);
  return text ?? refuse(reading, `The value of ${path} can be no ${type}`, 'type', path);
}

/** Attributes that are elements in JSON; all others but declarations of namespaces are refused. */
function addAttributes(reading: Reading, tag: SaxesTagNS, opened: Open, shape: Shape): void {
  for (const { name, uri, value } of Object.values(tag.attributes)) {
    if (isDeclaration(name) || (name === 'value' && shape.isPrimitive)) {
      continue;
    }
    if (uri !== '' || shape.byName.get(name)?.isAttribute !== true) {
      refuse(
        reading,
        `The attribute "${shown(name)}" is not allowed on ${opened.path}`,
        'unknown-element',
        opened.path,
      );
    }
    if (value === '') {
      refuse(
        reading,
        `The attribute "${name}" of ${opened.path} is empty; leave it out`,
        'ele-1',
        opened.path,
      );
    }
    opened.members.set(name, { isList: false, items: [{ value: JSON.stringify(value) }] });
  }
}

/** Elements that have no attributes: resources, and what holds them. The root may name its schema. */
function requireBareTag(reading: Reading, { attributes, local }: SaxesTagNS, isRoot: boolean): void {
  for (const { name, uri } of Object.values(attributes)) {
    if (!isDeclaration(name) && !(isRoot && uri === SCHEMA_INSTANCE)) {
      refuse(reading, `The attribute "${shown(name)}" is not allowed on ${local}`, 'unknown-element');
    }
  }
}

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:');

function openNarrative(reading: Reading, tag: SaxesTagNS, start: number): void {
  if (tag.prefix !== '' || tag.attributes['xmlns'] === undefined) {
    refuse(
      reading,
      `Write the narrative as <div xmlns="${XHTML_NAMESPACE}">, without a prefix`,
      'xml-namespace',
    );
  }
  if (reading.open.at(-1)?.members.has('div') === true) {
    refuse(reading, 'A narrative has one <div>', 'cardinality');
  }
  reading.divStart = start;
  reading.divDepth = 1;
}

const NARRATIVE_DEPTH = 256;

function openInNarrative(reading: Reading, { uri, prefix }: SaxesTagNS): void {
  reading.divDepth++;
  if (reading.divDepth > NARRATIVE_DEPTH) {
    refuse(reading, `The narrative is nested deeper than ${NARRATIVE_DEPTH} levels`, 'xml-depth');
  }
  if (uri !== XHTML_NAMESPACE || prefix !== '') {
    refuse(reading, 'The narrative holds an element that is not XHTML without a prefix', 'xml-namespace');
  }
}

function closeTag(reading: Reading, { local }: SaxesTagNS): void {
  const { open, parser, text } = reading;
  if (reading.divDepth > 0) {
    reading.divDepth--;
    if (reading.divDepth === 0) {
      const div = text.slice(reading.divStart, parser.position);
      open.at(-1)?.members.set('div', { isList: false, items: [{ value: JSON.stringify(div) }] });
    }
    return;
  }
  const closed = open.pop();
  const parent = open.at(-1);
  if (closed === undefined) {
    return;
  }
  if (closed.member === undefined) {
    const resource = toText(closed, local);
    parent?.members.set('resource', { isList: false, items: [{ value: resource }] });
    reading.result = parent === undefined ? resource : undefined;
    return;
  }
  if (closed.value === undefined && closed.members.size === 0) {
    refuse(reading, `The element ${closed.path} is empty; leave it out`, 'ele-1', closed.path);
  }
  addElement(parent?.members, local, closed.member, closed);
}

function refuseText(reading: Reading, characters: string): void {
  if (reading.divDepth === 0 && characters.trim() !== '') {
    refuse(
      reading,
      `Text stands in ${reading.open.at(-1)?.path ?? 'the document'}; values are attributes`,
      'xml-text',
    );
  }
}

function requireUtf8(encoding: string | undefined): void {
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    throw new FhirError(
      415,
      error(
        'not-supported',
        'The XML declares another encoding than UTF-8; send UTF-8.',
        undefined,
        'charset.unsupported',
      ),
    );
  }
}

const shown = (name: string): string => name.slice(0, 64);

function refuse({ parser }: Reading, what: string, rule: string, expression?: string): never {
  throw badRequest(`${what} (line ${parser.line}, column ${parser.column}).`, expression, rule);
}
