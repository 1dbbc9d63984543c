/**
 * What the pages need from the rest of the system. Implemented by the composition root on the repository; in tests by memory.
 * Every function authorises for itself and throws FhirError (403, 404, 409, 412, 422) for what the reader may see.
 */
import type { Request, Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import type { AccessRequest, GivenAccess } from '../smart/app-consent.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';
import type { Language } from '../sdc/language.ts';
import type { CookieJar } from '../smart/cookies.ts';
import type { Verdict } from '../registry/audit/review.ts';
import type { FormIssue } from '../sdc/validate-response.ts';
import type { Assets } from './assets.ts';
import type { WorkListModel, WorkListQuery } from './models/work-list.ts';
import type { ScreenPages } from './screen-deps.ts';
import type {
  ConsentModel,
  FormHistoryModel,
  FormPageModel,
  FrameModel,
  LoginModel,
  PatientHead,
  PatientModel,
  ReceivedModel,
  ReservationLetter,
  ReservationLine,
  ReservationModel,
  RoleChoiceModel,
  StartModel,
} from './view-models.ts';
import type { RecordTextModel, WriteBackModel } from './models/record-text.ts';
import type { LaunchModel, PickableEhr } from './models/launch.ts';
import type { AppGrantModel, AppPatientModel } from './models/apps.ts';
import type { AccessListModel, EventModel, ReviewModel, ReviewRequest } from './models/trail.ts';
import type { PatientFormPages } from './models/patient-forms.ts';
import type { ReceivedPages } from './models/received-form.ts';
import type { RegistrationPages } from './registration-deps.ts';

/** A saved draft or a lock. */
export interface Saved {
  readonly version: string;
  /** Instant of the save. */
  readonly at: string;
  /** The response as stored: calculated again by the server. */
  readonly response: QuestionnaireResponse;
}

/**
 * The answer to "complete": locked, or what stands in the way. A refused form is saved as a draft all the same; a refused
 * correction is not saved, and `saved` is what was sent over the version that stands.
 */
export type Completion =
  | { readonly kind: 'completed'; readonly saved: Saved }
  | { readonly kind: 'refused'; readonly saved: Saved; readonly issues: readonly FormIssue[] };

/** Who saved the version that stands in the way of a save (412). */
export interface Conflict {
  readonly version: string;
  readonly at: string;
  readonly by?: string;
}

/** Thrown by `saveDraft`, `complete` and `reopen` when the version is no longer the newest. */
export class VersionConflict extends Error {
  readonly conflict: Conflict;

  constructor(conflict: Conflict) {
    super('The form has been saved by someone else.');
    this.name = 'VersionConflict';
    this.conflict = conflict;
  }
}

/** What comes with a save. */
export interface SaveRequest {
  readonly taskId: string;
  readonly response: QuestionnaireResponse;
  /** Version the user saw; undefined before the first save. */
  readonly ifMatch: string | undefined;
  /** Internal comment; undefined leaves it as it is, empty removes it. */
  readonly comment?: string | undefined;
}

/** Apps of third parties (app-routes.tsx). */
export interface AskedAccess extends AccessRequest {
  /** The app wants to know anew who it is: the page where the person shows it. */
  readonly confirmAt?: string;
}

export interface AppPages {
  /** What an app asks for at this address; undefined when that is over, or another browser's. */
  request(request: Request, response: Response): Promise<AskedAccess | undefined>;
  /** Give access in the role that the person is in; answers where the browser goes on. */
  give(request: Request, response: Response, given: Pick<GivenAccess, 'patient' | 'scopes'>): Promise<string>;
  refuse(request: Request, response: Response): Promise<string>;
  /** Patients whom the person may see, by name or number. */
  patients(principal: StaffPrincipal, text: string): Promise<Pick<AppPatientModel, 'patients' | 'hasMore'>>;
  /** One of them, or undefined. */
  patient(principal: StaffPrincipal, id: string): Promise<PatientHead | undefined>;
  /** What the person has given. */
  grants(request: Request, principal: StaffPrincipal): Promise<readonly AppGrantModel[]>;
  withdraw(request: Request, id: string): Promise<boolean>;
}

/** Coordinators look at the audit trail, and make a person's own list (AU-05). Others get 403. */
export interface ReservationPages {
  page(principal: StaffPrincipal, patientId: string | undefined): Promise<ReservationModel>;
  /** State one on a day (YYYY-MM-DD): the person's data are deleted. */
  state(
    principal: StaffPrincipal,
    who: { readonly patient: string } | { readonly number: string },
    day: string,
  ): Promise<ReservationLetter>;
  one(principal: StaffPrincipal, id: string): Promise<ReservationLine>;
  takeBack(principal: StaffPrincipal, id: string): Promise<void>;
}

export interface TrailPages {
  review(principal: StaffPrincipal, request: ReviewRequest): Promise<ReviewModel>;
  event(principal: StaffPrincipal, id: string): Promise<EventModel>;
  followUp(
    principal: StaffPrincipal,
    id: string,
    result: { readonly verdict: Verdict; readonly comment: string },
  ): Promise<void>;
  accessList(principal: StaffPrincipal, patient: string): Promise<AccessListModel>;
}

export interface WebDeps {
  /** Where the bundle is: from `readAssets` (assets.ts). */
  readonly assets: Assets;

  readonly apps: AppPages;

  /** The further screens of the workbench. Left out by tests that have none. */
  readonly screens?: ScreenPages;

  /** How cookies are set here; those of plain http when it is left out. */
  readonly cookies?: CookieJar;

  /** The person behind a request, in the chosen role; undefined when nobody is logged in or no role is chosen. */
  sessionOf(request: Request): Promise<StaffPrincipal | undefined>;
  /** Frame of the pages, also for people who are not logged in. */
  frame(request: Request, principal: StaffPrincipal | undefined): Promise<FrameModel>;

  /**
   * The same for one request by one person: whatever it is shown is gathered, and told to the audit trail as one event by
   * `settle` (AU-01). Left out by tests that keep no trail.
   */
  forRequest?(requestId: string, principal: StaffPrincipal, lang: Language): WebDeps;
  /** Resolves when the audit trail knows what this request was shown; then it may be answered. */
  readonly settle?: () => Promise<void>;

  /** Pages on the audit trail. Left out by tests that keep none. */
  readonly trail?: TrailPages;

  start(): Promise<StartModel>;
  /** `feil` and `neste` of the address are read by the router. */
  login(): Promise<Pick<LoginModel, 'demoAccounts' | 'choices'>>;
  /** Roles of the person who has logged in; undefined when nobody has. */
  roles(request: Request): Promise<RoleChoiceModel['roles'] | undefined>;

  /** Pages beside the work list. Left out by tests that have none. */
  readonly registration?: RegistrationPages;
  /** Forms that patients answer, for somebody at work. */
  readonly patientForms?: (principal: StaffPrincipal) => PatientFormPages;
  /** Forms that are handed to the patient and come back. */
  readonly receivedForms?: (principal: StaffPrincipal) => ReceivedPages;
  workList(principal: StaffPrincipal, query: WorkListQuery): Promise<WorkListModel>;
  patientPage(principal: StaffPrincipal, patientId: string): Promise<PatientModel>;
  received(principal: StaffPrincipal, patientId: string): Promise<ReceivedModel>;
  /** A given consent, for the coordinator (SC) who may withdraw it. */
  consentPage(principal: StaffPrincipal, consentId: string): Promise<ConsentModel>;
  /** Withdraw it on a day (YYYY-MM-DD); the person leaves the national store at once. */
  withdrawConsent(principal: StaffPrincipal, consentId: string, day: string): Promise<void>;

  /** Reservations against the register, for the coordinator (SC) of one that runs by them. */
  readonly reservations: ReservationPages;

  /** Open a form: the stored draft, or a new one filled from what has been received. Writes nothing but the audit trail. */
  openForm(principal: StaffPrincipal, taskId: string): Promise<FormPageModel>;
  /** Versions of a form, and the difference between two of them (versionIds) when asked for. */
  formHistory(
    principal: StaffPrincipal,
    taskId: string,
    compare: { readonly from: string; readonly to: string } | undefined,
  ): Promise<FormHistoryModel>;
  /** Store a draft. The server calculates again; unknown or locked items of the response are not taken over. */
  saveDraft(principal: StaffPrincipal, request: SaveRequest): Promise<Saved>;
  /** Lock the form, or say what is missing. `reason` is required when a locked form was opened for correction. */
  complete(principal: StaffPrincipal, request: SaveRequest, reason: string | undefined): Promise<Completion>;
  /**
   * A locked form opened for correction (local coordinator), with the reason. Stores nothing: the correction is the next
   * `complete` with that reason.
   */
  reopen(
    principal: StaffPrincipal,
    taskId: string,
    reason: string,
    ifMatch: string | undefined,
  ): Promise<FormPageModel>;
  /** Withdraw a form that capture has filled. Throws 403, 422, VersionConflict. */
  withdrawForm(principal: StaffPrincipal, taskId: string, reason: string, ifMatch: string): Promise<void>;
  /** Task id of the form that [Neste] goes to; undefined after the last. */
  nextForm(principal: StaffPrincipal, taskId: string): Promise<string | undefined>;

  /** Text for the record of a locked form, and what went back to the EHR. Left out by tests that have none. */
  readonly record?: {
    page(principal: StaffPrincipal, taskId: string): Promise<RecordTextModel>;
    /** How it stands with what goes back; undefined when nothing does. */
    standing(principal: StaffPrincipal, response: QuestionnaireResponse): Promise<WriteBackModel | undefined>;
    /** Try again, with the launch that the session carries. */
    retry(principal: StaffPrincipal, taskId: string): Promise<void>;
  };
  /** EHRs that a user may begin with here. Left out by tests that have none. */
  readonly ehrs?: (lang: Language) => readonly PickableEhr[];
  /** The patient and forms of an EHR launch; undefined when the session carries none. */
  launch(request: Request, principal: StaffPrincipal): Promise<LaunchModel | undefined>;
  /** [Opprett registrering]: open a pathway for the launch's patient; the task id of its first form. */
  createRegistration(
    request: Request,
    principal: StaffPrincipal,
    module: string | undefined,
  ): Promise<string>;
}
