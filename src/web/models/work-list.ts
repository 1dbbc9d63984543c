/** What the work list [Arbeidsliste] shows, and what its address asks for. */
import type { ModuleChoice } from './modules.ts';
import type { ConsentState, FormCell, PatientHead } from '../view-models.ts';

export interface WorkListRow {
  /** EpisodeOfCare id, for addresses. */
  readonly episode: string;
  readonly patient: PatientHead;
  /** ForløpsID. */
  readonly pathwayNumber?: string;
  readonly consent: ConsentState;
  /** Type of missing consent in words. */
  readonly consentNote?: string;
  readonly start?: string;
  readonly location?: string;
  readonly department?: string;
  /** The form in which location and department are changed. */
  readonly placeHref?: string;
  readonly forms: readonly FormCell[];
  /** What the patient has sent in, and staff are to import. */
  readonly toImport?: readonly FormCell[];
  /** The comment that the register lets be printed with the list. */
  readonly printedComment?: string;
}

/** How the work list is filtered; the number of rows is in `WorkListModel.counts`. */
export const WORK_LIST_FILTERS = ['all', 'new', 'in-progress', 'to-confirm', 'to-import'] as const;
export type WorkListFilter = (typeof WORK_LIST_FILTERS)[number];
export const WORK_LIST_SORTS = ['consent', 'start', 'department'] as const;
export type WorkListSort = (typeof WORK_LIST_SORTS)[number];

/** What the address of the work list asks for. */
export interface WorkListQuery {
  /** Of a register with several: the module whose pathways are shown; one with pathways when left out. */
  readonly module?: string;
  readonly filter: WorkListFilter;
  readonly sort: WorkListSort;
  readonly direction: 'ascending' | 'descending';
  /** 1 is the first page. */
  readonly page: number;
}

export interface WorkListModel {
  readonly query: WorkListQuery;
  /** Of a register with several, with their pathways under way. */
  readonly modules: readonly (ModuleChoice & { readonly count: number })[];
  readonly counts: Readonly<Record<WorkListFilter, number>>;
  /** Filters that the register has anything for. */
  readonly filters?: readonly WorkListFilter[];
  /** Short names of the forms, in the order of the columns. */
  readonly columns: readonly { readonly short: string; readonly title: string }[];
  readonly rows: readonly WorkListRow[];
  readonly pages: number;
  /** The reader may register new pathways, and delete those of which nothing is locked. */
  readonly mayRegister?: boolean;
  /** The register is filled by what the EHR sends. */
  readonly isCaptured?: true;
  readonly mayDelete?: boolean;
}
