/** Texts on a form that was filled by what the EHR sends, and is withdrawn by a coordinator: bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Trekk skjemaet tilbake',
  lead: 'Bruk dette når skjemaet ikke skulle vært registrert, for eksempel på feil person. Opplysningene telles ikke lenger og leveres ikke videre, og skjemaet fylles ikke på nytt. Det kan ikke angres; det som stod der, finnes fortsatt i historikken.',
  reason: 'Grunn til tilbaketrekkingen',
  reasonMissing: 'Skriv hvorfor skjemaet trekkes tilbake. Ingenting er endret ennå.',
  button: 'Trekk tilbake',
  done: 'Skjemaet er trukket tilbake.',
  /** Of a version in the history. */
  state: 'Trukket tilbake',
};

const nn: typeof nb = {
  title: 'Trekk skjemaet tilbake',
  lead: 'Bruk dette når skjemaet ikkje skulle vore registrert, til dømes på feil person. Opplysningane blir ikkje lenger talde eller leverte vidare, og skjemaet blir ikkje fylt på nytt. Det kan ikkje angrast; det som stod der, finst framleis i historikken.',
  reason: 'Grunn til tilbaketrekkinga',
  reasonMissing: 'Skriv kvifor skjemaet blir trekt tilbake. Ingenting er endra enno.',
  button: 'Trekk tilbake',
  done: 'Skjemaet er trekt tilbake.',
  state: 'Trekt tilbake',
};

const en: typeof nb = {
  title: 'Withdraw the form',
  lead: 'For a form that should not have been registered, such as one of the wrong person. What it says is no longer counted or passed on, and it is not filled again. This cannot be undone; what it said can still be read in the history.',
  reason: 'Reason for the withdrawal',
  reasonMissing: 'Write why the form is withdrawn. Nothing is changed yet.',
  button: 'Withdraw',
  done: 'The form is withdrawn.',
  state: 'Withdrawn',
};

export const withdrawTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
