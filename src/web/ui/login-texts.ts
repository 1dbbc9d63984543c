/** Texts of logging in somewhere else. Bokmål. */
export const loginTexts = {
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
} as const;

export type LoginStop = keyof typeof loginTexts.stops;
