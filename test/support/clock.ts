/** A clock that a test sets by hand, for everything that takes `now` as an argument. */

/** Time stands still until the test moves it. */
export interface TestClock {
  /** The present time: pass this function where `now` is asked for. */
  readonly now: () => Date;
  /** Moves to an instant, e.g. `2026-03-01T16:30:00+01:00`. */
  set(instant: string): void;
  /** Moves forward (or, with negative numbers, back) by a duration. */
  advance(by: ClockStep): void;
}

/** A length of time; days are 24 hours, whatever summer time does. */
export interface ClockStep {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

/**
 * Makes a clock that shows `instant`.
 *
 * @throws RangeError when the text is not an instant with a time zone
 */
export function clockAt(instant: string): TestClock {
  let milliseconds = parseInstant(instant);
  return {
    now: () => new Date(milliseconds),
    set: (next) => {
      milliseconds = parseInstant(next);
    },
    advance: ({ days = 0, hours = 0, minutes = 0, seconds = 0 }) => {
      milliseconds += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
    },
  };
}

function parseInstant(text: string): number {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds) || !/T.*(Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new RangeError(
      `Not an instant with a time zone: ${text}. Write for example 2026-03-01T16:30:00+01:00.`,
    );
  }
  return milliseconds;
}
