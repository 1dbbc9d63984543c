/**
 * Texts of the pages about accounts, in bokmål: they are shown before anybody has chosen a language.
 */
import type { FieldName, FieldProblem } from '../../smart/people/application-form.ts';
import { formatDate } from './format.ts';

/** What to call the fields of the application; the words are those of the user guides. */
export const fieldLabels: Readonly<Record<FieldName, string>> = {
  brukernavn: 'Brukernavn',
  fornavn: 'Fornavn',
  etternavn: 'Etternavn',
  mobil: 'Primær mobil',
  epost: 'E-post',
  stilling: 'Stilling',
  organisasjon: 'Organisasjonen du tilhører',
  annet: 'Hvor arbeider du?',
  sokt: 'Organisasjonen du søker til',
  avdeling: 'Avdelingen du søker tilgang til',
  register: 'Register',
  rolle: 'Rolle',
};

export const fieldHints: Readonly<Partial<Record<FieldName, string>>> = {
  brukernavn: 'Velg selv. 3 til 30 tegn: små bokstaver, tall, punktum, bindestrek og understrek.',
  mobil: 'Nummeret du bruker til daglig. Hit sendes koden når du logger inn.',
  epost: 'Adressen din på jobb.',
  sokt: 'La stå hvis det er samme organisasjon.',
};

/** What to say of a field that cannot be sent. */
export function fieldProblem(name: FieldName, problem: FieldProblem): string {
  const label = fieldLabels[name];
  const texts: Readonly<Record<FieldProblem, string>> = {
    mangler: CHOSEN.includes(name) ? `Velg ${lower(label)}` : `Fyll ut ${lower(label)}`,
    ugyldig: `${label}: velg noe fra listen`,
    'brukernavn-tegn':
      'Brukernavnet må ha 3 til 30 tegn: små bokstaver, tall, punktum, bindestrek og understrek',
    'mobil-siffer': 'Skriv mobilnummeret med åtte siffer, eller med landkode: +46 70 123 45 67',
    'epost-form': 'Skriv e-postadressen slik: fornavn.etternavn@sykehus.no',
  };
  return texts[problem];
}

const CHOSEN: readonly FieldName[] = ['stilling', 'organisasjon', 'avdeling', 'register', 'rolle'];
const lower = (text: string): string => text.slice(0, 1).toLocaleLowerCase('nb') + text.slice(1);

export const roleNames = {
  LU: 'Lokal bruker (LU)',
  LC: 'Lokal koordinator (LC)',
  SC: 'Registerleder (SC)',
} as const;

/** What is wrong with a password. */
export const passwordProblems: Readonly<Record<string, string>> = {
  kort: 'Passordet må ha minst 10 tegn.',
  lang: 'Passordet kan ha høyst 128 tegn.',
  tegn: 'Passordet må ha store og små bokstaver, tall og tegn.',
  vanlig: 'Passordet er for lett å gjette. Unngå navn og vanlige ord.',
  gammelt: 'Det nåværende passordet er feil.',
  likt: 'Velg et annet passord enn det du har.',
  ulike: 'De to nye passordene er ikke like.',
  kode: 'Koden er feil eller for gammel.',
  sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
};

export const passwordRule =
  'Minst 10 tegn, med store og små bokstaver, tall og tegn. Ikke navnet ditt eller vanlige ord.';

/** What went wrong at the login, by the `feil` of the address. */
export const loginProblems: Readonly<Record<string, string>> = {
  ukjent: 'Brukernavnet eller passordet er feil. Prøv igjen.',
  sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
  utlopt: 'Passordet du fikk tilsendt, gjelder ikke lenger. Velg «Glemt passord» for å få et nytt.',
  faktor: 'Kontoen har ingen måte å bekrefte innloggingen på. Ta kontakt med lokal koordinator.',
  tid: 'Det tok for lang tid. Logg inn på nytt.',
  kode: 'Koden er feil eller for gammel. Prøv igjen, eller be om en ny.',
  mange: 'Det er sendt mange koder. Vent litt, eller bruk den siste du fikk.',
  nokkel: 'Passnøkkelen ble ikke godtatt. Prøv igjen, eller velg noe annet.',
};

export const methodNames = {
  passkey: 'Passnøkkel',
  totp: 'Kode fra autentiseringsapp',
  sms: 'Kode på SMS',
  recovery: 'Gjenopprettingskode',
} as const;

/** What has been done, by the `status` of the address. */
export const notices: Readonly<Record<string, string>> = {
  passord: 'Passordet er byttet. Andre økter er avsluttet.',
  mobil: 'Mobilnummeret er byttet.',
  epost: 'E-postadressen er bekreftet.',
  app: 'Autentiseringsappen er lagt til.',
  nokkel: 'Passnøkkelen er lagt til.',
  fjernet: 'Fjernet.',
  okt: 'Økten er avsluttet.',
  overalt: 'Du er logget ut overalt, og ingen apper har tilgang lenger.',
  fornyet: 'Tilgangen er fornyet i tolv måneder.',
  avsluttet: 'Tilgangen er avsluttet.',
  stengt: 'Kontoen er stengt, og øktene er avsluttet.',
  innvilget: 'Søknaden er innvilget.',
  avslatt: 'Søknaden er ikke innvilget. Søkeren får beskjed.',
  sendt: 'En ny kode er sendt.',
  igjen: 'Meldingen blir sendt på nytt.',
};

/** «Tilgangen går ut 05.12.2026, om 14 dager.» */
export function endsSoonText({ day, daysLeft }: { readonly day: string; readonly daysLeft: number }): string {
  const when = ['i dag', 'i morgen'][daysLeft] ?? `om ${daysLeft} dager`;
  return `Tilgangen går ut ${formatDate(day)}, ${when}.`;
}

export const askToRenew = 'Be lokal koordinator eller registerleder om å fornye den.';

/** What a message was about, by its purpose. */
export const purposes: Readonly<Record<string, string>> = {
  'login-code': 'Kode ved innlogging',
  'first-password': 'Første passord',
  'role-granted': 'Ny tilgang',
  application: 'Varsel om ny søknad',
  'application-refused': 'Avslag på søknad',
  'application-decided': 'Varsel om avgjort søknad',
  'reset-code': 'Kode for nytt passord',
  'contact-code': 'Kode for ny adresse',
  'password-changed': 'Varsel: byttet passord',
  'password-reset': 'Varsel: byttet passord',
  'factor-added': 'Varsel: ny bekreftelsesmåte',
  'factor-removed': 'Varsel: fjernet bekreftelsesmåte',
  'contact-changed': 'Varsel: ny adresse',
  'patient-form': 'Skjema til pasient',
  'patient-code': 'Kode til pasient',
};

export const ownProblems: Readonly<Record<string, string>> = {
  siste: 'Du må ha minst én måte å bekrefte innloggingen på. Legg til en annen først.',
  nokkel: 'Passnøkkelen ble ikke lagt til. Prøv igjen.',
  kode: 'Koden er feil eller for gammel. Prøv igjen.',
  mange: 'Det er sendt mange koder. Vent litt før du prøver igjen.',
};
