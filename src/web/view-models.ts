/**
 * What each page shows, as data. Pages are pure functions of these; the loading functions (deps.ts) make them. Dates are FHIR
 * dates and instants; pages format them. Texts that come from a register (names of forms) are in the reader's language already.
 */
import type { StaffRole } from '../access/principal.ts';
import type { QuestionnaireResponse, Questionnaire } from '../fhir/types.ts';
import type { ShownScore } from '../registry/scoring/show.ts';
import type { Adoption } from '../sdc/adoption.ts';
import type { ValueSetConcept } from '../sdc/form-types.ts';
import type { FormIssue } from '../sdc/validate-response.ts';
import type { ModuleChoice } from './models/modules.ts';
import type { WriteBackModel } from './models/record-text.ts';
import type { Lang } from './ui/form-texts.ts';

/** What the frame around every page shows. */
export interface FrameModel {
  readonly lang: Lang;
  /** Address of the page, for the switch of the language; absent on the answer to a post. */
  readonly path?: string;
  /** Name of the register, as its texts say. */
  readonly register?: string;
  readonly department?: string;
  readonly user?: {
    readonly name: string;
    /** Absent before one is chosen. */
    readonly role?: StaffRole;
    readonly mayChangeRole: boolean;
  };
  /** Demo mode: synthetic patients, shared accounts. */
  readonly isDemo: boolean;
  /** The register is filled by what the EHR sends: nobody registers by hand. */
  readonly isCaptured?: true;
  /** The reader looks after reservations against the register. */
  readonly hasReservations?: boolean;
  /** False: the EHR around us shows who the patient is (need_patient_banner); one line is enough. */
  readonly needsBanner?: boolean;
}

/** How far a form has come. */
export type FormStatus =
  | 'not-open'
  | 'new'
  | 'in-progress'
  /** The patient has sent it in, and staff are to import it. */
  | 'submitted'
  | 'completed'
  | 'not-applicable';

/** One form of a pathway. */
export interface FormCell {
  /** Short name in tables: `B1.1`. */
  readonly short: string;
  readonly title: string;
  readonly status: FormStatus;
  /** Task id; absent when there is nothing to open. */
  readonly taskId?: string;
  /** Fetched answers that nobody has confirmed yet. */
  readonly toConfirm?: number;
  readonly hasComment?: boolean;
  /** Why a form that is filled by what the EHR sends is not whole. */
  readonly waitsFor?: string;
  /** The patient answers it, and it waits: a code or a link can be given. */
  readonly waitsForPatient?: boolean;
}

/** A form for the patient that another form offers. */
export interface OfferedForm {
  readonly taskId: string;
  readonly short: string;
  readonly title: string;
  readonly status: FormStatus;
}

export type ConsentState = 'yes' | 'no' | 'unknown';

export interface PatientHead {
  /** Patient id of the registry, for addresses. */
  readonly id: string;
  /** Absent when the reader may not see the identity. */
  readonly name?: string;
  /** National id as the reader may see it: whole, or with the last five digits masked. */
  readonly nationalId?: string;
  /** Register-internal PasientID. */
  readonly patientNumber?: string;
  readonly birthDate?: string;
  readonly deceased?: string;
}

export interface Pathway {
  readonly id: string;
  /** Title of its module, of a register with several. */
  readonly module?: string;
  readonly pathwayNumber?: string;
  readonly start?: string;
  readonly end?: string;
  /** `Pågår`, `Avsluttet`: state in words. */
  readonly state: string;
  readonly isActive?: boolean;
  readonly department?: string;
  readonly consent: ConsentState;
  readonly consentNote?: string;
  /** Where the reader may withdraw it. */
  readonly withdrawHref?: string;
  readonly forms: readonly FormCell[];
}

/** A given consent that may be withdrawn. */
export interface ConsentModel {
  readonly id: string;
  readonly patient: PatientHead;
  readonly given?: string;
  /** Day in Oslo. */
  readonly today: string;
}

/** The page on which somebody reserves against the register. */
export interface ReservationModel {
  /** Day in Oslo. */
  readonly today: string;
  /** Who reserves, when the page is opened for somebody. */
  readonly patient?: PatientHead;
  readonly lines: readonly ReservationLine[];
}

/** A reservation that is stated. */
export interface ReservationLine {
  readonly id: string;
  readonly day: string;
  readonly nationalId?: string;
}

/** What the person is told. */
export interface ReservationLetter {
  /** Full name of the register. */
  readonly register: string;
  readonly day: string;
  readonly madeOn: string;
  readonly name?: string;
  readonly nationalId?: string;
}

/** One line of a history: who did what when. */
export interface HistoryEntry {
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly href?: string;
}

export interface PatientModel {
  readonly patient: PatientHead;
  readonly pathways: readonly Pathway[];
  readonly history: readonly HistoryEntry[];
  /** Whether the reader may start a new pathway by hand. */
  readonly mayStart: boolean;
  /** What a new pathway may be of; none where the register is one whole. */
  readonly modules: readonly ModuleChoice[];
  /** The reader may make the person's list of who has seen the data. */
  readonly hasAccessList?: boolean;
  /** Where the reader states that the person reserves. */
  readonly reserveHref?: string;
}

/** One thing an EHR sent: [Mottatte data]. */
export interface ReceivedItem {
  /** `Legemiddel`, `Diagnose`: kind in words. */
  readonly kind: string;
  readonly text: string;
  /** Code with its system in words: `ICD-10 M54.5`. */
  readonly code?: string;
  /** When it was true in the record. */
  readonly date?: string;
  readonly source: string;
  readonly receivedAt: string;
  readonly reference: string;
}

export interface ReceivedModel {
  readonly patient: PatientHead;
  readonly items: readonly ReceivedItem[];
}

/** One form opened: everything that drawing and working in it needs, serialised into the page for the browser. */
export interface FormModel {
  readonly taskId: string;
  /** Where the form is posted; its draft is saved at `<address>/kladd`. */
  readonly address: string;
  /** Who works in it: a patient sees no comment, no history, and sends in instead of locking. */
  readonly reader: 'staff' | 'patient';
  /** When the page is shut, for a patient. */
  readonly endsAt?: string;
  readonly lang: Lang;
  readonly title: string;
  readonly questionnaire: Questionnaire;
  /** What the register says of values from sources, where the form says nothing. */
  readonly adoption?: Adoption;
  /** Concepts of the value sets that the form uses, by canonical as the form writes it. */
  readonly valueSets: Readonly<Record<string, readonly ValueSetConcept[]>>;
  /** Words that are suggested for a text, by linkId. */
  readonly suggestions?: Readonly<Record<string, readonly string[]>>;
  /** Launch contexts that calculations use, by name: `{ patient: … }`. Only what they need. */
  readonly launch: Readonly<Record<string, unknown>>;
  readonly response: QuestionnaireResponse;
  /** Version of the stored response, for If-Match; absent before the first save. */
  readonly version?: string;
  /** The moment the page was made: `today()` in expressions. */
  readonly now: string;
  readonly state: 'open' | 'correcting' | 'locked' | 'read-only';
  /** Why nobody can fill it in any more. */
  readonly closed?: {
    readonly why: 'no-answer' | 'days-over' | 'captured' | 'withdrawn';
    readonly reason?: string;
  };
  readonly comment?: string;
  /** Why a completed form was opened for correction. */
  readonly reason?: string;
  readonly saved?: { readonly at: string; readonly by?: string };
  /** Title of the form that [Neste] goes to. */
  readonly next?: string;
  /** Forms for the patient that this one offers, and that wait for an answer: it saves itself at once. */
  readonly offers?: readonly OfferedForm[];
  /** The reader may open a locked form for correction. */
  readonly mayReopen: boolean;
  /** Texts that could not be understood, by field name: shown again as typed. */
  readonly texts: Readonly<Record<string, string>>;
  /** Why the last save or completion was refused: what the browser's own validation cannot know. */
  readonly issues: readonly FormIssue[];
  /** Completing was tried: what is missing is marked from now on. */
  readonly isAttempted: boolean;
}

export interface FormPageModel {
  readonly patient: PatientHead;
  readonly form: FormModel;
  /** The forms of the pathway, to go between them. */
  readonly siblings: readonly FormCell[];
  /** Of a locked form that asks instruments. */
  readonly scores?: readonly ShownScore[];
  /** What goes back to the EHR of a launch, and how it stands. */
  readonly writeBack?: WriteBackModel;
  /** A message after something was done: [Skjemaet er ferdigstilt]. */
  readonly notice?: 'saved' | 'completed' | 'imported' | 'withdrawn';
  /** The reader may withdraw what capture has filled; they have asked to, and given no reason. */
  readonly withdrawal?: 'possible' | 'reason-missing';
  /** The patient has sent it in: it is imported or discarded first. */
  readonly isSubmitted?: boolean;
  /** Forms that this one offers, and that the patient has sent in. */
  readonly toImport?: readonly OfferedForm[];
}

export interface VersionEntry {
  readonly version: string;
  readonly at: string;
  readonly who: string;
  /** `kladd`, `ferdigstilt`, `rettet`. */
  readonly state: 'draft' | 'completed' | 'amended' | 'withdrawn';
  readonly reason?: string;
}

/** One answer that two versions have differently. */
export interface Difference {
  readonly question: string;
  readonly before?: string;
  readonly after?: string;
}

export interface FormHistoryModel {
  readonly taskId: string;
  readonly title: string;
  readonly patient: PatientHead;
  readonly versions: readonly VersionEntry[];
  /** Versions compared, older first. */
  readonly compared?: {
    readonly from: string;
    readonly to: string;
    readonly differences: readonly Difference[];
  };
}

export interface LoginModel {
  /** Where to go after the login: a path on this server. */
  readonly next?: string;
  /** What went wrong, or was done, by the `feil` and `status` of the address: ui/account-texts.ts. */
  readonly problem?: string;
  readonly status?: string;
  /** Issuers to log in at instead. */
  readonly choices?: readonly { readonly name: string; readonly href: string }[];
  /** Accounts to try, in demo mode alone. */
  readonly demoAccounts: readonly {
    readonly username: string;
    readonly password: string;
    readonly about: string;
  }[];
}

export interface RoleChoiceModel {
  readonly next?: string;
  readonly problem?: 'role';
  readonly roles: readonly {
    readonly id: string;
    readonly register: string;
    /** Organisation that the department belongs to. */
    readonly organisation?: string;
    readonly department?: string;
    readonly role: StaffRole;
    /** Last day, and the days until then, for one that ends within thirty days. */
    readonly endsSoon?: EndsSoon;
  }[];
  /** What has been chosen so far, on the way from register to role. */
  readonly chosen?: ChosenRole;
}

export interface EndsSoon {
  readonly day: string;
  readonly daysLeft: number;
}

export interface ChosenRole {
  readonly register?: string;
  readonly organisation?: string;
  readonly department?: string;
}

export interface StartModel {
  readonly fhirBase: string;
  readonly registers: readonly { readonly name: string; readonly title: string }[];
  /** Links to try, in demo mode alone. */
  readonly demoLinks: readonly { readonly href: string; readonly text: string; readonly about: string }[];
}
