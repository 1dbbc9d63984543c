/** What the pages of a launch from an EHR show. */
import type { ModuleChoice } from './modules.ts';
import type { PatientHead, Pathway } from '../view-models.ts';

export interface LaunchModel {
  readonly patient: PatientHead;
  /** Name of the EHR in the reader's language. */
  readonly ehr: string;
  readonly pathways: readonly Pathway[];
  /** The register takes a new registration for this patient now. */
  readonly mayCreate: boolean;
  /** Modules in which one may be made, of a register with several. */
  readonly modules: readonly ModuleChoice[];
  /** Resource types that the EHR did not let us read (AP-02). */
  readonly missing: readonly string[];
  /** The form that the EHR asked for (TK-01): its Task, or that it is not open for this patient. */
  readonly asked?: { readonly task: string } | 'gone';
}

/** An EHR that a user may begin with here. */
export interface PickableEhr {
  readonly fhirBase: string;
  readonly name: string;
}
