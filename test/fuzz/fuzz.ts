/**
 * Random inputs against a running server, in slices: many clients send what must change nothing, then what may; every
 * answer is held to the oracle, slow ones are asked again alone, and refusals are shown to have left nothing behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { changedTables, fingerprint, type Query } from './fingerprint.ts';
import { faultOf } from './oracle.ts';
import { describeProbe, type Answer, type Probe } from './probe.ts';
import { probesOf } from './probes.ts';
import { createSender, type Send, type Target } from './sender.ts';
import { IDS } from './sources.ts';
import { isSafe, tracesOf } from './unchanged.ts';

export interface FuzzOptions {
  readonly target: Target;
  readonly query: Query;
  readonly seed: number;
  readonly runs: number;
  readonly clients: number;
  /** Probes between two checks that refusals leave nothing behind. */
  readonly slice: number;
  /** First slice of the stream, to go on from or to repeat. */
  readonly from?: number;
  /** Milliseconds of processor time that the server and its database have used so far: what an answer took of its own. */
  readonly cpuMs: () => number;
  /** Asked before each slice: whether the time is up. */
  readonly isOver?: () => boolean;
  /** Told after each slice. */
  readonly onSlice?: (figures: Figures) => void;
}

export interface Figures {
  readonly sent: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Refused writes that were sent again between two fingerprints. */
  readonly refusedAgain: number;
  /** The slowest answer of all, as it came under load, and the slowest that came alone. */
  readonly slowest: { readonly milliseconds: number; readonly probe: string };
  readonly slowestAlone: number;
  /** What is wrong, each with the probe that shows it; one of each kind of fault. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly slice: number;
  readonly fault: string;
  readonly probe: Probe;
}

const SLOW_MS = 1000;
const RETRIES = 3;

/** Sends `runs` probes. Never throws for what the server does: faults are among the figures. */
export async function fuzz(options: FuzzOptions): Promise<Figures> {
  using send = createSender(options.target, options.clients);
  using sendAlone = createSender(options.target, 1);
  let figures: Figures = NOTHING;
  const slices = Math.ceil(options.runs / options.slice);
  const from = options.from ?? 0;
  await prepare(sendAlone);
  const isOver = (): boolean => figures.byStatus['0'] !== undefined || options.isOver?.() === true;
  for (let slice = from; slice < from + slices && !isOver(); slice++) {
    const left = options.runs - (slice - from) * options.slice;
    const probes = probesOf(options.seed, slice, Math.min(options.slice, left));
    figures = await afterSlice(figures, probes, { slice, send, sendAlone, options });
    options.onSlice?.(figures);
  }
  return figures;
}

interface Slice {
  readonly slice: number;
  readonly send: Send;
  readonly sendAlone: Send;
  readonly options: FuzzOptions;
}

async function afterSlice(
  figures: Figures,
  probes: readonly Probe[],
  { slice, send, sendAlone, options: { query, clients, cpuMs } }: Slice,
): Promise<Figures> {
  const begun = await fingerprint(query);
  const reads = await sendAll(probes.filter(isSafe), send, clients);
  const changed = changedTables(begun, await fingerprint(query));
  const writes = await sendAll(
    probes.filter((probe) => !isSafe(probe)),
    send,
    clients,
  );
  const refused = writes.filter(isRefused).map(({ probe }) => probe);
  const traces = await tracesOf(refused, sendAlone, query);
  const found = traces.map(({ probe, tables }) => ({
    slice,
    probe,
    fault: `refused, and yet changed ${tables.join(', ')}`,
  }));
  const byReads = changed.map((table) => ({ slice, probe: READS, fault: `reads changed ${table}` }));
  const answered = [...reads, ...writes];
  const sofar = counted(figures, answered, slice);
  return checkedForTime(
    {
      ...sofar,
      refusedAgain: sofar.refusedAgain + refused.length,
      failures: [...sofar.failures, ...found, ...byReads],
    },
    answered,
    (probe) => bestAlone(probe, sendAlone, cpuMs),
    slice,
  );
}

/** Stands for all requests of a slice that must change nothing. */
const READS: Probe = { kind: 'path', method: 'GET', path: '*', headers: {}, sender: 'nobody' };

const NOTHING: Figures = {
  sent: 0,
  byKind: {},
  byStatus: {},
  refusedAgain: 0,
  slowest: { milliseconds: 0, probe: '' },
  slowestAlone: 0,
  failures: [],
};

/** The Patient that the examples refer to, and others at the ids that probes meet at. */
async function prepare(send: Send): Promise<void> {
  for (const id of IDS) {
    const { status, text } = await send({
      kind: 'resource',
      method: 'PUT',
      path: `Patient/${id}`,
      headers: {},
      body: JSON.stringify({ resourceType: 'Patient', id, active: true, name: [{ family: 'Prøve' }] }),
      sender: 'ehr',
    });
    if (status !== 200 && status !== 201) {
      throw new Error(`The server does not take the first Patients: ${status} ${text}`);
    }
  }
}

interface Answered {
  readonly probe: Probe;
  readonly answer: Answer;
}

const isRefused = ({ answer: { status } }: Answered): boolean => status >= 400 && status < 500;

async function sendAll(probes: readonly Probe[], send: Send, clients: number): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  const queue = probes.values();
  const client = async (): Promise<void> => {
    for (const probe of queue) {
      answered.push({ probe, answer: await send(probe) });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answered;
}

function counted(figures: Figures, answered: readonly Answered[], slice: number): Figures {
  const failures = answered.flatMap(({ probe, answer }) => {
    const fault = faultOf(probe, answer);
    return fault === undefined ? [] : [{ slice, fault, probe }];
  });
  const slowest = answered.reduce(
    (most, { probe, answer: { milliseconds } }) =>
      milliseconds > most.milliseconds ? { milliseconds, probe: describeProbe(probe) } : most,
    figures.slowest,
  );
  return {
    ...figures,
    slowest,
    sent: figures.sent + answered.length,
    byKind: added(
      figures.byKind,
      answered.map(({ probe }) => probe.kind),
    ),
    byStatus: added(
      figures.byStatus,
      answered.map(({ answer }) => String(answer.status)),
    ),
    failures: [...figures.failures, ...failures],
  };
}

function added(
  counts: Readonly<Record<string, number>>,
  names: readonly string[],
): Readonly<Record<string, number>> {
  const sums = { ...counts };
  for (const name of names) {
    sums[name] = (sums[name] ?? 0) + 1;
  }
  return sums;
}

/** The machine may be busy with something else: only what is slow alone, each time, is slow. */
async function checkedForTime(
  figures: Figures,
  answered: readonly Answered[],
  best: (probe: Probe) => Promise<number>,
  slice: number,
): Promise<Figures> {
  let checked = figures;
  for (const { probe } of answered.filter(({ answer }) => answer.milliseconds > SLOW_MS)) {
    const milliseconds = await best(probe);
    const failures =
      milliseconds > SLOW_MS ? [{ slice, probe, fault: `slow: ${milliseconds.toFixed(0)} ms alone` }] : [];
    checked = {
      ...checked,
      slowestAlone: Math.max(checked.slowestAlone, milliseconds),
      failures: [...checked.failures, ...failures],
    };
  }
  return checked;
}

/** The shortest time of some, by the clock or by the processor, whichever is less. */
async function bestAlone(probe: Probe, send: Send, cpuMs: () => number): Promise<number> {
  let best = Infinity;
  for (let retry = 0; retry < RETRIES && best > SLOW_MS; retry++) {
    await delay(200 * retry);
    const before = cpuMs();
    const { milliseconds } = await send(probe);
    best = Math.min(best, milliseconds, cpuMs() - before);
  }
  return best;
}
