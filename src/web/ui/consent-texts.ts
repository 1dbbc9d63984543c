/** Texts of the page on which consent is withdrawn, in bokmål, nynorsk and English. `{x}` is filled by `fill`. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Trekk tilbake samtykke',
  link: 'Trekk tilbake samtykket',
  lead: 'Samtykket ble gitt {date}. Når det trekkes tilbake:',
  effects: [
    'går pasientens opplysninger ut av den nasjonale databasen med det samme, i alle forløp med samtykke',
    'avbrytes skjemaer som ikke er ferdigstilt, og ingen nye kan fylles ut',
    'meldes opplysningene som slettet til analyseplattformer som har hentet dem',
    'beholder avdelingen det den selv har registrert',
  ],
  later: 'Pasienten kan spørres på nytt i et senere forløp. Tilbaketrekkingen kan ikke angres her.',
  day: 'Dato for tilbaketrekking',
  dayHint: 'Dagen pasienten ga beskjed, dd.mm.åååå.',
  wrongDay: 'Velg en dag etter at samtykket ble gitt, og ikke etter i dag.',
  submit: 'Trekk tilbake samtykket',
  cancel: 'Avbryt',
  done: 'Samtykket er trukket tilbake',
  doneLead: 'Opplysningene er ute av den nasjonale databasen. Datoen er lagret i pasientens samtykke.',
  toList: 'Til arbeidslisten',
};

const nn: typeof nb = {
  title: 'Trekk tilbake samtykke',
  link: 'Trekk tilbake samtykket',
  lead: 'Samtykket vart gitt {date}. Når det blir trekt tilbake:',
  effects: [
    'går opplysningane om pasienten ut av den nasjonale databasen med det same, i alle forløp med samtykke',
    'blir skjema som ikkje er ferdigstilte, avbrotne, og ingen nye kan fyllast ut',
    'blir opplysningane melde som sletta til analyseplattformer som har henta dei',
    'beheld avdelinga det ho sjølv har registrert',
  ],
  later: 'Pasienten kan spørjast på nytt i eit seinare forløp. Tilbaketrekkinga kan ikkje angrast her.',
  day: 'Dato for tilbaketrekking',
  dayHint: 'Dagen pasienten gav beskjed, dd.mm.åååå.',
  wrongDay: 'Vel ein dag etter at samtykket vart gitt, og ikkje etter i dag.',
  submit: 'Trekk tilbake samtykket',
  cancel: 'Avbryt',
  done: 'Samtykket er trekt tilbake',
  doneLead: 'Opplysningane er ute av den nasjonale databasen. Datoen er lagra i samtykket til pasienten.',
  toList: 'Til arbeidslista',
};

const en: typeof nb = {
  title: 'Withdraw consent',
  link: 'Withdraw the consent',
  lead: 'The consent was given {date}. When it is withdrawn:',
  effects: [
    'the patient’s data leave the national database at once, in every pathway with consent',
    'forms that are not completed are cancelled, and no new ones can be filled in',
    'analytics platforms that have fetched the data are told that they are deleted',
    'the department keeps what it has registered itself',
  ],
  later: 'The patient may be asked again in a later pathway. The withdrawal cannot be undone here.',
  day: 'Date of withdrawal',
  dayHint: 'The day the patient said so, dd.mm.yyyy.',
  wrongDay: 'Choose a day after the consent was given, and not after today.',
  submit: 'Withdraw the consent',
  cancel: 'Cancel',
  done: 'The consent is withdrawn',
  doneLead: 'The data have left the national database. The date is kept in the patient’s consent.',
  toList: 'To the work list',
};

export const consentTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
