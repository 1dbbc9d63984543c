/**
 * Composite parameters over repeating elements (`component-code-value-quantity`):
 * https://hl7.org/fhir/R4/search.html#combining
 * Both parts must hold in the same element, so their keys are hashed together. Composites of the resource itself need no
 * rows: there, each part is a criterion of its own (search/plan.ts).
 */
import { hash64 } from '../fhir/id.ts';
import type { IndexEntry } from '../storage/store.ts';
import { anySystemPart, codeKey, tupleKey } from './keys.ts';
import type { Component, Parameter } from './parameters.ts';
import { codesOf, isNode, numberValues, unitsOf } from './values.ts';

type TupleRows = Partial<Pick<IndexEntry, 'tokens' | 'numbers'>>;

/** Pairs of types whose tuples are indexed; search refuses the others by name. */
export function tupleKind({ components, isRootComposite }: Parameter): 'token' | 'quantity' | undefined {
  const [first, second, third] = components;
  if (isRootComposite || first?.type !== 'token' || third !== undefined) {
    return undefined;
  }
  return second?.type === 'token' || second?.type === 'quantity' ? second.type : undefined;
}

/** Rows of one composite parameter for the elements that its expression selected. */
export function tupleRows(parameter: Parameter, nodes: readonly unknown[]): TupleRows {
  const kind = tupleKind(parameter);
  const [first, second] = parameter.components;
  if (kind === undefined || first === undefined || second === undefined) {
    return {};
  }
  return kind === 'token'
    ? { tokens: nodes.flatMap((node) => tokenTuples(parameter.key, first, second, node)) }
    : { numbers: nodes.flatMap((node) => numberTuples(parameter.key, first, second, node)) };
}

const tokenTuples = (
  param: number,
  first: Component,
  second: Component,
  node: unknown,
): IndexEntry['tokens'] =>
  codeParts(first, node).flatMap((a) =>
    codeParts(second, node).map((b) => ({ param, h: hash64(tupleKey([a, b])), hv: null })),
  );

const numberTuples = (
  param: number,
  first: Component,
  second: Component,
  node: unknown,
): IndexEntry['numbers'] =>
  codeParts(first, node).flatMap((a) =>
    second.extract(node).flatMap((value) => {
      const range = numberValues(value)[0];
      const units = ['', ...(isNode(value) ? unitsOf(value) : [])];
      return range === undefined
        ? []
        : units.map((unit) => ({ param, lo: range.lo, hi: range.hi, unit: hash64(tupleKey([a, unit])) }));
    }),
  );

/** A code with its system and in the form that is asked for without one. */
const codeParts = (component: Component, node: unknown): readonly string[] =>
  component
    .extract(node)
    .flatMap(codesOf)
    .flatMap(({ system, code }) => [codeKey(system, code), anySystemPart(code)]);
