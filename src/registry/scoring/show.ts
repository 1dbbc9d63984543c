/**
 * Scores of a form for people to read: staff beside a locked form, or before a patient's answers are taken in. Computed from
 * the answers as they are; what is stored are the Observations.
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { formatNumber } from '../../sdc/numbers.ts';
import type { Binding } from './bind.ts';
import { bandOf } from './change.ts';
import type { AbsentReason } from './result.ts';
import { type BoundResult, resultsOfForm } from './score-form.ts';

export interface ShownScore {
  readonly instrument: string;
  readonly code: string;
  /** With what it is of, where a form asks an instrument more than once. */
  readonly title: string;
  /** Rounded as the instrument says, with the language's decimal sign; undefined when there is none. */
  readonly value?: string;
  /** Why there is none. */
  readonly absent?: AbsentReason;
  /** `0–100`; without the upper end where it has none. */
  readonly range: string;
  readonly better: 'higher' | 'lower' | 'none';
  /** What the value is called in the literature, where it is called something. */
  readonly band?: string;
  readonly answered: number;
  readonly items: number;
}

/**
 * In the order of the form's instruments. `form` and `bindings` are those of the library (registry/form/library.ts, `scored`).
 * Instruments that were hidden from the person are left out.
 */
export function shownScores(
  { form, bindings }: { readonly form: Form; readonly bindings: readonly Binding[] },
  response: QuestionnaireResponse,
  context: FormContext,
  language: Language,
): readonly ShownScore[] {
  return bindings.length === 0
    ? []
    : resultsOfForm(form, bindings, response, context).map((each) => shown(each, language));
}

const BETTER = { 'higher-better': 'higher', 'higher-worse': 'lower', none: 'none' } as const;

function shown({ binding, result }: BoundResult, language: Language): ShownScore {
  const { score, value, absent, answered } = result;
  const { min, max } = score.range;
  const about = binding.about?.display;
  const band = value === undefined ? undefined : bandOf(score, value);
  const format = (number: number): string => formatNumber(number, language);
  return {
    instrument: binding.instrument.id,
    code: score.code,
    title: about === undefined ? score.title[language] : `${score.title[language]}: ${about}`,
    ...(value !== undefined && { value: format(Number(value.toFixed(score.decimals))) }),
    ...(absent !== undefined && { absent }),
    range: max === undefined ? `${format(min)}–` : `${format(min)}–${format(max)}`,
    better: BETTER[score.direction],
    ...(band !== undefined && { band: band.title[language] }),
    answered: answered.length,
    items: score.items.length,
  };
}
