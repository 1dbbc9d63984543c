/**
 * The pages' needs, met: data from the repository, people and launches from smart/.
 */
import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import type { Config } from '../config.ts';
import type { PopulationRegistry } from '../registry/person/population-registry.ts';
import type { TrailReview } from '../registry/audit/review.ts';
import { closeVisit } from '../repository/audit.ts';
import { Visit } from '../repository/visit.ts';
import { dayInOslo } from '../sdc/expression.ts';
import type { Language } from '../sdc/language.ts';
import { cookieJar } from '../smart/cookies.ts';
import { daysLeft, lastDay } from '../smart/people/dates.ts';
import type { Ehr } from '../smart/ehr.ts';
import type { RoleAssignment } from '../smart/ports.ts';
import type { StaffSession } from '../smart/principal.ts';
import type { Smart } from '../smart/smart.ts';
import { appPages } from './app-pages.ts';
import { fetchedFor, launchPages } from './launch-pages.ts';
import { type RecordDeps, recordPages } from './record-pages.ts';
import { registrationPages } from './registration-pages.ts';
import { screenPages } from './screen-pages.ts';
import { readAssets } from '../web/assets.ts';
import { accessList, eventPage, followUpEvent, reviewPage } from '../web/data/access-log.ts';
import { formHistory } from '../web/data/form-history.ts';
import type { ConnectionDeps } from '../web/data/connections.ts';
import {
  complete,
  nextForm,
  openCorrection,
  openFormPage,
  saveDraft,
  withdrawForm,
} from '../web/data/form-page.ts';
import { consentPage, withdrawConsent } from '../web/data/consent.ts';
import {
  hasReservations,
  reservationPage,
  reserve,
  statedReservation,
  takeBackReservation,
} from '../web/data/reservation.ts';
import { startable } from '../web/data/modules.ts';
import { patientPage, received } from '../web/data/patient-page.ts';
import { patientFormPages } from '../web/data/patient-forms.ts';
import { receivedPages } from '../web/data/received-form.ts';
import { type Sources, textsOf } from '../web/data/sources.ts';
import { workList } from '../web/data/work-list.ts';
import type { WebDeps } from '../web/deps.ts';
import { languageOf, pageAddress } from '../web/language.ts';
import type { FrameModel, LoginModel, RoleChoiceModel, StartModel } from '../web/view-models.ts';

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
  /** EHRs that a user may begin with. */
  readonly ehrs: readonly Ehr[];
  readonly records: RecordDeps;
  readonly review: TrailReview;
  readonly population: PopulationRegistry;
  readonly connections: ConnectionDeps;
  /** Told of what a national registry did not answer. */
  readonly onFailure: (cause: unknown) => void;
}): WebDeps {
  const assets = readAssets(parts.config.webRoot);
  return pages(parts, assets, { ...parts.sources, newRequestId: () => randomUUID() });
}

type Parts = Parameters<typeof webDeps>[0];

/** For one request: one id, and one event in the audit trail. */
function pagesOfRequest(
  parts: Parts,
  assets: WebDeps['assets'],
  requestId: string,
  principal: StaffPrincipal,
  lang: Language,
): WebDeps {
  const visit = new Visit();
  const { deps } = parts.sources.repository;
  let settled = Promise.resolve();
  return {
    ...pages(parts, assets, { ...parts.sources, newRequestId: () => requestId, visit, lang }),
    settle() {
      const close = (): Promise<void> => closeVisit(deps, { principal, requestId, visit });
      settled = settled.then(close, close);
      return settled;
    },
  };
}

function pages(parts: Parts, assets: WebDeps['assets'], sources: Sources): WebDeps {
  const { config, smart, hints, ehrs, records, review, population, onFailure, connections } = parts;
  return {
    assets,
    trail: {
      review: (principal, request) => reviewPage(sources, review, principal, request),
      event: (principal, id) => eventPage(sources, review, principal, id),
      followUp: (principal, id, result) => followUpEvent(sources, review, principal, id, result),
      accessList: (principal, id) => accessList(sources, review, principal, id),
    },
    forRequest: (requestId, principal, lang) => pagesOfRequest(parts, assets, requestId, principal, lang),
    cookies: cookieJar(config.publicUrl),
    apps: appPages(smart, sources),
    screens: screenPages(sources, config.publicUrl, connections),
    sessionOf: async (request) => (await smart.sessionOf(request))?.principal,
    frame: async (request, principal) =>
      principal === undefined
        ? frameBefore(baseFrame(config, request), await smart.sessionOf(request))
        : frameOf(sources, await launchedFrame(smart, baseFrame(config, request), principal), principal),
    start: () =>
      Promise.resolve({
        fhirBase: config.fhirBase,
        registers: sources.registry.content.registers.map(({ id }) => {
          const texts = textsOf(sources, id, sources.lang ?? 'nb');
          return { name: texts?.name ?? id, title: texts?.title ?? id };
        }),
        demoLinks: hints.links,
      }),
    login: () => Promise.resolve({ demoAccounts: hints.accounts, choices: smart.loginChoices }),
    roles: async (request) => {
      const session = await smart.sessionOf(request);
      return session && Promise.all(session.roles.map((role) => roleToChoose(sources, role)));
    },
    registration: registrationPages(sources, population, onFailure),
    patientForms: (principal) => patientFormPages(sources, principal),
    receivedForms: (principal) => receivedPages(sources, principal),
    workList: (principal, query) => workList(sources, principal, query),
    patientPage: (principal, id) => patientPage(sources, principal, id),
    received: (principal, id) => received(sources, principal, id),
    consentPage: (principal, id) => consentPage(sources, principal, id),
    withdrawConsent: (principal, id, day) => withdrawConsent(sources, principal, id, day),
    reservations: {
      page: (principal, patient) => reservationPage(sources, principal, patient),
      state: (principal, who, day) => reserve(sources, principal, who, day),
      one: (principal, id) => statedReservation(sources, principal, id),
      takeBack: (principal, id) => takeBackReservation(sources, principal, id),
    },
    async openForm(principal, taskId) {
      const model = await openFormPage(sources, principal, taskId, await fetchedFor(smart, principal));
      const { response, state } = model.form;
      const writeBack =
        state === 'locked' ? await recordPages(records, sources).standing(principal, response) : undefined;
      return { ...model, ...(writeBack !== undefined && { writeBack }) };
    },
    formHistory: (principal, taskId, compare) => formHistory(sources, principal, taskId, compare),
    saveDraft: (principal, request) => saveDraft(sources, principal, request),
    complete: (principal, request, reason) => complete(sources, principal, request, reason),
    reopen: (principal, taskId, reason, ifMatch) =>
      openCorrection(sources, principal, { taskId, reason, ifMatch }),
    withdrawForm: (principal, taskId, reason, ifMatch) =>
      withdrawForm(sources, principal, { taskId, reason, ifMatch }),
    nextForm: (principal, taskId) => nextForm(sources, principal, taskId),
    ...launchPages(smart, sources, ehrs),
    record: recordPages(records, sources),
  };
}

/** What every page has, whoever reads it. */
function baseFrame({ mode }: Config, request: Request): FrameModel {
  const path = pageAddress(request);
  return {
    lang: languageOf(request),
    isDemo: mode === 'demo',
    ...(path !== undefined && { path }),
  };
}

/** Does the EHR show who the patient is, around us? */
async function launchedFrame(
  smart: Smart,
  base: FrameModel,
  { carries }: StaffPrincipal,
): Promise<FrameModel> {
  const launch = carries === undefined ? undefined : await smart.launchContext(carries.launch);
  return launch?.needPatientBanner === false ? { ...base, needsBanner: false } : base;
}

/** Before a role is chosen: the name of who has logged in, if anybody has. */
function frameBefore(base: FrameModel, session: StaffSession | undefined): FrameModel {
  return session === undefined
    ? base
    : { ...base, user: { name: session.account.name, mayChangeRole: isFreeToChoose(session) } };
}

const isFreeToChoose = ({ kind, hurdle }: StaffSession): boolean => kind === 'staff' && hurdle === undefined;

async function frameOf(sources: Sources, base: FrameModel, principal: StaffPrincipal): Promise<FrameModel> {
  const [unit] = principal.units;
  const department = unit === undefined ? undefined : (await sources.units.unit(unit))?.name;
  return {
    ...base,
    register: textsOf(sources, principal.register, base.lang)?.name ?? principal.register,
    ...(department !== undefined && { department }),
    user: { name: principal.name, role: principal.role, mayChangeRole: principal.launch === undefined },
    ...(startable(sources, principal.register).length === 0 && { isCaptured: true as const }),
    ...(hasReservations(sources, principal) && { hasReservations: true }),
  };
}

async function roleToChoose(
  sources: Sources,
  { id, role, register, unit, until }: RoleAssignment,
): Promise<RoleChoiceModel['roles'][number]> {
  const [department, organisation] = await Promise.all(
    unit === undefined ? [] : [sources.units.unit(unit), sources.units.organisationOf(unit)],
  );
  const left = daysLeft(until, dayInOslo(sources.repository.deps.clock.now()));
  return {
    id,
    role,
    register: textsOf(sources, register, sources.lang ?? 'nb')?.name ?? register,
    ...(until !== undefined && left !== undefined && { endsSoon: { day: lastDay(until), daysLeft: left } }),
    ...(department !== undefined && { department: department.name }),
    ...(organisation !== undefined && { organisation: organisation.name }),
  };
}
