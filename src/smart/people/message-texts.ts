/**
 * What messages about accounts say: short, plain, without a name of a patient or a register's data. Text messages keep to
 * the letters of GSM 03.38, so that one is one.
 */

export const loginCodeText = (code: string): string =>
  `${code} er engangspassordet ditt til helseregisteret. Det gjelder i 10 minutter. Ikke gi det til noen.`;

export const firstPasswordText = (username: string, password: string, url: string): string =>
  `Du har fått tilgang til helseregisteret. Brukernavn: ${username} Passord: ${password} Logg inn på ${url} og velg et eget passord innen 7 dager.`;

export const roleGrantedText = (role: string, unit: string, url: string): string =>
  `Du har fått tilgang som ${role}, ${unit}. Logg inn på ${url}.`;

export const refusedText = (reason: string): string =>
  `Søknaden din om tilgang er ikke innvilget. Grunn: ${reason}`;

export const resetCodeText = (code: string): string =>
  `${code} er koden din for å velge nytt passord. Den gjelder i 10 minutter. Har du ikke bedt om den, kan du se bort fra dette.`;

export const contactCodeText = (code: string): string =>
  `${code} er koden som bekrefter at dette er din adresse i helseregisteret. Den gjelder i 10 minutter.`;

/** Told to the person whenever a way in has changed (ASVS 5.0 6.3.7). */
export const changedText = (what: string): string =>
  `${what} for kontoen din i helseregisteret. Var det ikke deg? Si fra til lokal koordinator med en gang.`;

export const newApplicationText = (register: string, unit: string, url: string): string =>
  `Noen søker om tilgang til ${register}, ${unit}. Se søknaden på ${url}/brukere.`;

export const decidedText = (register: string, unit: string, decision: string, by: string): string =>
  `En søknad om tilgang til ${register}, ${unit} er ${decision} av ${by}.`;
