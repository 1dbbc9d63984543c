/** [Kan ikke kodes]: what senders say that the register has no code or unit for, with the forms that wait. */
import type { ReactNode } from 'react';
import type { UnmappedLine, UnmappedModel } from '../models/unmapped.ts';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { TableHead } from '../ui/table-head.tsx';
import { unmappedTexts } from '../ui/unmapped-texts.ts';

export function UnmappedPage({ model: { lines } }: { readonly model: UnmappedModel }): ReactNode {
  const t = useTexts(unmappedTexts);
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{t.title}</h1>
        <p className="lead">{t.lead}</p>
      </div>
      {lines.length === 0 ? (
        <p className="card empty">{t.none}</p>
      ) : (
        <div className="card table-scroll" tabIndex={0} role="region" aria-label={t.title}>
          <Table size="small">
            <TableHead columns={[t.value, t.question, t.sender, t.count, t.since]} />
            <tbody>
              {lines.map((line) => (
                <Line key={line.id} line={line} />
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}

const SHOWN = 20;

function Line({ line }: { readonly line: UnmappedLine }): ReactNode {
  const t = useTexts(unmappedTexts);
  const { value, system, question, sender, since, count, forms } = line;
  return (
    <tr>
      <th scope="row">
        {value}
        {system !== undefined && <div className="subtle">{system}</div>}
      </th>
      <td>{question}</td>
      <td>{sender}</td>
      <td>
        {count}
        {forms.slice(0, SHOWN).map((form, at) => (
          <span key={form}>
            {' '}
            <a href={`/skjema/${form}`}>{fill(t.form, { n: at + 1 })}</a>
          </span>
        ))}
      </td>
      <td>{formatInstant(since)}</td>
    </tr>
  );
}
