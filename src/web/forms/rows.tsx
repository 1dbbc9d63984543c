/**
 * Repeating groups: rows as a table (itemControl gtable) or below each other. Add and remove are submit buttons, so that they
 * work without JavaScript.
 */
import { type MouseEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { mayEdit } from '../../sdc/calculate.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import type { FormNode } from '../../sdc/tree.ts';
import { Button } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { useFrame, type FieldIssue } from './form-context.tsx';
import { fields } from './form-fields.ts';
import { Help } from './help.tsx';
import { unitText } from './item-control.ts';
import { shortText } from '../../sdc/text.ts';
import { nameOf, rowName, type FieldPath } from './names.ts';
import { rowsOf } from './nodes.ts';

export interface RowsProps {
  readonly item: FormItem;
  readonly rows: readonly FormNode[];
  readonly place: FieldPath;
  readonly issues: readonly FieldIssue[];
  /** Draws what is in a row. */
  readonly drawRow: (row: FormNode) => ReactNode;
  /** Draws one question of a row in its table cell; nothing when it is not shown. */
  readonly drawCell: (node: FormNode) => ReactNode;
}

export function Rows(props: RowsProps): ReactNode {
  const { item, rows, place, issues } = props;
  const { t, isReadOnly } = useFrame();
  const name = nameOf(place);
  const box = useRef<HTMLDivElement>(null);
  useFocusOfRows(box, rows.length);
  return (
    <div className="rows" id={name} tabIndex={-1} ref={box}>
      {!isReadOnly && <input type="hidden" name={fields.shown} value={name} />}
      <Help item={item} />
      {rows.length === 0 && isReadOnly && <p className="subtle">{t.noRows}</p>}
      {rows.length > 0 && (item.control === 'gtable' ? <RowTable {...props} /> : <RowCards {...props} />)}
      {issues.map(({ message }) => (
        <p key={message} className="aksel-error-message aksel-label aksel-label--small">
          {message}
        </p>
      ))}
      {!isReadOnly && rows.length < item.limits.maxOccurs && <AddButton item={item} place={place} />}
    </div>
  );
}

/** Who adds a row goes on in it, and who removes one stands at the button that adds: nobody has to look for the place. */
function useFocusOfRows(box: RefObject<HTMLDivElement | null>, count: number): void {
  const before = useRef(count);
  useEffect(() => {
    const isOurs =
      box.current?.contains(document.activeElement) === true || document.activeElement === document.body;
    if (isOurs && count > before.current) {
      const field = [...(box.current?.querySelectorAll('.row-card, tbody tr') ?? [])]
        .at(-1)
        ?.querySelector<HTMLElement>('input:not([type="hidden"]), select, textarea');
      field?.focus();
    }
    if (isOurs && count < before.current) {
      box.current?.querySelector<HTMLElement>('button[value^="add:"]')?.focus();
    }
    before.current = count;
  }, [box, count]);
}

function AddButton({ item, place }: Pick<RowsProps, 'item' | 'place'>): ReactNode {
  const { t, lang, isLive, dispatch, newId } = useFrame();
  const add = (event: MouseEvent): void => {
    if (isLive) {
      event.preventDefault();
      dispatch({ kind: 'row-added', path: place, id: newId() });
    }
  };
  return (
    <Button
      type="submit"
      size="small"
      variant="secondary"
      name={fields.action}
      value={`add:${nameOf(place)}`}
      onClick={add}
      formNoValidate
    >
      {`+ ${fill(t.addRowOf, { group: shortText(item, lang).toLocaleLowerCase('nb') })}`}
    </Button>
  );
}

function RemoveButton({ row }: { readonly row: FormNode }): ReactNode {
  const { t, lang, isLive, dispatch } = useFrame();
  const steps = rowsOf(row);
  const remove = (event: MouseEvent): void => {
    if (isLive) {
      event.preventDefault();
      dispatch({ kind: 'row-removed', rows: steps });
    }
  };
  return (
    <button
      type="submit"
      className="remove"
      name={fields.action}
      value={`remove:${rowName(steps)}`}
      onClick={remove}
      aria-label={fill(t.removeRowOf, { group: shortText(row.item, lang), n: (row.row ?? 0) + 1 })}
    >
      {t.removeRow}
    </button>
  );
}

const RowMarker = ({ row }: { readonly row: FormNode }): ReactNode => (
  <input type="hidden" name={fields.row} value={rowName(rowsOf(row))} />
);

function RowCards({ rows, drawRow }: RowsProps): ReactNode {
  const { t, lang, isReadOnly } = useFrame();
  return rows.map((row, index) => {
    const title = fill(t.row, { group: shortText(row.item, lang), n: index + 1 });
    return (
      <fieldset key={rowName(rowsOf(row))} className="row-card">
        <legend className="row-card__title">{title}</legend>
        {!isReadOnly && <RowMarker row={row} />}
        {drawRow(row)}
        {!isReadOnly && <RemoveButton row={row} />}
      </fieldset>
    );
  });
}

function RowTable({ item, rows, drawCell }: RowsProps): ReactNode {
  const { t, lang, isReadOnly } = useFrame();
  const columns = item.children.filter((column) => !column.isHidden && column.type !== 'display');
  return (
    <table className="row-table">
      <caption className="visually-hidden">{shortText(item, lang)}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.linkId} scope="col" className={isNumeric(column) ? 'number' : undefined}>
              {shortText(column, lang)}
              {columnUnit(column) !== undefined && <span className="unit"> ({columnUnit(column)})</span>}
            </th>
          ))}
          {!isReadOnly && (
            <th scope="col">
              <span className="visually-hidden">{t.rowActions}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowName(rowsOf(row))}>
            {columns.map((column) => (
              <td
                key={column.linkId}
                data-label={shortText(column, lang)}
                className={isNumeric(column) ? 'number' : undefined}
              >
                {cellOf(row, column, drawCell)}
              </td>
            ))}
            {!isReadOnly && (
              <td className="row-table__remove">
                <RowMarker row={row} />
                <RemoveButton row={row} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Calculated cells show their unit with the value. */
const columnUnit = (item: FormItem): string | undefined => (mayEdit(item, []) ? unitText(item) : undefined);

const isNumeric = (item: FormItem): boolean => item.type === 'integer' || item.type === 'decimal';

function cellOf(row: FormNode, column: FormItem, drawCell: RowsProps['drawCell']): ReactNode {
  const node = row.children.find(({ item }) => item === column);
  return (node && drawCell(node)) ?? <span aria-hidden="true">–</span>;
}
