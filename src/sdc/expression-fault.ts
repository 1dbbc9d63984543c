/** What is wrong with an expression of a form. */

/** A fault of an expression that its author must mend; `rule` is stable. */
export class ExpressionFault extends Error {
  readonly rule: string;

  constructor(rule: string, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ExpressionFault';
    this.rule = rule;
  }
}
