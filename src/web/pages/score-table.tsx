/** The scores of a form: value, scale and level, or why there is none. */
import type { ReactNode } from 'react';
import type { ScoreLine } from '../models/received-form.ts';
import { Table } from '../ui/aksel.ts';
import { useTexts } from '../ui/page-context.tsx';
import { receivedTexts } from '../ui/received-texts.ts';

export function ScoreTable({ scores }: { readonly scores: readonly ScoreLine[] }): ReactNode {
  const t = useTexts(receivedTexts);
  return (
    <section className="stack" aria-labelledby="skarer">
      <h2 id="skarer" className="section-title">
        {t.scores}
      </h2>
      {scores.length === 0 ? (
        <p>{t.noScores}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="skarer">
          <Table size="small" className="scores">
            <thead>
              <tr>
                <th scope="col">{t.score}</th>
                <th scope="col" className="scores__value">
                  {t.value}
                </th>
                <th scope="col">{t.meaning}</th>
                <th scope="col">{t.scale}</th>
              </tr>
            </thead>
            <tbody>
              {scores.map((line) => (
                <Line key={line.code} line={line} />
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </section>
  );
}

const DIRECTIONS = { 'higher-better': 'better', 'higher-worse': 'worse' } as const;

function Line({
  line: { title, value, band, scale, direction, absent },
}: {
  readonly line: ScoreLine;
}): ReactNode {
  const t = useTexts(receivedTexts);
  return (
    <tr>
      <th scope="row">{title}</th>
      <td className="scores__value tabular">{value ?? '–'}</td>
      <td>
        {band}
        {absent !== undefined && (
          <span className="subtle">{t.absent(absent.answered, absent.items, absent.needed)}</span>
        )}
      </td>
      <td className="nowrap subtle">
        {scale}
        {direction !== 'none' && `, ${t[DIRECTIONS[direction]]}`}
      </td>
    </tr>
  );
}
