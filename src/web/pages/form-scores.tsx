/** The scores of a form, for staff. */
import type { ReactNode } from 'react';
import type { ShownScore } from '../../registry/scoring/show.ts';
import { Table } from '../ui/aksel.ts';
import { fill, type Lang } from '../ui/form-texts.ts';
import { scoreTexts } from '../ui/score-texts.ts';
import { TableHead } from '../ui/table-head.tsx';

export interface FormScoresProps {
  readonly scores: readonly ShownScore[];
  readonly lang: Lang;
}

/** A table; nothing when the form asks no instrument. */
export function FormScores({ scores, lang }: FormScoresProps): ReactNode {
  const t = scoreTexts[lang];
  if (scores.length === 0) {
    return null;
  }
  return (
    <div className="card stack stack--tight">
      <h2 id="skaarer" className="section-title">
        {t.heading}
      </h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="skaarer">
        <Table size="small">
          <TableHead columns={[t.score, t.value, t.range, t.meaning, t.answered]} />
          <tbody>
            {scores.map((score) => (
              <Row key={`${score.code} ${score.title}`} score={score} lang={lang} />
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}

function Row({ score, lang }: { readonly score: ShownScore; readonly lang: Lang }): ReactNode {
  const t = scoreTexts[lang];
  const { title, value, absent, range, better, band, answered, items } = score;
  return (
    <tr>
      <th scope="row">{title}</th>
      <td className="tabular">{absent === undefined ? value : t.absent[absent]}</td>
      <td className="tabular">
        {range}
        {better !== 'none' && <span className="subtle"> · {t.better[better]}</span>}
      </td>
      <td>{band}</td>
      <td className="nowrap tabular">{fill(t.of, { n: answered, m: items })}</td>
    </tr>
  );
}
