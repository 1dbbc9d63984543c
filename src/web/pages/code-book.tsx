/** The code book [Klokeboken]: every question of the register's forms, to be read and printed. */
import type { ReactNode } from 'react';
import type { CodeBookLine } from '../../registry/dump/code-book.ts';
import type { CodeBookModel } from '../models/files.ts';
import { fileTexts } from '../ui/file-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { TableHead } from '../ui/table-head.tsx';

export function CodeBookPage({ model }: { readonly model: CodeBookModel }): ReactNode {
  const t = useTexts(fileTexts);
  const { register, version, madeOn, lines } = model;
  const forms = Map.groupBy(lines, ({ form }) => form);
  return (
    <div className="stack stack--sections">
      <p className="no-print">
        <a href="/filarkiv">{t.title}</a>
      </p>
      <div className="stack stack--tight">
        <h1 className="page-title">
          {t.codeBook}: {register}
        </h1>
        <p>{fill(t.bookLead, { version, date: formatDate(madeOn) })}</p>
        <p className="no-print">
          <a href="/filarkiv/kodebok.csv">{t.asCsv}</a>
        </p>
      </div>
      {[...forms].map(([form, own]) => (
        <FormPart key={form} form={form} lines={own} />
      ))}
    </div>
  );
}

function FormPart({
  form,
  lines,
}: {
  readonly form: string;
  readonly lines: readonly CodeBookLine[];
}): ReactNode {
  const t = useTexts(fileTexts);
  const id = `bok-${form.split('/').at(-1)?.replace('|', '-') ?? ''}`;
  const tables = [...new Set(lines.map(({ table }) => table))];
  return (
    <div className="stack stack--tight">
      <h2 id={id} className="section-title">
        {lines[0]?.formTitle}
      </h2>
      <p className="subtle">
        <code>{form}</code> · {tables.map((table) => fill(t.table, { table })).join(', ')}
      </p>
      <div className="table-scroll code-book" tabIndex={0} role="region" aria-labelledby={id}>
        <table className="plain-table">
          <TableHead columns={[t.variable, t.question, t.type, t.answers, t.range, t.condition]} />
          <tbody>
            {lines.map((line) => (
              <Line key={line.linkId} line={line} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const MOST_ANSWERS = 40;

function Line({ line }: { readonly line: CodeBookLine }): ReactNode {
  const t = useTexts(fileTexts);
  const { variable, linkId, groups, question, type, isRepeating, unit, answers, condition } = line;
  return (
    <tr>
      <th scope="row">
        {variable}
        <br />
        <code className="subtle">{linkId}</code>
      </th>
      <td>
        {question}
        {groups.length > 0 && <span className="subtle"> ({groups.join(' › ')})</span>}
      </td>
      <td>
        {[t.types[type] ?? type, unit, isRepeating ? t.several : '', line.isRequired ? t.required : '']
          .concat(line.isCalculated ? [t.calculated] : [])
          .filter((text) => text !== '')
          .join(', ')}
      </td>
      <td>
        {answers.length > 0 && (
          <ul className="plain-list">
            {answers.slice(0, MOST_ANSWERS).map(({ code, old, text }) => (
              <li key={code}>
                {old === '' ? code : old} = {text}
              </li>
            ))}
            {answers.length > MOST_ANSWERS && <li>… ({answers.length})</li>}
          </ul>
        )}
      </td>
      <td>{rangeOf(line, t)}</td>
      <td className="code-book__condition">{condition}</td>
    </tr>
  );
}

function rangeOf({ min, max, low, high }: CodeBookLine, t: (typeof fileTexts)['nb']): string {
  const parts = [
    min === '' ? '' : fill(t.from, { n: min }),
    max === '' ? '' : fill(t.to, { n: max }),
    low === '' && high === '' ? '' : fill(t.usual, { low, high }),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
