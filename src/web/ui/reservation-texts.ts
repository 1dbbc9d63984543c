/** Texts of the pages about reservation, in bokmål, nynorsk and English. `{x}` is filled by `fill`. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Reservasjon',
  link: 'Registrer reservasjon',
  lead: 'Registeret bygger på reservasjonsrett. Når en person reserverer seg:',
  effects: [
    'slettes alt registeret har om personen, hos alle avdelinger og i den nasjonale databasen, med det samme',
    'stenges engangskoder og lenker, og meldinger som ikke er sendt, sendes ikke',
    'meldes opplysningene som slettet til analyseplattformer som har hentet dem',
    'blir personen ikke registrert igjen: bare fødselsnummeret og datoen er igjen, og brukes ikke til noe annet',
  ],
  warning: 'Slettingen kan ikke angres. Opplysningene er også borte for avdelingen.',
  number: 'Fødselsnummer eller D-nummer',
  numberHint: '11 siffer. Personen trenger ikke å være registrert.',
  numberWrong: 'Dette er ikke et gyldig fødselsnummer eller D-nummer. Se etter skrivefeil.',
  day: 'Dato for reservasjonen',
  dayHint: 'Dagen personen ga beskjed, dd.mm.åååå.',
  dayWrong: 'Velg en dag som ikke er etter i dag.',
  already: 'Personen har reservert seg fra før.',
  submit: 'Slett og registrer reservasjonen',
  cancel: 'Avbryt',
  listTitle: 'Registrerte reservasjoner',
  none: 'Ingen har reservert seg.',
  since: 'Reservert fra',
  person: 'Person',
  open: 'Se nærmere',
  takeBackTitle: 'Opphev reservasjon',
  takeBackLead:
    'Personen reserverte seg {date}. Når reservasjonen oppheves, kan personen registreres som alle andre. Det som er slettet, kommer ikke tilbake.',
  takeBack: 'Opphev reservasjonen',
  takenBack: 'Reservasjonen er opphevet',
  takenBackLead: 'Personen kan registreres igjen, og ingenting er igjen av reservasjonen.',
  back: 'Til reservasjonene',
  letterTitle: 'Bekreftelse på reservasjon',
  letterTo: 'Til',
  letterBody: (register: string, day: string) =>
    `Du ga beskjed ${day} om at du ikke vil være i ${register}. Reservasjonen er registrert, og opplysningene vi hadde om deg i registeret, er slettet.`,
  letterKept:
    'Vi har beholdt fødselsnummeret ditt og datoen for reservasjonen, så du ikke blir registrert igjen. Det brukes ikke til noe annet.',
  letterCare:
    'Reservasjonen har ingen betydning for behandlingen du får, eller for journalen din på sykehuset.',
  letterRegret: 'Ombestemmer du deg, kan du si fra til registeret når som helst.',
  letterMade: (register: string, day: string) => `${register}, ${day}`,
  print:
    'Skriv ut brevet nå med nettleserens utskrift, og send det til personen. Det lagres ikke, og kan ikke hentes fram igjen.',
};

const nn: typeof nb = {
  title: 'Reservasjon',
  link: 'Registrer reservasjon',
  lead: 'Registeret byggjer på reservasjonsrett. Når ein person reserverer seg:',
  effects: [
    'blir alt registeret har om personen, sletta hos alle avdelingar og i den nasjonale databasen, med det same',
    'blir eingongskodar og lenkjer stengde, og meldingar som ikkje er sende, blir ikkje sende',
    'blir opplysningane melde som sletta til analyseplattformer som har henta dei',
    'blir personen ikkje registrert igjen: berre fødselsnummeret og datoen er att, og blir ikkje brukte til noko anna',
  ],
  warning: 'Slettinga kan ikkje angrast. Opplysningane er òg borte for avdelinga.',
  number: 'Fødselsnummer eller D-nummer',
  numberHint: '11 siffer. Personen treng ikkje å vere registrert.',
  numberWrong: 'Dette er ikkje eit gyldig fødselsnummer eller D-nummer. Sjå etter skrivefeil.',
  day: 'Dato for reservasjonen',
  dayHint: 'Dagen personen gav beskjed, dd.mm.åååå.',
  dayWrong: 'Vel ein dag som ikkje er etter i dag.',
  already: 'Personen har reservert seg frå før.',
  submit: 'Slett og registrer reservasjonen',
  cancel: 'Avbryt',
  listTitle: 'Registrerte reservasjonar',
  none: 'Ingen har reservert seg.',
  since: 'Reservert frå',
  person: 'Person',
  open: 'Sjå nærare',
  takeBackTitle: 'Opphev reservasjon',
  takeBackLead:
    'Personen reserverte seg {date}. Når reservasjonen blir oppheva, kan personen registrerast som alle andre. Det som er sletta, kjem ikkje tilbake.',
  takeBack: 'Opphev reservasjonen',
  takenBack: 'Reservasjonen er oppheva',
  takenBackLead: 'Personen kan registrerast igjen, og ingenting er att av reservasjonen.',
  back: 'Til reservasjonane',
  letterTitle: 'Stadfesting på reservasjon',
  letterTo: 'Til',
  letterBody: (register, day) =>
    `Du gav beskjed ${day} om at du ikkje vil vere i ${register}. Reservasjonen er registrert, og opplysningane vi hadde om deg i registeret, er sletta.`,
  letterKept:
    'Vi har teke vare på fødselsnummeret ditt og datoen for reservasjonen, så du ikkje blir registrert igjen. Det blir ikkje brukt til noko anna.',
  letterCare:
    'Reservasjonen har ingenting å seie for behandlinga du får, eller for journalen din på sjukehuset.',
  letterRegret: 'Ombestemmer du deg, kan du seie frå til registeret når som helst.',
  letterMade: (register, day) => `${register}, ${day}`,
  print:
    'Skriv ut brevet no med utskrifta i nettlesaren, og send det til personen. Det blir ikkje lagra, og kan ikkje hentast fram igjen.',
};

const en: typeof nb = {
  title: 'Opt-out',
  link: 'Record an opt-out',
  lead: 'People are in the register unless they opt out. When a person opts out:',
  effects: [
    'everything the register has about the person is deleted at once, in every department and in the national database',
    'one-time codes and links are closed, and messages that are not sent yet stay unsent',
    'analytics platforms that have fetched the data are told that they are deleted',
    'the person is not registered again: only the identity number and the date are kept, and used for nothing else',
  ],
  warning: 'The deletion cannot be undone. The data are gone for the department, too.',
  number: 'National identity number or D-number',
  numberHint: '11 digits. The person does not have to be registered.',
  numberWrong: 'This is not a valid national identity number or D-number. Look for typing errors.',
  day: 'Date of the opt-out',
  dayHint: 'The day the person said so, dd.mm.yyyy.',
  dayWrong: 'Choose a day that is not after today.',
  already: 'The person has opted out already.',
  submit: 'Delete and record the opt-out',
  cancel: 'Cancel',
  listTitle: 'Recorded opt-outs',
  none: 'Nobody has opted out.',
  since: 'Opted out from',
  person: 'Person',
  open: 'Look closer',
  takeBackTitle: 'Take back an opt-out',
  takeBackLead:
    'The person opted out {date}. When the opt-out is taken back, the person can be registered like everybody else. What is deleted does not come back.',
  takeBack: 'Take back the opt-out',
  takenBack: 'The opt-out is taken back',
  takenBackLead: 'The person can be registered again, and nothing is left of the opt-out.',
  back: 'To the opt-outs',
  letterTitle: 'Confirmation of opt-out',
  letterTo: 'To',
  letterBody: (register, day) =>
    `You told us on ${day} that you do not want to be in ${register}. The opt-out is recorded, and the data we had about you in the register are deleted.`,
  letterKept:
    'We have kept your identity number and the date of the opt-out, so that you are not registered again. They are used for nothing else.',
  letterCare: 'The opt-out does not affect the care you get, or your record at the hospital.',
  letterRegret: 'If you change your mind, you can tell the register at any time.',
  letterMade: (register, day) => `${register}, ${day}`,
  print:
    'Print the letter now with the browser, and send it to the person. It is not stored, and cannot be fetched again.',
};

export const reservationTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
