/** `ryggrad scores …`: scores of locked forms again, by the definitions as they are now. */
import { SYSTEM } from './access/principal.ts';
import { print, UsageError } from './cli-command.ts';
import { withEngine } from './cli-dump.ts';
import { options } from './cli-options.ts';
import { outcomeOf } from './operations/scores/changes.ts';
import { recomputeScores, type RecomputeReport, type ScoreCount } from './operations/scores/recompute.ts';

const USAGE = 'scores recompute <register> [--instrument <id>] [--after <row>] [--apply]';

/** Shows what would change; with `--apply` it is written. Exit code 1 when forms were changed meanwhile: run it again. */
export async function recomputeCommand(args: readonly string[]): Promise<number> {
  const { rest, values, switches } = options(args, ['instrument', 'after'], USAGE, ['apply']);
  const [register, ...more] = rest;
  const { instrument, after = '0' } = values;
  if (register === undefined || more.length > 0 || !/^\d+$/.test(after)) {
    throw new UsageError(`Usage: ryggrad ${USAGE}`);
  }
  return withEngine(async ({ registry, repository, content }) => {
    requireKnown(
      'register',
      register,
      content.registers.map(({ id }) => id),
    );
    requireKnown(
      'instrument',
      instrument,
      content.instruments.all().map(({ id }) => id),
    );
    const mode = switches.has('apply') ? 'apply' : 'show';
    const caller = { principal: SYSTEM, requestId: 'cli', interaction: 'scores-recompute' };
    const report = await recomputeScores(repository, caller, registry, {
      ...{ register, instrument, after, mode },
      report: ({ read, row }) => read % 10_000 === 0 && print(`… ${read} forms, up to row ${row}`),
    });
    printReport(report, mode);
    return report.met === 0 ? 0 : 1;
  });
}

function requireKnown(what: string, id: string | undefined, known: readonly string[]): void {
  if (id !== undefined && !known.includes(id)) {
    throw new UsageError(`There is no ${what} "${id}": ${known.join(', ')}.`);
  }
}

function printReport(
  { read, forms, unknown, written, met, scores }: RecomputeReport,
  mode: 'show' | 'apply',
): void {
  print(`${read} locked forms read, ${forms} of them with scores.`);
  if (unknown > 0) {
    print(`${unknown} of them are of a version that is not loaded here: their scores stay as they are.`);
  }
  scores.forEach(printScore);
  const hasChanges = scores.some(({ counts }) => counts.method + counts.value + counts.new + counts.gone > 0);
  if (mode === 'show') {
    print(hasChanges ? 'Nothing was written. --apply writes it.' : 'Nothing would change.');
    return;
  }
  print(`Scores of ${written} forms were written, each with a Provenance.`);
  if (met > 0) {
    print(`${met} forms were changed by somebody meanwhile. Run it again.`);
  }
}

function printScore({ instrument, score, counts, examples }: ScoreCount): void {
  const { same, value, method, new: added, gone } = counts;
  print(
    `${instrument} ${score}: same ${same}, other value ${value}, other definition ${method}, new ${added}, gone ${gone}`,
  );
  examples.forEach(({ kind, response, before, after }) =>
    print(`  ${kind}  QuestionnaireResponse/${response}: ${outcomeOf(before)} → ${outcomeOf(after)}`),
  );
}
