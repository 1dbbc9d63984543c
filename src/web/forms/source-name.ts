/**
 * What a source is called: `DIPS: diagnose 20.11.2026`, `tidligere skjema 01.10.2026`.
 */
import { REGISTER, type AnswerSource } from '../../sdc/answer-source.ts';
import { formatDate } from '../ui/format.ts';
import { fill, SOURCE_KINDS, type Lang } from '../ui/form-texts.ts';
import { sourceTexts } from '../ui/source-texts.ts';

type Named = { readonly [K in 'display' | 'recorded' | 'system']?: AnswerSource[K] | undefined };

/** The source with its time, for a line of its own. */
export const sourceName = (source: Named, lang: Lang): string =>
  fill(sourceTexts[lang].from, { source: kindOf(source, lang), date: formatDate(source.recorded) }).trim();

/** `DIPS: Encounter` → `DIPS: opphold`; what has a name of its own keeps it. */
export function kindOf({ display = '', system }: Named, lang: Lang): string {
  const [, sender = '', kind = ''] = /^(.*: )?(.*)$/.exec(display) ?? [];
  const text = sender + (SOURCE_KINDS[lang][kind] ?? kind);
  return text === '' ? sourceTexts[lang][system === REGISTER ? 'register' : 'unknown'] : text;
}

/** Who has said it, without what: `DIPS`. */
export function senderName({ display = '', system }: Named, lang: Lang): string {
  const sender = /^(.*): /.exec(display)?.[1];
  return system === REGISTER ? sourceTexts[lang].register : (sender ?? sourceTexts[lang].unknown);
}
