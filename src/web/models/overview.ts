/** The local overview: counts, ready to be drawn. Names are in the reader's language. */

interface ChartHead {
  readonly id: string;
  readonly title: string;
  readonly about: string;
}

export interface MonthsChart extends ChartHead {
  readonly kind: 'months';
  /** `2026-11`, oldest first. */
  readonly months: readonly string[];
  readonly series: readonly { readonly name: string; readonly counts: readonly number[] }[];
}

export interface SharesChart extends ChartHead {
  readonly kind: 'shares';
  readonly rows: readonly { readonly name: string; readonly n: number; readonly of: number }[];
}

export interface DaysChart extends ChartHead {
  readonly kind: 'days';
  readonly bins: readonly { readonly from: number; readonly to: number | undefined; readonly n: number }[];
  readonly n: number;
  readonly median: number | undefined;
}

export type ChartModel = MonthsChart | SharesChart | DaysChart;

export interface OverviewModel {
  /** The department, or undefined for all. */
  readonly department: string | undefined;
  readonly charts: readonly ChartModel[];
}
