/** Which forms have the wording that they need on a day, and what packs lack: for operators. */
import type { Registry } from '../registry.ts';
import { instrumentsOf } from './content-packs.ts';
import type { ContentPack } from './pack.ts';
import { missingWords } from './pack-cover.ts';

export interface LackingPack extends Pick<ContentPack, 'version' | 'language'> {
  readonly words: readonly string[];
}

export interface WordingState {
  /** id of the Questionnaire. */
  readonly form: string;
  readonly instrument: string;
  /** In which the form has all of it; empty: the form is closed to patients. */
  readonly languages: readonly string[];
  /** Packs that are valid on the day, and not whole. */
  readonly lacking: readonly LackingPack[];
}

/** One line for each instrument of each form in a schedule that needs wording. */
export function wordingState(
  { schedules, forms, packs }: Pick<Registry, 'schedules' | 'forms' | 'packs'>,
  day: string,
): readonly WordingState[] {
  const scored = schedules
    .flatMap((schedule) => schedule.forms)
    .flatMap(({ questionnaire }) => forms.form(questionnaire) ?? [])
    .map((form) => forms.scored(form));
  return [...new Set(scored)].flatMap((each) =>
    instrumentsOf(each).map((instrument) => {
      const found = packs.find(instrument, day).map((pack) => ({ pack, words: missingWords(each, pack) }));
      return {
        form: each.form.questionnaire.id ?? '',
        instrument,
        languages: found.filter(({ words }) => words.length === 0).map(({ pack }) => pack.language),
        lacking: found
          .filter(({ words }) => words.length > 0)
          .map(({ pack: { version, language }, words }) => ({ version, language, words })),
      };
    }),
  );
}
