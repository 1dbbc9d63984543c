/**
 * Composite parameters over repeating elements (`component-code-value-quantity`):
 * https://hl7.org/fhir/R4/search.html#combining
 * All parts must hold in the same element, so the keys of the coded ones are hashed together, beside at most two numbers
 * or one quantity. Composites of the resource itself need no rows: there, each part is a criterion of its own.
 */
import type { IndexEntry } from '../storage/store.ts';
import { anySystemPart, codeHash, codeKey, tupleKey } from './keys.ts';
import type { Component, Parameter } from './parameters.ts';
import { codesOf, numberForms, referenceValues } from './values.ts';

type TupleRows = Partial<Pick<IndexEntry, 'tokens' | 'numbers'>>;

/** Only codes, codes and a quantity, or codes and two numbers. */
export type TupleKind = 'token' | 'quantity' | 'pair';

/** What is indexed of a composite; undefined where it has other parts, which search refuses by name. */
export function tupleKind({ components, isRootComposite }: Parameter): TupleKind | undefined {
  const kinds = components.map(({ type }) => (type === 'reference' ? 'token' : type)).join(' ');
  return isRootComposite ? undefined : KINDS[kinds];
}

const KINDS: Readonly<Record<string, TupleKind>> = {
  'token token': 'token',
  'token quantity': 'quantity',
  'token number number': 'pair',
};

/** Rows of one composite parameter for the elements that its expression selected. */
export function tupleRows(
  parameter: Parameter,
  nodes: readonly unknown[],
  { resource, baseUrl }: TupleContext,
): TupleRows {
  const kind = tupleKind(parameter);
  return kind === undefined ? {} : ROWS[kind]({ parameter, nodes, resource, baseUrl });
}

interface TupleContext {
  readonly resource: unknown;
  readonly baseUrl: string | undefined;
}

interface Tuples extends TupleContext {
  readonly parameter: Parameter;
  readonly nodes: readonly unknown[];
}

const ROWS: Readonly<Record<TupleKind, (tuples: Tuples) => TupleRows>> = {
  token: ({ parameter: { key, components }, nodes, ...context }) => ({
    tokens: nodes.flatMap((node) =>
      codeParts(components[0], node, context).flatMap((a) =>
        codeParts(components[1], node, context).map((b) => ({
          param: key,
          h: codeHash(tupleKey([a, b])),
          hv: null,
        })),
      ),
    ),
  }),
  quantity: ({ parameter: { key, components }, nodes, ...context }) => ({
    numbers: nodes.flatMap((node) => {
      const forms = (components[1]?.extract(node, context.resource) ?? []).flatMap(numberForms);
      return forms.length === 0
        ? []
        : codeParts(components[0], node, context).flatMap((a) =>
            forms.map(({ lo, hi, unit }) => ({ param: key, lo, hi, unit: codeHash(tupleKey([a, unit])) })),
          );
    }),
  }),
  pair: ({ parameter: { key, components }, nodes, ...context }) => ({
    numbers: nodes.flatMap((node) => {
      const [lo, hi] = [numberOf(components[1], node, context), numberOf(components[2], node, context)];
      return lo === undefined || hi === undefined
        ? []
        : codeParts(components[0], node, context).map((a) => ({
            param: key,
            lo,
            hi,
            unit: codeHash(tupleKey([a])),
          }));
    }),
  }),
};

function numberOf(
  component: Component | undefined,
  node: unknown,
  { resource }: TupleContext,
): number | undefined {
  const [value] = component?.extract(node, resource) ?? [];
  return typeof value === 'number' ? value : undefined;
}

/** A code with its system and in the form that is asked for without one; a reference in its forms. */
function codeParts(
  component: Component | undefined,
  node: unknown,
  { resource, baseUrl }: TupleContext,
): readonly string[] {
  const values = component?.extract(node, resource) ?? [];
  return component?.type === 'reference'
    ? values.flatMap((value) => referenceParts(value, baseUrl))
    : values.flatMap(codesOf).flatMap(({ system, code }) => [codeKey(system, code), anySystemPart(code)]);
}

/** A local reference is found by its id alone, too. */
const referenceParts = (value: unknown, baseUrl: string | undefined): readonly string[] =>
  referenceValues(value, baseUrl).flatMap(({ literals }) =>
    literals.flatMap((literal) => {
      const [, id, ...rest] = literal.split('/');
      return id === undefined || rest.length > 0 ? [literal] : [literal, anySystemPart(id)];
    }),
  );
