/**
 * All checks of the content, in the order in which their findings are reported.
 */
import { canonicalOf } from './artefact.ts';
import { checkArtefacts } from './check-artefact.ts';
import {
  checkExpressions,
  expressionsOf,
  type CompileExpression,
  type PlacedExpression,
} from './check-expressions.ts';
import { checkModules } from './check-plans.ts';
import { checkReferences, type IsBase } from './check-references.ts';
import { checkRegister } from './check-register.ts';
import type { ContentProblem } from './problem.ts';
import type { RegisterSource, SortedSource } from './register-source.ts';

export interface CheckTools {
  readonly compileExpression: CompileExpression;
  readonly isBase: IsBase;
}

/** Everything that is wrong with the content; empty when it may be used. */
export function checkContent(
  { shared, registers }: SortedSource,
  tools: CheckTools,
): readonly ContentProblem[] {
  const artefacts = [...shared, ...registers.flatMap((register) => register.artefacts)];
  const sharedCanonicals = new Set(shared.map(canonicalOf));
  const expressions = [...artefacts.flatMap(expressionsOf), ...registers.flatMap(nationalRule)];
  return [
    ...named('artefact', checkArtefacts(artefacts)),
    ...named(
      'register',
      registers.flatMap((register) => checkRegister(register, sharedCanonicals)),
    ),
    ...named('register', checkModules(registers)),
    ...named('canonical', checkReferences(artefacts, tools.isBase)),
    ...named('expression', checkExpressions(expressions, tools.compileExpression)),
  ];
}

const named = (rule: string, problems: readonly ContentProblem[]): readonly ContentProblem[] =>
  problems.map((problem) => ({ rule, ...problem }));

function nationalRule({ rules }: RegisterSource): readonly PlacedExpression[] {
  const national = rules?.json['national'];
  return rules !== undefined && typeof national === 'string'
    ? [{ file: rules.path, element: 'national', expression: national }]
    : [];
}
