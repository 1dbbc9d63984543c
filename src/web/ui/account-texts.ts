/** Texts of the pages about accounts, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';
import type { FieldName, FieldProblem } from '../../smart/people/application-form.ts';
import { formatDate } from './format.ts';

type Words = Readonly<Record<string, string>>;
type Problems = Readonly<Record<FieldProblem, string>>;
type Role = 'LU' | 'LC' | 'SC';
type Method = 'passkey' | 'totp' | 'sms' | 'recovery';

export interface AccountTexts {
  /** What to call the fields of the application; the words are those of the user guides. */
  readonly fieldLabels: Readonly<Record<FieldName, string>>;
  readonly fieldHints: Readonly<Partial<Record<FieldName, string>>>;
  /** What to say of a field that cannot be sent. */
  readonly fieldProblem: (name: FieldName, problem: FieldProblem) => string;
  readonly roleNames: Readonly<Record<Role, string>>;
  /** What is wrong with a password. */
  readonly passwordProblems: Words;
  readonly passwordRule: string;
  /** What went wrong at the login, by the `feil` of the address. */
  readonly loginProblems: Words;
  readonly methodNames: Readonly<Record<Method, string>>;
  /** What has been done, by the `status` of the address. */
  readonly notices: Words;
  /** «Tilgangen går ut 05.12.2026, om 14 dager.» */
  readonly endsSoon: (end: { readonly day: string; readonly daysLeft: number }) => string;
  readonly askToRenew: string;
  /** What a message was about, by its purpose. */
  readonly purposes: Words;
  readonly ownProblems: Words;
}

const CHOSEN: readonly FieldName[] = ['stilling', 'organisasjon', 'avdeling', 'register', 'rolle'];
const lower = (text: string): string => text.slice(0, 1).toLocaleLowerCase('nb') + text.slice(1);

const nbLabels: AccountTexts['fieldLabels'] = {
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

const nb: AccountTexts = {
  fieldLabels: nbLabels,
  fieldHints: {
    brukernavn: 'Velg selv. 3 til 30 tegn: små bokstaver, tall, punktum, bindestrek og understrek.',
    mobil: 'Nummeret du bruker til daglig. Hit sendes koden når du logger inn.',
    epost: 'Adressen din på jobb.',
    sokt: 'La stå hvis det er samme organisasjon.',
  },
  fieldProblem: (name, problem) => {
    const label = nbLabels[name];
    const texts: Problems = {
      mangler: CHOSEN.includes(name) ? `Velg ${lower(label)}` : `Fyll ut ${lower(label)}`,
      ugyldig: `${label}: velg noe fra listen`,
      'brukernavn-tegn':
        'Brukernavnet må ha 3 til 30 tegn: små bokstaver, tall, punktum, bindestrek og understrek',
      'mobil-siffer': 'Skriv mobilnummeret med åtte siffer, eller med landkode: +46 70 123 45 67',
      'epost-form': 'Skriv e-postadressen slik: fornavn.etternavn@sykehus.no',
    };
    return texts[problem];
  },
  roleNames: { LU: 'Lokal bruker (LU)', LC: 'Lokal koordinator (LC)', SC: 'Registerleder (SC)' },
  passwordProblems: {
    kort: 'Passordet må ha minst 10 tegn.',
    lang: 'Passordet kan ha høyst 128 tegn.',
    tegn: 'Passordet må ha store og små bokstaver, tall og tegn.',
    vanlig: 'Passordet er for lett å gjette. Unngå navn og vanlige ord.',
    gammelt: 'Det nåværende passordet er feil.',
    likt: 'Velg et annet passord enn det du har.',
    ulike: 'De to nye passordene er ikke like.',
    kode: 'Koden er feil eller for gammel.',
    sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
  },
  passwordRule:
    'Minst 10 tegn, med store og små bokstaver, tall og tegn. Ikke navnet ditt eller vanlige ord.',
  loginProblems: {
    ukjent: 'Brukernavnet eller passordet er feil. Prøv igjen.',
    sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
    utlopt: 'Passordet du fikk tilsendt, gjelder ikke lenger. Velg «Glemt passord» for å få et nytt.',
    faktor: 'Kontoen har ingen måte å bekrefte innloggingen på. Ta kontakt med lokal koordinator.',
    tid: 'Det tok for lang tid. Logg inn på nytt.',
    kode: 'Koden er feil eller for gammel. Prøv igjen, eller be om en ny.',
    mange: 'Det er sendt mange koder. Vent litt, eller bruk den siste du fikk.',
    nokkel: 'Passnøkkelen ble ikke godtatt. Prøv igjen, eller velg noe annet.',
  },
  methodNames: {
    passkey: 'Passnøkkel',
    totp: 'Kode fra autentiseringsapp',
    sms: 'Kode på SMS',
    recovery: 'Gjenopprettingskode',
  },
  notices: {
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
  },
  endsSoon: ({ day, daysLeft }) => {
    const when = ['i dag', 'i morgen'][daysLeft] ?? `om ${daysLeft} dager`;
    return `Tilgangen går ut ${formatDate(day)}, ${when}.`;
  },
  askToRenew: 'Be lokal koordinator eller registerleder om å fornye den.',
  purposes: {
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
    'units-changed': 'Varsel: endret avdeling eller lokasjon',
  },
  ownProblems: {
    siste: 'Du må ha minst én måte å bekrefte innloggingen på. Legg til en annen først.',
    nokkel: 'Passnøkkelen ble ikke lagt til. Prøv igjen.',
    kode: 'Koden er feil eller for gammel. Prøv igjen.',
    mange: 'Det er sendt mange koder. Vent litt før du prøver igjen.',
  },
};

const nnLabels: AccountTexts['fieldLabels'] = {
  brukernavn: 'Brukarnamn',
  fornavn: 'Førenamn',
  etternavn: 'Etternamn',
  mobil: 'Primær mobil',
  epost: 'E-post',
  stilling: 'Stilling',
  organisasjon: 'Organisasjonen du høyrer til',
  annet: 'Kvar arbeider du?',
  sokt: 'Organisasjonen du søkjer til',
  avdeling: 'Avdelinga du søkjer tilgang til',
  register: 'Register',
  rolle: 'Rolle',
};

const nn: AccountTexts = {
  fieldLabels: nnLabels,
  fieldHints: {
    brukernavn: 'Vel sjølv. 3 til 30 teikn: små bokstavar, tal, punktum, bindestrek og understrek.',
    mobil: 'Nummeret du bruker til dagleg. Hit blir koden send når du loggar inn.',
    epost: 'Adressa di på jobb.',
    sokt: 'La stå om det er same organisasjonen.',
  },
  fieldProblem: (name, problem) => {
    const label = nnLabels[name];
    const texts: Problems = {
      mangler: CHOSEN.includes(name) ? `Vel ${lower(label)}` : `Fyll ut ${lower(label)}`,
      ugyldig: `${label}: vel noko frå lista`,
      'brukernavn-tegn':
        'Brukarnamnet må ha 3 til 30 teikn: små bokstavar, tal, punktum, bindestrek og understrek',
      'mobil-siffer': 'Skriv mobilnummeret med åtte siffer, eller med landkode: +46 70 123 45 67',
      'epost-form': 'Skriv e-postadressa slik: fornamn.etternamn@sjukehus.no',
    };
    return texts[problem];
  },
  roleNames: { LU: 'Lokal brukar (LU)', LC: 'Lokal koordinator (LC)', SC: 'Registerleiar (SC)' },
  passwordProblems: {
    kort: 'Passordet må ha minst 10 teikn.',
    lang: 'Passordet kan ha høgst 128 teikn.',
    tegn: 'Passordet må ha store og små bokstavar, tal og teikn.',
    vanlig: 'Passordet er for lett å gjette. Unngå namn og vanlege ord.',
    gammelt: 'Det noverande passordet er feil.',
    likt: 'Vel eit anna passord enn det du har.',
    ulike: 'Dei to nye passorda er ikkje like.',
    kode: 'Koden er feil eller for gammal.',
    sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
  },
  passwordRule:
    'Minst 10 teikn, med store og små bokstavar, tal og teikn. Ikkje namnet ditt eller vanlege ord.',
  loginProblems: {
    ukjent: 'Brukarnamnet eller passordet er feil. Prøv igjen.',
    sperret: 'For mange forsøk. Vent litt før du prøver igjen.',
    utlopt: 'Passordet du fekk tilsendt, gjeld ikkje lenger. Vel «Gløymt passord» for å få eit nytt.',
    faktor: 'Kontoen har ingen måte å stadfeste innlogginga på. Ta kontakt med lokal koordinator.',
    tid: 'Det tok for lang tid. Logg inn på nytt.',
    kode: 'Koden er feil eller for gammal. Prøv igjen, eller be om ein ny.',
    mange: 'Det er sendt mange kodar. Vent litt, eller bruk den siste du fekk.',
    nokkel: 'Passnøkkelen vart ikkje godteken. Prøv igjen, eller vel noko anna.',
  },
  methodNames: {
    passkey: 'Passnøkkel',
    totp: 'Kode frå autentiseringsapp',
    sms: 'Kode på SMS',
    recovery: 'Gjenopprettingskode',
  },
  notices: {
    passord: 'Passordet er bytt. Andre økter er avslutta.',
    mobil: 'Mobilnummeret er bytt.',
    epost: 'E-postadressa er stadfesta.',
    app: 'Autentiseringsappen er lagd til.',
    nokkel: 'Passnøkkelen er lagd til.',
    fjernet: 'Fjerna.',
    okt: 'Økta er avslutta.',
    overalt: 'Du er logga ut overalt, og ingen apper har tilgang lenger.',
    fornyet: 'Tilgangen er fornya i tolv månader.',
    avsluttet: 'Tilgangen er avslutta.',
    stengt: 'Kontoen er stengd, og øktene er avslutta.',
    innvilget: 'Søknaden er innvilga.',
    avslatt: 'Søknaden er ikkje innvilga. Søkjaren får beskjed.',
    sendt: 'Ein ny kode er send.',
    igjen: 'Meldinga blir send på nytt.',
  },
  endsSoon: ({ day, daysLeft }) => {
    const when = ['i dag', 'i morgon'][daysLeft] ?? `om ${daysLeft} dagar`;
    return `Tilgangen går ut ${formatDate(day)}, ${when}.`;
  },
  askToRenew: 'Be lokal koordinator eller registerleiar om å fornye han.',
  purposes: {
    'login-code': 'Kode ved innlogging',
    'first-password': 'Første passord',
    'role-granted': 'Ny tilgang',
    application: 'Varsel om ny søknad',
    'application-refused': 'Avslag på søknad',
    'application-decided': 'Varsel om avgjord søknad',
    'reset-code': 'Kode for nytt passord',
    'contact-code': 'Kode for ny adresse',
    'password-changed': 'Varsel: bytt passord',
    'password-reset': 'Varsel: bytt passord',
    'factor-added': 'Varsel: ny måte å stadfeste på',
    'factor-removed': 'Varsel: fjerna måte å stadfeste på',
    'contact-changed': 'Varsel: ny adresse',
    'patient-form': 'Skjema til pasient',
    'patient-code': 'Kode til pasient',
    'units-changed': 'Varsel: endra avdeling eller lokasjon',
  },
  ownProblems: {
    siste: 'Du må ha minst éin måte å stadfeste innlogginga på. Legg til ein annan først.',
    nokkel: 'Passnøkkelen vart ikkje lagd til. Prøv igjen.',
    kode: 'Koden er feil eller for gammal. Prøv igjen.',
    mange: 'Det er sendt mange kodar. Vent litt før du prøver igjen.',
  },
};

const enLabels: AccountTexts['fieldLabels'] = {
  brukernavn: 'Username',
  fornavn: 'First name',
  etternavn: 'Last name',
  mobil: 'Primary mobile',
  epost: 'E-mail',
  stilling: 'Position',
  organisasjon: 'The organisation you belong to',
  annet: 'Where do you work?',
  sokt: 'The organisation you apply to',
  avdeling: 'The department you apply for access to',
  register: 'Register',
  rolle: 'Role',
};

const en: AccountTexts = {
  fieldLabels: enLabels,
  fieldHints: {
    brukernavn: 'Choose one. 3 to 30 characters: small letters, digits, full stop, hyphen and underscore.',
    mobil: 'The number you use every day. The code is sent here when you log in.',
    epost: 'Your address at work.',
    sokt: 'Leave it when it is the same organisation.',
  },
  fieldProblem: (name, problem) => {
    const label = enLabels[name];
    const texts: Problems = {
      mangler: CHOSEN.includes(name) ? `Choose ${lower(label)}` : `Fill in ${lower(label)}`,
      ugyldig: `${label}: choose something from the list`,
      'brukernavn-tegn':
        'The username must have 3 to 30 characters: small letters, digits, full stop, hyphen and underscore',
      'mobil-siffer': 'Write the mobile number with eight digits, or with country code: +46 70 123 45 67',
      'epost-form': 'Write the e-mail address like this: first.last@hospital.no',
    };
    return texts[problem];
  },
  roleNames: { LU: 'Local user (LU)', LC: 'Local coordinator (LC)', SC: 'Register leader (SC)' },
  passwordProblems: {
    kort: 'The password must have at least 10 characters.',
    lang: 'The password can have at most 128 characters.',
    tegn: 'The password must have capital and small letters, digits and signs.',
    vanlig: 'The password is too easy to guess. Avoid names and common words.',
    gammelt: 'The current password is wrong.',
    likt: 'Choose another password than the one you have.',
    ulike: 'The two new passwords are not the same.',
    kode: 'The code is wrong or too old.',
    sperret: 'Too many attempts. Wait a little before you try again.',
  },
  passwordRule:
    'At least 10 characters, with capital and small letters, digits and signs. Not your name or common words.',
  loginProblems: {
    ukjent: 'The username or the password is wrong. Try again.',
    sperret: 'Too many attempts. Wait a little before you try again.',
    utlopt: 'The password you were sent is no longer good. Choose “Forgotten password” to get a new one.',
    faktor: 'The account has no way to confirm the login. Contact the local coordinator.',
    tid: 'It took too long. Log in again.',
    kode: 'The code is wrong or too old. Try again, or ask for a new one.',
    mange: 'Many codes have been sent. Wait a little, or use the last one you got.',
    nokkel: 'The passkey was not accepted. Try again, or choose something else.',
  },
  methodNames: {
    passkey: 'Passkey',
    totp: 'Code from an authenticator app',
    sms: 'Code by text message',
    recovery: 'Recovery code',
  },
  notices: {
    passord: 'The password is changed. Other sessions are ended.',
    mobil: 'The mobile number is changed.',
    epost: 'The e-mail address is confirmed.',
    app: 'The authenticator app is added.',
    nokkel: 'The passkey is added.',
    fjernet: 'Removed.',
    okt: 'The session is ended.',
    overalt: 'You are logged out everywhere, and no apps have access any more.',
    fornyet: 'The access is renewed for twelve months.',
    avsluttet: 'The access is ended.',
    stengt: 'The account is closed, and the sessions are ended.',
    innvilget: 'The application is granted.',
    avslatt: 'The application is not granted. The applicant is told.',
    sendt: 'A new code is sent.',
    igjen: 'The message will be sent again.',
  },
  endsSoon: ({ day, daysLeft }) => {
    const when = ['today', 'tomorrow'][daysLeft] ?? `in ${daysLeft} days`;
    return `The access ends ${formatDate(day)}, ${when}.`;
  },
  askToRenew: 'Ask the local coordinator or the register leader to renew it.',
  purposes: {
    'login-code': 'Code at login',
    'first-password': 'First password',
    'role-granted': 'New access',
    application: 'Notice of a new application',
    'application-refused': 'Refusal of an application',
    'application-decided': 'Notice of a decided application',
    'reset-code': 'Code for a new password',
    'contact-code': 'Code for a new address',
    'password-changed': 'Notice: changed password',
    'password-reset': 'Notice: changed password',
    'factor-added': 'Notice: new way to confirm',
    'factor-removed': 'Notice: removed way to confirm',
    'contact-changed': 'Notice: new address',
    'patient-form': 'Form to a patient',
    'patient-code': 'Code to a patient',
    'units-changed': 'Notice: changed department or location',
  },
  ownProblems: {
    siste: 'You must have at least one way to confirm the login. Add another one first.',
    nokkel: 'The passkey was not added. Try again.',
    kode: 'The code is wrong or too old. Try again.',
    mange: 'Many codes have been sent. Wait a little before you try again.',
  },
};

export const accountTexts: Readonly<Record<Language, AccountTexts>> = { nb, nn, en };
