/** XML without loss: https://hl7.org/fhir/R4/xml.html — the official examples, and HL7's own files. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadR4 } from '../../src/content/r4.ts';
import { parseExact, parseJson, stringifyJson } from '../../src/fhir/json.ts';
import { createShapes } from '../../src/fhir/shape.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { createXmlFormat } from '../../src/fhir/xml.ts';

const xml = createXmlFormat(createShapes((type) => loadR4().structureDefinitions.get(type)));
const lines = (name: string): readonly string[] =>
  gunzipSync(readFileSync(new URL(`data/${name}`, import.meta.url)))
    .toString('utf8')
    .trimEnd()
    .split('\n');

/** The text with its members in one order; digits of numbers count. */
const canonical = (text: string): string => stringifyJson(sorted(parseExact(text)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return value !== null && typeof value === 'object' && !('rawJSON' in value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, member]) => [key, sorted(member)]),
      )
    : value;
}

const examples = lines('r4-examples.ndjson.gz').map((line) => {
  const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string };
  return [`${resourceType}/${id}`, line] as const;
});

describe('XML of the official R4 examples', () => {
  it.each(examples)('%s comes back as it was.', (_name, line) => {
    const oneLine = xml.write(parseJson(line) as JsonObject);
    const indented = xml.write(parseJson(line) as JsonObject, 2);

    expect(canonical(stringifyJson(xml.read(oneLine)))).toBe(canonical(line));
    expect(canonical(stringifyJson(xml.read(indented)))).toBe(canonical(line));
  });
});

const files = JSON.parse(lines('xml/r4-xml-files.json.gz').join('\n')) as Readonly<Record<string, string>>;

describe("HL7's example files in XML", () => {
  it.each(Object.entries(files))('%s is the same after writing and reading it.', (_name, text) => {
    const resource = xml.read(text) as JsonObject;

    const again = xml.read(xml.write(resource, 2));

    expect(canonical(stringifyJson(again))).toBe(canonical(stringifyJson(resource)));
    expect(countOf(xml.write(resource))).toEqual(countOf(text));
  });
});

/** How often each element and attribute value stands in the text: nothing is lost or added. */
function countOf(text: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const bare = text.replaceAll(/<!--[\s\S]*?-->|<div[\s\S]*?<\/div>/g, '');
  for (const [element] of bare.matchAll(/<[A-Za-z][A-Za-z]*/g)) {
    counts[element] = (counts[element] ?? 0) + 1;
  }
  return counts;
}
