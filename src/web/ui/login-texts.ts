/** Texts of logging in, here and somewhere else, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  /** `HelseID` → «Logg inn med HelseID» */
  logInWith: (name: string) => `Logg inn med ${name}`,
  or: 'Eller med brukernavn og passord',
  stopTitle: 'Du er ikke logget inn',
  stops: {
    konto: (name: string) =>
      `${name} har bekreftet hvem du er, men du har ingen åpen konto her. Søk om tilgang, så gir den lokale koordinatoren ved avdelingen svar. Har du en konto fra før, kan du logge inn med brukernavn og passord.`,
    niva: (name: string) =>
      `${name} logget deg inn på et lavere sikkerhetsnivå enn det som kreves. Prøv igjen med BankID, Buypass eller Commfides på nivå 4.`,
    svar: (name: string) => `Innloggingen hos ${name} ble avbrutt eller kunne ikke bekreftes. Prøv igjen.`,
    utilgjengelig: (name: string) =>
      `${name} svarer ikke nå. Prøv igjen om litt, eller logg inn med brukernavn og passord.`,
  },
  toLogin: 'Til innlogging',
  apply: 'Søk om tilgang',
  forgotten: 'Glemt passord',
  newUser: 'Ny bruker',
  applyForRole: 'Søk om ny tilgang',
  chooseRegister: 'Velg register',
  chooseOrganisation: 'Velg organisasjon',
  chooseDepartment: 'Velg avdeling',
  ownRole: 'Rollen din',
  again: 'velg på nytt',
  national: 'Nasjonalt',
  continueAs: (role: string) => `Fortsett som ${role}`,
  service: 'Innloggingstjenesten',
};

export type LoginStop = keyof typeof nb.stops;

const nn: typeof nb = {
  logInWith: (name) => `Logg inn med ${name}`,
  or: 'Eller med brukarnamn og passord',
  stopTitle: 'Du er ikkje logga inn',
  stops: {
    konto: (name) =>
      `${name} har stadfesta kven du er, men du har ingen open konto her. Søk om tilgang, så gir den lokale koordinatoren ved avdelinga svar. Har du ein konto frå før, kan du logge inn med brukarnamn og passord.`,
    niva: (name) =>
      `${name} logga deg inn på eit lågare tryggingsnivå enn det som trengst. Prøv igjen med BankID, Buypass eller Commfides på nivå 4.`,
    svar: (name) => `Innlogginga hos ${name} vart avbroten eller kunne ikkje stadfestast. Prøv igjen.`,
    utilgjengelig: (name) =>
      `${name} svarar ikkje no. Prøv igjen om litt, eller logg inn med brukarnamn og passord.`,
  },
  toLogin: 'Til innlogging',
  apply: 'Søk om tilgang',
  forgotten: 'Gløymt passord',
  newUser: 'Ny brukar',
  applyForRole: 'Søk om ny tilgang',
  chooseRegister: 'Vel register',
  chooseOrganisation: 'Vel organisasjon',
  chooseDepartment: 'Vel avdeling',
  ownRole: 'Rolla di',
  again: 'vel på nytt',
  national: 'Nasjonalt',
  continueAs: (role) => `Hald fram som ${role}`,
  service: 'Innloggingstenesta',
};

const en: typeof nb = {
  logInWith: (name) => `Log in with ${name}`,
  or: 'Or with username and password',
  stopTitle: 'You are not logged in',
  stops: {
    konto: (name) =>
      `${name} has confirmed who you are, but you have no open account here. Apply for access, and the local coordinator of the department answers. If you have an account already, log in with username and password.`,
    niva: (name) =>
      `${name} logged you in at a lower level of security than is needed. Try again with BankID, Buypass or Commfides at level 4.`,
    svar: (name) => `The login at ${name} was broken off or could not be confirmed. Try again.`,
    utilgjengelig: (name) =>
      `${name} does not answer now. Try again in a while, or log in with username and password.`,
  },
  toLogin: 'To the login',
  apply: 'Apply for access',
  forgotten: 'Forgotten password',
  newUser: 'New user',
  applyForRole: 'Apply for a new role',
  chooseRegister: 'Choose a register',
  chooseOrganisation: 'Choose an organisation',
  chooseDepartment: 'Choose a department',
  ownRole: 'Your role',
  again: 'choose again',
  national: 'National',
  continueAs: (role) => `Continue as ${role}`,
  service: 'The login service',
};

export const loginTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
