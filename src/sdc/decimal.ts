/**
 * Decimal arithmetic that is right to the digit a reader sees: https://hl7.org/fhir/R4/datatypes.html#decimal
 */

/** Digits that an IEEE double holds for certain after a few operations; beyond them is noise (7.199999999999999). */
const SURE_DIGITS = 13;

/**
 * Round half away from zero in decimal: `roundDecimal(7.25, 1)` = 7.3, `roundDecimal(-0.05, 1)` = -0.1. Without `places` only
 * the noise of binary arithmetic goes: 7.199999999999999 → 7.2.
 */
export function roundDecimal(value: number, places?: number): number {
  if (!Number.isFinite(value)) {
    return value;
  }
  const clean = Number(value.toPrecision(SURE_DIGITS));
  if (places === undefined || decimalPlaces(clean) <= places) {
    return clean === 0 ? 0 : clean;
  }
  const shifted = Math.round(Number(`${toPlain(Math.abs(clean))}e${places}`));
  const rounded = Number(`${shifted}e-${places}`);
  return clean < 0 && rounded !== 0 ? -rounded : rounded;
}

/** Digits after the point of a number as JavaScript prints it: 7.25 → 2, 1e-7 → 7. */
export function decimalPlaces(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const fraction = mantissa.split('.')[1] ?? '';
  return Math.max(0, fraction.length - Number(exponent));
}

function toPlain(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(Math.min(decimalPlaces(value), 100)) : text;
}
