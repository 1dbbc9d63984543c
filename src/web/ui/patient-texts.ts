import type { FormTexts } from './form-texts.ts';

/** What a form says to a patient in other words than to staff. */
export const patientFormTexts: Partial<FormTexts> = {
  errorHeading: 'Dette mangler før du kan sende inn svarene',
  errorHeadingDraft: 'Dette kunne vi ikke lese',
  remaining: 'Dette må du svare på før du kan sende inn ({n})',
  nothingRemaining: 'Du har svart på alt du må svare på.',
  stateFailed: 'Svarene er ikke lagret. Vi prøver igjen; ikke lukk siden.',
  conflict: 'Skjemaet ble lagret i et annet vindu {when}. Det du har skrevet, står her, men er ikke lagret.',
  conflictMine: 'Lagre det som står her',
  conflictTheirs: 'Hent det som er lagret',
};

/** Texts of the pages for patients. Bokmål, plain words, and nothing about who somebody is or why they are asked. */
export const patientTexts = {
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
} as const;
