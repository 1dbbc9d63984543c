/** `ryggrad intake csv`: the rows of a table into a register, by its mapping. */
import { requireSystem } from './adapters/csv/door.ts';
import { withApp } from './cli-app.ts';
import { print, UsageError } from './cli-command.ts';
import { options } from './cli-options.ts';
import { noReport, OUTCOMES, reportFile } from './operations/dump/report.ts';

const USAGE =
  'intake csv <register>/<mapping> <file> --client <client_id> [--dry-run] [--report <new file.jsonl | .csv>]';

/** 1 when a row was refused; the others are stored. */
export function intakeCsv(args: readonly string[]): Promise<number> {
  const { rest, values, switches } = options(args, ['client', 'report'], USAGE, ['dry-run']);
  const [mapping, file, ...more] = rest;
  const { client, report: path } = values;
  if (mapping === undefined || file === undefined || client === undefined || more.length > 0) {
    throw new UsageError(`Usage: ryggrad ${USAGE}`);
  }
  const isRehearsal = switches.has('dry-run');
  return withApp(async ({ csv, received }) => {
    const principal = await received.findSender(`client:${client}`);
    requireSystem(principal, client);
    await using report = path === undefined ? noReport : reportFile(path);
    const mode = isRehearsal ? 'rehearsed' : 'stored';
    const { counts, unread } = await csv.take({ mapping, file, principal, mode, report });
    print(OUTCOMES.map((outcome) => `${counts[outcome]} ${outcome}`).join(', '));
    if (unread.length > 0) {
      print(`The mapping does not name these columns: ${unread.join(', ')}`);
    }
    if (isRehearsal) {
      print('Nothing was stored.');
    }
    return counts.refused === 0 ? 0 : 1;
  });
}
