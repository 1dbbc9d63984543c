/** A form on paper: with its answers, or empty. The numbers of the questions are those of the screen. */
import type { ChartView } from '../../sdc/body-chart.ts';
import type { PatientHead } from '../view-models.ts';

export type PaperPart =
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly title: string;
      readonly parts: readonly PaperPart[];
    }
  | { readonly kind: 'text'; readonly key: string; readonly text: string }
  | {
      readonly kind: 'question';
      readonly key: string;
      readonly text: string;
      /** When it is asked, on an empty form. */
      readonly condition: string;
      readonly field: PaperField;
      /** Of a question that is a picture: its views, and the codes that are answered. */
      readonly chart?: { readonly views: readonly ChartView[]; readonly chosen: ReadonlySet<string> };
    };

/** What stands below a question. */
export type PaperField =
  | { readonly kind: 'answers'; readonly answers: readonly string[] }
  | {
      readonly kind: 'boxes';
      readonly options: readonly string[];
      readonly isMany: boolean;
      readonly isOpen: boolean;
    }
  /** So many lines to write on; `hint` says what. */
  | { readonly kind: 'lines'; readonly lines: number; readonly hint: string };

export interface PaperModel {
  readonly title: string;
  /** Short name of the form, and its version: what is typed in must be the same. */
  readonly short: string;
  readonly version: string;
  readonly register: string;
  /** Whose it is; an empty form has lines for it. */
  readonly patient?: PatientHead;
  readonly pathwayNumber?: string;
  /** Absent on an empty form. */
  readonly state?: 'draft' | 'locked';
  readonly savedAt?: string;
  /** Of one that a patient is to answer and send back: what leads to it when it is scanned, and the same to type. */
  readonly scan?: { readonly address: string; readonly number: string };
  readonly back: string;
  readonly parts: readonly PaperPart[];
}
