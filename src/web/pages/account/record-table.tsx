/** A table of a few columns; where the screen is narrow each row becomes a card, with the heading beside each value. */
import type { ReactNode } from 'react';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Dates and the like stay on one line. */
  readonly nowrap?: true;
}

/** The region is named by `label`, or by the heading with the id `labelledBy`. Roles are said because CSS takes them away. */
export function RecordTable<T>({
  label,
  labelledBy,
  columns,
  rows,
  keyOf,
}: {
  readonly label?: string;
  readonly labelledBy?: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}): ReactNode {
  return (
    <div
      className="table-scroll record-table"
      tabIndex={0}
      role="region"
      aria-label={label}
      aria-labelledby={labelledBy}
    >
      <table className="plain-table" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head }) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map(({ head, cell, nowrap }) => (
                <td key={head} role="cell" data-label={head} className={nowrap && 'nowrap'}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
