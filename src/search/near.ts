/**
 * Distances on the earth: `near` of Location, https://hl7.org/fhir/R4/location.html#positional
 * A position is one row of the number table (latitude as its low, longitude as its high end), so that a box is a range of
 * the index and the distance is worked out for what is in the box.
 */
import type { NearValue } from './tree.ts';
import { isNode } from './values.ts';

export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** Of `Location.position`; undefined when it is no place on earth. */
export function positionOf(value: unknown): Position | undefined {
  if (!isNode(value)) {
    return undefined;
  }
  const { latitude, longitude } = value;
  return typeof latitude === 'number' && typeof longitude === 'number'
    ? place(latitude, longitude)
    : undefined;
}

const place = (latitude: number, longitude: number): Position | undefined =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;

/** Metres of the units that a distance may be given in; none means kilometres. */
const METRES: Readonly<Record<string, number>> = {
  '': 1000,
  km: 1000,
  m: 1,
  mi: 1609.344,
  '[mi_i]': 1609.344,
  mi_us: 1609.3472,
  '[mi_us]': 1609.3472,
};

/** Where no distance is given the server chooses. */
const DEFAULT_METRES = 50_000;

/** `latitude|longitude|distance|units`; undefined when it is not that. */
export function parseNear(parts: readonly string[]): NearValue | undefined {
  const [latitude = '', longitude = '', distance = '', unit = ''] = parts;
  const at = NUMBER.test(latitude) && NUMBER.test(longitude) && place(Number(latitude), Number(longitude));
  const metres = METRES[unit];
  if (!at || metres === undefined || parts.length > 4 || !(distance === '' || DISTANCE.test(distance))) {
    return undefined;
  }
  return { type: 'near', ...at, metres: distance === '' ? DEFAULT_METRES : Number(distance) * metres };
}

const NUMBER = /^[+-]?\d{1,3}(\.\d{1,15})?$/;
const DISTANCE = /^\d{1,8}(\.\d{1,10})?$/;

export const EARTH_RADIUS = 6_371_008.8;

/** Degrees that hold the circle; ranges of longitude, two where it crosses the date line. */
export function boxAround({ latitude, longitude, metres }: Omit<NearValue, 'type'>): {
  readonly latitudes: readonly [number, number];
  readonly longitudes: readonly (readonly [number, number])[];
} {
  const angle = metres / EARTH_RADIUS;
  const height = degrees(angle) * 1.000001 + 1e-9;
  const latitudes = [latitude - height, latitude + height] as const;
  const reachesPole = latitudes[0] <= -90 || latitudes[1] >= 90;
  const width = reachesPole
    ? 180
    : degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(latitude))))) * 1.000001 + 1e-9;
  return { latitudes, longitudes: longitudeRanges(longitude - width, longitude + width) };
}

function longitudeRanges(west: number, east: number): readonly (readonly [number, number])[] {
  if (east - west >= 360) {
    return [[-180, 180]];
  }
  if (west < -180) {
    return [
      [-180, east],
      [west + 360, 180],
    ];
  }
  return east > 180
    ? [
        [west, 180],
        [-180, east - 360],
      ]
    : [[west, east]];
}

const degrees = (angle: number): number => (angle * 180) / Math.PI;
const radians = (angle: number): number => (angle * Math.PI) / 180;
