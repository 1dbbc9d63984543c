/** Upright bars with their numbers, drawn on the server: one series, its own axis labels below. */
import type { ReactNode } from 'react';

export interface BarsProps {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bars: readonly { readonly label: string; readonly n: number }[];
  /** Top of the axis: the same for charts that are compared. */
  readonly most: number;
}

const WIDTH = 480;
const HEIGHT = 130;
const TOP = 18;
const FOOT = 22;

export function Bars({ id, title, description, bars, most }: BarsProps): ReactNode {
  const step = WIDTH / Math.max(1, bars.length);
  const width = Math.min(34, step * 0.7);
  const scale = (HEIGHT - TOP - FOOT) / Math.max(1, most);
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-labelledby={`${id}-navn ${id}-om`}
    >
      <title id={`${id}-navn`}>{title}</title>
      <desc id={`${id}-om`}>{description}</desc>
      <line x1="0" x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} className="chart__axis" />
      {bars.map(({ label, n }, at) => {
        const height = n * scale;
        const middle = step * (at + 0.5);
        return (
          <g key={label}>
            {n > 0 && (
              <rect
                x={middle - width / 2}
                y={HEIGHT - FOOT - height}
                width={width}
                height={height}
                className="chart__bar"
              />
            )}
            {n > 0 && (
              <text x={middle} y={HEIGHT - FOOT - height - 4} className="chart__number">
                {n}
              </text>
            )}
            <text x={middle} y={HEIGHT - 6} className="chart__label">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
