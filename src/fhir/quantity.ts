/**
 * Numbers with their implied precision: https://hl7.org/fhir/R4/search.html#number
 * `100` asked for means [99.5, 100.5), `1e2` means [50, 150), `5.40` means [5.395, 5.405).
 */
export interface NumberRange {
  readonly lo: number;
  readonly hi: number;
}

/** Stands for an open end; infinities do not survive JSON. */
export const UNBOUNDED = Number.MAX_VALUE;

/** A number as written in a search, with half a unit of its last digit to either side. */
export interface WrittenNumber extends NumberRange {
  readonly value: number;
  /** What "about" means where it is not a tenth of `value` to either side: the number was asked for in another unit. */
  readonly near?: NumberRange;
}

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Undefined when the text is no decimal number. */
export function parseNumber(text: string): WrittenNumber | undefined {
  const match = NUMBER.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign, whole, fraction, exponent] = match as unknown as [string, string, string, string?, string?];
  const scale = Number(exponent ?? 0) - (fraction?.length ?? 0);
  const digits = `${whole}${fraction ?? ''}`;
  // the digits with a half appended, so that the bounds are decimal texts and not sums of binary fractions
  const above = Number(`${digits}5e${scale - 1}`);
  const below = Number(`${halfBelow(digits)}e${scale - 1}`);
  const value = Number(text);
  if (!Number.isFinite(above) || !Number.isFinite(value)) {
    return undefined;
  }
  return sign === '-' ? { value, lo: -above, hi: -below } : { value, lo: below, hi: above };
}

const halfBelow = (digits: string): string => (BigInt(digits) * 10n - 5n).toString();

interface QuantityLike {
  readonly value?: number;
  readonly comparator?: string;
}

/** The values that a stored Quantity admits: one point, or a half-line when it has a comparator (`<5`). */
export function quantityRange({ value, comparator }: QuantityLike): NumberRange | undefined {
  if (typeof value !== 'number') {
    return undefined;
  }
  if (comparator === '<' || comparator === '<=') {
    return { lo: -UNBOUNDED, hi: value };
  }
  return { lo: value, hi: comparator === '>' || comparator === '>=' ? UNBOUNDED : value };
}
