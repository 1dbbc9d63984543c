/** Commands about what we fetch from EHRs ourselves. For operators. */
import type { Counts } from './adapters/ehr/pull-take.ts';
import type { Pulled, PullStanding } from './adapters/ehr/pulling.ts';
import { withApp } from './cli-app.ts';
import { print, UsageError } from './cli-command.ts';
import { options } from './cli-options.ts';

const USAGE = 'pull <ehr> [--patient <id>] [--since <instant>]';

/** `pull`: what has changed, or everything about one person. Exit code 1 when the EHR cannot be asked, or something was refused. */
export function pullCommand(args: readonly string[]): Promise<number> {
  const { rest, values } = options(args, ['patient', 'since'], USAGE);
  const [ehr] = rest;
  const since = values['since'] === undefined ? undefined : new Date(values['since']);
  if (ehr === undefined || (since !== undefined && Number.isNaN(since.getTime()))) {
    throw new UsageError(`Usage: ryggrad ${USAGE}\nAn instant is written 2026-03-01T08:00:00Z.`);
  }
  const { patient } = values;
  return withApp(async ({ pulling }) => {
    const pulled = await pulling.pull(ehr, {
      now: true,
      ...(patient === undefined ? { changes: true } : { patient }),
      ...(since !== undefined && { since }),
    });
    if (pulled === undefined) {
      const known = pulling.connections.map((one) => one.ehr).join(', ');
      print(`Nothing is fetched from "${ehr}". EHRs in EHRS_FILE with a member "pull": ${known || 'none'}.`);
      return 1;
    }
    print(told(pulled));
    return pulled.kind === 'done' && pulled.counts.refused === 0 ? 0 : 1;
  });
}

function told(pulled: Pulled): string {
  switch (pulled.kind) {
    case 'done':
      return countsOf(pulled.counts);
    case 'away':
      return `The EHR cannot be asked now (${pulled.failure}). What is not fetched yet waits; the server tries again by itself.`;
    case 'busy':
      return 'It is being fetched from already.';
    case 'waiting':
      return `It is left alone until ${pulled.until}.`;
  }
}

const countsOf = ({ taken, removed, refused }: Counts): string =>
  `${taken} were new or changed, ${removed} were taken out, ${refused} were refused${refused > 0 ? ' (inbox list)' : ''}.`;

/** `pull status`: how each connection stands, a line each. Exit code 1 when one of them fails. */
export function pullStatus(): Promise<number> {
  return withApp(async ({ pulling }) => {
    const all = await pulling.standings();
    all.forEach((one) => print(lineOf(one)));
    all.forEach(({ ehr, problems }) =>
      problems.forEach(({ query, problem }) => print(`  ${ehr}  ${query}  ${problem}`)),
    );
    print(`${all.length} in all.`);
    return all.some(({ failure, problems }) => failure !== null || problems.length > 0) ? 1 : 0;
  });
}

const lineOf = ({
  ehr,
  source,
  lastContact,
  lastRun,
  persons,
  queries,
  failure,
  failedAt,
  notBefore,
}: PullStanding): string =>
  [
    ehr,
    source,
    `last contact ${lastContact ?? '-'}`,
    `last round ${lastRun ?? '-'}`,
    `waiting: ${persons} persons, ${queries} queries`,
    ...(failure === null ? [] : [`${failure} ${failedAt ?? ''}, left alone until ${notBefore ?? '-'}`]),
  ].join('  ');
