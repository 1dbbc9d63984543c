/** Commands about what systems have sent: what was refused and why, and carrying it out again. For operators. */
import { withApp } from './cli-app.ts';
import { print, UsageError } from './cli-command.ts';
import { options } from './cli-options.ts';
import { replay, replayAll } from './operations/inbox/replay.ts';
import type { InboxOutcome, InboxRow } from './storage/inbox.ts';

const BY = 'operator';
const LIST = 'inbox list [--source client:<id>] [--outcome refused|stored|unchanged|replayed|dismissed]';
const REPLAY = 'inbox replay <id> | --all [--source client:<id>] [--rule <rule>]';
const OUTCOMES: ReadonlySet<string> = new Set(['refused', 'stored', 'unchanged', 'replayed', 'dismissed']);
const MOST = 200;

/** `inbox list`: the latest, a line each; those that are refused when nothing else is asked for. */
export function listInbox(args: readonly string[]): Promise<number> {
  const { values } = options(args, ['source', 'outcome'], LIST);
  const { source, outcome = 'refused' } = values;
  if (!OUTCOMES.has(outcome)) {
    throw new UsageError(`There is no outcome "${outcome}".\nUsage: ryggrad ${LIST}`);
  }
  return withApp(async ({ received: { inbox } }) => {
    const rows = await inbox.list({
      outcome: outcome as InboxOutcome,
      limit: MOST,
      ...(source !== undefined && { source }),
    });
    rows.forEach((row) => print(lineOf(row)));
    print(rows.length === MOST ? `The latest ${MOST} are shown.` : `${rows.length} in all.`);
    return 0;
  });
}

const lineOf = ({ id, lastAt, source, door, message, times, issues }: InboxRow): string =>
  [
    id,
    lastAt,
    source,
    door,
    message ?? '-',
    ...(times > 1 ? [`${times} times`] : []),
    ...new Set(issues.map(({ rule, code }) => rule ?? code)),
  ].join('  ');

/** `inbox show <id>`: what became of one message, with every reason. What was sent is not printed: it is about a person. */
export function showMessage([id]: readonly string[]): Promise<number> {
  if (id === undefined) {
    throw new UsageError('Usage: ryggrad inbox show <id>');
  }
  return withApp(async ({ received: { inbox } }) => {
    const row = await inbox.read(id);
    if (row === undefined) {
      print(`There is no message ${id}.`);
      return 1;
    }
    print(`${lineOf(row)}  ${row.outcome}`);
    row.issues.forEach(({ expression, diagnostics }) =>
      print(expression === undefined ? `  ${diagnostics}` : `  ${expression}: ${diagnostics}`),
    );
    return 0;
  });
}

/** `inbox replay`: one refused message, or all of them, the oldest first. Exit code 1 when any is refused again. */
export function replayMessages(args: readonly string[]): Promise<number> {
  const { rest, values, switches } = options(args, ['source', 'rule'], REPLAY, ['all']);
  const [id] = rest;
  if ((id === undefined) !== switches.has('all')) {
    throw new UsageError(`Name one message, or say --all.\nUsage: ryggrad ${REPLAY}`);
  }
  return withApp(async ({ received }) => {
    if (id === undefined) {
      const { source, rule } = values;
      const query = { ...(source !== undefined && { source }), ...(rule !== undefined && { rule }) };
      const { replayed, refused } = await replayAll(received, query, BY);
      print(`${replayed} were carried out, ${refused} are refused as before or for another reason.`);
      return refused === 0 ? 0 : 1;
    }
    const result = await replay(received, id, BY);
    if (result === undefined) {
      print(`There is no refused message ${id}, or what was sent is not kept any more.`);
      return 1;
    }
    print(result.outcome === 'replayed' ? 'It was carried out.' : 'It is refused still:');
    (result.outcome === 'refused' ? result.issues : []).forEach(({ diagnostics }) =>
      print(`  ${diagnostics}`),
    );
    return result.outcome === 'replayed' ? 0 : 1;
  });
}

/** `inbox dismiss <id>`: a refused message is let be, and what was sent is let go of. */
export function dismissMessage([id]: readonly string[]): Promise<number> {
  if (id === undefined) {
    throw new UsageError('Usage: ryggrad inbox dismiss <id>');
  }
  return withApp(async ({ received: { inbox } }) => {
    const row = await inbox.read(id);
    if (row?.outcome !== 'refused') {
      print(`There is no refused message ${id}.`);
      return 1;
    }
    await inbox.settle(id, 'dismissed', BY);
    print('It is let be.');
    return 0;
  });
}
