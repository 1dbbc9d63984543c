/** Texts of the pages about reservation. Bokmål, like the other pages that coordinators alone see. */
export const reservationTexts = {
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
} as const;
