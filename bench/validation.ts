/** Microseconds a validation takes after warm-up: `node bench/validation.ts`. */
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
const item = Array.from({ length: 100 }, (_, index) => ({
  linkId: `q${index}`,
  text: `Spørsmål ${index}`,
  answer: [
    index % 2 === 0
      ? { valueInteger: index }
      : { valueCoding: { system: 'http://x', code: 'a', display: 'A' } },
  ],
}));

const CASES: readonly (readonly [string, JsonObject, string])[] = [
  ['Patient', example('ryggrad-patient/valid-fnr.json'), 'ryggrad-patient'],
  ['QuestionnaireResponse, 100 items', { ...response, item }, 'ryggrad-questionnaire-response'],
  ['score Observation', example('ryggrad-score-observation/valid-score.json'), 'ryggrad-score-observation'],
];

for (const [name, resource, profile] of CASES) {
  const base = microseconds(() => validator.validate(resource));
  const canonical = `https://ryggrad.no/fhir/StructureDefinition/${profile}`;
  const profiled = microseconds(() => validator.validate(resource, { profiles: [canonical] }));
  const size = JSON.stringify(resource).length;
  process.stdout.write(
    `${name} (${size} bytes): ${base.toFixed(0)} µs, with profile ${profiled.toFixed(0)} µs\n`,
  );
}

function microseconds(work: () => unknown): number {
  for (let round = 0; round < WARM_UP; round++) {
    work();
  }
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    work();
  }
  return ((performance.now() - start) * 1000) / ROUNDS;
}
