/**
 * Texts about what sources say of a question. `{x}` is filled by `fill`.
 */
import type { Language } from '../../sdc/language.ts';

const nb = {
  conflict: 'Kildene sier ulikt',
  conflictHint: 'Velg verdien som gjelder. Ingenting er fylt inn.',
  conflictOf: 'Kildene sier ulikt om {question}',
  settled: 'Dette sier kildene ellers',
  suggested: 'Forslag',
  changed: 'Kilden sier',
  unmapped: 'Står i kilden, men kan ikke kodes her',
  use: 'Velg',
  useOf: 'Velg {value} for {question}',
  none: 'Ingen av disse',
  noneOf: 'Ingen av disse gjelder for {question}',
  from: '{source} {date}',
  register: 'tidligere skjema',
  unknown: 'journalen',
  toConfirm: 'Disse er hentet og må bekreftes',
  filledFrom: 'Hentet: {sources}.',
  ofSource: '{n} fra {source}',
  goTo: 'Gå til det første som ikke er fylt ut: {question}',
  atFirst: 'Du står ved det første som ikke er fylt ut: {question}.',
  filledGroup: 'Alt er fylt ut',
};
export type SourceTexts = Readonly<Record<keyof typeof nb, string>>;

const nn: SourceTexts = {
  conflict: 'Kjeldene seier ulikt',
  conflictHint: 'Vel verdien som gjeld. Ingenting er fylt inn.',
  conflictOf: 'Kjeldene seier ulikt om {question}',
  settled: 'Dette seier kjeldene elles',
  suggested: 'Framlegg',
  changed: 'Kjelda seier',
  unmapped: 'Står i kjelda, men kan ikkje kodast her',
  use: 'Vel',
  useOf: 'Vel {value} for {question}',
  none: 'Ingen av desse',
  noneOf: 'Ingen av desse gjeld for {question}',
  from: '{source} {date}',
  register: 'tidlegare skjema',
  unknown: 'journalen',
  toConfirm: 'Desse er henta og må stadfestast',
  filledFrom: 'Henta: {sources}.',
  ofSource: '{n} frå {source}',
  goTo: 'Gå til det første som ikkje er fylt ut: {question}',
  atFirst: 'Du står ved det første som ikkje er fylt ut: {question}.',
  filledGroup: 'Alt er fylt ut',
};

const en: SourceTexts = {
  conflict: 'The sources disagree',
  conflictHint: 'Choose the value that holds. Nothing has been filled in.',
  conflictOf: 'The sources disagree about {question}',
  settled: 'What the sources say otherwise',
  suggested: 'Suggestion',
  changed: 'The source says',
  unmapped: 'Stands in the source, but cannot be coded here',
  use: 'Choose',
  useOf: 'Choose {value} for {question}',
  none: 'None of these',
  noneOf: 'None of these holds for {question}',
  from: '{source} {date}',
  register: 'an earlier form',
  unknown: 'the record',
  toConfirm: 'These are fetched and must be confirmed',
  filledFrom: 'Fetched: {sources}.',
  ofSource: '{n} from {source}',
  goTo: 'Go to the first that is not filled: {question}',
  atFirst: 'You are at the first that is not filled: {question}.',
  filledGroup: 'Everything is filled',
};

export const sourceTexts: Readonly<Record<Language, SourceTexts>> = { nb, nn, en };
