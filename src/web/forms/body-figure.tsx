/**
 * The picture of a question that is a chart: views with regions, those that are chosen marked with a cross. For the screen, the
 * printer and paper; what a region says to people who do not see it is its check box beside the picture.
 */
import type { ReactNode } from 'react';
import type { ChartRegion, ChartView } from '../../sdc/body-chart.ts';
import type { Language } from '../../sdc/language.ts';
import { localised } from '../../sdc/text.ts';

export interface BodyFigureProps {
  readonly views: readonly ChartView[];
  readonly lang: Language;
  /** Codes of the regions that are chosen. */
  readonly chosen: ReadonlySet<string>;
  /** The region that is pointed at, or whose check box has the focus. */
  readonly pointed?: string | undefined;
  readonly onPoint?: (option: string | undefined) => void;
  readonly onPick?: (option: string) => void;
}

export function BodyFigure({ views, lang, ...regions }: BodyFigureProps): ReactNode {
  return (
    <div className="body-figure" aria-hidden="true">
      {views.map((view) => (
        <figure key={view.code} className="body-figure__view">
          <figcaption className="body-figure__title">
            {localised(view.texts.title, 'valueString', lang)}
          </figcaption>
          <div className="body-figure__sides">
            <span>{localised(view.texts.left, 'valueString', lang)}</span>
            <span>{localised(view.texts.right, 'valueString', lang)}</span>
          </div>
          <svg viewBox={view.box} focusable="false" className="body-figure__picture">
            {view.regions.map((region) => (
              <Region key={region.option} region={region} {...regions} />
            ))}
            {view.details !== undefined && <path className="body-figure__details" d={view.details} />}
            {view.regions
              .filter(({ option }) => option === regions.pointed)
              .map(({ option, path }) => (
                <path key={option} className="body-figure__edge" d={path} />
              ))}
            {view.regions
              .filter(({ option }) => regions.chosen.has(option))
              .map(({ option, x, y }) => (
                <path key={option} className="body-figure__mark" d={crossAt(x, y)} />
              ))}
          </svg>
        </figure>
      ))}
    </div>
  );
}

const CROSS = 4.5;
const crossAt = (x: number, y: number): string =>
  `M${x - CROSS} ${y - CROSS}L${x + CROSS} ${y + CROSS}M${x + CROSS} ${y - CROSS}L${x - CROSS} ${y + CROSS}`;

function Region({
  region: { option, path },
  chosen,
  pointed,
  onPoint,
  onPick,
}: Omit<BodyFigureProps, 'views' | 'lang'> & { readonly region: ChartRegion }): ReactNode {
  const className = [
    'body-figure__region',
    ...(chosen.has(option) ? ['body-figure__region--chosen'] : []),
    ...(pointed === option ? ['body-figure__region--pointed'] : []),
  ].join(' ');
  return (
    <path
      className={className}
      d={path}
      data-option={option}
      {...(onPick !== undefined && { onClick: () => onPick(option) })}
      {...(onPoint !== undefined && {
        onPointerEnter: () => onPoint(option),
        onPointerLeave: () => onPoint(undefined),
      })}
    />
  );
}
