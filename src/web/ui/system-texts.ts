/** Texts of the system information, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Systeminfo',
  server: 'Server',
  version: 'Versjon',
  node: 'Node.js',
  standard: 'Standard',
  register: 'Register',
  publisher: 'Ansvarlig',
  forms: 'Skjemaer',
  form: 'Skjema',
  date: 'Dato',
  content: 'Innhold',
  kind: 'Type',
  count: 'Antall',
  contacts: 'Kontaktpersoner',
  noContacts: 'Ingen kontaktpersoner er oppgitt.',
  versions: 'Versjonshistorikk',
  noVersions: 'Ingen versjoner er beskrevet.',
};

const nn: typeof nb = {
  title: 'Systeminfo',
  server: 'Tenar',
  version: 'Versjon',
  node: 'Node.js',
  standard: 'Standard',
  register: 'Register',
  publisher: 'Ansvarleg',
  forms: 'Skjema',
  form: 'Skjema',
  date: 'Dato',
  content: 'Innhald',
  kind: 'Type',
  count: 'Tal',
  contacts: 'Kontaktpersonar',
  noContacts: 'Ingen kontaktpersonar er oppgitte.',
  versions: 'Versjonshistorikk',
  noVersions: 'Ingen versjonar er skildra.',
};

const en: typeof nb = {
  title: 'System information',
  server: 'Server',
  version: 'Version',
  node: 'Node.js',
  standard: 'Standard',
  register: 'Register',
  publisher: 'Responsible',
  forms: 'Forms',
  form: 'Form',
  date: 'Date',
  content: 'Content',
  kind: 'Type',
  count: 'Number',
  contacts: 'Contacts',
  noContacts: 'No contacts are given.',
  versions: 'Version history',
  noVersions: 'No versions are described.',
};

export const systemTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
