/** `ryggrad persons keep-up`: compare everybody with the population registry now. */
import { openRegistries } from './adapters/national/settings.ts';
import { withApp } from './cli-app.ts';
import { print, refuseArguments, UsageError } from './cli-command.ts';
import { newUuid, systemClock } from './fhir/id.ts';
import { keepUp } from './registry/person/keep-up.ts';

/** Prints what was found. Throws when no registry is set up, or it cannot be asked. */
export async function keepPersonsUp(args: readonly string[]): Promise<number> {
  refuseArguments(args, 'persons keep-up');
  return withApp(async ({ repository }, config) => {
    const national = await openRegistries(config.nationalRegistriesFile, systemClock);
    if (!national.isKeptUp) {
      throw new UsageError('NATIONAL_REGISTRIES_FILE names no population registry to compare with.');
    }
    const newId = (): string => newUuid(systemClock.now());
    const kept = await keepUp({ repository, population: national.population, newId });
    print(`${kept.asked} asked for, ${kept.changed} changed, ${kept.unknown} not known there.`);
    if (kept.left > 0) {
      print(`${kept.left} were written by others meanwhile: run it again.`);
    }
    kept.doubles.forEach((id) => print(`Here twice, under another number: Patient/${id}`));
    return 0;
  });
}
