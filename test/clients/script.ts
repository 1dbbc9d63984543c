/**
 * What any FHIR client does with a server, from create to delete: one script for every client library, which knows the
 * libraries only by the steps below. test/clients/python/script.py does the same with a library for Python.
 */
import type { Bundle, Observation, Patient } from '../../src/fhir/types.ts';

/** A change of RFC 6902. */
export interface Change {
  readonly op: 'add' | 'replace' | 'test' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** The steps, each done by the library's own means. */
export interface ScriptClient {
  create<T extends Patient | Observation>(resource: T): Promise<T>;
  createUnlessThere(patient: Patient, condition: string): Promise<Patient>;
  read(type: 'Patient', id: string): Promise<Patient>;
  readVersion(type: 'Patient', id: string, version: string): Promise<Patient>;
  update(patient: Patient): Promise<Patient>;
  patch(type: 'Patient', id: string, changes: readonly Change[]): Promise<Patient>;
  delete(type: 'Patient', id: string): Promise<unknown>;
  /** Page by page, following the server's own links. */
  pages(
    type: 'Observation',
    query: Readonly<Record<string, string>>,
  ): Promise<readonly (readonly string[])[]>;
  bundle(bundle: Bundle): Promise<Bundle>;
  history(type: 'Patient', id: string): Promise<Bundle>;
  /** The code of the server's OperationOutcome, out of what the library throws. */
  reasonOf(failure: unknown): string | undefined;
}

/** What the script saw, without ids and times: the same for every client. */
export type Seen = Readonly<Record<string, unknown>>;

const SYSTEM = 'https://example.org/client-script';

/** Run it. `name` is unlike those of other runs on the same server. */
export async function runScript(client: ScriptClient, name: string): Promise<Seen> {
  const patient = await client.create(person(name));
  const id = patient.id ?? '';
  const again = await client.createUnlessThere(person(name), `identifier=${SYSTEM}|${name}`);
  const updated = await client.update({ ...patient, gender: 'female' });
  const patched = await client.patch('Patient', id, [
    { op: 'test', path: '/gender', value: 'female' },
    { op: 'add', path: '/birthDate', value: '1974-12-25' },
  ]);
  const first = await client.readVersion('Patient', id, patient.meta?.versionId ?? '');
  const newest = await client.read('Patient', id);
  const history = await client.history('Patient', id);
  const transaction = await client.bundle(threeWeights(id));
  const weights = await client.pages('Observation', {
    patient: id,
    code: 'http://loinc.org|29463-7',
    _sort: 'value-quantity',
    _count: '2',
  });
  const batch = await client.bundle(readsOf(id));
  const passing = await client.create(person(`${name}-passing`));
  await client.delete('Patient', passing.id ?? '');
  const gone = await failureOf(client.read('Patient', passing.id ?? ''));

  return {
    created: [
      patient.resourceType,
      id !== '',
      patient.meta?.versionId,
      patient.meta?.lastUpdated !== undefined,
    ],
    conditionalCreate: again.id === id,
    updated: [updated.gender, updated.meta?.versionId],
    patched: [patched.birthDate, patched.meta?.versionId],
    firstVersion: [first.gender, first.meta?.versionId],
    newest: [newest.gender, newest.birthDate, newest.name?.[0]?.family],
    history: (history.entry ?? []).map(({ resource }) => resource?.meta?.versionId),
    transaction: (transaction.entry ?? []).map(({ response }) => response?.status.slice(0, 3)),
    pages: weights.map((page) => page.length),
    weightsInOrder: new Set(weights.flat()).size,
    batch: (batch.entry ?? []).map(({ response }) => response?.status.slice(0, 3)),
    afterDelete: client.reasonOf(gone),
  };
}

/** What every client sees. */
export const EXPECTED: Seen = {
  created: ['Patient', true, '1', true],
  conditionalCreate: true,
  updated: ['female', '2'],
  patched: ['1974-12-25', '3'],
  firstVersion: [undefined, '1'],
  newest: ['female', '1974-12-25', 'Klientprøve'],
  history: ['3', '2', '1'],
  transaction: ['201', '201', '201'],
  pages: [2, 1],
  weightsInOrder: 3,
  batch: ['200', '404', '200'],
  afterDelete: 'deleted',
};

const person = (name: string): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: SYSTEM, value: name }],
  name: [{ family: 'Klientprøve', given: ['Åse'] }],
});

/** Three weights of a person; the last refers to the first by the name that the transaction gives it. */
function threeWeights(patient: string): Bundle {
  const first = 'urn:uuid:8a5f1c1e-6f0a-4f5a-9d55-0e1d0c9f1a01';
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [82.5, 81, 79.9].map((value, i) => ({
      fullUrl: i === 0 ? first : `urn:uuid:8a5f1c1e-6f0a-4f5a-9d55-0e1d0c9f1a0${i + 1}`,
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        subject: { reference: `Patient/${patient}` },
        effectiveDateTime: `2026-01-0${i + 1}`,
        valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
        ...(i === 2 && { derivedFrom: [{ reference: first }] }),
      },
      request: { method: 'POST', url: 'Observation' },
    })),
  };
}

const readsOf = (patient: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: [`Patient/${patient}`, 'Patient/nobody-has-this-id', `Observation?patient=${patient}`].map(
    (url) => ({
      request: { method: 'GET', url },
    }),
  ),
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (failure) {
    return failure;
  }
}
