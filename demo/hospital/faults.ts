/**
 * What goes wrong at a hospital's servers: down, hanging, cutting the line, slow. By order of a test, or now and then by a seed.
 */
import type { ServerResponse } from 'node:http';
import { dice } from './random.ts';

export type FaultKind = 'unavailable' | 'hang' | 'cut' | 'slow';

export interface Outage {
  readonly kind: FaultKind;
  /** How many requests it lasts; absent: until it is lifted. */
  readonly requests?: number;
  /** How slow. */
  readonly ms?: number;
}

/** How many of a hundred requests meet each, when faults come by themselves. */
export const FAULT_RATES: Readonly<Record<FaultKind, number>> = {
  unavailable: 2,
  hang: 0.3,
  cut: 0.7,
  slow: 4,
};

const SLOW_MS = 1500;

export interface Faults {
  /** What is wrong now; undefined: nothing. */
  readonly outage: Outage | undefined;
  set(outage: Outage | undefined): void;
  /** Meet a request: 'answered' when the fault has taken it over, after a while 'go on' when all that is wrong is slowness. */
  meet(response: ServerResponse): Promise<'go on' | 'answered'>;
}

/** `seed`: faults come by themselves, the same ones for the same seed; else by order alone. */
export function faults(seed?: number): Faults {
  let ordered: Outage | undefined;
  let requests = 0;
  const hanging = new Set<ServerResponse>();
  const next = (): Outage | undefined => {
    requests += 1;
    if (ordered === undefined) {
      return seed === undefined ? undefined : drawn(seed, requests);
    }
    const current = ordered;
    if (ordered.requests !== undefined) {
      ordered = ordered.requests <= 1 ? undefined : { ...ordered, requests: ordered.requests - 1 };
    }
    return current;
  };
  return {
    get outage() {
      return ordered;
    },
    set(outage) {
      ordered = outage;
      for (const response of hanging) {
        response.destroy();
      }
      hanging.clear();
    },
    async meet(response) {
      const fault = next();
      if (fault === undefined) {
        return 'go on';
      }
      if (fault.kind === 'slow') {
        await new Promise((resolve) => setTimeout(resolve, fault.ms ?? SLOW_MS));
        return 'go on';
      }
      const answers: Readonly<Record<Exclude<FaultKind, 'slow'>, () => void>> = {
        unavailable: () => response.writeHead(503, { 'retry-after': '1' }).end(),
        cut: () => response.destroy(),
        hang: () => {
          hanging.add(response);
          response.on('close', () => hanging.delete(response));
        },
      };
      answers[fault.kind]();
      return 'answered';
    },
  };
}

/** The fault of a request by its number. */
export function drawn(seed: number, request: number): Outage | undefined {
  const of100 = dice(seed, 'fault', request).next() * 100;
  let sum = 0;
  for (const [kind, rate] of Object.entries(FAULT_RATES)) {
    sum += rate;
    if (of100 < sum) {
      return { kind: kind as FaultKind };
    }
  }
  return undefined;
}
