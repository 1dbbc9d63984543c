/** [Lokal oversikt]: the register's simple charts for a department, each with its table. */
import type { ReactNode } from 'react';
import type { ChartModel, DaysChart, MonthsChart, OverviewModel, SharesChart } from '../models/overview.ts';
import { formatNumber } from '../../sdc/numbers.ts';
import { Table } from '../ui/aksel.ts';
import { Bars } from '../ui/charts/bars.tsx';
import { ShareBar } from '../ui/charts/share-bar.tsx';
import { fill } from '../ui/form-texts.ts';
import { overviewTexts } from '../ui/overview-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';

export function OverviewPage({
  model: { department, charts },
}: {
  readonly model: OverviewModel;
}): ReactNode {
  const t = useTexts(overviewTexts);
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{t.title}</h1>
        <p className="lead">{department === undefined ? t.national : fill(t.lead, { department })}</p>
      </div>
      {charts.length === 0 && <p className="card empty">{t.none}</p>}
      <div className="charts">
        {charts.map((chart) => (
          <div key={chart.id} className="card stack stack--tight">
            <h2 id={chart.id} className="section-title">
              {chart.title}
            </h2>
            <p className="subtle">{chart.about}</p>
            <Chart chart={chart} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Chart({ chart }: { readonly chart: ChartModel }): ReactNode {
  switch (chart.kind) {
    case 'months':
      return <Months chart={chart} />;
    case 'shares':
      return <Shares chart={chart} />;
    case 'days':
      return <Days chart={chart} />;
  }
}

const Nothing = (): ReactNode => <p className="empty">{useTexts(overviewTexts).nothing}</p>;

const total = (counts: readonly number[]): number => counts.reduce((all, n) => all + n, 0);

const SHORT_MONTHS: Readonly<Record<string, readonly string[]>> = {
  nb: ['jan', 'feb', 'mar', 'apr', 'mai', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'des'],
  nn: ['jan', 'feb', 'mar', 'apr', 'mai', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'des'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** One small chart for each series, on the same axis: nothing is told by colour. */
function Months({ chart: { id, months, series } }: { readonly chart: MonthsChart }): ReactNode {
  const t = useTexts(overviewTexts);
  const { lang } = usePage();
  const name = (month: string): string => SHORT_MONTHS[lang]?.[Number(month.slice(5)) - 1] ?? month;
  const most = Math.max(1, ...series.flatMap(({ counts }) => counts));
  if (series.every(({ counts }) => total(counts) === 0)) {
    return <Nothing />;
  }
  return (
    <>
      {series.map(({ name: title, counts }, index) => {
        const top = Math.max(...counts);
        return (
          <figure key={title} className="figure">
            <figcaption>
              {title} <span className="subtle">(n = {total(counts)})</span>
            </figcaption>
            {top > 0 && (
              <Bars
                id={`${id}-${index}`}
                title={title}
                description={fill(t.describe, {
                  name: title,
                  n: total(counts),
                  month: name(months[counts.indexOf(top)] ?? ''),
                  most: top,
                })}
                bars={months.map((month, at) => ({ label: name(month), n: counts[at] ?? 0 }))}
                most={most}
              />
            )}
          </figure>
        );
      })}
      <Figures
        label={`${id}-tall`}
        heads={[t.month, ...series.map(({ name: own }) => own), t.sum]}
        rows={months.map((month, at) => {
          const counts = series.map(({ counts: own }) => own[at] ?? 0);
          return [`${name(month)} ${month.slice(0, 4)}`, ...counts, total(counts)];
        })}
      />
    </>
  );
}

/** The table is the chart. */
function Shares({ chart: { id, rows } }: { readonly chart: SharesChart }): ReactNode {
  const t = useTexts(overviewTexts);
  if (rows.every(({ of }) => of === 0)) {
    return <Nothing />;
  }
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-labelledby={id}>
      <Table size="small">
        <thead>
          <tr>
            <th scope="col">{t.what}</th>
            <th scope="col" colSpan={2}>
              {t.share}
            </th>
            <th scope="col" className="number">
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, n, of }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="share-cell">{of > 0 && <ShareBar share={n / of} />}</td>
              <td className="number nowrap">
                {of === 0 ? '–' : `${formatNumber(Math.round((n / of) * 100), 'nb')} %`}
              </td>
              <td className="number nowrap">{fill(t.of, { n, of })}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Days({ chart: { id, title, bins, n, median } }: { readonly chart: DaysChart }): ReactNode {
  const t = useTexts(overviewTexts);
  if (n === 0) {
    return <Nothing />;
  }
  const label = ({ from, to }: DaysChart['bins'][number]): string => {
    if (to === undefined) {
      return `${from}+`;
    }
    return from === to ? String(from) : fill(t.range, { from, to });
  };
  const summary = fill(t.median, { median: median ?? 0, n });
  return (
    <>
      <p>{summary}</p>
      <figure className="figure">
        <Bars
          id={`${id}-0`}
          title={title}
          description={summary}
          bars={bins.map((bin) => ({ label: label(bin), n: bin.n }))}
          most={Math.max(...bins.map((bin) => bin.n))}
        />
      </figure>
      <Figures
        label={`${id}-tall`}
        heads={[t.days, t.count]}
        rows={bins.map((bin) => [
          bin.to === undefined ? fill(t.more, { from: bin.from }) : label(bin),
          bin.n,
        ])}
      />
    </>
  );
}

/** The table behind a chart. */
function Figures({
  label,
  heads,
  rows,
}: {
  readonly label: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}): ReactNode {
  const t = useTexts(overviewTexts);
  return (
    <details className="figures">
      <summary id={label}>{t.table}</summary>
      <div className="table-scroll" tabIndex={0} role="group" aria-labelledby={label}>
        <Table size="small">
          <thead>
            <tr>
              {heads.map((head, at) => (
                <th key={head} scope="col" className={at === 0 ? undefined : 'number'}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...rest]) => (
              <tr key={first}>
                <th scope="row" className="nowrap">
                  {first}
                </th>
                {rest.map((cell, at) => (
                  <td key={at} className="number">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </details>
  );
}
