/**
 * What can be wrong with content: found by the loader and its checks, reported all at once so that an author mends them
 * in one round.
 */

/** One finding: the file (or folder), the element in it, and what is wrong with it. */
export interface ContentProblem {
  /** Path as it was read, relative to the content root. */
  readonly file: string;
  /** FHIRPath-like place in the file, e.g. `item[2].enableWhen[0].question`; empty for the file as a whole. */
  readonly element: string;
  readonly reason: string;
  /** Which kind of check found it. */
  readonly rule?: string;
}

/** The content cannot be used: start-up is refused. `message` lists every problem. */
export class ContentError extends Error {
  readonly problems: readonly ContentProblem[];

  constructor(problems: readonly ContentProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`The register content has ${count}:\n${problems.map(describeProblem).join('\n')}`);
    this.name = 'ContentError';
    this.problems = problems;
  }
}

function describeProblem({ file, element, reason }: ContentProblem): string {
  return element === '' ? `- ${file}: ${reason}` : `- ${file}, ${element}: ${reason}`;
}
