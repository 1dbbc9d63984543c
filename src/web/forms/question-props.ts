/**
 * What a question and its widget are given.
 */
import type { QuestionnaireResponseItem } from '../../fhir/types.ts';
import type { Answer } from '../../sdc/answer.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import type { FieldIssue } from './form-context.tsx';
import type { FieldPath } from './names.ts';

export interface QuestionProps {
  readonly item: FormItem;
  readonly path: FieldPath;
  readonly name: string;
  readonly answers: readonly Answer[];
  /** The response item that holds the answers: unchanged item, unchanged answers. */
  readonly source: QuestionnaireResponseItem | undefined;
  /** What stands in the field while it is typed in or cannot be understood. */
  readonly text: string | undefined;
  readonly issues: readonly FieldIssue[];
  /** In a table the column head is the label on wide screens. */
  readonly isCell: boolean;
}

/** Props of a widget: the question, and its messages as one text. */
export interface WidgetProps extends QuestionProps {
  readonly error: string | undefined;
}
