/**
 * The pages' needs, met: data from the repository, people and launches from smart/.
 */
import { randomUUID } from 'node:crypto';
import type { StaffPrincipal } from '../access/principal.ts';
import type { Config } from '../config.ts';
import type { FetchedResources } from '../registry/form/fetched.ts';
import type { Smart } from '../smart/smart.ts';
import { readAssets } from '../web/assets.ts';
import { formHistory } from '../web/data/form-history.ts';
import { complete, nextForm, openCorrection, openFormPage, saveDraft } from '../web/data/form-page.ts';
import { launchedPatient, launchModel, startPathway } from '../web/data/launch.ts';
import { patientPage, received } from '../web/data/patient-page.ts';
import { type Sources, textsOf } from '../web/data/sources.ts';
import { workList } from '../web/data/work-list.ts';
import type { WebDeps } from '../web/deps.ts';
import type { LoginModel, StartModel } from '../web/view-models.ts';

/** What demo mode adds to the pages; empty in production. */
export interface DemoHints {
  accounts: LoginModel['demoAccounts'];
  links: StartModel['demoLinks'];
}

export function webDeps(parts: {
  readonly config: Config;
  readonly smart: Smart;
  readonly sources: Omit<Sources, 'newRequestId'>;
  readonly hints: DemoHints;
}): WebDeps {
  const { config, smart, hints } = parts;
  const sources: Sources = { ...parts.sources, newRequestId: () => randomUUID() };
  return {
    assets: readAssets(config.webRoot),
    sessionOf: async (request) => (await smart.sessionOf(request))?.principal,
    frame: (_request, principal) => frameOf(sources, config, principal),
    start: () =>
      Promise.resolve({
        fhirBase: config.fhirBase,
        registers: sources.registry.content.registers.map(({ id }) => {
          const texts = textsOf(sources, id, 'nb');
          return { name: texts?.name ?? id, title: texts?.title ?? id };
        }),
        demoLinks: hints.links,
      }),
    login: () => Promise.resolve({ demoAccounts: hints.accounts }),
    roles: async (request) =>
      (await smart.sessionOf(request))?.roles.map(({ id, role, register, display }) => ({
        id,
        role,
        register: textsOf(sources, register, 'nb')?.name ?? register,
        department: display,
      })),
    workList: (principal, query) => workList(sources, principal, query),
    patientPage: (principal, id) => patientPage(sources, principal, id),
    received: (principal, id) => received(sources, principal, id),
    openForm: async (principal, taskId) =>
      openFormPage(sources, principal, taskId, await fetchedFor(smart, principal)),
    formHistory: (principal, taskId, compare) => formHistory(sources, principal, taskId, compare),
    saveDraft: (principal, request) => saveDraft(sources, principal, request),
    complete: (principal, request, reason) => complete(sources, principal, request, reason),
    reopen: (principal, taskId, reason, ifMatch) =>
      openCorrection(sources, principal, { taskId, reason, ifMatch }),
    nextForm: (principal, taskId) => nextForm(sources, principal, taskId),
    launch: async (request, principal) => {
      const launch = await smart.launchOf(request);
      if (launch === undefined) {
        return undefined;
      }
      return launchModel(sources, await boundTo(sources, smart, request, principal), launch);
    },
    createRegistration: async (request, principal) => {
      const bound = await boundTo(sources, smart, request, principal);
      return startPathway(sources, bound, bound.patient ?? '');
    },
  };
}

/** The principal with the launch's person, found or made here at the first page that needs it. */
async function boundTo(
  sources: Sources,
  smart: Smart,
  request: Parameters<Smart['launchOf']>[0],
  principal: StaffPrincipal,
): Promise<StaffPrincipal> {
  const launch = await smart.launchOf(request);
  if (launch === undefined || principal.patient !== undefined) {
    return principal;
  }
  const patient = await launchedPatient(sources, principal, launch);
  await smart.bindPatient(request, patient);
  return { ...principal, patient };
}

async function fetchedFor(smart: Smart, principal: StaffPrincipal): Promise<FetchedResources | undefined> {
  const launch = principal.launch === undefined ? undefined : await smart.launchContext(principal.launch);
  return launch === undefined
    ? undefined
    : { resources: launch.resources, encounter: launch.encounter, ehr: launch.ehr };
}

async function frameOf(sources: Sources, config: Config, principal: StaffPrincipal | undefined) {
  const base = { lang: 'nb' as const, isDemo: config.mode === 'demo' };
  if (principal === undefined) {
    return base;
  }
  const [unit] = principal.units;
  const department = unit === undefined ? undefined : (await sources.units.unit(unit))?.name;
  return {
    ...base,
    register: textsOf(sources, principal.register, 'nb')?.name ?? principal.register,
    ...(department !== undefined && { department }),
    user: { name: principal.name, role: principal.role, mayChangeRole: principal.launch === undefined },
  };
}
