/**
 * The names that expressions of a form see, and the faults found on the way: section 4 of docs/sdc-dialect.md.
 */
import { compileFragment, externalName, itemBase, rewrite } from './expression.ts';
import { ExpressionFault } from './expression-fault.ts';
import { asVariable } from './variable.ts';
import { EXT, extensionsOf, extensionValue } from './extensions.ts';
import type { Base, FormExpression } from './expression.ts';
import type { Fragment, PathCompiler } from './fragment.ts';
import type { Extension, Expression, Questionnaire, QuestionnaireItem } from '../fhir/types.ts';

/** Something the author of the form must mend. */
export interface Fault {
  readonly rule: string;
  readonly message: string;
  readonly linkId: string | undefined;
}

export class FaultList {
  readonly list: Fault[] = [];

  add(rule: string, message: string, linkId: string | undefined): void {
    this.list.push({ rule, message, linkId });
  }

  /** Run and hand the result on; an ExpressionFault becomes a fault, and the result is undefined. */
  collect<T>(linkId: string | undefined, work: () => T): T | undefined {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof ExpressionFault)) {
        throw cause;
      }
      this.add(cause.rule, cause.message, linkId);
      return undefined;
    }
  }
}

/** The text of an extension that holds an Expression or a plain string. */
export function expressionSource(extension: Extension | undefined): string | undefined {
  const value = extensionValue(extension);
  return typeof value === 'string' ? value : (value as Expression | undefined)?.expression;
}

const FHIRPATH = 'text/fhirpath';
const QUERY = 'application/x-fhir-query';
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const TAKEN = new Set(['resource', 'context', 'today', 'now']);

export class Naming {
  private readonly compilePath: PathCompiler;
  private readonly faults: FaultList;

  constructor(compilePath: PathCompiler, faults: FaultList) {
    this.compilePath = compilePath;
    this.faults = faults;
  }

  externals(names: readonly string[]): ReadonlyMap<string, Fragment> {
    return new Map(names.map((name) => [name, externalName(name)]));
  }

  /** The names after the `variable` extensions of an element. */
  declare(
    element: Questionnaire | QuestionnaireItem,
    base: Base,
    outer: ReadonlyMap<string, Fragment>,
    linkId: string | undefined,
  ): ReadonlyMap<string, Fragment> {
    const names = new Map(outer);
    for (const { valueExpression } of extensionsOf(element, EXT.variable)) {
      if (valueExpression?.language !== QUERY || linkId !== undefined) {
        this.variable(valueExpression, base, names, linkId);
      }
    }
    return names;
  }

  /** Compile the text of an element's expression; undefined when there is none or it is faulty. */
  compile(
    source: string | undefined,
    base: Base,
    names: ReadonlyMap<string, Fragment>,
    item: QuestionnaireItem | undefined,
  ): FormExpression | undefined {
    return source === undefined
      ? undefined
      : this.faults.collect(item?.linkId, () => {
          refuseItemsOfQuestion(source, item);
          return compileFragment(source, rewrite(source, base, names), this.compilePath);
        });
  }

  /** The one result of an itemPopulationContext that the row is made from: `%rowIndex` counts them. */
  static populated(order: number, source: string, names: ReadonlyMap<string, Fragment>): Fragment {
    try {
      const all = rewrite(source, itemBase(order), names);
      return {
        ...all,
        text: `${all.text}.skip(%row${order}).take(1)`,
        externals: new Set([...all.externals]),
        isPassing: true,
      };
    } catch {
      // The fault has been reported where the context itself was compiled.
      return { text: '{}', mentions: new Set(), externals: new Set(), holders: new Set() };
    }
  }

  private variable(
    expression: Expression | undefined,
    base: Base,
    names: Map<string, Fragment>,
    linkId: string | undefined,
  ): void {
    const { name, language, expression: source } = expression ?? {};
    if (name === undefined || source === undefined || !NAME.test(name) || TAKEN.has(name)) {
      this.faults.add(
        'variable-name',
        `a variable needs an expression and a free name (${name ?? 'none'})`,
        linkId,
      );
      return;
    }
    if (language !== FHIRPATH) {
      this.faults.add('expression-language', `%${name}: language must be ${FHIRPATH} here`, linkId);
      return;
    }
    const fragment = this.faults.collect(linkId, () => {
      const rewritten = rewrite(source, base, names);
      return rewritten.isPassing === true
        ? withCheck(source, rewritten, this.compilePath)
        : asVariable(source, rewritten, this.compilePath);
    });
    if (fragment !== undefined) {
      names.set(name, fragment);
    }
  }
}

function withCheck(source: string, fragment: Fragment, compilePath: PathCompiler): Fragment {
  compileFragment(source, fragment, compilePath);
  return fragment;
}

/** A question has no items: whoever writes so means its row. */
function refuseItemsOfQuestion(source: string, item: QuestionnaireItem | undefined): void {
  if (item !== undefined && item.type !== 'group' && /(^\s*|%context\s*\.\s*)item\b/.test(source)) {
    throw new ExpressionFault(
      'question-context',
      'a question has no items; declare a variable on the group (for example rad = %context) and start from it',
    );
  }
}
