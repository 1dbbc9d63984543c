/**
 * The record that the demo opens forms from: the simulated hospital (demo/hospital) with a ward of three patients and whoever is
 * admitted. Mounted under `/demo/ehr` in demo mode, and run as a server of its own in tests.
 */
import { Router } from 'express';
import type { Clock } from '../../src/fhir/id.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { recordOf, type HospitalRecord } from '../hospital/fhir/record.ts';
import { fhirBaseOf, hospital, REGISTRY_CLIENT } from '../hospital/handler.ts';
import { caseOf, PATIENT_IDS } from './cases.ts';
import { demoResources } from './patients.ts';

export interface DemoEhrOptions {
  /** Absolute URL that the router is mounted at: `http://127.0.0.1:8080/demo/ehr`. */
  readonly url: string;
  /** Absolute URL of the registry, no trailing slash. */
  readonly registryUrl: string;
  readonly clock: Clock;
  readonly grantable?: (scope: string) => boolean;
  /** More that the token response tells of a launch. */
  readonly context?: () => Readonly<Record<string, unknown>>;
}

/** Our client id at the simulated EHR. */
export const DEMO_CLIENT_ID = REGISTRY_CLIENT;

/** FHIR base of the EHR mounted at `url`: the `iss` of its launches. */
export const demoFhirBase = fhirBaseOf;

export async function demoEhr({ url, ...options }: DemoEhrOptions): Promise<Router> {
  const patients: string[] = [...PATIENT_IDS];
  const ward = await hospital({
    ...options,
    url,
    title: 'Demojournal',
    record: wardRecord(options.clock, patients),
    patients: () => patients,
    admit: (number) => admit(patients, number),
  });
  const router = Router();
  router.use((request, response, next) => {
    request.url = request.originalUrl;
    ward.handle(request, response).catch(next);
  });
  return router;
}

/** The record of the patients on the ward, dated from now; what is written into it stays. */
function wardRecord(clock: Clock, patients: readonly string[]): () => HospitalRecord {
  const written: Resource[] = [];
  return () => {
    const now = clock.now();
    const resources = [...demoResources(now, patients), ...written];
    const at = now.toISOString();
    const record = recordOf([{ course: '', sender: 'journal', at, about: '', resources }], now);
    return {
      ...record,
      write(resource, when) {
        const stored = record.write(
          { ...resource, id: resource.id ?? `skrevet-${written.length + 1}` },
          when,
        );
        written.push(stored);
        return stored;
      },
    };
  };
}

const MOST_PATIENTS = 200;

/** One more patient: the person of a number that is given, or of the next free one. */
function admit(patients: string[], number: string | undefined): void {
  const id = `pasient-${number ?? patients.length + 1}`;
  if (caseOf(id) !== undefined && !patients.includes(id) && patients.length < MOST_PATIENTS) {
    patients.push(id);
  }
}
