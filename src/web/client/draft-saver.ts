/**
 * Saves a draft by itself: soon after the last key, at latest every half minute while one writes on, and when the page is
 * hidden. `PUT /skjema/:taskId/kladd` with If-Match; a conflict is shown and never overwritten unasked.
 */
import type { Draft, Saver, SaveState } from '../forms/saving.ts';

export interface SaverOptions {
  readonly url: string;
  readonly version: string | undefined;
  readonly fetch: typeof fetch;
  readonly timers: Timers;
}

/** The browser's timers; in tests a hand-driven pair. */
export interface Timers {
  readonly set: (run: () => void, delay: number) => unknown;
  readonly clear: (timer: unknown) => void;
  readonly now: () => number;
}

export const QUIET_MS = 1_500;
export const LONGEST_MS = 30_000;
const RETRY_MS = [3_000, 10_000, 30_000, 60_000];

/** A saver that also can save while the page goes away. */
export interface DraftSaver extends Saver {
  readonly saveOnHide: () => void;
}

export function createDraftSaver({ url, version: first, fetch: send, timers }: SaverOptions): DraftSaver {
  const listeners = new Set<() => void>();
  let state: SaveState = { kind: 'untouched' };
  let version = first;
  let draft: Draft | undefined;
  let dirtySince: number | undefined;
  let running: Promise<boolean> | undefined;
  let timer: unknown;
  let failures = 0;

  const show = (next: SaveState): void => {
    state = next;
    listeners.forEach((listener) => listener());
  };
  const schedule = (delay: number): void => {
    timers.clear(timer);
    timer = timers.set(() => void save(), delay);
  };

  const save = async (): Promise<boolean> => {
    timers.clear(timer);
    if (running !== undefined) {
      await running;
    }
    if (draft === undefined || dirtySince === undefined) {
      return state.kind !== 'conflict';
    }
    if (state.kind === 'conflict') {
      return false;
    }
    running = put(draft, version);
    const isStored = await running;
    running = undefined;
    return isStored && dirtySince !== undefined ? save() : isStored;
  };

  const put = async (sent: Draft, base: string | undefined, keepalive = false): Promise<boolean> => {
    dirtySince = undefined;
    show({ kind: 'saving' });
    try {
      const response = await send(url, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', ...condition(base) },
        body: JSON.stringify(sent),
        keepalive,
      });
      return await settle(response);
    } catch {
      return failed();
    }
  };

  const settle = async (response: Response): Promise<boolean> => {
    if (response.ok) {
      const saved = (await response.json()) as { version: string; at: string };
      version = saved.version;
      failures = 0;
      show(dirtySince === undefined ? { kind: 'saved', at: saved.at } : { kind: 'unsaved' });
      return true;
    }
    dirtySince ??= timers.now();
    if (response.status === 412) {
      show({
        kind: 'conflict',
        ...((await response.json()) as { version: string; at: string; by?: string }),
      });
      return false;
    }
    if (response.status === 401) {
      show({ kind: 'logged-out' });
      schedule(RETRY_MS[1] ?? 0);
      return false;
    }
    return failed();
  };

  const failed = (): boolean => {
    dirtySince ??= timers.now();
    show({ kind: 'failed' });
    schedule(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0);
    failures++;
    return false;
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    version: () => version,
    changed(next) {
      draft = next;
      dirtySince ??= timers.now();
      if (state.kind === 'conflict') {
        return;
      }
      if (state.kind !== 'saving' && state.kind !== 'logged-out' && state.kind !== 'failed') {
        show({ kind: 'unsaved' });
      }
      schedule(Math.max(0, Math.min(QUIET_MS, dirtySince + LONGEST_MS - timers.now())));
    },
    save,
    async overwrite() {
      if (state.kind === 'conflict') {
        version = state.version;
        show({ kind: 'unsaved' });
      }
      return save();
    },
    saveOnHide() {
      if (
        draft !== undefined &&
        dirtySince !== undefined &&
        running === undefined &&
        state.kind !== 'conflict'
      ) {
        timers.clear(timer);
        running = put(draft, version, true).finally(() => (running = undefined));
      }
    },
  };
}

const condition = (version: string | undefined): Readonly<Record<string, string>> =>
  version === undefined ? { 'If-None-Match': '*' } : { 'If-Match': `W/"${version}"` };
