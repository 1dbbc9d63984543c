/** Texts on what a locked form leaves in the record, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Journaltekst',
  lead: 'Skjemaet som ren tekst, til å lime inn i journalen.',
  label: 'Tekst til journalen',
  copy: 'Kopier teksten',
  copied: 'Teksten er kopiert.',
  print: 'Skriv ut',
  file: 'Åpne som tekstfil',
  back: 'Tilbake til skjemaet',
  retry: 'Prøv å skrive til journalen igjen',
  states: {
    waiting: (ehr: string) => `Skjemaet er på vei til ${ehr}.`,
    written: (ehr: string) => `Skjemaet er skrevet til ${ehr}.`,
    refused: (ehr: string) => `${ehr} tok ikke imot skjemaet. Kopier teksten og lim den inn i journalen.`,
    'given-up': (ehr: string) =>
      `Skjemaet kom ikke frem til ${ehr}. Kopier teksten og lim den inn i journalen.`,
  },
  why: {
    'access-over':
      'Tilgangen som journalen ga, er utløpt. Åpne skjemaet fra journalen på nytt for å prøve igjen.',
    'ehr-away': 'Journalsystemet svarer ikke. Det prøves igjen av seg selv.',
  },
};

const nn: typeof nb = {
  title: 'Journaltekst',
  lead: 'Skjemaet som rein tekst, til å lime inn i journalen.',
  label: 'Tekst til journalen',
  copy: 'Kopier teksten',
  copied: 'Teksten er kopiert.',
  print: 'Skriv ut',
  file: 'Opne som tekstfil',
  back: 'Tilbake til skjemaet',
  retry: 'Prøv å skrive til journalen igjen',
  states: {
    waiting: (ehr) => `Skjemaet er på veg til ${ehr}.`,
    written: (ehr) => `Skjemaet er skrive til ${ehr}.`,
    refused: (ehr) => `${ehr} tok ikkje imot skjemaet. Kopier teksten og lim han inn i journalen.`,
    'given-up': (ehr) => `Skjemaet kom ikkje fram til ${ehr}. Kopier teksten og lim han inn i journalen.`,
  },
  why: {
    'access-over':
      'Tilgangen som journalen gav, er gått ut. Opne skjemaet frå journalen på nytt for å prøve igjen.',
    'ehr-away': 'Journalsystemet svarer ikkje. Det blir prøvd igjen av seg sjølv.',
  },
};

const en: typeof nb = {
  title: 'Text for the record',
  lead: 'The form as plain text, to be pasted into the record. It is in Norwegian.',
  label: 'Text for the record',
  copy: 'Copy the text',
  copied: 'The text is copied.',
  print: 'Print',
  file: 'Open as a text file',
  back: 'Back to the form',
  retry: 'Try to write to the record again',
  states: {
    waiting: (ehr) => `The form is on its way to ${ehr}.`,
    written: (ehr) => `The form is written to ${ehr}.`,
    refused: (ehr) => `${ehr} did not take the form. Copy the text, and paste it into the record.`,
    'given-up': (ehr) => `The form did not reach ${ehr}. Copy the text, and paste it into the record.`,
  },
  why: {
    'access-over':
      'The access that the record gave has run out. Open the form from the record again to try anew.',
    'ehr-away': 'The record system does not answer. It is tried again by itself.',
  },
};

export const recordTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
