/**
 * What the database says of rows that a view cannot make, as what is wrong with the view.
 */
import { errorCode } from '../storage/errors.ts';
import type { CompiledView } from './compile-view.ts';
import { ViewError } from './view-error.ts';

/** SQLSTATE → what to tell. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const REASONS: readonly (readonly [RegExp, (view: CompiledView) => string])[] = [
  [/^21000$/, severalValues],
  [/^22/, () => 'A value in some resource cannot be read as the type that the path or the column asks for.'],
  [/^54/, () => 'The view is too large or too deep for the database. Make it of fewer columns or parts.'],
];

/** A `ViewError` for what lies with the view; anything else as it is. */
export function explainRunError(cause: unknown, view: CompiledView): unknown {
  const code = errorCode(cause) ?? '';
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1];
  return reason === undefined ? cause : new ViewError(reason(view), { cause });
}

function severalValues({ columns }: CompiledView): string {
  const names = columns.filter(({ mayRepeat }) => mayRepeat).map(({ name }) => name);
  const which = names.length === 0 ? '' : `: one of ${names.slice(0, 20).join(', ')}`;
  return `A path has several values in some resource where one is needed${which}. Set collection, end the path with first(), or make rows of them with forEach.`;
}
