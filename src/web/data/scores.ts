/** The scores of a form's instruments as people read them, from the answers as they stand. */
import type { InstrumentIndex } from '../../content/instruments.ts';
import { bindInstruments, type Binding } from '../../registry/scoring/bind.ts';
import { bandOf } from '../../registry/scoring/change.ts';
import type { ScoreResult } from '../../registry/scoring/result.ts';
import { answersOfForm } from '../../registry/scoring/score-form.ts';
import { score } from '../../registry/scoring/score.ts';
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { formatNumber } from '../../sdc/numbers.ts';
import type { ScoreLine } from '../models/received-form.ts';

/** One line for each score, in the order of the form's instruments. */
export function scoreLines(
  form: Form,
  instruments: InstrumentIndex,
  response: QuestionnaireResponse,
  context: FormContext & { readonly lang: Language },
): readonly ScoreLine[] {
  return bindInstruments(form, instruments).bindings.flatMap((binding) =>
    score(
      binding.instrument,
      answersOfForm(form, binding, response, context),
      binding.scores.map(({ code }) => code),
    ).map((result) => lineOf(binding, result, context.lang)),
  );
}

function lineOf({ about, within }: Binding, result: ScoreResult, lang: Language): ScoreLine {
  const { score: definition, answered } = result;
  const { title, range, direction, items, missing } = definition;
  const base = {
    code: `${within}|${definition.code}`,
    title: [title[lang], ...(about?.display === undefined ? [] : [about.display])].join(': '),
    scale:
      range.max === undefined
        ? `${number(range.min, lang)}–`
        : `${number(range.min, lang)}–${number(range.max, lang)}`,
    direction,
  };
  if (result.value === undefined) {
    return {
      ...base,
      absent: { answered: answered.length, items: items.length, needed: missing.minAnswered },
    };
  }
  const band = bandOf(definition, result.value)?.title[lang];
  return {
    ...base,
    value: withUnit(result.value, definition, lang),
    ...(band !== undefined && { band }),
  };
}

const number = (value: number, lang: Language): string => formatNumber(value, lang);

function withUnit(value: number, { decimals, unit }: ScoreResult['score'], lang: Language): string {
  const rounded = formatNumber(Number(value.toFixed(decimals)), lang);
  return unit.code === '%' ? `${rounded} %` : rounded;
}
