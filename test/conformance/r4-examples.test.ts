/** The official example resources of R4: https://hl7.org/fhir/R4/examples.html — each is valid but for the faults listed. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/fhir/types.ts';
import { sharedValidator } from '../support/validator.ts';

const file = gunzipSync(readFileSync(new URL('data/r4-examples.ndjson.gz', import.meta.url))).toString(
  'utf8',
);
const examples = file.split('\n').map((line) => JSON.parse(line) as JsonObject);

/** Faults that are really in the examples. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  // Observation.performer names an Encounter, which its definition does not allow.
  'Observation/clinical-gender': ['reference-type Observation.performer'],
  // 32 display items without the required linkId.
  'Questionnaire/qs1': [
    'cardinality Questionnaire.item.item.linkId',
    'cardinality Questionnaire.item.item.item.linkId',
    'cardinality Questionnaire.item.item.item.item.linkId',
  ],
};

const validator = sharedValidator();

describe('The official R4 examples', () => {
  it.each(
    examples.map(
      (example) => [`${String(example['resourceType'])}/${String(example['id'])}`, example] as const,
    ),
  )('%s is judged right.', (name, example) => {
    const errors = validator.validate(example).filter(({ severity }) => severity === 'error');
    const found = new Set(
      errors.map(({ rule = '', expression = '' }) => `${rule} ${expression.replaceAll(/\[[0-9]+\]/g, '')}`),
    );

    expect([...found].filter((fault) => !(FAULTS[name] ?? []).includes(fault))).toEqual([]);
    expect(errors.length > 0).toBe(name in FAULTS);
  });
});
