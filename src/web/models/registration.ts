/** New registration [Ny registrering] and patient search [Pasientsøk]. */
import type { PatientHead } from '../view-models.ts';

export const NUMBER_TYPES = ['norsk', 'annet'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Who is to be registered: a number of the type that was chosen. */
export interface AskedPerson {
  readonly type: NumberType;
  readonly number: string;
}

/** What is filled in about somebody whom the register does not know. */
export interface NewPerson extends AskedPerson {
  readonly given: string;
  readonly family: string;
  /** Of a register with several. */
  readonly module?: string;
  /** FHIR date. */
  readonly birthDate?: string;
}

/** Somebody who is here, or what the population registry says of the number. */
export type FoundPerson =
  | { readonly kind: 'known'; readonly patient: string }
  | {
      readonly kind: 'unknown';
      readonly given?: string;
      readonly family?: string;
      readonly birthDate?: string;
      /** FHIR date, by the population registry. */
      readonly deceased?: string;
      /** The population registry could not be asked: what is filled in is not checked. */
      readonly isUnanswered?: true;
    };

export const SEARCH_FIELDS = ['tekst', 'pasientid', 'forlopsid'] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

export interface SearchQuery {
  readonly field: SearchField;
  readonly text: string;
}

export interface SearchHits {
  readonly patients: readonly PatientHead[];
  readonly hasMore: boolean;
  /** Whom nobody finds may be registered by hand. */
  readonly mayRegister: boolean;
}

/** A pathway that may be deleted, or the forms that stand in the way. */
export interface DeletionModel {
  readonly episode: string;
  readonly patient: PatientHead;
  readonly pathwayNumber?: string;
  readonly start?: string;
  /** Locked forms, as tables call them. */
  readonly locked: readonly string[];
}
