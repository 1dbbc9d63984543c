/**
 * From the EHR's grant to the launch context: read patient, encounter, user and what the register prefills from.
 */
import { isBelow, pull, type PullResult } from '../adapters/ehr/pull.ts';
import type { Practitioner, Resource } from '../fhir/types.ts';
import { DEFAULT_QUERIES, type Ehr } from './ehr.ts';
import type { EhrGrant } from './ehr-grant.ts';
import type { LaunchContext, LaunchUser } from './launch-context.ts';
import { LaunchFailure, type LaunchFailureKind } from './launch-failure.ts';

const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';

/** The context. Missing scopes only make it poorer (AP-02); without a patient there is none, and LaunchFailure is thrown. */
export async function fetchLaunchContext(ehr: Ehr, grant: EhrGrant, now: Date): Promise<LaunchContext> {
  if (grant.patient === undefined) {
    throw new LaunchFailure('no-patient', ehr, 'the token response names no patient');
  }
  const subjects = await read(ehr, grant, now, [
    `Patient/${encodeURIComponent(grant.patient)}`,
    ...(grant.encounter === undefined ? [] : [`Encounter/${encodeURIComponent(grant.encounter)}`]),
  ]);
  const patient = ofType(subjects, 'Patient');
  if (patient === undefined) {
    const reason = subjects.missing.find(({ query }) => query.startsWith('Patient/'))?.reason ?? 'no Patient';
    throw new LaunchFailure(withoutPatient(reason, grant), ehr, `Patient: ${reason}`);
  }
  const encounter = ofType(subjects, 'Encounter');
  const rest = await read(ehr, grant, now, queriesOf(ehr, grant));
  return {
    ehr: { id: ehr.id, fhirBase: ehr.fhirBase, name: ehr.name, registers: ehr.registers },
    patient,
    ...(encounter !== undefined && { encounter }),
    user: await fetchUser(ehr, grant, now),
    resources: [...subjects.resources, ...rest.resources],
    grantedScopes: grant.scopes,
    missing: [...subjects.missing, ...rest.missing],
    fetchedAt: subjects.fetchedAt,
    ...(grant.intent !== undefined && { intent: grant.intent }),
    needPatientBanner: grant.needPatientBanner,
    ...(grant.task !== undefined && { task: grant.task }),
  };
}

/** By what the EHR answered to the read of the patient (adapters/ehr/pull.ts). */
function withoutPatient(reason: string, { scopes }: EhrGrant): LaunchFailureKind {
  const [, status] = /the EHR answered (\d{3})/.exec(reason) ?? [];
  if (status === '404' || status === '410') {
    return 'patient-unknown';
  }
  if (status === '401' || status === '403') {
    return scopes.some((scope) => /^patient\/(?:Patient|\*)\./.test(scope))
      ? 'patient-unreadable'
      : 'scope-denied';
  }
  return status === undefined || status.startsWith('5') ? 'ehr-down' : 'patient-unreadable';
}

const read = (
  ehr: Ehr,
  { accessToken }: EhrGrant,
  now: Date,
  queries: readonly string[],
): Promise<PullResult> => pull({ fhirBase: ehr.fhirBase, accessToken, queries, now });

/** Queries that need an encounter are left out when there is none. */
function queriesOf(ehr: Ehr, { patient, encounter }: EhrGrant): readonly string[] {
  return (ehr.queries ?? DEFAULT_QUERIES)
    .filter((query) => encounter !== undefined || !query.includes('{encounter}'))
    .map((query) =>
      query
        .replaceAll('{patient}', encodeURIComponent(patient ?? ''))
        .replaceAll('{encounter}', encodeURIComponent(encounter ?? '')),
    );
}

async function fetchUser(ehr: Ehr, grant: EhrGrant, now: Date): Promise<LaunchUser> {
  const fhirUser = relative(ehr.fhirBase, grant.fhirUser);
  const found = fhirUser === undefined ? undefined : await read(ehr, grant, now, [fhirUser]);
  const practitioner =
    found === undefined ? undefined : (ofType(found, 'Practitioner') as Practitioner | undefined);
  const hpr = practitioner?.identifier?.find(({ system }) => system === HPR)?.value;
  const [name] = practitioner?.name ?? [];
  return {
    fhirUser,
    hpr,
    name: name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' '),
    account: undefined,
  };
}

/** `fhirUser` as `Practitioner/id` of the EHR that launched us; a user of another server is no user we know. */
function relative(fhirBase: string, fhirUser: string | undefined): string | undefined {
  const absolute = fhirUser === undefined ? undefined : URL.parse(fhirUser, `${fhirBase}/`)?.href;
  if (absolute === undefined || !isBelow(fhirBase, absolute)) {
    return undefined;
  }
  const path = absolute.slice(new URL(fhirBase).href.replace(/\/$/, '').length + 1);
  return /^Practitioner\/[A-Za-z0-9.-]{1,64}$/.test(path) ? path : undefined;
}

const ofType = ({ resources }: PullResult, type: string): Resource | undefined =>
  resources.find(({ resourceType }) => resourceType === type);
