/**
 * What a source says, in the codes and units of the question: by the register's ConceptMaps (extension source-map), and by UCUM.
 * What neither knows is left as it is, so that it is kept as it stands. Section 5.2 of docs/sdc-dialect.md.
 */
import { codingKey, isObject } from './answer.ts';
import { roundDecimal } from './decimal.ts';
import { quantityWithUnit } from './to-answers.ts';
import type { FormItem } from './form-types.ts';
import type { Coding, Quantity } from '../fhir/types.ts';

export interface Conversions {
  /** The targets of a code by a ConceptMap; none when the map does not know it. */
  readonly translate: (map: string, coding: Coding) => readonly Coding[];
  /** A number in another unit (UCUM); undefined when they do not measure the same. */
  readonly convert: (value: number, from: string, to: string) => number | undefined;
}

export const NO_CONVERSIONS: Conversions = { translate: () => [], convert: () => undefined };

/** The values of an expression as this question takes them. */
export function convertValues(
  item: FormItem,
  values: readonly unknown[],
  conversions: Conversions,
): readonly unknown[] {
  const isChoice = item.type === 'choice' || item.type === 'open-choice';
  return values.flatMap((value) => {
    if (!isObject(value)) {
      return [value];
    }
    return isChoice ? coded(item, value, conversions) : [measured(item, value, conversions)];
  });
}

/** One code of the question; the source's own where no map knows any of its codes. */
function coded(
  item: FormItem,
  value: Readonly<Record<string, unknown>>,
  { translate }: Conversions,
): readonly unknown[] {
  const codings = (Array.isArray(value['coding']) ? value['coding'] : [value]) as readonly Coding[];
  const own = codings.find((coding) => isOption(item, coding));
  if (own !== undefined) {
    return [own];
  }
  const targets = item.sourceMaps.flatMap((map) => codings.flatMap((coding) => translate(map, coding)));
  const distinct = new Map(targets.map((target) => [codingKey(target), target]));
  return distinct.size > 0 ? [...distinct.values()] : [value];
}

const isOption = ({ options }: FormItem, coding: Coding): boolean =>
  options === undefined ? coding.code !== undefined : options.byKey.has(codingKey(coding));

/** A quantity in the unit of the question: as a number where a number is asked for. */
function measured(
  item: FormItem,
  value: Readonly<Record<string, unknown>>,
  { convert }: Conversions,
): unknown {
  const { value: number, code, unit } = value as Quantity;
  const wanted = item.unit?.code;
  const given = code ?? unit;
  if (typeof number !== 'number' || wanted === undefined || given === undefined) {
    return value;
  }
  const converted = given === wanted ? number : convert(number, given, wanted);
  if (converted === undefined) {
    return value;
  }
  const rounded = roundDecimal(converted);
  return item.type === 'quantity' ? quantityWithUnit(rounded, item.unit) : rounded;
}
