/**
 * What the pages need from the rest of the system. Implemented by the composition root on the repository; in tests by memory.
 * Every function authorises for itself and throws FhirError (403, 404, 409, 412, 422) for what the reader may see.
 */
import type { Request } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import type { QuestionnaireResponse } from '../fhir/types.ts';
import type { FormIssue } from '../sdc/validate-response.ts';
import type {
  FormHistoryModel,
  FormPageModel,
  FrameModel,
  LaunchModel,
  LoginModel,
  PatientModel,
  ReceivedModel,
  RoleChoiceModel,
  StartModel,
  WorkListModel,
  WorkListQuery,
} from './view-models.ts';

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

export interface WebDeps {
  /** Where the bundle is: from `readAssets` (assets.ts). */
  readonly assets: { readonly script: string; readonly styles: readonly string[] };

  /** The person behind a request, in the chosen role; undefined when nobody is logged in or no role is chosen. */
  sessionOf(request: Request): Promise<StaffPrincipal | undefined>;
  /** Frame of the pages, also for people who are not logged in. */
  frame(request: Request, principal: StaffPrincipal | undefined): Promise<FrameModel>;

  start(): Promise<StartModel>;
  /** `feil` and `neste` of the address are read by the router. */
  login(): Promise<Pick<LoginModel, 'demoAccounts'>>;
  /** Roles of the person who has logged in; undefined when nobody has. */
  roles(request: Request): Promise<RoleChoiceModel['roles'] | undefined>;

  workList(principal: StaffPrincipal, query: WorkListQuery): Promise<WorkListModel>;
  patientPage(principal: StaffPrincipal, patientId: string): Promise<PatientModel>;
  received(principal: StaffPrincipal, patientId: string): Promise<ReceivedModel>;

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
  /** Task id of the form that [Neste] goes to; undefined after the last. */
  nextForm(principal: StaffPrincipal, taskId: string): Promise<string | undefined>;

  /** The patient and forms of an EHR launch; undefined when the session carries none. */
  launch(request: Request, principal: StaffPrincipal): Promise<LaunchModel | undefined>;
  /** [Opprett registrering]: open a pathway for the launch's patient; the task id of its first form. */
  createRegistration(
    request: Request,
    principal: StaffPrincipal,
    register: string | undefined,
  ): Promise<string>;
}
