/** Texts of the pages for patients, in bokmål, nynorsk and English. */
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
  site: 'Skjema til deg',
  codeTitle: 'Åpne skjemaet ditt',
  codeLead: 'Skriv fødselsdatoen din og engangskoden du har fått.',
  birthDate: 'Fødselsdato',
  birthDateHint: 'Dag, måned og år, for eksempel 24.12.1965',
  code: 'Engangskode',
  codeHint: 'Ti tegn, for eksempel K7M2Q\u20119XT4B',
  open: 'Åpne skjemaet',
  wrong:
    'Det gikk ikke. Sjekk at alt er skrevet riktig. En kode kan bare brukes én gang og gjelder en kort tid. Be om en ny hvis dette fortsetter.',
  linkTitle: 'Skjema til deg',
  linkLead:
    'For å være sikre på at det er deg, sender vi en engangskode på SMS til nummeret sykehuset har registrert.',
  linkPaste: 'Koden i lenken',
  linkPasteHint: 'Alt som står etter # i lenken du fikk',
  continue: 'Fortsett',
  sendCode: 'Send meg en kode',
  sendAgain: 'Send en ny kode',
  smsTitle: 'Skriv koden du fikk på SMS',
  smsLead: 'Er lenken gyldig, kommer det nå en kode på SMS. Den gjelder i 10 minutter.',
  smsCode: 'Kode på seks sifre',
  greeting: (name: string) => `Hei, ${name}`,
  time: (clock: string) => `Du har god tid: siden er åpen til kl. ${clock}. Svarene lagres underveis.`,
  save: 'Lagre',
  sendIn: 'Send inn svarene',
  saved: 'Svarene er lagret. De er ikke sendt inn ennå.',
  timeSoon: (clock: string) =>
    `Siden lukkes kl. ${clock}. Svarene dine er lagret da, men du må be om en ny kode for å skrive mer.`,
  notSentIn: '– ikke sendt inn ennå',
  savedElsewhere:
    'Skjemaet ble lagret i et annet vindu mens du skrev. Det du har skrevet, står her, men er ikke lagret. Trykk på knappen en gang til for å beholde det.',
  timeIsUp: 'Tiden er ute, og det du skrev sist, er ikke lagret. Be om en ny kode for å fortsette.',
  leave: 'Avslutt',
  thanksTitle: 'Takk for svarene',
  thanks: 'Svarene dine er sendt inn. Du kan lukke siden.',
  failedTitle: 'Det gikk ikke',
  failed: 'Svarene ble ikke lagret nå. Gå tilbake og prøv igjen om litt.',
  closedTitle: 'Siden er lukket',
  closed:
    'Du er ute av skjemaet. Det som er lagret, er tatt vare på. Har du fått en lenke, kan du åpne den igjen. Har du fått en kode, må du be om en ny.',
  forStaff: {
    make: 'Lag engangskode til pasienten',
    send: 'Send lenke på SMS',
    title: 'Engangskode til pasienten',
    lead: 'Gi dette til pasienten. Koden kan brukes én gang, og vises bare nå.',
    go: 'Gå til',
    with: 'Skriv fødselsdatoen og denne koden:',
    until: (when: string) => `Koden gjelder til ${when}.`,
    print: 'Skriv ut siden med nettleserens utskrift.',
    here: 'Logg meg ut og la pasienten svare på denne maskinen',
    back: 'Tilbake til pasienten',
    sentTitle: 'Lenken er sendt',
    sent: 'Pasienten får en SMS med lenke til skjemaet. Lenken gjelder i 30 dager og åpnes med en kode som sendes på SMS.',
    notSent:
      'Pasienten er registrert uten mobilnummer, eller SMS er ikke satt opp her. Lag en engangskode i stedet.',
  },
};

const nn: typeof nb = {
  site: 'Skjema til deg',
  codeTitle: 'Opne skjemaet ditt',
  codeLead: 'Skriv fødselsdatoen din og eingongskoden du har fått.',
  birthDate: 'Fødselsdato',
  birthDateHint: 'Dag, månad og år, til dømes 24.12.1965',
  code: 'Eingongskode',
  codeHint: 'Ti teikn, til dømes K7M2Q\u20119XT4B',
  open: 'Opne skjemaet',
  wrong:
    'Det gjekk ikkje. Sjekk at alt er skrive rett. Ein kode kan berre brukast éin gong og gjeld ei kort tid. Be om ein ny om dette held fram.',
  linkTitle: 'Skjema til deg',
  linkLead:
    'For å vere sikre på at det er deg, sender vi ein eingongskode på SMS til nummeret sjukehuset har registrert.',
  linkPaste: 'Koden i lenkja',
  linkPasteHint: 'Alt som står etter # i lenkja du fekk',
  continue: 'Hald fram',
  sendCode: 'Send meg ein kode',
  sendAgain: 'Send ein ny kode',
  smsTitle: 'Skriv koden du fekk på SMS',
  smsLead: 'Er lenkja gyldig, kjem det no ein kode på SMS. Han gjeld i 10 minutt.',
  smsCode: 'Kode på seks siffer',
  greeting: (name) => `Hei, ${name}`,
  time: (clock) => `Du har god tid: sida er open til kl. ${clock}. Svara blir lagra undervegs.`,
  save: 'Lagre',
  sendIn: 'Send inn svara',
  saved: 'Svara er lagra. Dei er ikkje sende inn enno.',
  timeSoon: (clock) =>
    `Sida blir lukka kl. ${clock}. Svara dine er lagra då, men du må be om ein ny kode for å skrive meir.`,
  notSentIn: '– ikkje sendt inn enno',
  savedElsewhere:
    'Skjemaet vart lagra i eit anna vindauge medan du skreiv. Det du har skrive, står her, men er ikkje lagra. Trykk på knappen ein gong til for å behalde det.',
  timeIsUp: 'Tida er ute, og det du skreiv sist, er ikkje lagra. Be om ein ny kode for å halde fram.',
  leave: 'Avslutt',
  thanksTitle: 'Takk for svara',
  thanks: 'Svara dine er sende inn. Du kan lukke sida.',
  failedTitle: 'Det gjekk ikkje',
  failed: 'Svara vart ikkje lagra no. Gå tilbake og prøv igjen om litt.',
  closedTitle: 'Sida er lukka',
  closed:
    'Du er ute av skjemaet. Det som er lagra, er teke vare på. Har du fått ei lenkje, kan du opne henne igjen. Har du fått ein kode, må du be om ein ny.',
  forStaff: {
    make: 'Lag eingongskode til pasienten',
    send: 'Send lenkje på SMS',
    title: 'Eingongskode til pasienten',
    lead: 'Gi dette til pasienten. Koden kan brukast éin gong, og blir berre vist no.',
    go: 'Gå til',
    with: 'Skriv fødselsdatoen og denne koden:',
    until: (when) => `Koden gjeld til ${when}.`,
    print: 'Skriv ut sida med utskrifta i nettlesaren.',
    here: 'Logg meg ut og la pasienten svare på denne maskina',
    back: 'Tilbake til pasienten',
    sentTitle: 'Lenkja er send',
    sent: 'Pasienten får ein SMS med lenkje til skjemaet. Lenkja gjeld i 30 dagar og blir opna med ein kode som blir send på SMS.',
    notSent:
      'Pasienten er registrert utan mobilnummer, eller SMS er ikkje sett opp her. Lag ein eingongskode i staden.',
  },
};

const en: typeof nb = {
  site: 'A form for you',
  codeTitle: 'Open your form',
  codeLead: 'Write your date of birth and the one-time code you have been given.',
  birthDate: 'Date of birth',
  birthDateHint: 'Day, month and year, for example 24.12.1965',
  code: 'One-time code',
  codeHint: 'Ten characters, for example K7M2Q\u20119XT4B',
  open: 'Open the form',
  wrong:
    'That did not work. Check that everything is written correctly. A code can be used only once and is good for a short time. Ask for a new one if this goes on.',
  linkTitle: 'A form for you',
  linkLead:
    'To be sure that it is you, we send a one-time code by text message to the number that the hospital has.',
  linkPaste: 'The code in the link',
  linkPasteHint: 'Everything after # in the link you got',
  continue: 'Continue',
  sendCode: 'Send me a code',
  sendAgain: 'Send a new code',
  smsTitle: 'Write the code you got by text message',
  smsLead: 'If the link is valid, a code now comes by text message. It is good for 10 minutes.',
  smsCode: 'Code of six digits',
  greeting: (name) => `Hello, ${name}`,
  time: (clock) =>
    `You have plenty of time: the page is open until ${clock}. The answers are saved as you go.`,
  save: 'Save',
  sendIn: 'Send in the answers',
  saved: 'The answers are saved. They are not sent in yet.',
  timeSoon: (clock) =>
    `The page closes at ${clock}. Your answers are saved then, but you must ask for a new code to write more.`,
  notSentIn: '– not sent in yet',
  savedElsewhere:
    'The form was saved in another window while you were writing. What you have written is here, but is not saved. Press the button once more to keep it.',
  timeIsUp: 'The time is up, and what you wrote last is not saved. Ask for a new code to continue.',
  leave: 'Leave',
  thanksTitle: 'Thank you for the answers',
  thanks: 'Your answers are sent in. You can close the page.',
  failedTitle: 'That did not work',
  failed: 'The answers were not saved now. Go back and try again in a while.',
  closedTitle: 'The page is closed',
  closed:
    'You have left the form. What is saved is kept. If you were sent a link, you can open it again. If you were given a code, you must ask for a new one.',
  forStaff: {
    make: 'Make a one-time code for the patient',
    send: 'Send a link by text message',
    title: 'One-time code for the patient',
    lead: 'Give this to the patient. The code can be used once, and is shown only now.',
    go: 'Go to',
    with: 'Write the date of birth and this code:',
    until: (when) => `The code is good until ${when}.`,
    print: 'Print the page with the browser.',
    here: 'Log me out and let the patient answer on this machine',
    back: 'Back to the patient',
    sentTitle: 'The link is sent',
    sent: 'The patient gets a text message with a link to the form. The link is good for 30 days and is opened with a code that is sent by text message.',
    notSent:
      'The patient is registered without a mobile number, or text messages are not set up here. Make a one-time code instead.',
  },
};

export const patientTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
