/** Rows of a dump as the items of a response; the opposite of to-cells.ts. */
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../fhir/types.ts';
import type { Answer } from '../../sdc/answer.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { writeAnswers } from '../../sdc/rewrite-response.ts';
import { toAnswers } from '../../sdc/to-answers.ts';
import { hasRows, walk } from '../../sdc/tree.ts';
import { viewForm } from '../../sdc/visibility.ts';
import type { LegacyCodes } from './legacy-codes.ts';
import type { DumpColumn, DumpTable } from './shape.ts';
import type { Cells } from './to-cells.ts';

/** What the dump has of one form: its own row, and the rows of its groups by the group's linkId. */
export interface FormCells {
  readonly form: Form;
  readonly tables: readonly DumpTable[];
  readonly cells: Cells;
  readonly rows: ReadonlyMap<string, readonly Cells[]>;
}

/** The response that these cells tell of, without its head. Cells that suit no answer of the question are dropped. */
export function fromCells(
  given: FormCells,
  head: Omit<QuestionnaireResponse, 'item'>,
  codes: LegacyCodes,
  context: FormContext,
): QuestionnaireResponse {
  const columns = new Map(given.tables.map(({ group, columns: own }) => [group?.linkId, own]));
  const read = (item: FormItem, group: string | undefined, cells: Cells): readonly Answer[] =>
    toAnswers(item, valuesOf(item, columns.get(group) ?? [], cells, codes));
  const items = itemsOf(given.form.items, undefined, given.cells);
  return onlyAsked(given, { ...head, item: [...items] }, context);

  function itemsOf(
    all: readonly FormItem[],
    group: string | undefined,
    cells: Cells,
  ): readonly QuestionnaireResponseItem[] {
    return all.flatMap((item): QuestionnaireResponseItem[] => {
      if (hasRows(item)) {
        return (given.rows.get(item.linkId) ?? []).map((row) => ({
          linkId: item.linkId,
          item: [...itemsOf(item.children, item.linkId, row)],
        }));
      }
      const answer = item.type === 'group' || item.type === 'display' ? [] : read(item, group, cells);
      const children = itemsOf(item.children, group, cells);
      return answer.length === 0 && children.length === 0
        ? []
        : [
            {
              linkId: item.linkId,
              ...(answer.length > 0 && { answer: [...answer] }),
              ...(children.length > 0 && { item: [...children] }),
            },
          ];
    });
  }
}

function valuesOf(
  item: FormItem,
  columns: readonly DumpColumn[],
  cells: Cells,
  codes: LegacyCodes,
): readonly unknown[] {
  return columnsOf(item, columns).flatMap((column): readonly unknown[] => {
    const cell = cells[column.name] ?? '';
    if (column.option !== undefined) {
      return cell === '1' ? [item.options?.byKey.get(column.option)?.coding] : [];
    }
    return cell === '' ? [] : [valueOf(item, cell, codes, column)];
  });
}

const byItem = new WeakMap<readonly DumpColumn[], ReadonlyMap<FormItem, readonly DumpColumn[]>>();

/** The columns that an item answers to, found once for all rows. */
function columnsOf(item: FormItem, columns: readonly DumpColumn[]): readonly DumpColumn[] {
  const known =
    byItem.get(columns) ??
    columns
      .flatMap((column) => column.items.map((each) => [each, column] as const))
      .reduce(
        (map, [each, column]) => map.set(each, [...(map.get(each) ?? []), column]),
        new Map<FormItem, readonly DumpColumn[]>(),
      );
  byItem.set(columns, known);
  return known.get(item) ?? [];
}

function valueOf(item: FormItem, cell: string, codes: LegacyCodes, column: DumpColumn): unknown {
  switch (item.type) {
    case 'boolean':
      return cell === '1';
    case 'choice':
    case 'open-choice':
      return codes.fromOld(column, item, cell) ?? cell;
    default:
      return cell;
  }
}

/** Of the questions that share a column, the one that is asked keeps the answer. */
function onlyAsked(
  { form, tables }: FormCells,
  response: QuestionnaireResponse,
  context: FormContext,
): QuestionnaireResponse {
  const shared = new Set(
    tables.flatMap(({ columns }) => columns.flatMap(({ items }) => (items.length > 1 ? items : []))),
  );
  const view = viewForm(form, response, context);
  const unasked = [...walk(view.roots)].filter(
    (node) => shared.has(node.item) && node.answers.length > 0 && !view.isEnabled(node),
  );
  return writeAnswers(response, view.roots, new Map(unasked.map(({ path }) => [path, []])));
}
