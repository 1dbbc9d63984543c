/** Resources in XML, with faults before and after they were written as XML: https://hl7.org/fhir/R4/xml.html */
import fc from 'fast-check';
import { loadR4 } from '../../src/content/r4.ts';
import { createShapes } from '../../src/fhir/shape.ts';
import { createXmlFormat } from '../../src/fhir/xml.ts';
import { headersOf } from './headers.ts';
import type { Probe } from './probe.ts';
import { anyResource } from './resources.ts';

export const xmlFormat = createXmlFormat(createShapes((type) => loadR4().structureDefinitions.get(type)));

const BOMB =
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>';

const DAMAGES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${BOMB}${text}`,
  (text) => `<!DOCTYPE x SYSTEM "file:///etc/passwd">${text}`,
  (text) => `<?xml version="1.1" encoding="utf-16"?>${text}`,
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text) => text.replace('xmlns="http://hl7.org/fhir"', ''),
  (text) => text.replace('xmlns="http://hl7.org/fhir"', 'xmlns="urn:x"'),
  (text) => text.replaceAll('value="', 'value="&c;'),
  (text) => text.replaceAll('value="', 'value="&#0;'),
  (text) => text.replaceAll('value="', 'value="&#xD800;'),
  (text) => text.replace('value="', 'value="x" value="'),
  (text) => text.replace('value="', 'valu="'),
  (text) => text.replace('/>', '>text</x>'),
  (text) => text.replace(/<(\w+) value/, '<$1 x="y" value'),
  (text) => text.replace(/(<\w+ value="[^"]*"\/>)/, '$1$1$1'),
  (text) => text.replace(/(<\w+ value="[^"]*"\/>)/, '<![CDATA[x]]>$1<!-- -- -->'),
  (text) =>
    text.replace(
      /(<\w+ value="[^"]*"\/>)/,
      `${'<extension url="x">'.repeat(90)}$1${'</extension>'.repeat(90)}`,
    ),
  (text) => text.replace(/(<\w+ value="[^"]*"\/>)/, `${'<a>'.repeat(20_000)}$1`),
  (text) => text.replace('<div', '<div onload="x"'),
  (text) => text.replace('<div', '<p:div xmlns:p="urn:p"/><div'),
  (text) => text.replaceAll('<', '<f:').replaceAll('<f:/', '</f:'),
  (text) => text.slice(0, text.length / 2),
  () => '',
  () => '<',
  () => '<Patient xmlns="http://hl7.org/fhir"/>',
  () => '<Nothing xmlns="http://hl7.org/fhir"/>',
];

const damage = fc.oneof(
  fc.constant((text: string) => text),
  fc.constantFrom(...DAMAGES),
  fc
    .tuple(fc.nat(20_000), fc.constantFrom('', '<', '>', '"', '&', '\u0000', '/', '=', ' ', ']]>', '\u00e9'))
    .map(([place, character]) => (text: string) => {
      const at = place % text.length;
      return `${text.slice(0, at)}${character}${text.slice(at + 1)}`;
    }),
);

export const xmlProbes: fc.Arbitrary<Probe> = fc
  .tuple(anyResource, damage, fc.constantFrom('application/fhir+xml', 'text/xml'), headersOf('few'))
  .map(([resource, spoil, type, headers]) => ({
    kind: 'xml',
    method: 'POST',
    path: String(resource['resourceType']),
    headers: { 'content-type': type, ...headers },
    body: spoil(writtenOr(resource)),
    sender: 'ehr',
  }));

/** What cannot be written as XML is sent as a Basic. */
function writtenOr(resource: Parameters<typeof xmlFormat.write>[0]): string {
  try {
    return xmlFormat.write(resource);
  } catch {
    return '<Basic xmlns="http://hl7.org/fhir"><code><text value="x"/></code></Basic>';
  }
}
