/**
 * Slicing: https://hl7.org/fhir/R4/profiling.html#slicing
 * Every value belongs to the first slice whose discriminators it meets.
 */
import type { ElementDefinitionSlicingDiscriminator } from '../fhir/types.ts';
import type { ElementNode } from './element-tree.ts';
import type { Item } from './items.ts';
import { fail, inform, type Run } from './run.ts';

/** Whether a value belongs to a slice. */
export type Belongs = (item: Item, run: Run) => boolean;
/** Checks a group of values of one element; `at` is the element. */
export type GroupCheck = (items: readonly Item[], at: string, run: Run) => void;

export interface SliceParts {
  readonly node: ElementNode;
  /** Undefined when the slice cannot be told from others here. */
  readonly belongs: Belongs | undefined;
  readonly check: GroupCheck;
}

/** The discriminators of a sliced element; a choice element sliced without any is sliced by type. */
export function discriminatorsOf({
  definition,
  name,
}: ElementNode): readonly ElementDefinitionSlicingDiscriminator[] {
  const given = definition.slicing?.discriminator ?? [];
  if (given.length > 0) {
    return given;
  }
  if (name === 'extension' || name === 'modifierExtension') {
    return [{ type: 'value', path: 'url' }];
  }
  return name.endsWith('[x]') ? [{ type: 'type', path: '$this' }] : [];
}

/** The check that sorts the values into slices, checks each slice, and what belongs to none. */
export function slicingCheck({ definition, name }: ElementNode, slices: readonly SliceParts[]): GroupCheck {
  const { rules = 'open', ordered = false } = definition.slicing ?? {};
  const remainder = slices.find(({ node }) => node.definition.sliceName === '@default');
  const named = slices.filter((slice) => slice !== remainder && slice.belongs !== undefined);
  const isDecidable = slices.every((slice) => slice === remainder || slice.belongs !== undefined);
  return (items, at, run) => {
    const sliceOf = items.map((item) => named.findIndex((slice) => slice.belongs?.(item, run)));
    for (const [index, slice] of named.entries()) {
      slice.check(
        items.filter((_item, i) => sliceOf[i] === index),
        at,
        run,
      );
    }
    const others = items.filter((_item, i) => sliceOf[i] === -1);
    remainder?.check(others, at, run);
    if (rules === 'closed' && remainder === undefined && isDecidable) {
      reportOthers(others, name, named, run);
    }
    if (!isDecidable && items.length > 0) {
      const text = `The slices of "${name}" in the profile cannot all be told apart here; those were not checked.`;
      inform(run, 'not-supported', 'slicing-not-checked', at, text);
    }
    if (ordered && !isAscending(sliceOf.filter((slice) => slice !== -1))) {
      fail(run, 'structure', 'slicing', at, `The values must stand in this order: ${namesOf(named)}.`);
    }
    if (
      rules === 'openAtEnd' &&
      sliceOf.some((slice, i) => slice !== -1 && sliceOf.slice(0, i).includes(-1))
    ) {
      fail(run, 'structure', 'slicing', at, `Other values must stand after those for ${namesOf(named)}.`);
    }
  };
}

function reportOthers(others: readonly Item[], name: string, slices: readonly SliceParts[], run: Run): void {
  for (const { at } of others) {
    fail(
      run,
      'structure',
      'slicing',
      at,
      `Only these kinds of "${name}" are allowed by the profile: ${namesOf(slices)}.`,
    );
  }
}

const namesOf = (slices: readonly SliceParts[]): string =>
  slices.map(({ node }) => node.definition.sliceName ?? '').join(', ');

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] as number));
