/** The register that people fill nothing in on a whole server: what an EHR sends to it, and what becomes of it. */
import { rm } from 'node:fs/promises';
import { parseJson } from '../../../src/fhir/json.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import type {
  EpisodeOfCare,
  JsonObject,
  Observation,
  QuestionnaireResponse,
  Resource,
  Task,
} from '../../../src/fhir/types.ts';
import type { Operation, Result } from '../../../src/repository/operation.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import { askingFor, ehrOf, staffOf } from '../../support/principals.ts';
import { contentWithRegister, ICD, NCSP } from './prove-register.ts';

export const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
const LOINC = 'http://loinc.org';
export const UNIT = 'demo-ortopedi';
export const CHANGE_REASON = 'https://ryggrad.no/fhir/StructureDefinition/change-reason';

export const ehr = ehrOf('capture', UNIT);
export const coordinator = staffOf('capture', { role: 'LC', register: 'proveregister', unit: UNIT });
export const callerOf = askingFor('capture');

const unit = { identifier: { system: RESH, value: '9990002' } };
export const about = (patient: string) => ({ subject: { reference: `Patient/${patient}` } });

export const condition = (
  patient: string,
  recordedDate: string,
  recorder: JsonObject = unit,
): JsonObject => ({
  resourceType: 'Encounter',
  ...about(patient),
  status: 'finished',
  class: { code: 'IMP' },
  serviceProvider: recorder,
  period: { start: recordedDate },
});

export const result = (
  patient: string,
  effectiveDateTime: string,
  value: number | undefined,
): JsonObject => ({
  resourceType: 'Observation',
  ...about(patient),
  status: 'final',
  code: { coding: [{ system: LOINC, code: '20447-9' }] },
  performer: [{ identifier: { system: RESH, value: '7777777' }, display: 'Laboratorium' }],
  effectiveDateTime,
  ...(value !== undefined && { valueQuantity: { value, unit: 'kopier/mL' } }),
});

export const examination = (patient: string, performedDateTime: string, code = 'UJF32'): JsonObject => ({
  resourceType: 'Procedure',
  ...about(patient),
  status: 'completed',
  code: { coding: [{ system: NCSP, code }] },
  performer: [{ actor: unit }],
  performedDateTime,
});

export const finding = (patient: string, day: string, value: number): JsonObject => ({
  ...result(patient, day, value),
  code: { coding: [{ system: LOINC, code: '8480-6' }] },
});

export const refused = async (change: Promise<unknown>): Promise<readonly (string | undefined)[]> =>
  change.then(
    () => [],
    (cause: unknown) => {
      if (cause instanceof FhirError) {
        return cause.issues.map(({ rule }) => rule);
      }
      throw cause;
    },
  );

/** What a suite does with the server. */
export interface CaptureServer extends AsyncDisposable {
  readonly app: TestApp['app'];
  readonly database: TestApp['database'];
  failures(): Promise<readonly string[]>;
  send(...resources: readonly JsonObject[]): Promise<readonly Result[]>;
  remove(type: string, stored: Result | undefined): Promise<unknown>;
  person(): Promise<string>;
  diagnose(patient: string, recordedDate: string): Promise<void>;
  find<T extends Resource>(type: T['resourceType'], patient: string): Promise<readonly T[]>;
  forms(patient: string): Promise<readonly string[]>;
  responses(patient: string): Promise<readonly QuestionnaireResponse[]>;
  pathways(patient: string): Promise<readonly EpisodeOfCare[]>;
  facts(patient: string): Promise<readonly (number | undefined)[]>;
}

export async function startCapture(): Promise<CaptureServer> {
  const root = await contentWithRegister();
  const server = await startTestApp({ CONTENT_DIR: root }, clockAt('2026-03-10T09:00:00+01:00'));

  /** What the jobs that are due could not do. */
  const failures = async (): Promise<readonly string[]> =>
    (await server.app.jobs.runOnce()).map(({ task, error }) => `${task}: ${String(error)}`);

  /** What an EHR sends, and what follows from it. */
  async function send(...resources: readonly JsonObject[]): Promise<readonly Result[]> {
    const results = await server.app.repository.commit(
      callerOf(ehr),
      resources.map((resource): Operation => {
        const common = { type: resource['resourceType'] as string, resource };
        return typeof resource['id'] === 'string'
          ? { ...common, kind: 'update', id: resource['id'] }
          : { ...common, kind: 'create' };
      }),
    );
    expect(await failures()).toEqual([]);
    return results;
  }

  let persons = 0;

  /** A new person; the id here. */
  async function person(): Promise<string> {
    persons += 1;
    const [result] = await send({
      resourceType: 'Patient',
      identifier: [{ system: 'urn:test', value: `person-${persons}` }],
      birthDate: '1980-01-01',
    });
    return result?.id ?? '';
  }

  /** A diagnosis made at a contact, which says where. */
  async function diagnose(patient: string, recordedDate: string): Promise<void> {
    const [contact] = await send(condition(patient, recordedDate));
    await send({
      resourceType: 'Condition',
      ...about(patient),
      code: { coding: [{ system: ICD, code: 'B24' }] },
      encounter: { reference: `Encounter/${contact?.id ?? ''}` },
      recordedDate,
    });
  }

  async function find<T extends Resource>(type: T['resourceType'], patient: string): Promise<readonly T[]> {
    const query = new URLSearchParams({ patient, _count: '200' });
    const { matches } = await server.app.forms.search.search(callerOf(coordinator), type, query, {
      lenient: false,
    });
    return matches.map(({ content }) => parseJson(content) as unknown as T);
  }

  /** Status of the forms by action, in the order in which they were opened. */
  async function forms(patient: string): Promise<readonly string[]> {
    return (await find<Task>('Task', patient))
      .map(({ code, status, statusReason }) =>
        [code?.text, status, statusReason?.text].filter(Boolean).join(' · '),
      )
      .toSorted();
  }

  const responses = (patient: string) => find<QuestionnaireResponse>('QuestionnaireResponse', patient);
  const pathways = (patient: string) => find<EpisodeOfCare>('EpisodeOfCare', patient);

  /** Stored values of the marker, which is extracted from each locked result. */
  async function facts(patient: string): Promise<readonly (number | undefined)[]> {
    const found = await find<Observation>('Observation', patient);
    return found
      .filter(({ derivedFrom }) => derivedFrom !== undefined)
      .map(({ valueQuantity }) => valueQuantity?.value);
  }

  const remove = (type: string, stored: Result | undefined): Promise<unknown> =>
    server.app.repository.commit(callerOf(ehr), [{ kind: 'delete', type, id: stored?.id ?? '' }]);

  return {
    app: server.app,
    database: server.database,
    failures,
    send,
    remove,
    person,
    diagnose,
    find,
    forms,
    responses,
    pathways,
    facts,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}
