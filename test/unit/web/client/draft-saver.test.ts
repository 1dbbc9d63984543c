import {
  createDraftSaver,
  LONGEST_MS,
  QUIET_MS,
  type DraftSaver,
} from '../../../../src/web/client/draft-saver.ts';
import { empty } from '../forms/sample-form.ts';

const draft = { response: empty, comment: '' };

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly keepalive: boolean;
}

/** A saver with a clock that is moved by hand, and a server that gives the next of its answers. */
function harness(...answers: readonly (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const waiting = new Map<number, { readonly at: number; readonly run: () => void }>();
  let now = 0;
  let ids = 0;
  const saver: DraftSaver = createDraftSaver({
    url: '/skjema/t1/kladd',
    version: '1',
    fetch: (async (_url: string, init: RequestInit) => {
      sent.push({ headers: init.headers as Record<string, string>, keepalive: init.keepalive === true });
      return (answers[sent.length - 1] ?? (() => saved(String(sent.length + 1))))();
    }) as typeof fetch,
    timers: {
      set: (run, delay) => {
        waiting.set(++ids, { at: now + delay, run });
        return ids;
      },
      clear: (timer) => void waiting.delete(timer as number),
      now: () => now,
    },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      await Promise.resolve();
    }
  };
  return {
    saver,
    sent,
    settle,
    async pass(ms: number) {
      now += ms;
      for (const [id, { at, run }] of [...waiting]) {
        if (at <= now) {
          waiting.delete(id);
          run();
        }
      }
      await settle();
    },
  };
}

const saved = (version: string): Response => Response.json({ version, at: '2026-11-24T09:00:00Z' });
const conflict = (): Response =>
  Response.json({ version: '7', at: '2026-11-24T08:59:00Z', by: 'Per' }, { status: 412 });

describe('The draft saver', () => {
  it('saves when one stops writing, over the version that was opened.', async () => {
    const { saver, sent, pass } = harness();

    saver.changed(draft);
    expect(saver.state()).toEqual({ kind: 'unsaved' });
    await pass(QUIET_MS);

    expect(sent).toEqual([
      { headers: { 'Content-Type': 'application/json', 'If-Match': 'W/"1"' }, keepalive: false },
    ]);
    expect(saver.state()).toEqual({ kind: 'saved', at: '2026-11-24T09:00:00Z' });
    expect(saver.version()).toBe('2');
  });

  it('saves in between when one never stops writing.', async () => {
    const { saver, sent, pass } = harness();

    for (let passed = 0; passed <= LONGEST_MS; passed += QUIET_MS - 1) {
      saver.changed(draft);
      await pass(QUIET_MS - 1);
    }

    expect(sent.length).toBeGreaterThan(0);
  });

  it('saves again what was written while it saved.', async () => {
    const { saver, sent, pass } = harness();

    saver.changed(draft);
    const first = saver.save();
    saver.changed({ ...draft, comment: 'mer' });
    await first;
    await pass(QUIET_MS);

    expect(sent.map(({ headers }) => headers['If-Match'])).toEqual(['W/"1"', 'W/"2"']);
    expect(saver.state().kind).toBe('saved');
  });

  it('tells who saved in between, and stops saving by itself.', async () => {
    const { saver, sent, pass } = harness(conflict);

    saver.changed(draft);
    await pass(QUIET_MS);
    saver.changed({ ...draft, comment: 'mer' });
    await pass(LONGEST_MS);

    expect(saver.state()).toEqual({ kind: 'conflict', version: '7', at: '2026-11-24T08:59:00Z', by: 'Per' });
    expect(sent).toHaveLength(1);
    expect(await saver.save()).toBe(false);
  });

  it('puts the draft over the other version when the user says so.', async () => {
    const { saver, sent, pass } = harness(conflict);
    saver.changed(draft);
    await pass(QUIET_MS);

    expect(await saver.overwrite()).toBe(true);

    expect(sent[1]?.headers['If-Match']).toBe('W/"7"');
    expect(saver.state().kind).toBe('saved');
  });

  it('tries again after a failure and loses nothing.', async () => {
    const { saver, sent, pass } = harness(() => Promise.reject(new TypeError('offline')));

    saver.changed(draft);
    await pass(QUIET_MS);
    expect(saver.state().kind).toBe('failed');
    await pass(3_000);

    expect(sent).toHaveLength(2);
    expect(saver.state().kind).toBe('saved');
  });

  it('waits for a new login.', async () => {
    const { saver, pass } = harness(() => Response.json({}, { status: 401 }));

    saver.changed(draft);
    await pass(QUIET_MS);
    expect(saver.state().kind).toBe('logged-out');
    await pass(10_000);

    expect(saver.state().kind).toBe('saved');
  });

  it('saves what is unsaved when the page is hidden, in a request that outlives it.', async () => {
    const { saver, sent, settle } = harness();

    saver.saveOnHide();
    saver.changed(draft);
    saver.saveOnHide();
    await settle();

    expect(sent).toHaveLength(1);
    expect(sent[0]?.keepalive).toBe(true);
  });

  it('has nothing to do before anything is written.', async () => {
    const { saver, sent } = harness();

    expect(await saver.save()).toBe(true);
    expect(sent).toEqual([]);
  });
});
