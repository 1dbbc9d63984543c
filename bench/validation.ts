/** Microseconds a validation takes after warm-up, and what compiled profiles hold: `node --expose-gc bench/validation.ts`. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadR4 } from '../src/content/r4.ts';
import type { JsonObject, StructureDefinition } from '../src/fhir/types.ts';
import { createTerminology } from '../src/terminology/terminology.ts';
import { createValidator } from '../src/validation/validator.ts';

const WARM_UP = 3000;
const ROUNDS = 5000;

const r4 = loadR4();
const profiles = ['no-basis', 'shared'].flatMap((name) => {
  const folder = new URL(`../fhir-profiles/${name}/`, import.meta.url);
  const files = readdirSync(folder).filter((file) => file.startsWith('StructureDefinition-'));
  return files.map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as StructureDefinition);
});
const validator = createValidator({ r4, profiles, terminology: createTerminology({ r4 }) });

const example = (file: string): JsonObject =>
  JSON.parse(
    readFileSync(new URL(`../test/conformance/profiles/${file}`, import.meta.url), 'utf8'),
  ) as JsonObject;

const response = example('ryggrad-questionnaire-response/valid-completed.json');
const items = (count: number): readonly JsonObject[] =>
  Array.from({ length: count }, (_, index) => ({
    linkId: `q${index}`,
    text: `Spørsmål ${index}`,
    answer: [
      index % 2 === 0
        ? { valueInteger: index }
        : { valueCoding: { system: 'http://x', code: 'a', display: 'A' } },
    ],
  }));

const patient = example('ryggrad-patient/valid-fnr.json');
const pressure = (code: string, value: number): JsonObject => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});
const bloodPressure: JsonObject = {
  resourceType: 'Observation',
  status: 'final',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2024-05-17T10:30:00+02:00',
  component: [pressure('8480-6', 120), pressure('8462-4', 80)],
};
const uuid = (index: number): string => `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const bundle: JsonObject = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: Array.from({ length: 100 }, (_, index) => ({
    fullUrl: uuid(index),
    resource:
      index % 10 === 0 ? patient : { ...bloodPressure, subject: { reference: uuid(index - (index % 10)) } },
  })),
};

const RYGGRAD = 'https://ryggrad.no/fhir/StructureDefinition/ryggrad';
const CASES: readonly (readonly [string, JsonObject, string?])[] = [
  ['Patient', patient, `${RYGGRAD}-patient`],
  [
    'score Observation',
    example('ryggrad-score-observation/valid-score.json'),
    `${RYGGRAD}-score-observation`,
  ],
  ['blood pressure', bloodPressure, 'http://hl7.org/fhir/StructureDefinition/bp'],
  ['QuestionnaireResponse, 20 items', { ...response, item: items(20) }, `${RYGGRAD}-questionnaire-response`],
  [
    'QuestionnaireResponse, 100 items',
    { ...response, item: items(100) },
    `${RYGGRAD}-questionnaire-response`,
  ],
  ['Bundle, 100 entries', bundle],
];

const before = process.memoryUsage().heapUsed;
for (const [name, resource, profile] of CASES) {
  const { meta: _meta, ...bare } = resource;
  const base = microseconds(() => validator.validate(bare));
  const profiled =
    profile === undefined ? NaN : microseconds(() => validator.validate(bare, { profiles: [profile] }));
  const size = JSON.stringify(resource).length;
  const more = profile === undefined ? '' : `, with profile ${profiled.toFixed(0)} µs`;
  process.stdout.write(`${name} (${size} bytes): ${base.toFixed(0)} µs${more}\n`);
}
globalThis.gc?.();
const grown = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
process.stdout.write(`Heap: ${grown.toFixed(1)} MB more than before the first validation\n`);

function microseconds(work: () => unknown): number {
  repeat(WARM_UP, work);
  return repeat(ROUNDS, work);
}

/** Microseconds of this thread's CPU a round: other work on the machine does not count. */
function repeat(rounds: number, work: () => unknown): number {
  const start = process.threadCpuUsage();
  for (let round = 0; round < rounds; round++) {
    work();
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / rounds;
}
