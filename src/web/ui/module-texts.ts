/** Texts about the modules of a register, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  module: 'Modul',
  all: 'Alle',
  choose: 'Hvilken modul gjelder registreringen?',
  missing: 'Velg modul.',
  start: '+ Ny registrering: {module}',
} as const;

type Texts = Readonly<Record<keyof typeof nb, string>>;

export const moduleTexts: Readonly<Record<Language, Texts>> = {
  nb,
  nn: {
    module: 'Modul',
    all: 'Alle',
    choose: 'Kva for modul gjeld registreringa?',
    missing: 'Vel modul.',
    start: '+ Ny registrering: {module}',
  },
  en: {
    module: 'Module',
    all: 'All',
    choose: 'Which module is the registration for?',
    missing: 'Choose a module.',
    start: '+ New registration: {module}',
  },
};
