/**
 * A questionnaire in the words of its content packs: what the patient is shown. Codes, points, linkIds and rules stay as they
 * are. Bokmål is the base text if there is a pack in it; other languages become translations, and a language without a pack
 * shows the base: never a neutral name.
 */
import type {
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireItemAnswerOption,
} from '../../fhir/types.ts';
import { EXT } from '../../sdc/extensions.ts';
import type { AnswerOption, FormItem } from '../../sdc/form-types.ts';
import type { ScoredForm } from '../form/facts.ts';
import { instrumentsOf } from './content-packs.ts';
import type { ContentPack } from './pack.ts';
import { placesOf, questionsOf, type Words, wordsFor } from './pack-cover.ts';

/** The same thing in the languages of an instrument's packs, the base first. */
type InLanguages<T> = readonly { readonly language: string; readonly value: T }[];

interface Worded {
  readonly words: ReadonlyMap<string, InLanguages<Words>>;
  readonly notes: ReadonlyMap<string, InLanguages<string>>;
  /** By linkId of the place that it stands above or below. */
  readonly intros: ReadonlyMap<string, InLanguages<string>>;
  readonly footers: ReadonlyMap<string, InLanguages<string>>;
  readonly form: ScoredForm['form'];
}

/** The form's questionnaire; `packs` are those of `packsFor`. */
export function withWording(scored: ScoredForm, packs: readonly ContentPack[]): Questionnaire {
  const { questionnaire } = scored.form;
  if (packs.length === 0) {
    return questionnaire;
  }
  const sets = instrumentsOf(scored).map((id) => packs.filter(({ instrument }) => instrument === id));
  const worded: Worded = {
    form: scored.form,
    words: new Map(sets.flatMap((set) => wordsOfQuestions(scored, set))),
    notes: new Map(sets.flatMap(notesOf)),
    intros: new Map(sets.flatMap((set) => besides(scored, set, 'intro'))),
    footers: new Map(sets.flatMap((set) => besides(scored, set, 'footer'))),
  };
  const holders = [...new Set(packs.map(({ holder }) => `© ${holder}`))].join('. ');
  const copyright = [questionnaire.copyright ?? [], holders].flat().join('. ');
  return { ...questionnaire, copyright, item: reworded(questionnaire.item ?? [], worded) };
}

function wordsOfQuestions(scored: ScoredForm, set: readonly ContentPack[]) {
  return questionsOf(scored, set[0]?.instrument ?? '').map((question) => {
    const words = set.flatMap((pack) => {
      const value = wordsFor(pack, question);
      return value === undefined ? [] : [{ language: pack.language, value }];
    });
    return [question.item.linkId, words] as const;
  });
}

/** Texts by linkId of what is no question. */
function notesOf(set: readonly ContentPack[]) {
  const linkIds = new Set(set.flatMap(({ texts }) => Object.keys(texts ?? {})));
  return [...linkIds].map((linkId) => {
    const notes = set.flatMap(({ language, texts }) => {
      const value = texts?.[linkId]?.text;
      return value === undefined ? [] : [{ language, value }];
    });
    return [linkId, notes] as const;
  });
}

function besides({ form }: ScoredForm, set: readonly ContentPack[], part: 'intro' | 'footer') {
  const texts = set.flatMap((pack) => {
    const value = pack[part];
    return value === undefined ? [] : [{ language: pack.language, value }];
  });
  return placesOf(form, set[0]?.instrument ?? '').map((linkId) => [linkId, texts] as const);
}

const reworded = (items: readonly QuestionnaireItem[], worded: Worded): QuestionnaireItem[] =>
  items.map((item) => {
    const within = item.item === undefined ? {} : { item: reworded(item.item, worded) };
    return place({ ...rewordedOne(item, worded), ...within }, worded);
  });

function rewordedOne(item: QuestionnaireItem, { words, notes, form }: Worded): QuestionnaireItem {
  const own = words.get(item.linkId);
  const compiled = form.byLinkId.get(item.linkId);
  if (own !== undefined && compiled !== undefined) {
    return withAnswers(withText(item, textsOf(own)), compiled, own);
  }
  return withText(item, notes.get(item.linkId) ?? []);
}

const textsOf = (words: InLanguages<Words>): InLanguages<string> =>
  words.flatMap(({ language, value }) => (value.text === undefined ? [] : [{ language, value: value.text }]));

/** The item with the first text as its own, and the others as translations; as it is when there is none. */
function withText(item: QuestionnaireItem, texts: InLanguages<string>): QuestionnaireItem {
  const [base, ...others] = texts;
  if (base === undefined) {
    return item;
  }
  const { _text: _neutral, ...rest } = item as QuestionnaireItem & { readonly _text?: unknown };
  return { ...rest, text: base.value, ...translated('_text', others) } as QuestionnaireItem;
}

/** `{ _text: { extension: [translation …] } }`; empty without translations. */
function translated(name: string, others: InLanguages<string>): Readonly<Record<string, unknown>> {
  const extension = others.map(({ language, value }): Extension => ({
    url: EXT.translation,
    extension: [
      { url: 'lang', valueCode: language },
      { url: 'content', valueString: value },
    ],
  }));
  return extension.length === 0 ? {} : { [name]: { extension } };
}

function withAnswers(
  item: QuestionnaireItem,
  compiled: FormItem,
  words: InLanguages<Words>,
): QuestionnaireItem {
  const options = compiled.options?.list ?? [];
  const inline = item.answerOption?.filter(({ valueCoding }) => valueCoding !== undefined);
  const texts = options.map((option) =>
    words.flatMap(({ language, value }) => {
      const text = value.answer(option.coding.code ?? '', option.weight);
      return text === undefined ? [] : [{ language, value: text }];
    }),
  );
  if (texts.every((each) => each.length === 0)) {
    return item;
  }
  const { answerValueSet: _set, answerOption: _options, ...rest } = item;
  return {
    ...rest,
    answerOption: options.map((option, index) =>
      optionWith(inline?.[index] ?? asOption(option), texts[index] ?? []),
    ),
  };
}

/** A concept of a value set as an option of the question itself, with its points and translations. */
function asOption({ source, coding, weight }: AnswerOption): QuestionnaireItemAnswerOption {
  const { system, code, display } = coding;
  const { _display } = source as { readonly _display?: object };
  return {
    valueCoding: { system, code, display, ...(_display !== undefined && { _display }) },
    ...(weight !== undefined && { extension: [{ url: EXT.ordinalValue, valueDecimal: weight }] }),
  } as QuestionnaireItemAnswerOption;
}

function optionWith(
  option: QuestionnaireItemAnswerOption,
  texts: InLanguages<string>,
): QuestionnaireItemAnswerOption {
  const [base, ...others] = texts;
  if (base === undefined) {
    return option;
  }
  const { _display: _neutral, ...coding } = (option.valueCoding ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...option,
    valueCoding: { ...coding, display: base.value, ...translated('_display', others) },
  } as QuestionnaireItemAnswerOption;
}

/** A place of an instrument: its first display, if the form has one there, is a note for staff and makes room for the intro. */
function place(item: QuestionnaireItem, { intros, footers, notes }: Worded): QuestionnaireItem {
  const intro = intros.get(item.linkId);
  const { item: inner = [] } = item;
  if (intro === undefined || item.type !== 'group') {
    return item;
  }
  const [first, ...rest] = inner;
  const isNote = first?.type === 'display';
  const keepsNote = isNote && intro.length === 0 && notes.has(first.linkId);
  const head = keepsNote ? [first] : display(isNote ? first.linkId : `${item.linkId}--intro`, intro);
  return {
    ...item,
    item: [
      ...head,
      ...(isNote || first === undefined ? rest : [first, ...rest]),
      ...display(`${item.linkId}--footer`, footers.get(item.linkId) ?? []),
    ],
  };
}

const display = (linkId: string, texts: InLanguages<string>): readonly QuestionnaireItem[] =>
  texts.length === 0 ? [] : [withText({ linkId, type: 'display' }, texts)];
