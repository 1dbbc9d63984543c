/**
 * The modules of a register as pages show them: each has pathways and forms of its own. A register with one has none to choose from.
 */
import type { RegisterTexts } from '../../content/register.ts';
import { error, unprocessable } from '../../fhir/outcome.ts';
import { isWithoutHands, type Schedule } from '../../registry/schedule/plan.ts';
import type { ModuleChoice } from '../models/modules.ts';
import { langOf, type Sources, textsOf } from './sources.ts';

/** The schedules of a register, one for each of its modules. */
export const schedulesOf = ({ registry }: Pick<Sources, 'registry'>, register: string): readonly Schedule[] =>
  registry.schedules.filter((schedule) => schedule.register.id === register);

/** The schedules whose pathways people open by hand: not those of which everything is filled by what the EHR sends. */
export const startable = (sources: Pick<Sources, 'registry'>, register: string): readonly Schedule[] =>
  schedulesOf(sources, register).filter((schedule) => !isWithoutHands(schedule));

/** Throws 422 where nobody registers by hand. */
export function requireStartable(sources: Pick<Sources, 'registry'>, register: string): void {
  if (startable(sources, register).length === 0) {
    throw unprocessable(
      error(
        'business-rule',
        'The register is filled by what the EHR sends: a pathway opens when its data arrive, and not by hand.',
        undefined,
        'captured-register',
      ),
    );
  }
}

/** What there is to choose from: nothing when the register is one whole. */
export const modulesOf = (sources: Sources, register: string): readonly ModuleChoice[] =>
  choicesOf(sources, schedulesOf(sources, register));

/** What a new pathway may be of. */
export const modulesToStart = (sources: Sources, register: string): readonly ModuleChoice[] =>
  choicesOf(sources, startable(sources, register));

const choicesOf = (sources: Sources, schedules: readonly Schedule[]): readonly ModuleChoice[] =>
  schedules.length < 2 ? [] : schedules.map((schedule) => choiceOf(sources, schedule));

function choiceOf(sources: Sources, schedule: Schedule): ModuleChoice {
  const texts = textsOf(sources, schedule.register.id, langOf(sources));
  return { id: schedule.module, ...namesOfModule(schedule, texts) };
}

const namesOfModule = (
  { id, title }: Schedule,
  texts: RegisterTexts | undefined,
): { readonly short: string; readonly title: string } => texts?.modules?.[id] ?? { short: title, title };

/** The title of a pathway's module; nothing when its register has one alone. */
export function moduleTitle(sources: Sources, schedule: Schedule | undefined): string | undefined {
  const isOneOfSeveral = schedule !== undefined && schedulesOf(sources, schedule.register.id).length > 1;
  return isOneOfSeveral ? choiceOf(sources, schedule).title : undefined;
}

/** The schedule that was chosen; of a register with several, the first one when that is none of them. */
export function chosenSchedule(
  sources: Pick<Sources, 'registry'>,
  register: string,
  module: string | undefined,
): Schedule | undefined {
  const schedules = schedulesOf(sources, register);
  return schedules.find((schedule) => schedule.module === module) ?? schedules[0];
}
