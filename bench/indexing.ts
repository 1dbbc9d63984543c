/** What indexing one resource costs: microseconds for all search parameters of its type. Run: node bench/indexing.ts */
import { createIndexer } from '../src/search/indexer.ts';
import { createParameters } from '../src/search/parameters.ts';
import { loadR4 } from '../src/content/r4.ts';
import type { Resource } from '../src/fhir/types.ts';
import { calibration } from './measure.ts';
import { observation, patient, personNumbers } from './synthetic.ts';

const ROUNDS = 20_000;

const parameters = createParameters(loadR4().searchParameters.all());
const index = createIndexer(parameters, { baseUrl: 'http://localhost/fhir' });

const response = (items: number): Resource => ({
  resourceType: 'QuestionnaireResponse',
  id: 'qr',
  status: 'completed',
  questionnaire: 'https://ryggrad.no/fhir/Questionnaire/smertereg-to|1.0.0',
  subject: { reference: 'Patient/p1' },
  authored: '2026-01-02T08:00:00+01:00',
  item: Array.from({ length: items }, (_, n) => ({
    linkId: `item-${n}`,
    text: `Spørsmål ${n}`,
    answer: [{ valueInteger: n }],
  })),
});

const glucose = (n: number): Resource =>
  ({
    ...observation('Patient/p1', n),
    id: `g${n}`,
    valueInteger: undefined,
    valueQuantity: { value: 5.4, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
  }) as unknown as Resource;

/** Different resources of one kind, as a server meets them. */
const many = (make: (n: number) => unknown): readonly Resource[] =>
  Array.from({ length: 500 }, (_, n) => JSON.parse(JSON.stringify(make(n))) as Resource);

const numbers = personNumbers();
const KINDS: Readonly<Record<string, readonly Resource[]>> = {
  Patient: many((n) => ({ ...patient(numbers.next().value), id: `p${n}` })),
  'Observation (integer)': many((n) => ({ ...observation(`Patient/p${n}`, n), id: `o${n}` })),
  'Observation (quantity)': many(glucose),
  'QuestionnaireResponse (100 items)': many(() => response(100)),
};

function measure(resources: readonly Resource[]): number {
  const begin = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    index(resources[round % resources.length] as Resource);
  }
  return ((performance.now() - begin) * 1000) / ROUNDS;
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

print(`JSON.parse of one Patient: ${calibration(JSON.stringify(KINDS['Patient']?.[0])).toFixed(1)} µs`);
for (const [name, resources] of Object.entries(KINDS)) {
  measure(resources);
  const entry = index(resources[0] as Resource);
  const rows = entry.tokens.length + entry.dates.length + entry.texts.length + entry.numbers.length;
  print(`${name}: ${measure(resources).toFixed(1)} µs, ${rows} rows`);
}
