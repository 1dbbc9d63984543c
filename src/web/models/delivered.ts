/** Delivered registrations [Innleverte registreringer]: pathways of which all forms are completed. */
import type { ModuleChoice } from './modules.ts';
import type { PatientHead } from '../view-models.ts';

/** What the address asks for; days as FHIR dates, of the start of the pathway. */
export interface DeliveredQuery {
  /** Of a register with several; all when left out. */
  readonly module?: string;
  readonly from?: string;
  readonly to?: string;
  readonly ageFrom?: number;
  readonly ageTo?: number;
  /** A location or a department. */
  readonly place?: string;
  /** 1 is the first page. */
  readonly page: number;
}

export interface DeliveredRow {
  readonly patient: PatientHead;
  /** Title of its module, of a register with several. */
  readonly module?: string;
  readonly pathwayNumber?: string;
  readonly start?: string;
  readonly completedAt?: string;
  /** Whole years at the start. */
  readonly age?: number;
  readonly location?: string;
  readonly department?: string;
}

export interface DeliveredModel {
  /** Of a register with several. */
  readonly modules: readonly ModuleChoice[];
  readonly query: DeliveredQuery;
  readonly rows: readonly DeliveredRow[];
  readonly count: number;
  readonly pages: number;
  /** Locations and departments that the department's pathways have had. */
  readonly places: readonly string[];
}
