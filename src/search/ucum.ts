/**
 * Units of measure: https://ucum.org/ucum and https://hl7.org/fhir/R4/search.html#quantity
 * Quantities of one kind are compared in one canonical unit (mmol/L and umol/L in mol/m3, Cel and [degF] in K), so that
 * 5.4 mmol/L finds 5400 umol/L. A unit is worked out once and kept.
 */
import ucum from '@lhncbc/ucum-lhc';
import type { Unit } from '@lhncbc/ucum-lhc';
import { UNBOUNDED } from '../fhir/quantity.ts';
import type { NumberRange, WrittenNumber } from '../fhir/quantity.ts';

export const UCUM = 'http://unitsofmeasure.org';

/** What a unit is measured in, and the way there. */
export interface CanonicalUnit {
  /** The same for all units of one kind; no text of UCUM. */
  readonly key: string;
  readonly convert: (value: number) => number;
}

/** Codes come from senders, so only so many are kept. */
const MAX_CACHED = 5000;
/** The longest code in use has 30 characters. */
const MAX_CODE = 64;
const cache = new Map<string, CanonicalUnit | undefined>();

/** Undefined when the code is no UCUM code, or a unit (decibel, pH) that is no multiple of another. */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  const known = cache.get(code);
  if (known !== undefined || cache.has(code)) {
    return known;
  }
  if (cache.size >= MAX_CACHED) {
    cache.clear();
  }
  const unit = code.length > MAX_CODE ? undefined : readUnit(code);
  const canonical = unit && toCanonical(unit, code);
  cache.set(code, canonical);
  return canonical;
}

/** Both ends in the canonical unit; an open end stays open. */
export function canonicalRange({ lo, hi }: NumberRange, { convert }: CanonicalUnit): NumberRange {
  const end = (value: number): number => (Math.abs(value) === UNBOUNDED ? value : convert(value));
  return { lo: end(lo), hi: end(hi) };
}

/** A number that is asked for in a unit; "about" means a tenth of the value as written (0 Cel is not 0 K). */
export function canonicalNumber(number: WrittenNumber, unit: CanonicalUnit): WrittenNumber {
  const margin = Math.abs(number.value) / 10;
  const near = { lo: number.value - margin, hi: number.value + margin };
  return {
    value: unit.convert(number.value),
    ...canonicalRange(number, unit),
    near: canonicalRange(near, unit),
  };
}

function readUnit(code: string): Unit | undefined {
  try {
    return ucum.UcumLhcUtils.getInstance().getSpecifiedUnit(code, 'validate').unit ?? undefined;
  } catch {
    return undefined; // the package throws on some malformed codes
  }
}

const AVOGADRO = 6.0221367e23;

/** Offsets of the temperature scales in their own degrees: https://ucum.org/ucum#section-Derived-Unit-Atoms */
const OFFSETS: Readonly<Record<string, number>> = { Cel: 273.15, degF: 459.67, degRe: 218.52 };

function toCanonical(unit: Unit, code: string): CanonicalUnit | undefined {
  const dimensions = unit.dim_?.dimVec_;
  const offset = unit.cnv_ === null ? 0 : OFFSETS[unit.cnv_];
  if (!dimensions || offset === undefined) {
    return undefined;
  }
  // the package counts a mole as so many particles: cells per litre are no concentration
  const moles = unit.moleExp_;
  const factor = rounded(unit.magnitude_ / AVOGADRO ** moles);
  const prefix = unit.cnv_ === null ? 1 : unit.cnvPfx_;
  return {
    key: `ucum:${dimensions.join(',')};${moles}${unit.isArbitrary_ ? arbitraryUnits(code) : ''}`,
    convert: (value) => rounded((value * prefix + offset) * factor),
  };
}

/** An international unit of one thing is none of another, and no number: `[iU]/L` compares with `m[IU]/mL` only. */
const arbitraryUnits = (code: string): string =>
  [...code.toLowerCase().matchAll(/\[[^\]]*\]/g)].map(([unit]) => unit).join('');

/** The same number whichever way it was reached: what is left of binary fractions lies beyond the twelfth digit. */
const rounded = (value: number): number => Number(value.toPrecision(12));
