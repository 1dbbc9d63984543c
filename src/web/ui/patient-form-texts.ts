/** Texts that a form needs in the browser of a patient, in bokmål, nynorsk and English; those of the pages around it are in patient-texts.ts. */
import type { Language } from '../../sdc/language.ts';
import type { FormTexts } from './form-texts.ts';

/** What a form says to a patient in other words than to staff. */
export const patientFormTexts: Readonly<Record<Language, Partial<FormTexts>>> = {
  nb: {
    errorHeading: 'Dette mangler før du kan sende inn svarene',
    errorHeadingDraft: 'Dette kunne vi ikke lese',
    remaining: 'Dette må du svare på før du kan sende inn ({n})',
    nothingRemaining: 'Du har svart på alt du må svare på.',
    stateFailed: 'Svarene er ikke lagret. Vi prøver igjen; ikke lukk siden.',
    conflict:
      'Skjemaet ble lagret i et annet vindu {when}. Det du har skrevet, står her, men er ikke lagret.',
    conflictMine: 'Lagre det som står her',
    conflictTheirs: 'Hent det som er lagret',
  },
  nn: {
    errorHeading: 'Dette manglar før du kan sende inn svara',
    errorHeadingDraft: 'Dette kunne vi ikkje lese',
    remaining: 'Dette må du svare på før du kan sende inn ({n})',
    nothingRemaining: 'Du har svart på alt du må svare på.',
    stateFailed: 'Svara er ikkje lagra. Vi prøver igjen; ikkje lukk sida.',
    conflict:
      'Skjemaet vart lagra i eit anna vindauge {when}. Det du har skrive, står her, men er ikkje lagra.',
    conflictMine: 'Lagre det som står her',
    conflictTheirs: 'Hent det som er lagra',
  },
  en: {
    errorHeading: 'This is missing before you can send in the answers',
    errorHeadingDraft: 'We could not read this',
    remaining: 'You must answer this before you can send in ({n})',
    nothingRemaining: 'You have answered all that you must answer.',
    stateFailed: 'The answers are not saved. We are trying again; do not close the page.',
    conflict: 'The form was saved in another window {when}. What you have written is here, but is not saved.',
    conflictMine: 'Save what is here',
    conflictTheirs: 'Fetch what is saved',
  },
};

/** Plain words, and nothing about who somebody is or why they are asked. */

const nb = {
  save: 'Lagre',
  done: 'Ferdig',
  timeSoon: (clock: string) =>
    `Siden lukkes kl. ${clock}. Svarene dine er lagret da, men du må be om en ny kode for å skrive mer.`,
  notSentIn: '– ikke sendt inn ennå',
  timeIsUp: 'Tiden er ute, og det du skrev sist, er ikke lagret. Be om en ny kode for å fortsette.',
};

const nn: typeof nb = {
  save: 'Lagre',
  done: 'Ferdig',
  timeSoon: (clock) =>
    `Sida blir lukka kl. ${clock}. Svara dine er lagra då, men du må be om ein ny kode for å skrive meir.`,
  notSentIn: '– ikkje sendt inn enno',
  timeIsUp: 'Tida er ute, og det du skreiv sist, er ikkje lagra. Be om ein ny kode for å halde fram.',
};

const en: typeof nb = {
  save: 'Save',
  done: 'Done',
  timeSoon: (clock) =>
    `The page closes at ${clock}. Your answers are saved then, but you must ask for a new code to write more.`,
  notSentIn: '– not sent in yet',
  timeIsUp: 'The time is up, and what you wrote last is not saved. Ask for a new code to continue.',
};

/** What stands at the foot of the form. */
export const patientSaveTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
