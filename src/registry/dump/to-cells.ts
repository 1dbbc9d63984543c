/** A response as cells of the dump: one row for the form, one for each row of its groups. */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import { answerValue, codingKey, isObject } from '../../sdc/answer.ts';
import type { Answer } from '../../sdc/answer.ts';
import { buildTree, type FormNode, walk } from '../../sdc/tree.ts';
import type { Coding, Quantity } from '../../fhir/types.ts';
import type { LegacyCodes } from './legacy-codes.ts';
import type { DumpColumn, DumpTable } from './shape.ts';

/** Cells by column name; empty for what is not answered. */
export type Cells = Readonly<Record<string, string>>;

/** Rows of the table for one response, in order; the table of a form has one. */
export function toCells(
  { form, group, columns }: DumpTable,
  response: QuestionnaireResponse,
  codes: LegacyCodes,
): readonly Cells[] {
  const nodes = [...walk(buildTree(form, response))];
  const rows = group === undefined ? [nodes] : nodes.filter((node) => node.item === group).map(below);
  const cells = rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column.name, cellOf(column, row, codes)])),
  );
  return group === undefined ? cells : cells.filter((row) => Object.values(row).some((cell) => cell !== ''));
}

const below = (node: FormNode): readonly FormNode[] => [...walk(node.children)];

function cellOf(
  { items, variable, option }: DumpColumn,
  row: readonly FormNode[],
  codes: LegacyCodes,
): string {
  const answers = row.filter(({ item }) => items.includes(item)).flatMap((node) => node.answers);
  if (option !== undefined) {
    const isChosen = answers.some(({ valueCoding }) => codingKey(valueCoding) === option);
    return answers.length === 0 ? '' : String(Number(isChosen));
  }
  return answers.map((answer) => textOf(answer, codes, variable)).join('|');
}

function textOf(answer: Answer, codes: LegacyCodes, variable: string): string {
  const value = answerValue(answer);
  if (typeof value === 'boolean') {
    return String(Number(value));
  }
  if (!isObject(value)) {
    return String(value);
  }
  return 'code' in value && !('value' in value)
    ? codes.toOld(variable, value as Coding)
    : String((value as Quantity).value ?? '');
}
