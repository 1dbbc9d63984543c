/** What `register check` says of a register: the file, the element, the rule that is broken, and how bad it is. */
import type { ContentProblem } from '../../content/problem.ts';

export interface ContentFinding {
  /** Relative to the content root. */
  readonly file: string;
  /** Place in the file: a FHIR element, or the linkId of a question; empty for the file as a whole. */
  readonly element: string;
  readonly rule: string;
  /** An error keeps the register from being used; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

/** A problem of the loader as a finding. */
export const fromProblem = ({ file, element, reason, rule = 'content' }: ContentProblem): ContentFinding => ({
  file,
  element,
  rule,
  severity: 'error',
  text: reason,
});

/** One line of the terminal. */
export const describeFinding = ({ file, element, rule, severity, text }: ContentFinding): string =>
  `${severity.padEnd(7)}  ${element === '' ? file : `${file}, ${element}`}  [${rule}]  ${text}`;
