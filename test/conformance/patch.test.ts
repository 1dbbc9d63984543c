/** HL7's cases for patches: https://hl7.org/fhir/R4/fhirpatch.html and RFC 6902 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadR4 } from '../../src/content/r4.ts';
import { readJsonPatch } from '../../src/fhir/patch-json.ts';
import { readPathPatch } from '../../src/fhir/patch-path.ts';
import { createShapes } from '../../src/fhir/shape.ts';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';
import { createXmlFormat } from '../../src/fhir/xml.ts';
import { stringifyJson } from '../../src/fhir/json.ts';

const data = (name: string): Buffer => readFileSync(new URL(`data/patch/${name}`, import.meta.url));
const shapes = createShapes((type) => loadR4().structureDefinitions.get(type));
const xml = createXmlFormat(shapes);

interface PathCase {
  readonly name: string;
  readonly input: JsonObject;
  readonly diff: JsonObject;
  /** Undefined where the patch is to be refused. */
  readonly output: JsonObject | undefined;
}

const part = (text: string, name: string): JsonObject | undefined => {
  const [, inner] = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text) ?? [];
  return inner === undefined ? undefined : (xml.read(inner.trim()) as JsonObject);
};

/** The cases lay narratives out otherwise in the patch than in the result. */
const withoutLayout = (resource: JsonObject): unknown =>
  JSON.parse(
    stringifyJson(resource)
      .replaceAll(/(?:\\[nrt]|\s)+/g, ' ')
      .replaceAll('&quot;', '\\"'),
  ) as unknown;

const pathCases = [
  ...gunzipSync(data('fhir-patch-tests.xml.gz'))
    .toString('utf8')
    .matchAll(/<case name="([^"]+)"[^>]*>(.*?)<\/case>/gs),
].map(([, name = '', text = '']): PathCase => ({
  name,
  input: part(text, 'input') ?? {},
  diff: part(text, 'diff') ?? {},
  output: part(text, 'output'),
}));

interface JsonCase {
  readonly comment: string;
  readonly doc: JsonObject;
  readonly patch: JsonValue;
  readonly expected?: JsonObject;
  readonly error?: string;
}

const jsonCases = JSON.parse(data('json-patch-tests.json').toString('utf8')) as readonly JsonCase[];

describe("HL7's cases of FHIRPath Patch", () => {
  it('are all there.', () => {
    expect(pathCases).toHaveLength(33);
  });

  it.each(pathCases.map((one) => [one.name, one] as const))('%s.', (_name, { input, diff, output }) => {
    const patched = (): JsonObject => readPathPatch(diff, shapes)(stringifyJson(input));

    if (output === undefined) {
      expect(patched).toThrow(/no content found/i);
      return;
    }
    expect(withoutLayout(patched())).toEqual(withoutLayout(output));
  });
});

describe("HL7's cases of JSON Patch", () => {
  it('are all there.', () => {
    expect(jsonCases.length).toBeGreaterThan(10);
  });

  it.each(jsonCases.map((one) => [one.comment, one] as const))('%s', (_comment, one) => {
    const patched = (): JsonObject => readJsonPatch(one.patch)(JSON.stringify(one.doc));

    if (one.expected === undefined) {
      expect(patched).toThrow();
      return;
    }
    expect(patched()).toEqual(one.expected);
  });
});
