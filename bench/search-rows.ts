/** Synthetic resources for the search bench, in proportions that stay the same while the store grows. */
import type { Resource } from '../src/fhir/types.ts';

export const LOINC = 'http://loinc.org';
/** One of these for each round of rows: they are not there twice. */
const FAMILIES = [
  'Hansen',
  'Johansen',
  'Olsen',
  'Larsen',
  'Andersen',
  'Pedersen',
  'Nilsen',
  'Sørbråten',
  'Næss',
  'Lie',
];
const CODES = ['common', 'common', 'common', 'common', 'usual-1', 'usual-2', 'usual-3', 'usual-4'];

/** Ten rows a patient: the patient, an encounter, a condition, six observations and a provenance. The first hold the rare values. */
export function* resources(): Generator<Resource, never> {
  yield* shared() as Generator<Resource>;
  for (let n = 0; ; n++) {
    yield* patientRows(n) as Generator<Resource>;
  }
}

function* shared(): Generator<object> {
  for (let n = 0; n < 10; n++) {
    yield {
      resourceType: 'Organization',
      id: `org${n}`,
      name: `Sykehus ${n}`,
      ...(n > 0 && { partOf: { reference: 'Organization/org0' } }),
    };
  }
  for (let n = 0; n < 40; n++) {
    yield { resourceType: 'Practitioner', id: `doc${n}`, name: [{ family: `Lege${n}` }] };
  }
  yield { resourceType: 'List', id: 'few', status: 'current', mode: 'working', entry: [0, 1, 2].map(item) };
}

const item = (n: number): object => ({ item: { reference: `Patient/p${n}` } });

const day = (n: number): string =>
  new Date(Date.UTC(2015, 0, 1) + (n % 4000) * 86_400_000).toISOString().slice(0, 10);

function* patientRows(n: number): Generator<object> {
  const subject = { reference: `Patient/p${n}` };
  const encounter = { reference: `Encounter/e${n}` };
  yield {
    resourceType: 'Patient',
    id: `p${n}`,
    identifier: [{ system: 'http://example.org/id', value: `id-${n}` }],
    name: [{ family: n < 5 ? 'Qvistgaard' : FAMILIES[n % FAMILIES.length], given: [`Navn${n % 997}`] }],
    gender: n % 2 === 0 ? 'female' : 'male',
    birthDate: day(n * 7),
    managingOrganization: { reference: `Organization/org${n < 5 ? 9 : n % 9}` },
    generalPractitioner: [{ reference: `Practitioner/doc${n < 5 ? 39 : n % 39}` }],
  };
  yield {
    resourceType: 'Encounter',
    id: `e${n}`,
    status: 'finished',
    class: { code: 'IMP' },
    subject,
    period: { start: day(n), end: day(n + 2) },
    serviceProvider: { reference: `Organization/org${n % 9}` },
  };
  yield {
    resourceType: 'Condition',
    id: `c${n}`,
    subject,
    encounter,
    code: {
      coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: n < 5 ? 'Q99.9' : `I2${n % 10}.0` }],
    },
    recordedDate: day(n),
  };
  for (let m = 0; m < 6; m++) {
    yield {
      resourceType: 'Observation',
      id: `o${n}-${m}`,
      status: m === 0 ? 'amended' : 'final',
      category: [{ coding: [{ system: 'http://cat', code: 'vital-signs' }] }],
      code: { coding: [{ system: LOINC, code: n < 5 && m === 0 ? 'rare' : CODES[(n + m) % CODES.length] }] },
      subject,
      encounter,
      performer: [{ reference: `Practitioner/doc${n < 5 ? 39 : (n + m) % 39}` }],
      effectiveDateTime: day(n * 3 + m),
      valueQuantity: { value: (n % 200) + m, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
    };
  }
  yield {
    resourceType: 'Provenance',
    id: `v${n}`,
    recorded: `${day(n)}T10:00:00Z`,
    target: [{ reference: `Observation/o${n}-0` }],
    agent: [{ who: { reference: `Practitioner/doc${n < 5 ? 39 : n % 39}` } }],
  };
}
