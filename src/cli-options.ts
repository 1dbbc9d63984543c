/** Arguments of a command: names that begin with `--` and have a value, switches without one, and the rest in order. */
import { parseArgs } from 'node:util';
import { UsageError } from './cli-command.ts';

export interface Given {
  readonly rest: readonly string[];
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
}

/** Throws UsageError for a name that the command does not know, or one without its value. */
export function options(
  args: readonly string[],
  names: readonly string[],
  usage: string,
  switches: readonly string[] = [],
): Given {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: Object.fromEntries([
        ...names.map((name) => [name, { type: 'string' as const }]),
        ...switches.map((name) => [name, { type: 'boolean' as const }]),
      ]),
      allowPositionals: true,
    });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    return {
      rest: parsed.positionals,
      values: Object.fromEntries(names.map((name) => [name, values[name] as string | undefined])),
      switches: new Set(switches.filter((name) => values[name] === true)),
    };
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\nUsage: ryggrad ${usage}`, { cause });
  }
}
