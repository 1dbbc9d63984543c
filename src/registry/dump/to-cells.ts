/** A response as cells of the dump: one row for the form, one for each row of its groups. */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import { answerValue, codingKey, isObject } from '../../sdc/answer.ts';
import type { Answer } from '../../sdc/answer.ts';
import { buildTree, type FormNode, walk } from '../../sdc/tree.ts';
import type { Coding, Quantity } from '../../fhir/types.ts';
import type { LegacyCodes } from './legacy-codes.ts';
import type { DumpColumn, DumpTable } from './shape.ts';
import type { Solution } from './solution.ts';
import { writeDate, writeMoment, writeNumber } from './written.ts';

/** Cells by column name; empty for what is not answered. */
export type Cells = Readonly<Record<string, string>>;

/** Rows of the table for one response, in order; the table of a form has one. */
export function toCells(
  { form, group, columns }: DumpTable,
  response: QuestionnaireResponse,
  codes: LegacyCodes,
  solution: Solution,
): readonly Cells[] {
  const nodes = [...walk(buildTree(form, response))];
  const rows = group === undefined ? [nodes] : nodes.filter((node) => node.item === group).map(below);
  const filled =
    group === undefined ? rows : rows.filter((row) => row.some(({ answers }) => answers.length > 0));
  return filled.map((row) =>
    Object.fromEntries(columns.map((column) => [column.name, cellOf(column, row, codes, solution)])),
  );
}

const below = (node: FormNode): readonly FormNode[] => [...walk(node.children)];

function cellOf(
  column: DumpColumn,
  row: readonly FormNode[],
  codes: LegacyCodes,
  solution: Solution,
): string {
  const { items, option } = column;
  const answers = row.filter(({ item }) => items.includes(item)).flatMap((node) => node.answers);
  if (option !== undefined) {
    const isChosen = answers.some(({ valueCoding }) => codingKey(valueCoding) === option);
    return answers.length === 0 ? '' : solution.booleans[Number(isChosen) as 0 | 1];
  }
  return answers.length === 0 && solution.unanswered === 'coded'
    ? (codes.unanswered?.(column) ?? '')
    : answers.map((answer) => textOf(answer, codes, column, solution)).join('|');
}

function textOf(answer: Answer, codes: LegacyCodes, column: DumpColumn, solution: Solution): string {
  const value = answerValue(answer);
  if (typeof value === 'boolean') {
    return solution.booleans[Number(value) as 0 | 1];
  }
  if (!isObject(value)) {
    return plainText(answer, String(value), solution);
  }
  return 'code' in value && !('value' in value)
    ? codes.toOld(column, value as Coding)
    : writeNumber(String((value as Quantity).value ?? ''), solution);
}

function plainText(answer: Answer, text: string, solution: Solution): string {
  if (answer.valueDate !== undefined) {
    return writeDate(text, solution);
  }
  if (answer.valueDateTime !== undefined) {
    return writeMoment(text, solution);
  }
  return answer.valueDecimal === undefined ? text : writeNumber(text, solution);
}
