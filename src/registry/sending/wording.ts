/** A questionnaire in the words of its content packs: what the patient is shown. Codes, linkIds and rules stay as they are. */
import type { Questionnaire, QuestionnaireItem, QuestionnaireItemAnswerOption } from '../../fhir/types.ts';
import type { ValueSetConcept } from '../../sdc/form-types.ts';
import type { ContentPack, PackText } from './content-packs.ts';

type Concepts = (valueSet: string) => readonly ValueSetConcept[] | undefined;

export function withWording(
  questionnaire: Questionnaire,
  packs: readonly ContentPack[],
  concepts: Concepts,
): Questionnaire {
  const texts = Object.assign({}, ...packs.map((pack) => pack.texts)) as ContentPack['texts'];
  return packs.length === 0
    ? questionnaire
    : { ...questionnaire, item: reworded(questionnaire.item ?? [], texts, concepts) };
}

const reworded = (
  items: readonly QuestionnaireItem[],
  texts: ContentPack['texts'],
  concepts: Concepts,
): QuestionnaireItem[] =>
  items.map((item) => {
    const words = texts[item.linkId];
    const inner = item.item === undefined ? {} : { item: reworded(item.item, texts, concepts) };
    return words === undefined ? { ...item, ...inner } : { ...withWords(item, words, concepts), ...inner };
  });

function withWords(
  item: QuestionnaireItem,
  { text, answers }: PackText,
  concepts: Concepts,
): QuestionnaireItem {
  const asked = text === undefined ? item : withoutTranslation({ ...item, text });
  return answers === undefined ? asked : withAnswers(asked, answers, concepts);
}

/** The pack's words stand for all languages: it has one. */
function withoutTranslation(item: QuestionnaireItem): QuestionnaireItem {
  const { _text: _translations, ...rest } = item as QuestionnaireItem & { readonly _text?: unknown };
  return rest;
}

function withAnswers(
  item: QuestionnaireItem,
  answers: Readonly<Record<string, string>>,
  concepts: Concepts,
): QuestionnaireItem {
  const { answerValueSet, answerOption, ...rest } = item;
  const listed: readonly QuestionnaireItemAnswerOption[] =
    answerOption ??
    (concepts(answerValueSet ?? '') ?? []).map(({ system, code, display }) => ({
      valueCoding: { system, code, ...(display !== undefined && { display }) },
    }));
  return {
    ...rest,
    answerOption: listed.map((option) => {
      const display = answers[option.valueCoding?.code ?? ''];
      return display === undefined ? option : { ...option, valueCoding: { ...option.valueCoding, display } };
    }),
  };
}
