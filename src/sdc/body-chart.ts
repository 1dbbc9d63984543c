/**
 * A question with several answers as a picture with regions, such as a pain drawing: the extension `body-chart` has the views, and
 * a region for each option (docs/sdc-dialect.md section 2.1). Coordinates are those of the view's box; paths are those of
 * https://www.w3.org/TR/SVG2/paths.html
 */
import type { Extension } from '../fhir/types.ts';
import { EXT, extensionOf, extensionsOf } from './extensions.ts';
import type { FormItem } from './form-types.ts';

export interface ChartRegion {
  /** Code of the option that it stands for. */
  readonly option: string;
  readonly path: string;
  /** Where its mark is put when it is chosen. */
  readonly x: number;
  readonly y: number;
}

export interface ChartView {
  readonly code: string;
  /** Texts, with their translations: `title`, and what stands at the left and right side of the picture. */
  readonly texts: Readonly<Record<'title' | 'left' | 'right', Extension | undefined>>;
  /** `min-x min-y width height` */
  readonly box: string;
  /** Lines that help to find the way, and are no region. */
  readonly details: string | undefined;
  readonly regions: readonly ChartRegion[];
}

const READ = new WeakMap<object, readonly ChartView[]>();

/** The views of a question's chart; empty when it has none, or is no choice with several answers. */
export function chartViewsOf({ source, type, isRepeating }: FormItem): readonly ChartView[] {
  if (!isRepeating || (type !== 'choice' && type !== 'open-choice')) {
    return [];
  }
  const known = READ.get(source);
  if (known !== undefined) {
    return known;
  }
  const views = extensionsOf(extensionOf(source, EXT.bodyChart), 'view').map(readView);
  READ.set(source, views);
  return views;
}

function readView(view: Extension): ChartView {
  return {
    code: extensionOf(view, 'code')?.valueCode ?? '',
    texts: {
      title: extensionOf(view, 'title'),
      left: extensionOf(view, 'left'),
      right: extensionOf(view, 'right'),
    },
    box: extensionOf(view, 'box')?.valueString ?? '',
    details: extensionOf(view, 'details')?.valueString,
    regions: extensionsOf(view, 'region').map((region) => ({
      option: extensionOf(region, 'option')?.valueCode ?? '',
      path: extensionOf(region, 'path')?.valueString ?? '',
      x: extensionOf(region, 'x')?.valueDecimal ?? NaN,
      y: extensionOf(region, 'y')?.valueDecimal ?? NaN,
    })),
  };
}

const PATH = /^M[-\d.,\sMLHVCSQTAZmlhvcsqtaz]+$/;
const BOX = /^-?[\d.]+ -?[\d.]+ [\d.]+ [\d.]+$/;

/** What is wrong with a question's chart, in words. */
export function chartProblems(item: FormItem): readonly string[] {
  if (extensionOf(item.source, EXT.bodyChart) === undefined) {
    return [];
  }
  const views = chartViewsOf(item);
  if (views.length === 0) {
    return ['a body-chart needs a view, and a choice with several answers'];
  }
  const options = item.options?.list ?? [];
  const codes = new Set(options.map(({ coding }) => coding.code));
  const regions = views.flatMap((view) => view.regions);
  const drawn = regions.map(({ option }) => option);
  return [
    ...views
      .filter(({ box, details }) => !BOX.test(box) || (details !== undefined && !PATH.test(details)))
      .map(({ code }) => `the view ${code} needs a box of four numbers, and details that are a path`),
    ...regions
      .filter(({ path, x, y }) => !PATH.test(path) || Number.isNaN(x + y))
      .map(({ option }) => `the region ${option} needs a path, and x and y for its mark`),
    ...drawn.filter((code) => !codes.has(code)).map((code) => `the region ${code} is no option`),
    ...drawn
      .filter((code, index) => drawn.indexOf(code) !== index)
      .map((code) => `the option ${code} has two regions`),
    ...options
      .filter(({ coding, isExclusive }) => !isExclusive && !drawn.includes(coding.code ?? ''))
      .map(({ coding }) => `the option ${coding.code ?? ''} has no region`),
  ];
}
