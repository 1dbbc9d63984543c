/**
 * From the EHR's grant to the launch context: read patient, encounter, user and what the register prefills from.
 */
import { isBelow, pull, type PullResult } from '../adapters/ehr/pull.ts';
import type { Practitioner, Resource } from '../fhir/types.ts';
import type { EhrGrant } from './ehr-client.ts';
import { DEFAULT_QUERIES, type Ehr, type LaunchContext, type LaunchUser } from './launch-context.ts';

const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';

/** The context, or undefined when there is no patient to speak of. Missing scopes only make it poorer (AP-02). */
export async function fetchLaunchContext(
  ehr: Ehr,
  grant: EhrGrant,
  now: Date,
): Promise<LaunchContext | undefined> {
  if (grant.patient === undefined) {
    return undefined;
  }
  const subjects = await read(ehr, grant, now, [
    `Patient/${encodeURIComponent(grant.patient)}`,
    ...(grant.encounter === undefined ? [] : [`Encounter/${encodeURIComponent(grant.encounter)}`]),
  ]);
  const patient = ofType(subjects, 'Patient');
  if (patient === undefined) {
    return undefined;
  }
  const encounter = ofType(subjects, 'Encounter');
  const rest = await read(ehr, grant, now, queriesOf(ehr, grant));
  return {
    ehr: { fhirBase: ehr.fhirBase, name: ehr.name, register: ehr.register },
    patient,
    ...(encounter !== undefined && { encounter }),
    user: await fetchUser(ehr, grant, now),
    resources: [...subjects.resources, ...rest.resources],
    grantedScopes: grant.scopes,
    missing: [...subjects.missing, ...rest.missing],
    fetchedAt: subjects.fetchedAt,
    ...(grant.intent !== undefined && { intent: grant.intent }),
    needPatientBanner: grant.needPatientBanner,
  };
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

/** `fhirUser` as `Type/id` of the EHR that launched us; a user of another server is no user we know. */
function relative(fhirBase: string, fhirUser: string | undefined): string | undefined {
  if (fhirUser === undefined) {
    return undefined;
  }
  const absolute = new URL(fhirUser, `${fhirBase}/`).href;
  return isBelow(fhirBase, absolute)
    ? absolute.slice(new URL(fhirBase).href.replace(/\/$/, '').length + 1)
    : undefined;
}

const ofType = ({ resources }: PullResult, type: string): Resource | undefined =>
  resources.find(({ resourceType }) => resourceType === type);
