/** Texts of forms on paper, in bokmål, nynorsk and English. `{x}` is filled by `fill`. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  print: 'Skriv ut',
  printHint: 'Skriv ut siden med nettleserens utskrift.',
  back: 'Tilbake',
  patient: 'Pasient',
  name: 'Navn',
  nationalId: 'Fødselsnummer',
  pathway: 'ForløpsID',
  born: 'Født',
  draft: 'Kladd, ikke ferdigstilt',
  locked: 'Ferdigstilt',
  saved: 'lagret {at}',
  version: '{short}, versjon {version}',
  onlyIf: 'Besvares hvis {condition}',
  oneAnswer: 'Ett kryss',
  manyAnswers: 'Flere kryss er mulig',
  other: 'Annet:',
  nothing: 'Ikke besvart',
  signature: 'Fylt ut av',
  date: 'Dato',
  licensedTitle: 'Skjemaet kan ikke skrives ut her',
  licensed:
    'Ordlyden i skjemaet er lisensiert, og innholdspakken med den er ikke installert. Be den som drifter serveren om å legge den inn.',
};

const nn: typeof nb = {
  print: 'Skriv ut',
  printHint: 'Skriv ut sida med utskrifta i nettlesaren.',
  back: 'Tilbake',
  patient: 'Pasient',
  name: 'Namn',
  nationalId: 'Fødselsnummer',
  pathway: 'ForløpsID',
  born: 'Fødd',
  draft: 'Kladd, ikkje ferdigstilt',
  locked: 'Ferdigstilt',
  saved: 'lagra {at}',
  version: '{short}, versjon {version}',
  onlyIf: 'Skal svarast på om {condition}',
  oneAnswer: 'Eitt kryss',
  manyAnswers: 'Fleire kryss er mogleg',
  other: 'Anna:',
  nothing: 'Ikkje svart på',
  signature: 'Fylt ut av',
  date: 'Dato',
  licensedTitle: 'Skjemaet kan ikkje skrivast ut her',
  licensed:
    'Ordlyden i skjemaet er lisensiert, og innhaldspakken med han er ikkje installert. Be den som driftar tenaren om å leggje han inn.',
};

const en: typeof nb = {
  print: 'Print',
  printHint: 'Print the page with the browser.',
  back: 'Back',
  patient: 'Patient',
  name: 'Name',
  nationalId: 'National identity number',
  pathway: 'Pathway ID',
  born: 'Born',
  draft: 'Draft, not completed',
  locked: 'Completed',
  saved: 'saved {at}',
  version: '{short}, version {version}',
  onlyIf: 'Answered if {condition}',
  oneAnswer: 'One tick',
  manyAnswers: 'Several ticks are possible',
  other: 'Other:',
  nothing: 'Not answered',
  signature: 'Filled in by',
  date: 'Date',
  licensedTitle: 'The form cannot be printed here',
  licensed:
    'The wording of the form is licensed, and the content pack with it is not installed. Ask whoever runs the server to add it.',
};

export const paperTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
