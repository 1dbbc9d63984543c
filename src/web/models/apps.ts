/** Apps of third parties: what one asks for, which patient it is told about, and what apps have. */
import type { PatientHead } from '../view-models.ts';

/** What an app asks for. */
export interface AppConsentModel {
  /** Where the page's forms go. */
  readonly action: string;
  readonly app: string;
  readonly returnsTo: string;
  readonly patient?: PatientHead;
  readonly scopes: readonly string[];
}

/** Which patient an app is told about. */
export interface AppPatientModel {
  readonly action: string;
  readonly app: string;
  /** What was searched for. */
  readonly text: string;
  readonly patients: readonly PatientHead[];
  readonly hasMore: boolean;
}

/** One app that the person has given access to. */
export interface AppGrantModel {
  readonly id: string;
  readonly app: string;
  readonly created: string;
  readonly lastUsed: string;
  readonly expires: string;
  readonly patient?: string;
  readonly scopes: readonly string[];
}

export interface AppsModel {
  readonly grants: readonly AppGrantModel[];
  readonly isWithdrawn: boolean;
}
