/**
 * HL7's cases for FHIRPath with the R4 model: http://hl7.org/fhirpath — read, run and judged.
 * `node test/conformance/fhirpath-cases.ts` prints how many of each group pass, and what the others give instead.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { loadR4 } from '../../src/content/r4.ts';
import { compilePath } from '../../src/fhir/path.ts';
import { createShapes } from '../../src/fhir/shape.ts';
import { createXmlFormat } from '../../src/fhir/xml.ts';

export interface PathCase {
  readonly group: string;
  readonly name: string;
  readonly input: string | undefined;
  readonly expression: string;
  /** The expression is to be refused: as text, for its types, or when it is evaluated. */
  readonly invalid: string | undefined;
  /** The result is the answer to: is there anything? */
  readonly isPredicate: boolean;
  readonly isOrdered: boolean;
  readonly outputs: readonly { readonly type: string; readonly text: string }[];
}

const file = (name: string): string =>
  gunzipSync(readFileSync(new URL(`data/fhirpath/${name}`, import.meta.url))).toString('utf8');

/** All cases, in their order. A name that comes twice gets a number. */
export function readCases(): readonly PathCase[] {
  const cases: PathCase[] = [];
  const seen = new Map<string, number>();
  let group = '';
  let attributes: Readonly<Record<string, string>> = {};
  let expression = { text: '', invalid: undefined as string | undefined };
  let outputs: { type: string; text: string }[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    const own = tag.attributes as Readonly<Record<string, string>>;
    text = '';
    if (tag.name === 'group') {
      group = own['name'] ?? '';
    } else if (tag.name === 'test') {
      attributes = own;
      outputs = [];
    } else if (tag.name === 'expression') {
      expression = { text: '', invalid: own['invalid'] };
    } else if (tag.name === 'output') {
      outputs.push({ type: own['type'] ?? '', text: '' });
    }
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'expression') {
      expression = { ...expression, text };
    } else if (name === 'output') {
      outputs = [...outputs.slice(0, -1), { type: outputs.at(-1)?.type ?? '', text }];
    } else if (name === 'test') {
      const title = `${group}/${attributes['name'] ?? ''}`;
      const count = (seen.get(title) ?? 0) + 1;
      seen.set(title, count);
      cases.push({
        group,
        name: count === 1 ? title : `${title} (${count})`,
        input: attributes['inputfile'],
        expression: expression.text,
        invalid: expression.invalid,
        isPredicate: attributes['predicate'] === 'true',
        isOrdered: attributes['ordered'] !== 'false',
        outputs,
      });
    }
  });
  parser.write(file('tests-fhir-r4.xml.gz')).close();
  return cases;
}

const xml = createXmlFormat(createShapes((type) => loadR4().structureDefinitions.get(type)));

/** The resources that the cases are about, by file name. */
export function readInputs(): ReadonlyMap<string, unknown> {
  const texts = JSON.parse(file('inputs.json.gz')) as Readonly<Record<string, string>>;
  return new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      name.endsWith('.xml') ? xml.read(text) : (JSON.parse(text) as unknown),
    ]),
  );
}

/** What the expression gives instead of what it should; undefined when it is right. */
export function faultOf(one: PathCase, inputs: ReadonlyMap<string, unknown>): string | undefined {
  const resource = inputs.get(one.input ?? '') ?? {};
  let result: readonly unknown[];
  try {
    result = compilePath(one.expression)(resource, { resource, rootResource: resource });
  } catch (cause) {
    return one.invalid === undefined ? `throws: ${String(cause).slice(0, 160)}` : undefined;
  }
  if (one.invalid !== undefined) {
    return `is not refused (${one.invalid}), but gives ${JSON.stringify(result)}`;
  }
  const given = one.isPredicate ? [result.length > 0] : result;
  const inOrder = (values: readonly string[]) => (one.isOrdered ? values : [...values].sort());
  const expected = inOrder(one.outputs.map(({ type, text }) => normal(type, text)));
  const actual = inOrder(given.map((value, i) => normal(one.outputs[i]?.type ?? '', value)));
  return JSON.stringify(actual) === JSON.stringify(expected)
    ? undefined
    : `gives ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`;
}

/** Numbers by value, dates without their mark, quantities as one text. */
function normal(type: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const { value: number, unit, code } = value as { value?: unknown; unit?: string; code?: string };
    return `${String(number)} '${code ?? unit ?? ''}'`;
  }
  const text = String(value).replace(/^@T?/, '');
  return type !== 'string' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? String(Number(text)) : text;
}

/** Passed and all, by group. */
export function ratesOf(
  cases: readonly PathCase[],
  failed: ReadonlySet<string>,
): ReadonlyMap<string, readonly [passed: number, all: number]> {
  const rates = new Map<string, readonly [number, number]>();
  for (const { group, name } of cases) {
    const [passed, all] = rates.get(group) ?? [0, 0];
    rates.set(group, [passed + (failed.has(name) ? 0 : 1), all + 1]);
  }
  return rates;
}

if (import.meta.main === true) {
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  const cases = readCases();
  const inputs = readInputs();
  const faults = new Map(
    cases.flatMap((one) => {
      const fault = faultOf(one, inputs);
      return fault === undefined ? [] : [[one.name, fault] as const];
    }),
  );
  for (const [group, [passed, all]] of ratesOf(cases, new Set(faults.keys()))) {
    print(`${String(passed).padStart(4)} of ${String(all).padEnd(4)} ${group}`);
  }
  for (const one of cases.filter(({ name }) => faults.has(name))) {
    print(`${one.name}: ${one.expression.trim()}\n    ${faults.get(one.name)}`);
  }
  print(`${cases.length - faults.size} of ${cases.length}`);
}
