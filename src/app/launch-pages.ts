/** The pages of launches from EHRs, met: what came with the launch, and the person here whom it is about. */
import type { StaffPrincipal } from '../access/principal.ts';
import type { FetchedResources } from '../registry/form/fetched.ts';
import type { Ehr } from '../smart/ehr.ts';
import type { Smart } from '../smart/smart.ts';
import {
  knownPatient,
  launchedPatient,
  launchedPerson,
  launchModel,
  startPathway,
} from '../web/data/launch.ts';
import type { Sources } from '../web/data/sources.ts';
import type { WebDeps } from '../web/deps.ts';

type Request = Parameters<Smart['launchOf']>[0];

export const launchPages = (
  smart: Smart,
  sources: Sources,
  ehrs: readonly Ehr[],
): Pick<WebDeps, 'ehrs' | 'launch' | 'createRegistration'> => ({
  ehrs: (lang) => ehrs.map(({ fhirBase, name }) => ({ fhirBase, name: name[lang] })),
  async launch(request, principal) {
    const launch = await smart.launchOf(request);
    if (launch === undefined) {
      return undefined;
    }
    const known = principal.carries?.patient ?? (await knownPatient(sources, launch));
    const bound = known === undefined ? principal : await boundTo(smart, request, principal, known);
    return launchModel(sources, bound, launch);
  },
  async createRegistration(request, principal, module) {
    const launch = await smart.launchOf(request);
    if (launch === undefined) {
      return startPathway(sources, principal, { id: principal.patient ?? '', module });
    }
    const patient = principal.carries?.patient ?? (await launchedPatient(sources, principal, launch));
    const bound = await boundTo(smart, request, principal, patient);
    return startPathway(sources, bound, { id: patient, named: launchedPerson(launch), module });
  },
});

/** The launch is about this person from now on; a session that the EHR has opened sees nobody else. */
async function boundTo(
  smart: Smart,
  request: Request,
  principal: StaffPrincipal,
  patient: string,
): Promise<StaffPrincipal> {
  const { carries, launch } = principal;
  if (carries === undefined || carries.patient !== undefined) {
    return principal;
  }
  await smart.bindPatient(request, patient);
  return {
    ...principal,
    carries: { ...carries, patient },
    ...(launch !== undefined && { patient }),
  };
}

/** What the launch of a session has brought, for forms of the person that it is about. */
export async function fetchedFor(
  smart: Smart,
  { carries }: StaffPrincipal,
): Promise<FetchedResources | undefined> {
  const launch = carries?.patient === undefined ? undefined : await smart.launchContext(carries.launch);
  return launch === undefined || carries?.patient === undefined
    ? undefined
    : {
        patient: carries.patient,
        resources: launch.resources,
        encounter: launch.encounter,
        ehr: { fhirBase: launch.ehr.fhirBase, name: launch.ehr.name.nb },
      };
}
